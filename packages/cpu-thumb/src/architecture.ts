import type { Architecture, BlockBuilder } from '@loadstone/cpu-core';
import { decodeNarrow, decodeWide, isWide } from './decoder.js';
import { disassemble } from './disassembler.js';
import { exceptions } from './exceptions.js';
import { floatUnit } from './float-unit.js';
import { helpers } from './helpers/index.js';
import { Lifter } from './lifter.js';
import { extract, noFields, row } from './row.js';
import { SLOT, slots } from './slots.js';

/** CCR bits that decoding depends on, moved to bits 8 and 9 of the decode mode; FPCA is bit 10. */
const CCR_TRAPS = 0x18;
const CCR_TO_MODE = 5;
const FPCA_TO_MODE = 10;

const fields = noFields();
/** Stands in for words without a row; like any instruction it does nothing in an IT block whose condition fails. */
const unallocated = row('kkkkkkkkkkkkkkkk', '', (t) => t.undefined(t.word));
const lifter = new Lifter();

/** ARMv7E-M with FPv4-SP: Cortex-M4F. */
export const thumb: Architecture = {
  name: 'armv7e-m',
  slots,
  flags: { n: SLOT.N, z: SLOT.Z, c: SLOT.C, v: SLOT.V },
  stackPointer: SLOT.SP,
  linkRegister: SLOT.LR,
  helpers,
  float: floatUnit,
  exceptions,
  minLength: 2,
  maxLength: 4,
  reset(state) {
    state.fill(0, 0, slots.length);
    state[SLOT.Z] = 1;
    state[SLOT.LR] = -1;
    // As in code that has used the FPU: one translation of everything. A board's reset clears it (ExceptionModel.reset).
    state[SLOT.FPCA] = 1;
  },
  mode: (state) =>
    state[SLOT.ITSTATE] | ((state[SLOT.CCR] & CCR_TRAPS) << CCR_TO_MODE) | (state[SLOT.FPCA] << FPCA_TO_MODE),
  modeSlots: [SLOT.ITSTATE, SLOT.CCR, SLOT.FPCA],
  lift(builder: BlockBuilder, address: number, code: Uint8Array, mode: number): number {
    if (code.length < 2) return -1;
    const first = code[0] | (code[1] << 8);
    const wide = isWide(first);
    if (wide && code.length < 4) return -1;
    const word = wide ? (first << 16) | code[2] | (code[3] << 8) : first;
    const found = wide ? decodeWide(word) : decodeNarrow(word);
    builder.begin(address, wide ? 4 : 2);
    lifter.b = builder;
    if (!found) return lifter.instruction(unallocated, fields, word, mode);
    extract(found, word, fields);
    return lifter.instruction(found, fields, word, mode);
  },
  disassemble,
};

import type { ProgramKit } from '@loadstone/cpu-core/conformance';
import { SLOT } from '../slots.js';

/** Thumb instructions for the shared suite. Encodings: ARMv7-M Architecture Reference Manual A7.7. */

function half(code: number): Uint8Array {
  return Uint8Array.of(code & 0xff, code >>> 8);
}

const LOADS = { 1: 0x7800, 2: 0x8800, 4: 0x6800 } as const;
const STORES = { 1: 0x7000, 2: 0x8000, 4: 0x6000 } as const;

export const thumbKit: ProgramKit = {
  slots: [SLOT.R0, SLOT.R1, SLOT.R2, SLOT.R3],
  codePointer: (address) => address | 1,
  nop: () => half(0xbf00),
  // adds, subs rd, #1
  increment: (register) => half(0x3001 | (register << 8)),
  decrement: (register) => half(0x3801 | (register << 8)),
  // bne
  jumpUnlessZero: (_register, from, to) => half(0xd100 | (((to - from - 4) >> 1) & 0xff)),
  jump: (from, to) => half(0xe000 | (((to - from - 4) >> 1) & 0x7ff)),
  // blx rm
  callRegister: (register) => half(0x4780 | (register << 3)),
  // bx lr
  ret: () => half(0x4770),
  load: (width, into, base) => half(LOADS[width] | (base << 3) | into),
  store: (width, value, base) => half(STORES[width] | (base << 3) | value),
  // ldm base!, {into}
  alignedLoad: (into, base) => half(0xc800 | (base << 8) | (1 << into)),
  undefined: { code: half(0xde09), name: 'undefined-instruction', argument: 0xde09 },
};

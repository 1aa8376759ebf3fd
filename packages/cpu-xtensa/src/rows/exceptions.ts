import { type BlockBuilder, konst } from '@loadstone/cpu-core';
import { Cause } from '../exceptions.js';
import { HelperNumber } from '../helper-numbers.js';
import { AS, AT, imm, imm2 } from '../operands.js';
import { type Row, row } from '../row.js';
import { CALLINC, DEPC, EPC1, EPS2, PS, PS_CALLINC_SHIFT, PS_EXCM, PS_INTLEVEL, PS_SLOT_MASK } from '../slots.js';

/** Exceptions, interrupts and debug: how they are raised and returned from (Exception Option 2). */

/** Lifts the exit that an exception takes. */
export function raise(b: BlockBuilder, cause: number): void {
  b.jumpTo(b.helper(HelperNumber.Exception, konst(cause)));
}

/** Returns from level `level` (2 to 7): PS from EPSn, pc from EPCn. */
function returnFromLevel(level: number): Row {
  return row(`0000 0000 0011 ${level.toString(2).padStart(4, '0')} 0001 0000`, 'rfi', [fixedLevel(level)], (b) => {
    const saved = EPS2 + level - 2;
    b.and(saved, konst(PS_SLOT_MASK), PS);
    b.and(b.shr(saved, konst(PS_CALLINC_SHIFT)), konst(3), CALLINC);
    b.helper(HelperNumber.RefreshMode);
    b.jumpTo(EPC1 + level - 1);
  });
}

const fixedLevel = (level: number) => imm('', () => level);

export const exceptionRows: readonly Row[] = [
  row('0000 0000 0000 0000 0000 0000', 'ill', [], (b) => raise(b, Cause.IllegalInstruction)),
  row('0000 0000 0101 0000 0000 0000', 'syscall', [], (b) => raise(b, Cause.Syscall)),
  row('0000 0000 0101 0001 0000 0000', 'simcall', [], (b) => b.jumpTo(b.helper(HelperNumber.Simcall))),
  row('0000 0000 0100 ssss tttt 0000', 'break', [imm('s'), imm2('t')], (b, i) =>
    b.jumpTo(b.helper(HelperNumber.Break, konst(8), konst((i.imm << 4) | i.imm2), konst(i.next))),
  ),
  row('0000 0000 0011 0000 0000 0000', 'rfe', [], (b) => {
    b.andNot(PS, konst(PS_EXCM), PS);
    b.helper(HelperNumber.RefreshMode);
    b.jumpTo(EPC1);
  }),
  row('0000 0000 0011 0010 0000 0000', 'rfde', [], (b) => b.jumpTo(DEPC)),
  ...[2, 3, 4, 5, 6, 7].map(returnFromLevel),
  row('0000 0000 0110 iiii tttt 0000', 'rsil', [AT, imm('i')], (b, i) => {
    b.or(PS, b.shl(CALLINC, konst(PS_CALLINC_SHIFT)), i.t);
    b.or(b.andNot(PS, konst(PS_INTLEVEL)), konst(i.imm), PS);
  }),
  row('0000 0000 0111 iiii 0000 0000', 'waiti', [imm('i')], (b, i) => {
    b.helper(HelperNumber.WaitForInterrupt, konst(i.imm));
  }),

  // Instructions for a debugger on the debug port; without one they are illegal.
  row('1111 0001 1110 0000 0000 0000', 'rfdo', [], (b) => raise(b, Cause.IllegalInstruction)),
  row('1111 0001 1110 000i 0001 0000', 'rfdd', [imm('i')], (b) => raise(b, Cause.IllegalInstruction)),
  row('0000 0000 0111 ssss 1110 0000', 'lddr32.p', [AS], (b) => raise(b, Cause.IllegalInstruction)),
  row('0000 0000 0111 ssss 1111 0000', 'sddr32.p', [AS], (b) => raise(b, Cause.IllegalInstruction)),
];

import { ExitKind, eq, konst, ne, Op } from '@loadstone/cpu-core';
import { Cause } from '../exceptions.js';
import { HelperNumber } from '../helper-numbers.js';
import { AR, AS, AT, forward, imm } from '../operands.js';
import { type Row, row } from '../row.js';
import { raise } from './exceptions.js';

/** 16-bit instructions (Code Density Option). RETW.N stands with the calls. */
export const densityRows: readonly Row[] = [
  row('iiii ssss tttt 1000', 'l32i.n', [AT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    b.load(Op.Load32, i.s, konst(i.imm), i.t);
  }),
  row('iiii ssss tttt 1001', 's32i.n', [AT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    b.store(Op.Store32, i.s, konst(i.imm), i.t);
  }),
  row('rrrr ssss tttt 1010', 'add.n', [AR, AS, AT], (b, i) => {
    b.add(i.s, i.t, i.r);
  }),
  row('rrrr ssss iiii 1011', 'addi.n', [AR, AS, imm('i', (raw) => (raw === 0 ? -1 : raw))], (b, i) => {
    b.add(i.s, konst(i.imm), i.r);
  }),
  row('llll ssss 0hhh 1100', 'movi.n', [AS, imm('hl', (raw) => (raw >= 96 ? raw - 128 : raw))], (b, i) => {
    b.mov(i.s, konst(i.imm));
  }),
  row('llll ssss 10hh 1100', 'beqz.n', [AS, forward('hl')], (b, i) => b.jumpIf(eq(i.s, konst(0)), i.target)),
  row('llll ssss 11hh 1100', 'bnez.n', [AS, forward('hl')], (b, i) => b.jumpIf(ne(i.s, konst(0)), i.target)),
  row('0000 ssss tttt 1101', 'mov.n', [AT, AS], (b, i) => {
    b.mov(i.t, i.s);
  }),
  row('1111 0000 0000 1101', 'ret.n', [], (b) => b.jumpTo(0, ExitKind.Return)),
  row('1111 ssss 0010 1101', 'break.n', [imm('s')], (b, i) =>
    b.jumpTo(b.helper(HelperNumber.Break, konst(16), konst(i.imm << 4), konst(i.next))),
  ),
  row('1111 0000 0011 1101', 'nop.n', [], () => {}),
  row('1111 0000 0110 1101', 'ill.n', [], (b) => raise(b, Cause.IllegalInstruction)),
];

import { konst, Op } from '@loadstone/cpu-core';
import { AR, AS, AT, imm } from '../operands.js';
import { type Row, row } from '../row.js';
import { SAR } from '../slots.js';

/** Shifts by SAR (0 to 32) and by constants, and the instructions that set SAR. */
export const shiftRows: readonly Row[] = [
  row('000i 0001 rrrr ssss iiii 0000', 'slli', [AR, AS, imm('i', (raw) => 32 - raw)], (b, i) => {
    b.binary(i.imm === 32 ? Op.ShlWide : Op.Shl, i.s, konst(i.imm), i.r);
  }),
  row('001i 0001 rrrr iiii tttt 0000', 'srai', [AR, AT, imm('i')], (b, i) => {
    b.sar(i.t, konst(i.imm), i.r);
  }),
  row('0100 0001 rrrr iiii tttt 0000', 'srli', [AR, AT, imm('i')], (b, i) => {
    b.shr(i.t, konst(i.imm), i.r);
  }),
  row('1000 0001 rrrr ssss tttt 0000', 'src', [AR, AS, AT], (b, i) => {
    b.funnel(i.s, i.t, SAR, i.r);
  }),
  row('1001 0001 rrrr 0000 tttt 0000', 'srl', [AR, AT], (b, i) => {
    b.binary(Op.ShrWide, i.t, SAR, i.r);
  }),
  row('1010 0001 rrrr ssss 0000 0000', 'sll', [AR, AS], (b, i) => {
    b.funnel(i.s, konst(0), SAR, i.r);
  }),
  row('1011 0001 rrrr 0000 tttt 0000', 'sra', [AR, AT], (b, i) => {
    b.binary(Op.SarWide, i.t, SAR, i.r);
  }),

  row('0100 0000 0000 ssss 0000 0000', 'ssr', [AS], (b, i) => {
    b.and(i.s, konst(31), SAR);
  }),
  row('0100 0000 0001 ssss 0000 0000', 'ssl', [AS], (b, i) => {
    b.sub(konst(32), b.and(i.s, konst(31)), SAR);
  }),
  row('0100 0000 0010 ssss 0000 0000', 'ssa8l', [AS], (b, i) => {
    b.shl(b.and(i.s, konst(3)), konst(3), SAR);
  }),
  row('0100 0000 0011 ssss 0000 0000', 'ssa8b', [AS], (b, i) => {
    b.sub(konst(32), b.shl(b.and(i.s, konst(3)), konst(3)), SAR);
  }),
  row('0100 0000 0100 llll 000h 0000', 'ssai', [imm('hl')], (b, i) => {
    b.mov(SAR, konst(i.imm));
  }),
];

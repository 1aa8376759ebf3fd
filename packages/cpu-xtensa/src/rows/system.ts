import { konst } from '@loadstone/cpu-core';
import { HelperNumber } from '../helper-numbers.js';
import { AS, AT, imm } from '../operands.js';
import { type Row, row } from '../row.js';
import { DTLB0, EXPSTATE, ITLB0 } from '../slots.js';

/**
 * Synchronisation, region protection, external registers and the GPIO port of the core: what a program can run without a visible
 * effect here.
 */

const nothing = (): void => {};

/** Region protection keeps one attribute of 4 bits for each 512 MiB; the memory map of the board decides what is allowed. */
function regionRows(side: 'i' | 'd', op: readonly [string, string, string, string, string], first: number): Row[] {
  const [read0, invalidate, probe, write, read1] = op;
  return [
    row(`0101 0000 ${read0} ssss tttt 0000`, `r${side}tlb0`, [AT, AS], (b, i) => {
      b.and(i.s, konst(0xe000_0000), i.t);
    }),
    row(`0101 0000 ${invalidate} ssss 0000 0000`, `i${side}tlb`, [AS], nothing),
    row(`0101 0000 ${probe} ssss tttt 0000`, `p${side}tlb`, [AT, AS], (b, i) => {
      b.or(b.and(i.s, konst(0xe000_0000)), konst(side === 'i' ? 8 : 16), i.t);
    }),
    row(`0101 0000 ${write} ssss tttt 0000`, `w${side}tlb`, [AT, AS], (b, i) => {
      b.helper(HelperNumber.WriteRegion, i.s, i.t, konst(first));
    }),
    row(`0101 0000 ${read1} ssss tttt 0000`, `r${side}tlb1`, [AT, AS], (b, i) => {
      b.helper(HelperNumber.ReadRegion, i.s, konst(first), konst(0), i.t);
    }),
  ];
}

export const systemRows: readonly Row[] = [
  // Execution here is in order, and translated code is looked up by its bytes.
  row('0000 0000 0010 0000 0000 0000', 'isync', [], nothing),
  row('0000 0000 0010 0000 0001 0000', 'rsync', [], nothing),
  row('0000 0000 0010 0000 0010 0000', 'esync', [], nothing),
  row('0000 0000 0010 0000 0011 0000', 'dsync', [], nothing),
  row('0000 0000 0010 0000 1000 0000', 'excw', [], nothing),
  row('0000 0000 0010 0000 1100 0000', 'memw', [], nothing),
  row('0000 0000 0010 0000 1101 0000', 'extw', [], nothing),
  row('0000 0000 0010 0000 1111 0000', 'nop', [], nothing),

  ...regionRows('i', ['0011', '0100', '0101', '0110', '0111'], ITLB0),
  ...regionRows('d', ['1011', '1100', '1101', '1110', '1111'], DTLB0),

  // External registers belong to the debug and trace units: nothing is attached.
  row('0100 0000 0110 ssss tttt 0000', 'rer', [AT, AS], (b, i) => {
    b.mov(i.t, konst(0));
  }),
  row('0100 0000 0111 ssss tttt 0000', 'wer', [AT, AS], nothing),

  // The core's 32 input and output wires.
  row('0000 1110 0000 0000 tttt 0000', 'read_impwire', [AT], (b, i) => {
    b.mov(i.t, konst(0));
  }),
  row('0000 1110 0001 000i iiii 0000', 'setb_expstate', [imm('i')], (b, i) => {
    b.or(EXPSTATE, konst(2 ** i.imm), EXPSTATE);
  }),
  row('0000 1110 0001 001i iiii 0000', 'clrb_expstate', [imm('i')], (b, i) => {
    b.andNot(EXPSTATE, konst(2 ** i.imm), EXPSTATE);
  }),
  row('0000 1110 0010 ssss tttt 0000', 'wrmsk_expstate', [AT, AS], (b, i) => {
    b.or(b.andNot(EXPSTATE, i.s), b.and(i.t, i.s), EXPSTATE);
  }),
];

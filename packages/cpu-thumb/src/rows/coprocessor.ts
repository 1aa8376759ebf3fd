import { konst } from '@loadstone/cpu-core';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';

/*
 * Instructions for coprocessors other than the FPU (numbers 10 and 11). A Cortex-M4 has none: UsageFault NOCP.
 * ARMv7-M ARM A5.3.18. Bit 28 (field x) makes the second form: cdp2, ldc2 ...
 */

const absent = (t: Lifter, f: Fields<'p'>): void => t.raise('no-coprocessor', konst(f.p));
const notFpu = { see: [{ p: 10 }, { p: 11 }] };
const memory = { see: [{ p: 10 }, { p: 11 }, { P: 0, U: 0, W: 0 }] };

export const coprocessor: readonly Row[] = [
  row('111 x 110 P U D W 0 nnnn dddd pppp iiiiiiii', 'stc{2}{l}{c} p{p}, c{d}, {memory}', absent, memory),
  row('111 x 110 P U D W 1 nnnn dddd pppp iiiiiiii', 'ldc{2}{l}{c} p{p}, c{d}, {memory}', absent, memory),
  row('111 x 11000100 uuuu tttt pppp oooo mmmm', 'mcrr{2}{c} p{p}, {#o}, {Rt}, {Ru}, c{m}', absent, notFpu),
  row('111 x 11000101 uuuu tttt pppp oooo mmmm', 'mrrc{2}{c} p{p}, {#o}, {Rt}, {Ru}, c{m}', absent, notFpu),
  row('111 x 1110 ooo 0 nnnn tttt pppp eee 1 mmmm', 'mcr{2}{c} p{p}, {#o}, {Rt}, c{n}, c{m}, {#e}', absent, notFpu),
  row(
    '111 x 1110 ooo 1 nnnn tttt pppp eee 1 mmmm',
    'mrc{2}{c} p{p}, {#o}, {flags|t}, c{n}, c{m}, {#e}',
    absent,
    notFpu,
  ),
  row('111 x 1110 oooo nnnn dddd pppp eee 0 mmmm', 'cdp{2}{c} p{p}, {#o}, c{d}, c{n}, c{m}, {#e}', absent, notFpu),
];

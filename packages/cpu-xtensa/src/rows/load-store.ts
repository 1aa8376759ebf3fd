import { eq, konst, Op } from '@loadstone/cpu-core';
import { AS, AT, imm, label } from '../operands.js';
import { type Row, row } from '../row.js';
import { SCOMPARE1 } from '../slots.js';

/**
 * Loads and stores. Unaligned 16- and 32-bit accesses work in data memory: the ESP32's core does them in hardware (core-isa.h:
 * UNALIGNED_LOAD_HW, UNALIGNED_STORE_HW). The synchronising accesses and S32C1I must be aligned.
 */

/** at = memory[as + offset] */
function load(bits: string, name: string, op: Op, scale: number, strict = false): Row {
  return row(bits, name, [AT, AS, imm('i', (raw) => raw * scale)], (b, i) => {
    b.load(op, i.s, konst(i.imm), i.t, strict);
  });
}

/** memory[as + offset] = at */
function store(bits: string, name: string, op: Op, scale: number, strict = false): Row {
  return row(bits, name, [AT, AS, imm('i', (raw) => raw * scale)], (b, i) => {
    b.store(op, i.s, konst(i.imm), i.t, strict);
  });
}

export const loadStoreRows: readonly Row[] = [
  load('iiii iiii 0000 ssss tttt 0010', 'l8ui', Op.Load8U, 1),
  load('iiii iiii 0001 ssss tttt 0010', 'l16ui', Op.Load16U, 2),
  load('iiii iiii 1001 ssss tttt 0010', 'l16si', Op.Load16S, 2),
  load('iiii iiii 0010 ssss tttt 0010', 'l32i', Op.Load32, 4),
  store('iiii iiii 0100 ssss tttt 0010', 's8i', Op.Store8, 1),
  store('iiii iiii 0101 ssss tttt 0010', 's16i', Op.Store16, 2),
  store('iiii iiii 0110 ssss tttt 0010', 's32i', Op.Store32, 4),

  // The literal lies 4 to 262144 bytes before the next word boundary: 16 one-extended bits times 4.
  row(
    'iiii iiii iiii iiii tttt 0001',
    'l32r',
    [AT, label('i', (raw, pc) => ((pc + 3) & ~3) + ((raw | 0xffff_0000) << 2))],
    (b, i) => {
      b.load(Op.Load32, konst(i.target), konst(0), i.t);
    },
  ),

  load('iiii iiii 1011 ssss tttt 0010', 'l32ai', Op.Load32, 4, true),
  store('iiii iiii 1111 ssss tttt 0010', 's32ri', Op.Store32, 4, true),
  store('0101 1001 iiii ssss tttt 0000', 's32nb', Op.Store32, 4),
  row('iiii iiii 1110 ssss tttt 0010', 's32c1i', [AT, AS, imm('i', (raw) => raw * 4)], (b, i) => {
    const before = b.load(Op.Load32, i.s, konst(i.imm), undefined, true);
    b.when(eq(before, SCOMPARE1), () => b.store(Op.Store32, i.s, konst(i.imm), i.t, true));
    b.mov(i.t, before);
  }),

  // Window handlers' accesses: r counts words up from -64.
  row('0000 1001 iiii ssss tttt 0000', 'l32e', [AT, AS, imm('i', (raw) => raw * 4 - 64)], (b, i) => {
    b.load(Op.Load32, i.s, konst(i.imm), i.t);
  }),
  row('0100 1001 iiii ssss tttt 0000', 's32e', [AT, AS, imm('i', (raw) => raw * 4 - 64)], (b, i) => {
    b.store(Op.Store32, i.s, konst(i.imm), i.t);
  }),
];

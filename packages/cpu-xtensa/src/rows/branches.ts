import {
  type Condition,
  ExitKind,
  eq,
  geS,
  geU,
  konst,
  ltS,
  ltU,
  ne,
  type Operand as Value,
} from '@loadstone/cpu-core';
import { AS, AT, imm, label, relative, signed } from '../operands.js';
import { type Row, row } from '../row.js';

/** Branches and jumps without calls. */

type Comparison = (a: Value, b: Value) => Condition;

/** Immediates of the signed and unsigned comparing branches (ISA manual, tables B4CONST and B4CONSTU). */
const B4CONST = [-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256];
const B4CONSTU = [32768, 65536, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256];

const offset8 = relative('o', 8);

function compareRegisters(bits: string, name: string, compare: Comparison): Row {
  return row(bits, name, [AS, AT, offset8], (b, i) => b.jumpIf(compare(i.s, i.t), i.target));
}

function compareImmediate(bits: string, name: string, compare: Comparison, values: readonly number[]): Row {
  return row(bits, name, [AS, imm('i', (raw) => values[raw]), offset8], (b, i) =>
    b.jumpIf(compare(i.s, konst(i.imm)), i.target),
  );
}

function compareZero(bits: string, name: string, compare: Comparison): Row {
  return row(bits, name, [AS, relative('o', 12)], (b, i) => b.jumpIf(compare(i.s, konst(0)), i.target));
}

/** Bit `at` modulo 32 of as. */
function bitOfRegister(bits: string, name: string, compare: Comparison): Row {
  return row(bits, name, [AS, AT, offset8], (b, i) =>
    b.jumpIf(compare(b.and(b.shr(i.s, i.t), konst(1)), konst(0)), i.target),
  );
}

function bitOfImmediate(bits: string, name: string, compare: Comparison): Row {
  return row(bits, name, [AS, imm('i'), offset8], (b, i) =>
    b.jumpIf(compare(b.and(i.s, konst(2 ** i.imm)), konst(0)), i.target),
  );
}

export const branchRows: readonly Row[] = [
  row('oooo oooo 0000 ssss tttt 0111', 'bnone', [AS, AT, offset8], (b, i) =>
    b.jumpIf(eq(b.and(i.s, i.t), konst(0)), i.target),
  ),
  compareRegisters('oooo oooo 0001 ssss tttt 0111', 'beq', eq),
  compareRegisters('oooo oooo 0010 ssss tttt 0111', 'blt', ltS),
  compareRegisters('oooo oooo 0011 ssss tttt 0111', 'bltu', ltU),
  row('oooo oooo 0100 ssss tttt 0111', 'ball', [AS, AT, offset8], (b, i) =>
    b.jumpIf(eq(b.andNot(i.t, i.s), konst(0)), i.target),
  ),
  bitOfRegister('oooo oooo 0101 ssss tttt 0111', 'bbc', eq),
  bitOfImmediate('oooo oooo 011i ssss iiii 0111', 'bbci', eq),
  row('oooo oooo 1000 ssss tttt 0111', 'bany', [AS, AT, offset8], (b, i) =>
    b.jumpIf(ne(b.and(i.s, i.t), konst(0)), i.target),
  ),
  compareRegisters('oooo oooo 1001 ssss tttt 0111', 'bne', ne),
  compareRegisters('oooo oooo 1010 ssss tttt 0111', 'bge', geS),
  compareRegisters('oooo oooo 1011 ssss tttt 0111', 'bgeu', geU),
  row('oooo oooo 1100 ssss tttt 0111', 'bnall', [AS, AT, offset8], (b, i) =>
    b.jumpIf(ne(b.andNot(i.t, i.s), konst(0)), i.target),
  ),
  bitOfRegister('oooo oooo 1101 ssss tttt 0111', 'bbs', ne),
  bitOfImmediate('oooo oooo 111i ssss iiii 0111', 'bbsi', ne),

  compareZero('oooo oooo oooo ssss 0001 0110', 'beqz', eq),
  compareZero('oooo oooo oooo ssss 0101 0110', 'bnez', ne),
  compareZero('oooo oooo oooo ssss 1001 0110', 'bltz', ltS),
  compareZero('oooo oooo oooo ssss 1101 0110', 'bgez', geS),
  compareImmediate('oooo oooo iiii ssss 0010 0110', 'beqi', eq, B4CONST),
  compareImmediate('oooo oooo iiii ssss 0110 0110', 'bnei', ne, B4CONST),
  compareImmediate('oooo oooo iiii ssss 1010 0110', 'blti', ltS, B4CONST),
  compareImmediate('oooo oooo iiii ssss 1110 0110', 'bgei', geS, B4CONST),
  compareImmediate('oooo oooo iiii ssss 1011 0110', 'bltui', ltU, B4CONSTU),
  compareImmediate('oooo oooo iiii ssss 1111 0110', 'bgeui', geU, B4CONSTU),

  row('oooo oooo oooo oooo oo00 0110', 'j', [label('o', (raw, pc) => pc + 4 + signed(raw, 18))], (b, i) =>
    b.jump(i.target),
  ),
  row('0000 0000 0000 ssss 1010 0000', 'jx', [AS], (b, i) => b.jumpTo(i.s)),
  row('0000 0000 0000 0000 1000 0000', 'ret', [], (b) => b.jumpTo(0, ExitKind.Return)),
];

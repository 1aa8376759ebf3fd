import { ExitKind, konst, type Operand } from '@loadstone/cpu-core';
import type { Lifter } from '../lifter.js';
import { type Fields, type Row, row } from '../row.js';
import { SLOT } from '../slots.js';

/* LDM, STM, PUSH, POP, LDRD, STRD. ARMv7-M ARM A5.2.4 ff., A5.3.5, A5.3.6. All need word-aligned addresses. */

function registersOf(list: number): number[] {
  const registers: number[] = [];
  for (let r = 0; r < 16; r++) if (((list >> r) & 1) !== 0) registers.push(r);
  return registers;
}

/** Words from `address` on into the registers of `list`; pc's word is checked, and left for at the end. */
function loadList(t: Lifter, address: Operand, list: number, writeBack: () => void): void {
  const { b } = t;
  const registers = registersOf(list);
  if ((list & 0x8000) === 0) {
    b.loadMany(address, registers);
    writeBack();
    return;
  }
  const words = registers.map(() => b.temp());
  b.loadMany(address, words);
  const target = t.interworking(words[words.length - 1]);
  for (let i = 0; i < registers.length - 1; i++) b.mov(registers[i], words[i]);
  writeBack();
  t.exitTo(target, ExitKind.Return);
}

/** LDMIA and LDMDB. */
function loadMultiple(t: Lifter, n: number, list: number, down: boolean, writeBack: boolean): void {
  const { b } = t;
  const size = 4 * registersOf(list).length;
  // LoadMany takes the address before it writes a register; with write-back n is not in the list.
  const address = down ? b.sub(n, konst(size)) : n;
  loadList(t, address, list, () => {
    if (writeBack && down) b.mov(n, address);
    else if (writeBack) b.add(n, konst(size), n);
  });
}

/** STMIA and STMDB. */
function storeMultiple(t: Lifter, n: number, list: number, down: boolean, writeBack: boolean): void {
  const { b } = t;
  const registers = registersOf(list);
  const size = 4 * registers.length;
  const address = down ? b.sub(n, konst(size)) : n;
  b.storeMany(address, registers);
  if (writeBack && down) b.mov(n, address);
  else if (writeBack) b.add(n, konst(size), n);
}

const bitCount = (list: number): number => registersOf(list).length;

type Wide = Fields<'n' | 'W' | 'r'>;
/** Lists need two registers and may not hold sp; a base that is written back may not be in the list, nor be pc. */
const badList = (f: Wide, count: number): boolean =>
  f.n === 15 || count < 2 || (f.r & 0x2000) !== 0 || (f.W === 1 && ((f.r >> f.n) & 1) !== 0);
const badStoreList = (f: Wide): boolean => badList(f, bitCount(f.r)) || (f.r & 0x8000) !== 0;
const badLoadList = (f: Wide): boolean => badList(f, bitCount(f.r));
/** With pc in the list lr may not be. */
const badLoadListWithPc = (f: Wide): boolean => badList(f, bitCount(f.r) + 1) || (f.r & 0x4000) !== 0;
const onStack = { n: 13, W: 1 };
const pcRules = { it: 'last', guarded: true } as const;

const loadWide =
  (down: boolean, pc: number) =>
  (t: Lifter, f: Wide): void =>
    loadMultiple(t, f.n, f.r | pc, down, f.W === 1);
const storeWide =
  (down: boolean) =>
  (t: Lifter, f: Wide): void =>
    storeMultiple(t, f.n, f.r, down, f.W === 1);

type Dual = Fields<'t' | 'u' | 'n' | 'U' | 'i' | 'P' | 'W'>;

function dual(t: Lifter, f: Dual, load: boolean): void {
  const { b } = t;
  const step = konst(f.U === 1 ? f.i * 4 : -f.i * 4);
  const address = f.P === 1 && f.i !== 0 ? b.add(f.n, step) : f.n;
  if (load) b.loadMany(address, [f.t, f.u]);
  else b.storeMany(address, [f.t, f.u]);
  if (f.W === 1) t.set(f.n, (into) => (f.P === 1 ? b.mov(into, address) : b.add(f.n, step, into)));
}

const dualWriteBack = (f: Dual): boolean => f.W === 1 && (f.n === f.t || f.n === f.u);
/** P = 0, W = 0 belongs to the exclusives and table branches. */
const exclusives = { P: 0, W: 0 };

const noRegister = (f: Fields<'r'>): boolean => f.r === 0;

export const loadStoreMultiple: readonly Row[] = [
  row('1011010 0 rrrrrrrr', 'push{c} {list}', (t, f) => storeMultiple(t, SLOT.SP, f.r, true, true), {
    unpredictable: noRegister,
  }),
  row('1011010 1 rrrrrrrr', 'push{c} {list+lr}', (t, f) => storeMultiple(t, SLOT.SP, f.r | 0x4000, true, true)),
  row('1011110 0 rrrrrrrr', 'pop{c} {list}', (t, f) => loadMultiple(t, SLOT.SP, f.r, false, true), {
    unpredictable: noRegister,
  }),
  row('1011110 1 rrrrrrrr', 'pop{c} {list+pc}', (t, f) => loadMultiple(t, SLOT.SP, f.r | 0x8000, false, true), {
    ...pcRules,
  }),
  // The base register may be in the list when it is its lowest: the value stored is then the old one.
  row('11000 nnn rrrrrrrr', 'stm{c} {Rn}!, {list}', (t, f) => storeMultiple(t, f.n, f.r, false, true), {
    unpredictable: (f) => f.r === 0 || (((f.r >> f.n) & 1) !== 0 && (f.r & ((1 << f.n) - 1)) !== 0),
  }),
  row(
    '11001 nnn rrrrrrrr',
    'ldm{c} {Rn}{!list}, {list}',
    (t, f) => loadMultiple(t, f.n, f.r, false, ((f.r >> f.n) & 1) === 0),
    { unpredictable: noRegister },
  ),

  row('1110100 010 W 0 nnnn rrrrrrrrrrrrrrrr', 'stm{c}.w {Rn}{!W}, {list}', storeWide(false), {
    unpredictable: badStoreList,
  }),
  row('1110100 100 W 0 nnnn rrrrrrrrrrrrrrrr', 'stmdb{c} {Rn}{!W}, {list}', storeWide(true), {
    see: [onStack],
    unpredictable: badStoreList,
  }),
  row(
    '1110100 100 1 0 1101 rrrrrrrrrrrrrrrr',
    'push{c}.w {list}',
    (t, f) => storeMultiple(t, SLOT.SP, f.r, true, true),
    {
      unpredictable: (f) => badStoreList({ r: f.r, ...onStack }),
    },
  ),
  row('1110100 010 W 1 nnnn 0 rrrrrrrrrrrrrrr', 'ldm{c}.w {Rn}{!W}, {list}', loadWide(false, 0), {
    see: [onStack],
    unpredictable: badLoadList,
  }),
  row('1110100 010 W 1 nnnn 1 rrrrrrrrrrrrrrr', 'ldm{c}.w {Rn}{!W}, {list+pc}', loadWide(false, 0x8000), {
    see: [onStack],
    unpredictable: badLoadListWithPc,
    ...pcRules,
  }),
  row(
    '1110100 010 1 1 1101 0 rrrrrrrrrrrrrrr',
    'pop{c}.w {list}',
    (t, f) => loadMultiple(t, SLOT.SP, f.r, false, true),
    {
      unpredictable: (f) => badLoadList({ r: f.r, ...onStack }),
    },
  ),
  row(
    '1110100 010 1 1 1101 1 rrrrrrrrrrrrrrr',
    'pop{c}.w {list+pc}',
    (t, f) => loadMultiple(t, SLOT.SP, f.r | 0x8000, false, true),
    { unpredictable: (f) => badLoadListWithPc({ r: f.r, ...onStack }), ...pcRules },
  ),
  row('1110100 100 W 1 nnnn 0 rrrrrrrrrrrrrrr', 'ldmdb{c} {Rn}{!W}, {list}', loadWide(true, 0), {
    unpredictable: badLoadList,
  }),
  row('1110100 100 W 1 nnnn 1 rrrrrrrrrrrrrrr', 'ldmdb{c} {Rn}{!W}, {list+pc}', loadWide(true, 0x8000), {
    unpredictable: badLoadListWithPc,
    ...pcRules,
  }),

  row('1110100 P U 1 W 0 nnnn tttt uuuu iiiiiiii', 'strd{c} {Rt}, {Ru}, {dual}', (t, f) => dual(t, f, false), {
    see: [exclusives],
    general: 'tu',
    notPc: 'n',
    unpredictable: dualWriteBack,
  }),
  row('1110100 P U 1 W 1 nnnn tttt uuuu iiiiiiii', 'ldrd{c} {Rt}, {Ru}, {dual}', (t, f) => dual(t, f, true), {
    see: [exclusives, { n: 15 }],
    general: 'tu',
    unpredictable: (f) => f.t === f.u || dualWriteBack(f),
  }),
  row(
    '1110100 P U 1 W 1 1111 tttt uuuu iiiiiiii',
    'ldrd{c} {Rt}, {Ru}, {dualLiteral}',
    (t, f) => t.b.loadMany(konst(t.alignedPc + (f.U === 1 ? f.i * 4 : -f.i * 4)), [f.t, f.u]),
    { see: [exclusives], general: 'tu', unpredictable: (f) => f.t === f.u || f.W === 1 },
  ),
];

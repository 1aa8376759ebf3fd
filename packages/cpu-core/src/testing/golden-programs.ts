import { eq, ltU, ne } from '../builder.js';
import { ExitKind, FlagCondition, konst, Op } from '../ir.js';
import { LR, R, type Row } from './script-architecture.js';

/** Where the programs lie; their data; a range of data that may hold code; a host function. */
export const CODE = 0x1_0000;
export const DATA = 0x2_0000;
export const CODE_DATA = 0x3_0000;
export const HOST = 0xf000_0000;

/** A small function for the compiler: one row per instruction, in order. */
export interface GoldenProgram {
  /** What must be seen in the text. */
  readonly see: string;
  readonly rows: readonly Row[];
  /** Targets of the computed jump of instruction number `at`. */
  readonly jumps?: { readonly at: number; readonly targets: readonly number[] };
}

/** Address of instruction number `i`. */
const at = (i: number): number => CODE + 4 * i;

const leave: Row = (b) => b.jumpTo(R(LR), ExitKind.Return);

export const goldenPrograms: Readonly<Record<string, GoldenProgram>> = {
  'straight-line': {
    see: 'One expression per register that changes; no loop; memory is touched for the registers and the fuel only.',
    rows: [(b) => b.add(R(0), R(1), R(0)), (b) => b.shl(R(0), konst(3), R(2)), (b) => b.xor(R(2), R(0), R(3)), leave],
  },
  'counted-loop': {
    see: 'One loop with four copies of the body; one look at the fuel, on the way back; no loads or stores in it.',
    rows: [
      (b) => b.add(R(0), R(1), R(0)),
      (b) => b.sub(R(1), konst(1), R(1)),
      (b) => b.jumpIf(ne(R(1), konst(0)), at(0)),
      leave,
    ],
  },
  'constant-turns': {
    see: 'A loop with three turns, always: no loop, no branch, one expression.',
    rows: [
      (b) => b.mov(R(1), konst(3)),
      (b) => b.add(R(0), R(1), R(0)),
      (b) => b.sub(R(1), konst(1), R(1)),
      (b) => b.jumpIf(ne(R(1), konst(0)), at(1)),
      leave,
    ],
  },
  'walking-loop': {
    see: 'A pointer walks through memory: the four copies of the body share one range check, at the head of the loop.',
    rows: [
      (b) => b.add(R(0), b.load(Op.Load32, R(1), konst(0)), R(0)),
      (b) => b.add(R(1), konst(4), R(1)),
      (b) => b.jumpIf(ne(R(1), R(2)), at(0)),
      leave,
    ],
  },
  'indexed-loop': {
    see: 'An index walks through an array of words: the four copies of the body share one range check.',
    rows: [
      (b) => b.add(R(0), b.load(Op.Load32, R(1), b.shl(R(2), konst(2))), R(0)),
      (b) => b.add(R(2), konst(1), R(2)),
      (b) => b.jumpIf(ne(R(2), R(3)), at(0)),
      leave,
    ],
  },
  'nested-loop': {
    see: 'Two loops, one inside the other; registers stay in locals through both.',
    rows: [
      (b) => b.mov(R(2), R(3)),
      (b) => b.add(R(0), R(2), R(0)),
      (b) => b.sub(R(2), konst(1), R(2)),
      (b) => b.jumpIf(ne(R(2), konst(0)), at(1)),
      (b) => b.sub(R(1), konst(1), R(1)),
      (b) => b.jumpIf(ne(R(1), konst(0)), at(0)),
      leave,
    ],
  },
  'conditional-select': {
    see: 'A short conditional part is a select, not a branch.',
    rows: [(b) => b.when(ltU(R(0), R(1)), () => b.add(R(0), konst(7), R(2))), leave],
  },
  'load-store': {
    see: 'Two words of one base register, loaded and stored: one range check for the loads, one for the stores, each one br_if.',
    rows: [
      (b) => b.load(Op.Load32, R(1), konst(0), R(2)),
      (b) => b.load(Op.Load32, R(1), konst(4), R(3)),
      (b) => b.store(Op.Store32, R(4), konst(0), R(3)),
      (b) => b.store(Op.Store32, R(4), konst(4), R(2)),
      leave,
    ],
  },
  'store-near-code': {
    see: 'A store where code may appear: the bounds of the check are read from the linear memory.',
    rows: [(b) => b.store(Op.Store32, R(5), konst(0), R(0)), leave],
  },
  'stores-near-code': {
    see: 'Stores over two bases where code may appear: the bounds are read once.',
    rows: [(b) => b.store(Op.Store32, R(5), konst(0), R(0)), (b) => b.store(Op.Store32, R(6), konst(0), R(1)), leave],
  },
  'direct-call': {
    see: 'A call of the second function of the module; the registers go to memory before it, and come back behind it.',
    rows: [
      (b) => {
        b.mov(LR, konst(at(1)));
        b.jump(at(3), ExitKind.Call, at(1));
      },
      (b) => b.add(R(0), konst(1), R(0)),
      (b) => b.raise(1),
      (b) => b.add(R(0), R(0), R(0)),
      leave,
    ],
  },
  'call-by-slot': {
    see: 'A function of another module is called by way of link, with its slot from an imported global; the host function by way of host.',
    rows: [
      (b) => {
        b.mov(LR, konst(at(1)));
        b.jump(at(40), ExitKind.Call, at(1));
      },
      (b) => {
        b.mov(LR, konst(at(2)));
        b.jump(HOST, ExitKind.Call, at(2));
      },
      (b) => b.raise(1),
    ],
  },
  'loop-with-call': {
    see: 'r4 is written before the loop: it goes to memory on the way in, not before the call each time round.',
    rows: [
      (b) => b.add(R(0), konst(1), R(4)),
      (b) => {
        b.mov(LR, konst(at(2)));
        b.jump(HOST, ExitKind.Call, at(2));
      },
      (b) => b.sub(R(5), konst(1), R(5)),
      (b) => b.jumpIf(ne(R(5), konst(0)), at(1)),
      leave,
    ],
  },
  'jump-table': {
    see: 'A computed jump to targets that were seen is a br_table; any other target leaves with the reason Computed.',
    rows: [(b) => b.jumpTo(R(1)), (b) => b.add(R(0), konst(1), R(0)), leave, (b) => b.add(R(0), konst(2), R(0)), leave],
    jumps: { at: 0, targets: [at(1), at(3)] },
  },
  'switch-table': {
    see: 'A jump by twice a byte of a table: the byte itself chooses in the br_table.',
    rows: [
      (b) => b.jumpTo(b.add(konst(at(1)), b.shl(b.load(Op.Load8U, konst(DATA), R(1)), konst(1)))),
      (b) => b.add(R(0), konst(1), R(0)),
      leave,
      (b) => b.add(R(0), konst(2), R(0)),
      leave,
    ],
    jumps: { at: 0, targets: [at(1), at(3)] },
  },
  'float-row': {
    see: 'Float operations in a row: f32 operations on f32 locals, the control word looked at once, registers written as bits behind the last.',
    rows: [
      (b) => b.float(Op.FloatMul, R(0), R(1), R(2)),
      (b) => b.float(Op.FloatAdd, R(2), R(3), R(4)),
      (b) => b.float(Op.FloatSub, R(4), R(1), R(5)),
      leave,
    ],
  },
  'fuel-exit': {
    see: 'A loop whose ways differ in length: what the shorter way did not use is given back or taken later, and the fuel is looked at once.',
    rows: [
      (b) => b.sub(R(1), konst(1), R(1)),
      (b) => b.jumpIf(eq(R(2), konst(0)), at(7)),
      ...Array.from({ length: 5 }, (): Row => (b) => b.xor(R(3), R(0), R(0))),
      ...Array.from({ length: 24 }, (): Row => (b) => b.mul(R(3), R(0), R(0))),
      (b) => b.jumpIf(ne(R(1), konst(0)), at(0)),
      leave,
    ],
  },
  'pending-flags': {
    see: 'A comparison writes its operands; the branch compares them, and no flag is computed on the way.',
    rows: [
      (b) => b.flags(Op.FlagsSub, R(0), R(1)),
      (b) => b.jumpIf(ne(b.flagTest(FlagCondition.Lt), konst(0)), at(3)),
      (b) => b.mov(R(2), konst(1)),
      leave,
    ],
  },
  'pending-sum': {
    see: 'The flags of a sum with a constant stay pending like those of a difference.',
    rows: [
      (b) => b.flags(Op.FlagsAdd, R(0), konst(5)),
      (b) => b.jumpIf(ne(b.flagTest(FlagCondition.Cs), konst(0)), at(3)),
      (b) => b.mov(R(2), konst(1)),
      leave,
    ],
  },
};

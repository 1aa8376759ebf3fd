import type { FloatUnit, Helper } from '../architecture.js';
import type { BlockBuilder } from '../builder.js';
import { Cc, ExitKind, type FlagCondition, konst, Op, type Operand } from '../ir.js';
import { edgeValues } from './op-semantics.js';
import type { Random } from './random.js';
import { FLAG_C, FLAG_N, FLAG_V, LR, R, type Row } from './script-architecture.js';

/** Where random programs live. */
export const CODE = 0x1000;
export const DATA = 0x8000;
export const DATA_SIZE = 0x400;
export const TABLE = 0x2_0000;
/** Distance to the bytes of TABLE, 128 of them, that are half the distance of an instruction from CODE. */
export const JUMPS = 0x80;

/** Slot that random float operations take as control word: see `randomFloat`. */
export const CONTROL = 15;

const BINARY = [
  Op.Add,
  Op.Sub,
  Op.And,
  Op.Or,
  Op.Xor,
  Op.AndNot,
  Op.Shl,
  Op.Shr,
  Op.Sar,
  Op.Ror,
  Op.ShlWide,
  Op.ShrWide,
  Op.SarWide,
  Op.Mul,
  Op.MulHighS,
  Op.MulHighU,
  Op.DivS,
  Op.DivU,
  Op.RemS,
  Op.RemU,
  Op.MinS,
  Op.MaxS,
  Op.MinU,
  Op.MaxU,
] as const;
const UNARY = [
  Op.Clz,
  Op.ReverseBits,
  Op.ReverseBytes,
  Op.ReverseBytes16,
  Op.SignExtend8,
  Op.SignExtend16,
  Op.ZeroExtend8,
  Op.ZeroExtend16,
] as const;
const LOADS = [Op.Load8U, Op.Load8S, Op.Load16U, Op.Load16S, Op.Load32, Op.Load32] as const;
const STORES = [Op.Store8, Op.Store16, Op.Store32, Op.Store32] as const;
const FLAGS = [Op.FlagsAdd, Op.FlagsAdc, Op.FlagsSub, Op.FlagsSub, Op.FlagsSub, Op.FlagsSbc, Op.FlagsNz] as const;
const FLOATS = [Op.FloatAdd, Op.FloatSub, Op.FloatMul, Op.FloatDiv] as const;

/** Helpers of random programs: a pure one, one that counts, one that stops now and then, one that forgets translations. */
export const randomHelpers: readonly Helper[] = [
  { name: 'mix', pure: true, run: (_context, a, b, c) => (Math.imul(a, 31) + (b ^ c)) | 0 },
  { name: 'count', pure: false, run: (context, a) => (context.state[R(12)] += a & 0xff) | 0 },
  {
    name: 'check',
    pure: false,
    run: (context, a) => {
      if ((a & 0x3f) === 0x2a) context.raise(1, a);
      return a ^ 1;
    },
  },
  {
    name: 'flush',
    pure: false,
    run: (context, a) => {
      context.flushTranslations();
      return a;
    },
  },
];

/** Random rows, and the words of a program made of them. */
export function randomProgram(random: Random, instructions: number): { rows: Row[]; words: number[] } {
  const end = CODE + 4 * instructions;
  const rows = Array.from({ length: 3 * instructions }, () => randomRow(random, instructions, end));
  const words = Array.from({ length: instructions }, () => random.below(rows.length));
  return { rows, words };
}

function register(random: Random): number {
  return R(random.below(12));
}

/** Choices made when the row is made, so that the row lifts alike each time. */
function value(random: Random): Operand {
  if (random.chance(1, 3)) return konst(random.chance(1, 2) ? random.pick(edgeValues) : random.bits());
  return register(random);
}

function condition(random: Random): { cc: Cc; a: Operand; b: Operand } {
  return { cc: random.below(Cc.GtU + 1) as Cc, a: value(random), b: value(random) };
}

/** An address in the data most of the time: (register & mask) + DATA, a constant, or any register. */
function address(random: Random): (b: BlockBuilder) => { base: Operand; offset: Operand } {
  const base = register(random);
  const offset = random.below(DATA_SIZE);
  const mask = random.pick([0x3c, 0xff, 0x3fc, 0x3ff]);
  switch (random.below(24)) {
    case 0:
    case 5:
      return () => ({ base: konst(DATA), offset: konst(offset & ~3) });
    case 1: {
      const near = random.chance(1, 2) ? offset : 4;
      return () => ({ base, offset: konst(near) });
    }
    case 2:
    case 6:
    case 7:
      return (b) => ({ base: konst(TABLE), offset: b.and(base, konst(0xfc)) });
    case 3:
    case 8:
    case 9:
    case 10:
      return (b) => ({ base: b.and(base, konst(mask)), offset: konst(DATA + (offset & 0xf)) });
    default:
      return (b) => ({ base: b.add(b.and(base, konst(mask)), konst(DATA)), offset: konst(offset & 0xc) });
  }
}

function randomRow(random: Random, instructions: number, end: number): Row {
  const d = register(random);
  const [x, y, z] = [value(random), value(random), value(random)];
  const target = CODE + 4 * random.below(instructions);
  switch (random.below(30)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const op = random.pick(BINARY);
      return (b) => b.binary(op, x, y, d);
    }
    case 4: {
      const op = random.pick(UNARY);
      return (b) => b.unary(op, x, d);
    }
    case 5:
      return (b) => b.mov(d, x);
    case 6: {
      const amount = random.chance(1, 2) ? konst(random.below(33)) : undefined;
      return (b) => b.funnel(x, y, amount ?? b.and(register12(z), konst(31)), d);
    }
    case 7: {
      const test = condition(random);
      return (b) => b.select(b.set(test), x, y, d);
    }
    case 8:
    case 9:
    case 10: {
      const op = random.pick(FLAGS);
      return (b) => {
        b.flags(op, x, y);
        b.sub(x, y, d);
      };
    }
    case 11:
    case 12: {
      const test = random.below(14) as FlagCondition;
      const first = random.chance(1, 2);
      return (b) => {
        if (first) b.flags(Op.FlagsSub, x, y);
        b.jumpIf({ cc: Cc.Ne, a: b.flagTest(test), b: konst(0) }, target);
      };
    }
    case 13: {
      const test = random.below(14) as FlagCondition;
      return (b) => {
        b.when({ cc: Cc.Ne, a: b.flagTest(test), b: konst(0) }, () => b.mov(d, x));
      };
    }
    case 14:
    case 15:
    case 16: {
      const op = random.pick(LOADS);
      const place = address(random);
      const strict = random.chance(1, 4);
      const step = random.pick([0, 4, 1]);
      const pointer = register(random);
      return (b) => {
        const { base, offset } = place(b);
        const t = b.load(op, base, offset, undefined, strict);
        if (step > 0) b.add(pointer, konst(step), pointer);
        b.mov(d, t);
      };
    }
    case 17:
    case 18: {
      const op = random.pick(STORES);
      const place = address(random);
      const strict = random.chance(1, 4);
      return (b) => {
        const { base, offset } = place(b);
        b.store(op, base, offset, x, strict);
      };
    }
    case 19: {
      const slots = [register(random), register(random), register(random)];
      const mask = random.pick([0x3fc, 0x3fc, 0x3fc, 0x3fc, 0x3ff]);
      const isLoad = random.chance(1, 2);
      const p = register(random);
      return (b) => {
        const base = b.add(b.and(p, konst(mask)), konst(DATA));
        if (isLoad) b.loadMany(base, slots);
        else b.storeMany(base, slots);
        b.add(p, konst(12), p);
      };
    }
    case 20: {
      const test = condition(random);
      return (b) => b.jumpIf(test, target);
    }
    case 21: {
      const test = condition(random);
      const op = random.pick(LOADS);
      const place = address(random);
      return (b) => {
        const { base, offset } = place(b);
        b.when(test, () => b.load(op, base, offset, d));
        b.xor(y, d, register12(z));
      };
    }
    case 22:
      return (b) => {
        b.mov(LR, konst(b.next));
        b.jump(target, ExitKind.Call, b.next);
      };
    case 23:
      return (b) => b.jumpTo(LR, ExitKind.Return);
    case 24: {
      const kind = random.chance(1, 2);
      const byTable = random.chance(1, 2);
      return (b) => {
        const to = byTable
          ? b.add(b.shl(b.load(Op.Load8U, konst(TABLE + JUMPS), b.and(d, konst(0x7f))), konst(1)), konst(CODE))
          : b.add(b.and(b.mul(d, konst(4)), konst(0x3c)), konst(CODE));
        if (kind) b.mov(LR, konst(b.next));
        b.jumpTo(to, kind ? ExitKind.Call : ExitKind.Jump, kind ? b.next : 0);
      };
    }
    case 25: {
      const helper = random.pick([0, 0, 1, 2]);
      return (b) => b.helper(helper, x, y, z, d);
    }
    case 26: {
      if (random.chance(1, 4)) return (b) => b.helper(3, x, y, z, d);
      const test = condition(random);
      return (b) => {
        b.when(test, () => b.helper(1, x, y, z, d));
      };
    }
    case 27: {
      const op = random.pick(FLOATS);
      const kind = random.below(4);
      return (b) => {
        if (kind === 0) b.unary(Op.FloatSqrt, x, d);
        else if (kind === 1) b.floatMulAdd(Op.FloatMulAdd, x, y, z, d);
        else if (kind === 2) b.floatMulAdd(Op.FloatMulSub, x, y, z, d);
        else b.float(op, x, y, d);
      };
    }
    case 28: {
      // Writes another instruction over one.
      const place = CODE + 4 * random.below(instructions);
      const word = random.below(instructions);
      if (random.chance(2, 3)) return (b) => b.mov(d, konst(0x3f80_0000 + (word << 12)));
      return (b) => b.store(Op.Store32, konst(place), konst(0), konst(word));
    }
    default: {
      const raises = random.chance(1, 12);
      const when = condition(random);
      return (b) => {
        if (raises) b.raise(1, x);
        else if (b.next === end) b.jump(CODE);
        else {
          b.when(when, () => {
            b.mov(d, y);
            b.jump(target);
          });
          b.mov(FLAG_N, x);
          b.and(y, konst(1), FLAG_C);
          b.mov(FLAG_V, z);
        }
      };
    }
  }
}

/** A register for an operand: constants become r11. */
function register12(operand: Operand): number {
  return operand < 12 ? operand : R(11);
}

/** Plain IEEE arithmetic by way of doubles; it counts in the control word, above the bit that says "simple", what was not simple. */
export function randomFloat(arithmetic: {
  add(a: number, b: number): number;
  sub(a: number, b: number): number;
  mul(a: number, b: number): number;
  div(a: number, b: number): number;
  sqrt(a: number): number;
  mulAdd(a: number, b: number, c: number): number;
}): FloatUnit {
  const negate = (a: number) => a ^ 0x8000_0000;
  return {
    add: (_state, a, b) => arithmetic.add(a, b) | 0,
    sub: (_state, a, b) => arithmetic.sub(a, b) | 0,
    mul: (_state, a, b) => arithmetic.mul(a, b) | 0,
    div: (_state, a, b) => arithmetic.div(a, b) | 0,
    sqrt: (_state, a) => arithmetic.sqrt(a) | 0,
    mulAdd: (_state, a, b, c) => arithmetic.mulAdd(a, b, c) | 0,
    mulSub: (_state, a, b, c) => arithmetic.mulAdd(negate(a), b, c) | 0,
    plain: { slot: CONTROL, mask: 1, value: 0 },
  };
}

import { Cc, Op } from '../ir.js';

/** Value operations beyond the micro-ops: results of comparisons made from operands of a flag op. */
export const enum V {
  /** A constant. */
  Const = 0x100,
  /** What a slot's local holds at the start of the node. */
  Slot,
  /** A word of the linear memory that does not change before the next call. */
  Word,
  /** What a local of the node holds: the result of a load, a float op, a helper. */
  Local,
  /** Comparison; the condition is `detail`. */
  Compare,
  /** Carry out of a + b: 1 when the sum a + b (operand `c`) is below a. */
  CarryAdd,
  /** Carry out of a + b + carry c. */
  CarryAdc,
  /** Carry (no borrow) of a - b - !c. */
  CarrySbc,
  /** Bit 31: overflow of a + b = c, of a - b = c. */
  OverflowAdd,
  OverflowSub,
}

/** One value inside a node: an expression over constants, slots at the node's start and locals. Values never change. */
export interface Value {
  readonly op: Op | V;
  readonly detail: number;
  readonly a: Value | undefined;
  readonly b: Value | undefined;
  readonly c: Value | undefined;
  readonly id: number;
  /** WebAssembly local that holds it, -1 while none does. */
  local: number;
  /** The same for its bits as an f32. */
  float: number;
  /** How often effects and other values use it. */
  uses: number;
}

/** Makes the values of one node; equal ones are the same object. */
export class Values {
  private readonly constants = new Map<number, Value>();
  private readonly slots: Value[] = [];
  private readonly words = new Map<number, Value>();
  private readonly known = new Map<number, Value>();
  private count = 0;

  constant(value: number): Value {
    const word = value | 0;
    let known = this.constants.get(word);
    if (known === undefined) this.constants.set(word, (known = this.leaf(V.Const, word)));
    return known;
  }

  slot(slot: number): Value {
    return (this.slots[slot] ??= this.leaf(V.Slot, slot));
  }

  /** The word at a host offset; it is loaded once. */
  word(place: number): Value {
    let known = this.words.get(place);
    if (known === undefined) {
      this.words.set(place, (known = this.leaf(V.Word, place)));
      known.uses = 2;
    }
    return known;
  }

  /** A new value, which an effect makes known. */
  result(): Value {
    return this.leaf(V.Local, 0);
  }

  compare(cc: Cc, a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) return this.constant(holds(cc, a.detail, b.detail) ? 1 : 0);
    if (isConstant(a)) return this.compare(MIRRORED[cc], b, a);
    // (x cc y) != 0 is the comparison itself, and == 0 its opposite.
    if (a.op === V.Compare && isConstant(b) && b.detail === 0 && (cc === Cc.Ne || cc === Cc.Eq) && a.a && a.b) {
      return cc === Cc.Ne ? a : this.compare(OPPOSITE[a.detail], a.a, a.b);
    }
    return this.make(V.Compare, cc, a, b);
  }

  unary(op: Op, a: Value): Value {
    if (isConstant(a)) {
      const folded = foldUnary(op, a.detail);
      if (folded !== undefined) return this.constant(folded);
    }
    return this.make(op, 0, a);
  }

  binary(op: Op, a: Value, b: Value): Value {
    if (isConstant(a) && isConstant(b)) {
      const folded = foldBinary(op, a.detail, b.detail);
      if (folded !== undefined) return this.constant(folded);
    }
    if (isConstant(a) && !isConstant(b) && COMMUTES.has(op)) return this.binary(op, b, a);
    if (isConstant(b)) {
      const simpler = this.withConstant(op, a, b.detail);
      if (simpler !== undefined) return simpler;
    }
    // A constant in a sum goes outermost, so that addresses which differ by constants look alike.
    if (op === Op.Add && isSum(b)) return this.binary(Op.Add, this.binary(Op.Add, a, b.a), b.b);
    if (op === Op.Add && !isConstant(b) && isSum(a)) return this.binary(Op.Add, this.binary(Op.Add, a.a, b), a.b);
    if (a === b && (op === Op.Or || op === Op.And)) return a;
    if (a === b && (op === Op.Sub || op === Op.Xor || op === Op.AndNot)) return this.constant(0);
    return this.make(op, 0, a, b);
  }

  funnel(high: Value, low: Value, amount: Value): Value {
    if (isConstant(amount)) {
      const by = amount.detail & 0x3f;
      if (by === 0) return low;
      if (by >= 32) return this.binary(Op.Shr, high, this.constant(by - 32));
      if (high === low) return this.binary(Op.Ror, low, this.constant(by));
      return this.binary(
        Op.Or,
        this.binary(Op.Shr, low, this.constant(by)),
        this.binary(Op.Shl, high, this.constant(32 - by)),
      );
    }
    return this.make(Op.Funnel, 0, high, low, amount);
  }

  select(condition: Value, a: Value, b: Value): Value {
    if (isConstant(condition)) return condition.detail !== 0 ? a : b;
    const [x, y] = [this.under(condition, a, true), this.under(condition, b, false)];
    if (x === y) return x;
    return this.make(Op.Select, 0, x, y, condition);
  }

  /** 1 when `condition` (0 or 1) is 0, else 0. */
  not(condition: Value): Value {
    return this.compare(Cc.Eq, condition, this.constant(0));
  }

  /** What `value` is where `condition` is known to hold, or not to hold. */
  under(condition: Value, value: Value, holds: boolean): Value {
    let known = value;
    while (known.op === Op.Select && known.a && known.b && known.c) {
      if (known.c === condition) known = holds ? known.a : known.b;
      else if (known.c === this.not(condition)) known = holds ? known.b : known.a;
      else break;
    }
    return known;
  }

  /** A flag value: V.CarryAdd and the like. */
  flag(op: V, a: Value, b: Value, c: Value): Value {
    if (isConstant(a) && isConstant(b) && isConstant(c))
      return this.constant(foldFlag(op, a.detail, b.detail, c.detail));
    return this.make(op, 0, a, b, c);
  }

  private withConstant(op: Op, a: Value, k: number): Value | undefined {
    switch (op) {
      case Op.Sub:
        return this.binary(Op.Add, a, this.constant(-k));
      case Op.AndNot:
        return this.binary(Op.And, a, this.constant(~k));
      case Op.Add:
        if (k === 0) return a;
        if (isSum(a)) return this.binary(Op.Add, a.a, this.constant(a.b.detail + k));
        return undefined;
      case Op.Or:
      case Op.Xor:
        return k === 0 ? a : undefined;
      case Op.And:
        if (k === -1) return a;
        if (k === 0) return this.constant(0);
        if (a.op === Op.And && a.a && a.b && isConstant(a.b))
          return this.binary(Op.And, a.a, this.constant(a.b.detail & k));
        return undefined;
      case Op.Shl:
        if ((k & 31) === 0) return a;
        if (isSum(a)) {
          const shifted = this.binary(Op.Shl, a.a, this.constant(k));
          return this.binary(Op.Add, shifted, this.constant(a.b.detail << (k & 31)));
        }
        return undefined;
      case Op.Shr:
      case Op.Sar:
      case Op.Ror:
        return (k & 31) === 0 ? a : undefined;
      case Op.ShlWide:
        return (k & 0xff) > 31 ? this.constant(0) : this.binary(Op.Shl, a, this.constant(k & 31));
      case Op.ShrWide:
        return (k & 0xff) > 31 ? this.constant(0) : this.binary(Op.Shr, a, this.constant(k & 31));
      case Op.SarWide:
        return this.binary(Op.Sar, a, this.constant(Math.min(k & 0xff, 31)));
      default:
        return undefined;
    }
  }

  private leaf(op: V, detail: number): Value {
    const id = this.count++;
    return { op, detail, a: undefined, b: undefined, c: undefined, id, local: -1, float: -1, uses: 0 };
  }

  private make(op: Op | V, detail: number, a: Value, b?: Value, c?: Value): Value {
    const key = keyOf(op, detail, a, b, c);
    const same = key < 0 ? undefined : this.known.get(key);
    if (same !== undefined) return same;
    const value: Value = { op, detail, a, b, c, id: this.count++, local: -1, float: -1, uses: 0 };
    if (key >= 0) this.known.set(key, value);
    return value;
  }
}

/** Values of one node that are told apart by a key; later ones are not found again. A power of two. */
const MOST_KNOWN = 8192;

/** Operation, condition and operands in 52 bits; -1 when the numbers are too large. */
function keyOf(op: Op | V, detail: number, a: Value, b: Value | undefined, c: Value | undefined): number {
  const x = a.id + 1;
  const y = b === undefined ? 0 : b.id + 1;
  const z = c === undefined ? 0 : c.id + 1;
  if (x >= MOST_KNOWN || y >= MOST_KNOWN || z >= MOST_KNOWN) return -1;
  return (((op * 16 + detail) * MOST_KNOWN + x) * MOST_KNOWN + y) * MOST_KNOWN + z;
}

export function isConstant(value: Value): boolean {
  return value.op === V.Const;
}

/** Whether a value is something plus a constant. */
function isSum(value: Value): value is Value & { readonly a: Value; readonly b: Value } {
  return value.op === Op.Add && value.a !== undefined && value.b !== undefined && isConstant(value.b);
}

const COMMUTES = new Set<Op>([Op.Add, Op.And, Op.Or, Op.Xor, Op.Mul, Op.MulHighS, Op.MulHighU]);

const MIRRORED = [Cc.Eq, Cc.Ne, Cc.GtS, Cc.LeS, Cc.GtU, Cc.LeU, Cc.GeS, Cc.LtS, Cc.GeU, Cc.LtU] as const;
const OPPOSITE = [Cc.Ne, Cc.Eq, Cc.GeS, Cc.LtS, Cc.GeU, Cc.LtU, Cc.GtS, Cc.LeS, Cc.GtU, Cc.LeU] as const;

function holds(cc: Cc, a: number, b: number): boolean {
  switch (cc) {
    case Cc.Eq:
      return a === b;
    case Cc.Ne:
      return a !== b;
    case Cc.LtS:
      return a < b;
    case Cc.GeS:
      return a >= b;
    case Cc.LtU:
      return a >>> 0 < b >>> 0;
    case Cc.GeU:
      return a >>> 0 >= b >>> 0;
    case Cc.LeS:
      return a <= b;
    case Cc.GtS:
      return a > b;
    case Cc.LeU:
      return a >>> 0 <= b >>> 0;
    default:
      return a >>> 0 > b >>> 0;
  }
}

function foldUnary(op: Op, a: number): number | undefined {
  switch (op) {
    case Op.Clz:
      return Math.clz32(a);
    case Op.SignExtend8:
      return (a << 24) >> 24;
    case Op.SignExtend16:
      return (a << 16) >> 16;
    case Op.ZeroExtend8:
      return a & 0xff;
    case Op.ZeroExtend16:
      return a & 0xffff;
    default:
      return undefined;
  }
}

function foldBinary(op: Op, a: number, b: number): number | undefined {
  switch (op) {
    case Op.Add:
      return (a + b) | 0;
    case Op.Sub:
      return (a - b) | 0;
    case Op.And:
      return a & b;
    case Op.Or:
      return a | b;
    case Op.Xor:
      return a ^ b;
    case Op.AndNot:
      return a & ~b;
    case Op.Shl:
      return a << b;
    case Op.Shr:
      return a >>> b;
    case Op.Sar:
      return a >> b;
    case Op.Mul:
      return Math.imul(a, b);
    default:
      return undefined;
  }
}

function foldFlag(op: V, a: number, b: number, c: number): number {
  switch (op) {
    case V.CarryAdd:
      return c >>> 0 < a >>> 0 ? 1 : 0;
    case V.CarryAdc:
      return (a >>> 0) + (b >>> 0) + c > 0xffff_ffff ? 1 : 0;
    case V.CarrySbc:
      return a >>> 0 >= (b >>> 0) + (c ^ 1) ? 1 : 0;
    case V.OverflowAdd:
      return (a ^ c) & (b ^ c);
    default:
      return (a ^ b) & (a ^ c);
  }
}

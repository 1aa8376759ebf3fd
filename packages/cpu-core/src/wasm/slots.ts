import type { Architecture } from '../architecture.js';
import { MAX_TEMPORARIES } from '../builder.js';
import { FlagCondition, isConst, Op, type Operand } from '../ir.js';
import type { Ending, MicroOp } from './graph.js';

/** A set of slots. */
export class SlotSet {
  readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >> 5);
  }

  has(slot: number): boolean {
    return (this.words[slot >> 5] & (1 << (slot & 31))) !== 0;
  }

  add(slot: number): void {
    this.words[slot >> 5] |= 1 << (slot & 31);
  }

  remove(slot: number): void {
    this.words[slot >> 5] &= ~(1 << (slot & 31));
  }

  /** Adds all of `other`; whether anything was new. */
  addAll(other: SlotSet): boolean {
    let changed = false;
    for (let i = 0; i < this.words.length; i++) {
      const joined = (this.words[i] | other.words[i]) >>> 0;
      if (joined !== this.words[i]) changed = true;
      this.words[i] = joined;
    }
    return changed;
  }

  removeAll(other: SlotSet): void {
    for (let i = 0; i < this.words.length; i++) this.words[i] &= ~other.words[i];
  }

  copy(): SlotSet {
    const copy = new SlotSet(this.words.length * 32);
    copy.words.set(this.words);
    return copy;
  }

  forEach(visit: (slot: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      for (let word = this.words[i]; word !== 0; word &= word - 1) visit(i * 32 + 31 - Math.clz32(word & -word));
    }
  }
}

/**
 * Slots behind the temporaries that stand for flags until someone needs them: the operands of the last subtraction that set all four, and
 * which of them are still its result. Only compiled code knows them.
 */
export interface PendingFlags {
  readonly a: number;
  readonly b: number;
  /** Holds a `FlagBit` for each flag whose own slot is out of date. */
  readonly which: number;
}

export const enum FlagBit {
  N = 1,
  Z = 2,
  C = 4,
  V = 8,
  All = 15,
}

/** Slot that tells a `route` ending where to go; it lies behind the temporaries. */
export function routeSlot(architecture: Architecture): number {
  return architecture.slots.length + MAX_TEMPORARIES;
}

/** Which slots micro-ops read and write. */
export class SlotUse {
  /** Named slots: those that a stop shows. Temporaries follow, then `route`, then those of `pending`. */
  readonly named: number;
  readonly count: number;
  readonly route: number;
  /** Of an architecture with flags. */
  readonly pending: PendingFlags | undefined;
  private readonly flags: readonly number[];

  constructor(private readonly architecture: Architecture) {
    this.named = architecture.slots.length;
    this.route = routeSlot(architecture);
    const first = this.route + 1;
    const { flags } = architecture;
    this.count = first + (flags === undefined ? 0 : 3);
    this.pending = flags === undefined ? undefined : { a: first, b: first + 1, which: first + 2 };
    this.flags = flags === undefined ? [] : [flags.n, flags.z, flags.c, flags.v];
  }

  /** Whether a slot has a word in memory that must be right when compiled code is left. */
  isStored(slot: number): boolean {
    return slot < this.named || (this.pending !== undefined && slot >= this.pending.a);
  }

  /** The bit of a flag's slot, 0 for other slots. */
  flagBit(slot: number): number {
    const index = this.flags.indexOf(slot);
    return index < 0 ? 0 : 1 << index;
  }

  /** Slots that a micro-op makes meaningless: those of the flags, when all are pending. */
  kills(op: MicroOp, visit: (slot: number) => void): void {
    if (op.op === Op.FlagsSub) for (const slot of this.flags) visit(slot);
  }

  reads(op: MicroOp, visit: (slot: number) => void): void {
    const operand = (value: Operand) => {
      if (!isConst(value)) this.readSlot(value, visit);
    };
    const { flags, float } = this.architecture;
    switch (op.op) {
      case Op.FlagTest:
        if (flags !== undefined) for (const slot of testedFlags(op.detail, flags)) this.readSlot(slot, visit);
        return;
      case Op.End:
        return;
      case Op.LoadMany:
        return operand(op.a);
      case Op.StoreMany:
        operand(op.a);
        for (const slot of op.list) visit(slot);
        return;
      case Op.FlagsAdc:
      case Op.FlagsSbc:
        if (flags !== undefined) this.readSlot(flags.c, visit);
        break;
      case Op.FlagsNz:
        if (this.pending !== undefined) visit(this.pending.which);
        break;
      case Op.FloatAdd:
      case Op.FloatSub:
      case Op.FloatMul:
      case Op.FloatDiv:
      case Op.FloatSqrt:
      case Op.FloatMulAdd:
      case Op.FloatMulSub:
        if (float !== undefined) visit(float.plain.slot);
        break;
      default:
        if (op.op < Op.FlagsAdd && this.flagBit(op.d) !== 0 && this.pending !== undefined) visit(this.pending.which);
    }
    for (const value of operandsOf(op)) operand(value);
  }

  /** A flag's value may depend on what is pending. */
  private readSlot(slot: number, visit: (slot: number) => void): void {
    visit(slot);
    if (this.pending === undefined || this.flagBit(slot) === 0) return;
    visit(this.pending.a);
    visit(this.pending.b);
    visit(this.pending.which);
  }

  writes(op: MicroOp, visit: (slot: number) => void): void {
    switch (op.op) {
      case Op.Store8:
      case Op.Store16:
      case Op.Store32:
      case Op.StoreMany:
      case Op.When:
      case Op.End:
        return;
      case Op.LoadMany:
        for (const slot of op.list) visit(slot);
        return;
      case Op.FlagsSub:
        if (this.pending === undefined) return;
        visit(this.pending.a);
        visit(this.pending.b);
        visit(this.pending.which);
        return;
      case Op.FlagsAdd:
      case Op.FlagsAdc:
      case Op.FlagsSbc:
        for (const slot of this.flags) visit(slot);
        if (this.pending !== undefined) visit(this.pending.which);
        return;
      case Op.FlagsNz:
        visit(this.flags[0]);
        visit(this.flags[1]);
        if (this.pending !== undefined) visit(this.pending.which);
        return;
      default:
        visit(op.d);
        if (this.pending !== undefined && this.flagBit(op.d) !== 0) visit(this.pending.which);
    }
  }

  /** Slots that an ending reads by name. */
  readsOfEnding(ending: Ending, visit: (slot: number) => void): void {
    const operand = (value: Operand) => {
      if (!isConst(value)) this.readSlot(value, visit);
    };
    switch (ending.kind) {
      case 'branch':
        operand(ending.a);
        operand(ending.b);
        return;
      case 'call-to':
      case 'jump-to':
        operand(ending.target);
        return;
      case 'helper':
        this.reads(ending.call, visit);
        return;
      case 'route':
        visit(this.route);
        return;
      case 'window-enter':
        operand(ending.stackPointer);
        return;
      case 'window-leave':
        // The return address.
        visit(0);
        return;
      default:
    }
  }
}

/** How many of its operands a, b, c a micro-op reads. */
function operandsOf(op: MicroOp): readonly Operand[] {
  switch (op.op) {
    case Op.Mov:
    case Op.Clz:
    case Op.ReverseBits:
    case Op.ReverseBytes:
    case Op.ReverseBytes16:
    case Op.SignExtend8:
    case Op.SignExtend16:
    case Op.ZeroExtend8:
    case Op.ZeroExtend16:
    case Op.FlagsNz:
    case Op.FloatSqrt:
      return [op.a];
    case Op.Funnel:
    case Op.Select:
    case Op.Store8:
    case Op.Store16:
    case Op.Store32:
    case Op.FloatMulAdd:
    case Op.FloatMulSub:
    case Op.Helper:
      return [op.a, op.b, op.c];
    default:
      return [op.a, op.b];
  }
}

function testedFlags(
  condition: FlagCondition,
  flags: { n: number; z: number; c: number; v: number },
): readonly number[] {
  switch (condition) {
    case FlagCondition.Eq:
    case FlagCondition.Ne:
      return [flags.z];
    case FlagCondition.Cs:
    case FlagCondition.Cc:
      return [flags.c];
    case FlagCondition.Mi:
    case FlagCondition.Pl:
      return [flags.n];
    case FlagCondition.Vs:
    case FlagCondition.Vc:
      return [flags.v];
    case FlagCondition.Hi:
    case FlagCondition.Ls:
      return [flags.c, flags.z];
    case FlagCondition.Ge:
    case FlagCondition.Lt:
      return [flags.n, flags.v];
    default:
      return [flags.z, flags.n, flags.v];
  }
}

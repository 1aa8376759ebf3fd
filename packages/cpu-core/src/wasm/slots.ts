import type { Architecture } from '../architecture.js';
import { MAX_TEMPORARIES } from '../builder.js';
import { FlagCondition, isConst, Op, type Operand } from '../ir.js';
import type { Ending, MicroOp } from './graph.js';

/** A set of slots. */
export class SlotSet {
  constructor(readonly words: Uint32Array) {}

  /** The empty set of slots below `size`. */
  static empty(size: number): SlotSet {
    return new SlotSet(new Uint32Array(wordsFor(size)));
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

  equals(other: SlotSet): boolean {
    for (let i = 0; i < this.words.length; i++) if (this.words[i] !== other.words[i]) return false;
    return true;
  }

  copy(): SlotSet {
    return new SlotSet(this.words.slice());
  }

  forEach(visit: (slot: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      for (let word = this.words[i]; word !== 0; word &= word - 1) visit(i * 32 + 31 - Math.clz32(word & -word));
    }
  }
}

/** Words of a set of slots below `size`. */
export function wordsFor(size: number): number {
  return (size + 31) >> 5;
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

/** Which slots micro-ops read and write. Its methods add slots to `to`, some more than once. */
export class SlotUse {
  /** Named slots: those that a stop shows. Temporaries follow, then `route`, then those of `pending`. */
  readonly named: number;
  readonly count: number;
  readonly route: number;
  /** Of an architecture with flags. */
  readonly pending: PendingFlags | undefined;
  /** Slots of n, z, c, v: meaningless when all flags are pending. */
  readonly flags: readonly number[];
  /** `FlagBit` by slot. */
  private readonly flagBits: Uint8Array;

  constructor(private readonly architecture: Architecture) {
    this.named = architecture.slots.length;
    this.route = routeSlot(architecture);
    const first = this.route + 1;
    const { flags } = architecture;
    this.count = first + (flags === undefined ? 0 : 3);
    this.pending = flags === undefined ? undefined : { a: first, b: first + 1, which: first + 2 };
    this.flags = flags === undefined ? [] : [flags.n, flags.z, flags.c, flags.v];
    this.flagBits = new Uint8Array(this.count);
    for (let i = 0; i < this.flags.length; i++) this.flagBits[this.flags[i]] = 1 << i;
  }

  /** Whether a slot has a word in memory that must be right when compiled code is left. */
  isStored(slot: number): boolean {
    return slot < this.named || (this.pending !== undefined && slot >= this.pending.a);
  }

  /** The bit of a flag's slot, 0 for other slots. */
  flagBit(slot: number): number {
    return this.flagBits[slot];
  }

  reads(op: MicroOp, to: number[]): void {
    const { flags, float } = this.architecture;
    switch (op.op) {
      case Op.FlagTest:
        if (flags !== undefined) for (const slot of testedFlags(op.detail, flags)) this.readSlot(slot, to);
        return;
      case Op.End:
        return;
      case Op.LoadMany:
        this.readOperand(op.a, to);
        return;
      case Op.StoreMany:
        this.readOperand(op.a, to);
        for (const slot of op.list) to.push(slot);
        return;
      case Op.FlagsAdc:
      case Op.FlagsSbc:
        if (flags !== undefined) this.readSlot(flags.c, to);
        break;
      case Op.FlagsNz:
        if (this.pending !== undefined) to.push(this.pending.which);
        break;
      case Op.FloatAdd:
      case Op.FloatSub:
      case Op.FloatMul:
      case Op.FloatDiv:
      case Op.FloatSqrt:
      case Op.FloatMulAdd:
      case Op.FloatMulSub:
        if (float !== undefined) to.push(float.plain.slot);
        break;
      default:
        if (op.op < Op.FlagsAdd && this.flagBits[op.d] !== 0 && this.pending !== undefined) to.push(this.pending.which);
    }
    const operands = operandCount(op.op);
    this.readOperand(op.a, to);
    if (operands > 1) this.readOperand(op.b, to);
    if (operands > 2) this.readOperand(op.c, to);
  }

  private readOperand(operand: Operand, to: number[]): void {
    if (!isConst(operand)) this.readSlot(operand, to);
  }

  /** A flag's value may depend on what is pending. */
  private readSlot(slot: number, to: number[]): void {
    to.push(slot);
    if (this.flagBits[slot] !== 0 && this.pending !== undefined)
      to.push(this.pending.a, this.pending.b, this.pending.which);
  }

  writes(op: MicroOp, to: number[]): void {
    const { pending } = this;
    switch (op.op) {
      case Op.Store8:
      case Op.Store16:
      case Op.Store32:
      case Op.StoreMany:
      case Op.When:
      case Op.End:
        return;
      case Op.LoadMany:
        for (const slot of op.list) to.push(slot);
        return;
      case Op.FlagsSub:
        if (pending !== undefined) to.push(pending.a, pending.b, pending.which);
        return;
      case Op.FlagsAdd:
      case Op.FlagsAdc:
      case Op.FlagsSbc:
        for (const slot of this.flags) to.push(slot);
        break;
      case Op.FlagsNz:
        to.push(this.flags[0], this.flags[1]);
        break;
      default:
        to.push(op.d);
        if (this.flagBits[op.d] === 0) return;
    }
    if (pending !== undefined) to.push(pending.which);
  }

  /** Slots that an ending reads by name. */
  readsOfEnding(ending: Ending, to: number[]): void {
    switch (ending.kind) {
      case 'branch':
        this.readOperand(ending.a, to);
        this.readOperand(ending.b, to);
        return;
      case 'call-to':
      case 'jump-to':
        this.readOperand(ending.target, to);
        return;
      case 'helper':
        this.reads(ending.call, to);
        return;
      case 'route':
        to.push(this.route);
        return;
      case 'window-enter':
        this.readOperand(ending.stackPointer, to);
        return;
      case 'window-leave':
        // The return address.
        to.push(0);
        return;
      default:
    }
  }
}

/** How many of its operands a, b, c a micro-op reads. */
function operandCount(op: Op): 1 | 2 | 3 {
  switch (op) {
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
      return 1;
    case Op.Funnel:
    case Op.Select:
    case Op.Store8:
    case Op.Store16:
    case Op.Store32:
    case Op.FloatMulAdd:
    case Op.FloatMulSub:
    case Op.Helper:
      return 3;
    default:
      return 2;
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

import { Op } from '../ir.js';
import type { Effect, NodePlan } from './node-plan.js';
import { isConstant, V, type Value } from './values.js';

/** Guest addresses that compiled code may touch directly. Low is a multiple of 4. */
export interface DirectRange {
  readonly low: number;
  /** Bytes. */
  readonly size: number;
  /** Host offset of `low`. */
  readonly host: number;
  /** An address in it that was seen. */
  readonly sample: number;
  /** For stores: code may appear in it later. Its bounds are looked up when the code runs then. */
  readonly isVolatile: boolean;
  /** Unaligned accesses fault, also those that the CPU would allow. */
  readonly alignedOnly: boolean;
}

/** What the compiler asks about the memory behind an access. */
export interface MemoryOracle {
  /** Ranges that accesses of the instruction at `pc` were seen in, the most frequent first; at least one, or none at all. */
  ranges(pc: number, width: number, access: 'read' | 'write'): readonly DirectRange[];
  /** The range around a constant address. */
  rangeAt(address: number, width: number, access: 'read' | 'write'): DirectRange | undefined;
  /** Notes that compiled code stores at a constant host offset: no code may be there. */
  noteStore(host: number, bytes: number): void;
  /**
   * Place of two words in the state that hold the current bounds of a volatile range: its low, and the number of positions from there
   * (divided by 4, when `aligned`) at which `bytes` bytes lie inside.
   */
  guard(range: DirectRange, bytes: number, aligned: boolean): number;
  /** Whether code with a check at `pc` was left there often. */
  wasLeft(pc: number): boolean;
}

/** Most bytes that one check looks at, and most when some of them belong to other nodes. */
const MOST_TOGETHER = 4096;
const MOST_AHEAD = 512;

/** One range check for several accesses over the same base. */
export interface Check {
  readonly owner: NodePlan;
  readonly base: Value;
  range: DirectRange;
  /** Lowest and highest byte touched, relative to the base; `max` is exclusive. */
  min: number;
  max: number;
  /** All accesses are multiples of 4 apart and must be aligned. */
  aligned: boolean;
  /** Number of the effect of `owner` before which it stands. */
  readonly at: number;
  /** Local with the host address of base + min while emitting. */
  local: number;
}

/** How one memory effect reaches its bytes. */
export type Access =
  /** Constant host offset. */
  | { readonly kind: 'constant'; readonly host: number }
  | { readonly kind: 'checked'; readonly check: Check }
  /** Several ranges, looked at in turn. */
  | { readonly kind: 'ranges'; readonly ranges: readonly DirectRange[] }
  /** The interpreter does it. */
  | { readonly kind: 'interpret' };

export function isMemory(op: Op): boolean {
  return op >= Op.Load8U && op <= Op.StoreMany;
}

/** Bytes of one element. */
export function accessWidth(op: Op): 1 | 2 | 4 {
  switch (op) {
    case Op.Load8U:
    case Op.Load8S:
    case Op.Store8:
      return 1;
    case Op.Load16U:
    case Op.Load16S:
    case Op.Store16:
      return 2;
    default:
      return 4;
  }
}

export function isStore(op: Op): boolean {
  return op === Op.Store8 || op === Op.Store16 || op === Op.Store32 || op === Op.StoreMany;
}

/** Bytes from the first to behind the last. */
function extent({ micro }: Effect): number {
  if (micro.op === Op.LoadMany || micro.op === Op.StoreMany) return 4 * micro.list.length;
  return accessWidth(micro.op);
}

/** Whether an access to `ranges` must be aligned. */
export function isStrict({ micro }: Effect, ranges: readonly DirectRange[]): boolean {
  if (micro.op === Op.LoadMany || micro.op === Op.StoreMany) return true;
  return micro.strict || ranges.some(({ alignedOnly }) => alignedOnly);
}

/** Accesses of a node by number of the effect, and its checks. */
export interface AccessPlan {
  readonly plan: NodePlan;
  readonly accesses: readonly (Access | undefined)[];
  readonly checks: readonly Check[];
  /** The same of the only node that leads here. */
  readonly before: AccessPlan | undefined;
}

/** Plans the accesses and checks of a node. */
export function planAccesses(plan: NodePlan, oracle: MemoryOracle, before?: AccessPlan): AccessPlan {
  const checks: Check[] = [];
  const planned: AccessPlan & { accesses: (Access | undefined)[] } = { plan, accesses: [], checks, before };
  planned.accesses = plan.effects.map((effect, number): Access | undefined => {
    const { op, pc } = effect.micro;
    if (!isMemory(op)) return undefined;
    const width = accessWidth(op);
    const bytes = extent(effect);
    const kind = isStore(op) ? 'write' : 'read';
    if (isConstant(effect.base)) {
      const access = constantAccess(effect, bytes, oracle.rangeAt(effect.base.detail, width, kind));
      if (access.kind === 'constant' && kind === 'write') oracle.noteStore(access.host, bytes);
      return access;
    }
    const ranges = oracle.ranges(pc, width, kind);
    if (ranges.length === 0 || ranges[0].size < bytes) return { kind: 'interpret' };
    const single = op !== Op.LoadMany && op !== Op.StoreMany;
    if (ranges.length > 1 && single) return { kind: 'ranges', ranges };
    const strict = isStrict(effect, ranges) && width > 1;
    if (strict && width === 2) return { kind: 'ranges', ranges: [ranges[0]] };
    const wanted: Wanted = { effect, number, range: ranges[0], bytes, strict };
    const check = earlier(planned, wanted, oracle) ?? join(planned, wanted) ?? own(plan, wanted);
    if (check.owner === plan && !checks.includes(check)) checks.push(check);
    return { kind: 'checked', check };
  });
  return planned;
}

function constantAccess(effect: Effect, bytes: number, range: DirectRange | undefined): Access {
  const address = effect.base.detail >>> 0;
  if (range === undefined || address - range.low + bytes > range.size) return { kind: 'interpret' };
  if (isStrict(effect, [range]) && (address & (accessWidth(effect.micro.op) - 1)) !== 0) return { kind: 'interpret' };
  return { kind: 'constant', host: range.host + (address - range.low) };
}

/** An access that needs a check. */
interface Wanted {
  readonly effect: Effect;
  /** Of the effect. */
  readonly number: number;
  readonly range: DirectRange;
  readonly bytes: number;
  readonly strict: boolean;
}

/** What a check looks at together with one more access, when it can. */
function joined(
  check: Check,
  { effect, range, bytes, strict }: Wanted,
): Pick<Check, 'range' | 'min' | 'max'> | undefined {
  const { base, offset } = effect;
  if (check.base !== base) return undefined;
  const narrower = holds(check.range, range) ? check.range : holds(range, check.range) ? range : undefined;
  if (narrower === undefined) return undefined;
  if ((strict || check.aligned) && ((offset - check.min) & 3) !== 0) return undefined;
  return { range: narrower, min: Math.min(check.min, offset), max: Math.max(check.max, offset + bytes) };
}

/**
 * A check of a node before this one that can hold the access. Whether the access will come is not known there, so it may look at a few bytes
 * more, but nothing else; and not where that led out of the range often.
 */
function earlier({ before }: AccessPlan, wanted: Wanted, oracle: MemoryOracle): Check | undefined {
  for (let at = before; at !== undefined; at = at.before) {
    const { plan } = at;
    for (const check of at.checks) {
      if (check.at < plan.boundary) continue;
      const both = joined(check, wanted);
      if (both === undefined || both.range !== check.range || (wanted.strict && !check.aligned)) continue;
      const grows = both.min !== check.min || both.max !== check.max;
      if (grows && both.max - both.min > Math.min(check.range.size, MOST_AHEAD)) continue;
      if (grows && oracle.wasLeft(check.at === plan.boundary ? plan.boundaryPc : plan.effects[check.at].micro.pc))
        continue;
      Object.assign(check, both);
      return check;
    }
  }
  return undefined;
}

/** A check of the same node that can hold the access. */
function join({ plan, checks }: AccessPlan, wanted: Wanted): Check | undefined {
  for (const check of checks) {
    // A check in the first, unfinished instruction of a node does not serve the instructions behind it.
    if (wanted.number >= plan.boundary !== check.at >= plan.boundary) continue;
    const both = joined(check, wanted);
    if (both === undefined || both.max - both.min > Math.min(both.range.size, MOST_TOGETHER)) continue;
    Object.assign(check, both);
    check.aligned ||= wanted.strict;
    return check;
  }
  return undefined;
}

function own(plan: NodePlan, { effect, number, range, bytes, strict }: Wanted): Check {
  const { base, offset } = effect;
  const early = number >= plan.boundary && base.op === V.Slot;
  const at = early ? plan.boundary : number;
  return { owner: plan, base, range, min: offset, max: offset + bytes, aligned: strict, at, local: -1 };
}

/** Whether what lies in `a` may be touched like what lies in `b`. */
function holds(a: DirectRange, b: DirectRange): boolean {
  return a.low >= b.low && a.low + a.size <= b.low + b.size && (a.isVolatile || !b.isVolatile);
}

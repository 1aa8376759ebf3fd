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
}

/** One range check for several accesses over the same base. */
export interface Check {
  readonly base: Value;
  range: DirectRange;
  /** Lowest and highest byte touched, relative to the base; `max` is exclusive. */
  min: number;
  max: number;
  /** All accesses are multiples of 4 apart and must be aligned. */
  aligned: boolean;
  /** Number of the effect before which it stands. */
  at: number;
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

/** Plans the accesses and checks of a node; by number of the effect. */
export function planAccesses(plan: NodePlan, oracle: MemoryOracle): (Access | undefined)[] {
  const groups = new Map<number, Check[]>();
  return plan.effects.map((effect, number): Access | undefined => {
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
    return { kind: 'checked', check: join(plan, groups, effect, number, ranges[0], bytes, strict) };
  });
}

function constantAccess(effect: Effect, bytes: number, range: DirectRange | undefined): Access {
  const address = effect.base.detail >>> 0;
  if (range === undefined || address - range.low + bytes > range.size) return { kind: 'interpret' };
  if (isStrict(effect, [range]) && (address & (accessWidth(effect.micro.op) - 1)) !== 0) return { kind: 'interpret' };
  return { kind: 'constant', host: range.host + (address - range.low) };
}

/** Adds an access to a check that can hold it, or to a new one. */
function join(
  plan: NodePlan,
  groups: Map<number, Check[]>,
  effect: Effect,
  number: number,
  range: DirectRange,
  bytes: number,
  strict: boolean,
): Check {
  const { base, offset } = effect;
  let checks = groups.get(base.id);
  if (checks === undefined) groups.set(base.id, (checks = []));
  const hoisted = number >= plan.boundary;
  for (const check of checks) {
    // A check in the first, unfinished instruction of a node does not serve the instructions behind it.
    if (hoisted !== check.at >= plan.boundary) continue;
    const narrower = inside(range, check.range) ? range : inside(check.range, range) ? check.range : undefined;
    if (narrower === undefined) continue;
    const min = Math.min(check.min, offset);
    const max = Math.max(check.max, offset + bytes);
    if (max - min > Math.min(narrower.size, 4096)) continue;
    if ((strict || check.aligned) && ((offset - check.min) & 3) !== 0) continue;
    check.range = narrower;
    check.min = min;
    check.max = max;
    check.aligned ||= strict;
    return check;
  }
  const early = hoisted && base.op === V.Slot;
  const check = {
    base,
    range,
    min: offset,
    max: offset + bytes,
    aligned: strict,
    at: early ? plan.boundary : number,
    local: -1,
  };
  checks.push(check);
  return check;
}

function inside(a: DirectRange, b: DirectRange): boolean {
  return a.low >= b.low && a.low + a.size <= b.low + b.size;
}

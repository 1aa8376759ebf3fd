import type { AccessPlan } from './checks.js';
import type { Ending } from './graph.js';
import type { Write } from './node-plan.js';
import type { SlotUse } from './slots.js';
import type { Value } from './values.js';

/** Counts how often each value of a node is used by what always runs. */
export function countUses(
  { plan, accesses, checks }: AccessPlan,
  final: readonly Write[],
  ending: Ending,
  use: SlotUse,
): void {
  const count = (value: Value | undefined): void => {
    if (value === undefined) return;
    if (value.uses++ > 0) return;
    count(value.a);
    count(value.b);
    count(value.c);
  };
  for (const { base } of checks) count(base);
  plan.effects.forEach((effect, i) => {
    if (accesses[i]?.kind !== 'checked') count(effect.base);
    for (const value of effect.operands) count(value);
  });
  for (const { value } of final) count(value);
  if (ending.kind !== 'goto' && ending.kind !== 'branch' && ending.kind !== 'poll') {
    for (const { slot, value } of plan.written(plan.end)) if (use.isStored(slot)) count(value);
  }
  const read: number[] = [];
  use.readsOfEnding(ending, read);
  for (const slot of read) count(plan.get(slot));
}

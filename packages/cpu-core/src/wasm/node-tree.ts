import { type Analysis, isCall } from './analysis.js';
import { type AccessPlan, planAccesses } from './checks.js';
import type { EmitContext } from './emit-context.js';
import type { Ending, Graph } from './graph.js';
import { NodePlan, type Write } from './node-plan.js';
import type { SlotUse } from './slots.js';
import { countUses } from './value-uses.js';
import { isConstant, type Value } from './values.js';

/** One way on from a node. */
export interface Way {
  readonly to: number;
  /** Whether the node there was planned together with this one: it goes on with the values of this one. */
  readonly isInner: boolean;
  /** What locals must hold on the way; nothing on an inner one. */
  writes: readonly Write[];
}

/** A node with its plan. */
export interface PlannedNode {
  readonly access: AccessPlan;
  /** Of a branch. */
  readonly condition: Value | undefined;
  /** What locals get whichever way it goes on; nothing when `ways` says that. */
  readonly final: readonly Write[];
  /** Ways on that a goto or branch can take, the one of a condition that holds first. */
  readonly ways: readonly Way[];
}

/** Most writes of slots on the way to a node that is planned together with the ones before it: its exits carry them all. */
const MOST_WRITES = 160;

/** What planning needs of the function. */
export interface PlanParts {
  readonly graph: Graph;
  readonly context: EmitContext;
  readonly analysis: Analysis;
  readonly use: SlotUse;
}

/**
 * Plans a node together with those that can be reached from it alone: they form a tree. Constants and equal values are found all over it,
 * and an access that an earlier node's check covers needs none. The nodes are planned before the first one is written, because later ones
 * add to the checks of earlier ones.
 * @param planned takes them, by number
 */
export function planTree(root: number, parts: PlanParts, planned: Map<number, PlannedNode>): void {
  const work: { readonly number: number; readonly before: AccessPlan | undefined }[] = [
    { number: root, before: undefined },
  ];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const { number, before } = item;
    const node = planNode(number, before, parts);
    planned.set(number, node);
    for (let i = node.ways.length - 1; i >= 0; i--) {
      if (node.ways[i].isInner) work.push({ number: node.ways[i].to, before: node.access });
    }
  }
}

function planNode(number: number, before: AccessPlan | undefined, parts: PlanParts): PlannedNode {
  const { graph, context, analysis, use } = parts;
  const { structure } = graph;
  const node = graph.nodes[number];
  const { ending } = node;
  const plan = new NodePlan(context.architecture, use, node, analysis.pendingIn[number], before?.plan);
  const access = planAccesses(plan, context.oracle, before);
  const condition =
    ending.kind === 'branch'
      ? plan.values.compare(ending.cc, plan.operand(ending.a), plan.operand(ending.b))
      : undefined;
  const ways = waysOn(ending, condition).map((to): Way => {
    const isForward = structure.isLoop[to] === 0 && structure.isMerge[to] === 0;
    return { to, isInner: isForward && plan.end <= MOST_WRITES, writes: [] };
  });
  const written = structure.next[number].length === 0 ? [] : plan.written(plan.end);
  const isApart = ways.some(({ isInner }) => isInner);
  const final = isApart ? [] : written.filter(leavesNode(number, parts));
  for (const way of ways) {
    if (isApart && !way.isInner) way.writes = written.filter(leavesFor(number, way.to, parts));
  }
  countUses(access, [...final, ...ways.flatMap(({ writes }) => writes)], ending, use);
  return { access, condition, final, ways };
}

function waysOn(ending: Ending, condition: Value | undefined): readonly number[] {
  if (ending.kind === 'goto') return [ending.to];
  if (ending.kind !== 'branch') return [];
  if (condition === undefined || !isConstant(condition)) return [ending.taken, ending.other];
  return [condition.detail !== 0 ? ending.taken : ending.other];
}

/** Which slots' locals change at the end of a node, wherever it leads. */
function leavesNode(number: number, { graph, analysis, use }: PlanParts): (write: Write) => boolean {
  const live = analysis.liveOut[number];
  const isCalling = isCall(graph.nodes[number]);
  return ({ slot }) => live.has(slot) && (!isCalling || !use.isStored(slot));
}

/** Which slots' locals change on the way from one node to another. */
function leavesFor(number: number, to: number, { graph, analysis }: PlanParts): (write: Write) => boolean {
  const live = analysis.liveIn[to];
  // The fuel is looked at on the way back to a loop's head; on the way in, slots are put into memory.
  const { position } = graph.structure;
  const stored = position[to] <= position[number] ? analysis.dirtyIn[to] : analysis.savedIn[to];
  return ({ slot }) => live.has(slot) || stored.has(slot);
}

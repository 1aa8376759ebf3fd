import type { Architecture } from '../architecture.js';
import { isConst, Op } from '../ir.js';
import type { GraphNode } from './graph.js';
import { NodePlan } from './node-plan.js';
import { lastWrite } from './predict.js';
import { SlotUse } from './slots.js';
import { latchesOf, type Structure } from './structure.js';
import { isConstant } from './values.js';

/** Most turns of a loop that are followed, most instructions in all of them, and most nodes before the loop that are looked at. */
const MOST_TURNS = 16;
const MOST_INSTRUCTIONS = 96;
const NODES_BEFORE = 4;

/** A node in one turn of a loop, and where it leads. */
export interface Step {
  readonly node: number;
  readonly to: readonly number[];
}

/** How a loop in another loop is come to: from outside, and by the outer loop. */
export interface Apart {
  /** Empty node in front of the loop: the head of the outer one. */
  readonly entry: number;
  /** Node that leads back to it. */
  readonly around: number;
}

/** What a loop does that always takes the same way. */
export interface Turns {
  readonly turns: readonly (readonly Step[])[];
  /** When the loop is come to for the first time in another way, of which nothing is known. */
  readonly apart: Apart | undefined;
}

/**
 * Follows a loop that counts from one constant to another, a few turns at most.
 * @param body nodes of the loop, without other loops inside; they go on by jumps and branches only
 */
export function turnsOf(
  nodes: readonly GraphNode[],
  structure: Structure,
  head: number,
  body: ReadonlySet<number>,
  architecture: Architecture,
): Turns | undefined {
  const path = pathThrough(structure, head, body);
  if (path === undefined) return undefined;
  const apart = entryOf(nodes, structure, head, body);
  const before = nodesBefore(
    nodes,
    structure,
    body,
    apart === undefined ? entries(structure, head, body) : [apart.around],
  );
  if (!counts(nodes, path, before)) return undefined;
  const use = new SlotUse(architecture);
  let plan: NodePlan | undefined;
  for (const node of before) plan = new NodePlan(architecture, use, nodes[node], -1, plan);
  const turns: Step[][] = [];
  for (let instructions = 0; turns.length < MOST_TURNS && instructions <= MOST_INSTRUCTIONS; ) {
    const turn: Step[] = [];
    turns.push(turn);
    let isKnown = false;
    for (const node of path) {
      const { ending, count } = nodes[node];
      plan = new NodePlan(architecture, use, nodes[node], -1, plan);
      instructions += count;
      let to = structure.next[node];
      if (ending.kind === 'branch') {
        const condition = plan.values.compare(ending.cc, plan.operand(ending.a), plan.operand(ending.b));
        if (isConstant(condition)) {
          to = [condition.detail !== 0 ? ending.taken : ending.other];
          isKnown = true;
        }
      }
      turn.push({ node, to });
      if (!to.some((next) => body.has(next))) {
        return instructions <= MOST_INSTRUCTIONS ? { turns, apart } : undefined;
      }
    }
    if (!isKnown) return undefined;
  }
  return undefined;
}

/** The nodes of a loop in order, when it has one way through. */
function pathThrough({ next }: Structure, head: number, body: ReadonlySet<number>): readonly number[] | undefined {
  const path: number[] = [];
  for (let node = head; ; ) {
    path.push(node);
    const inside = next[node].filter((to) => body.has(to));
    if (inside.length !== 1) return undefined;
    [node] = inside;
    if (node === head) return path;
  }
}

function entries({ predecessors }: Structure, head: number, body: ReadonlySet<number>): readonly number[] {
  return predecessors[head].filter((from) => !body.has(from));
}

/** That is how nested loops look from an entry in the middle of the inner one. The inner loop must lead to one place only. */
function entryOf(
  nodes: readonly GraphNode[],
  structure: Structure,
  head: number,
  body: ReadonlySet<number>,
): Apart | undefined {
  const [entry, other] = entries(structure, head, body);
  if (other !== undefined || entry === undefined || structure.isLoop[entry] === 0) return undefined;
  const { ops, ending } = nodes[entry];
  const latches = latchesOf(entry, structure);
  if (ops.length > 0 || ending.kind !== 'goto' || latches.length !== 1 || latches[0] === entry) return undefined;
  const exits = new Set([...body].flatMap((node) => structure.next[node].filter((to) => !body.has(to))));
  return exits.size === 1 ? { entry, around: latches[0] } : undefined;
}

/** The nodes that are always run before a loop that is entered from `first`, the last one last; none when it has several ways in. */
function nodesBefore(
  nodes: readonly GraphNode[],
  { order, predecessors, isLoop }: Structure,
  body: ReadonlySet<number>,
  first: readonly number[],
): readonly number[] {
  const before: number[] = [];
  let ways = first;
  while (ways.length === 1 && before.length < NODES_BEFORE) {
    const [from] = ways;
    const { kind } = nodes[from].ending;
    if (body.has(from) || (kind !== 'goto' && kind !== 'branch')) break;
    before.unshift(from);
    if (isLoop[from] === 1 || from === order[0]) break;
    ways = predecessors[from];
  }
  return before;
}

/** Whether the loop moves a slot by a constant that is a constant when it begins. */
function counts(nodes: readonly GraphNode[], path: readonly number[], before: readonly number[]): boolean {
  return path.some((node) =>
    nodes[node].ops.some(({ op, a, b, d }) => {
      if ((op !== Op.Add && op !== Op.Sub) || a !== d || !isConst(b)) return false;
      for (let i = before.length - 1; i >= 0; i--) {
        const { ops } = nodes[before[i]];
        const at = lastWrite(ops, d);
        if (at >= 0) return ops[at].op === Op.Mov && isConst(ops[at].a);
      }
      return false;
    }),
  );
}

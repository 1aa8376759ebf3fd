import type { Ending, GraphNode } from './graph.js';

/** Successors of a node, in order; a node may occur twice. */
export function successors(ending: Ending): readonly number[] {
  switch (ending.kind) {
    case 'goto':
      return [ending.to];
    case 'branch':
      return [ending.taken, ending.other];
    case 'call':
    case 'call-to':
    case 'helper':
    case 'poll':
    case 'window-enter':
      return [ending.next];
    case 'jump-to':
      return ending.cases.map(({ to }) => to);
    case 'route':
      return ending.targets;
    default:
      return [];
  }
}

/** The ending with other successors, in the order of `successors`. */
export function withSuccessors(ending: Ending, to: readonly number[]): Ending {
  switch (ending.kind) {
    case 'goto':
      return { ...ending, to: to[0] };
    case 'branch':
      return { ...ending, taken: to[0], other: to[1] };
    case 'call':
    case 'call-to':
    case 'helper':
    case 'poll':
    case 'window-enter':
      return { ...ending, next: to[0] };
    case 'jump-to':
      return { ...ending, cases: ending.cases.map(({ pc }, i) => ({ pc, to: to[i] })) };
    case 'route':
      return { ...ending, targets: to };
    default:
      return ending;
  }
}

/** The node with other successors. */
export function redirected(node: GraphNode, to: readonly number[]): GraphNode {
  const { pc, atStart, ops, count, ending } = node;
  return { pc, atStart, ops, count, ending: withSuccessors(ending, to) };
}

/** The shape of a graph: an order of its nodes, dominators, loops. */
export interface Structure {
  /** Reachable nodes in reverse postorder. */
  readonly order: readonly number[];
  /** Position in `order`, -1 when not reachable. */
  readonly position: Int32Array;
  /** Successors of each node, as `successors` gives them. */
  readonly next: readonly (readonly number[])[];
  /** Reachable predecessors of each node. */
  readonly predecessors: readonly (readonly number[])[];
  /** Nodes that a node dominates immediately, in reverse postorder. */
  readonly children: readonly (readonly number[])[];
  /** 1 for targets of back edges. */
  readonly isLoop: Uint8Array;
  /** 1 for nodes that several forward edges, or a case of a computed jump, lead to. */
  readonly isMerge: Uint8Array;
  /** Every loop is entered at its head only. */
  readonly isReducible: boolean;
}

export function structureOf(nodes: readonly GraphNode[]): Structure {
  const count = nodes.length;
  const next: (readonly number[])[] = [];
  const predecessors: number[][] = [];
  const children: number[][] = [];
  for (let node = 0; node < count; node++) {
    next.push(successors(nodes[node].ending));
    predecessors.push([]);
    children.push([]);
  }
  const order = reversePostorder(next);
  const position = new Int32Array(count).fill(-1);
  for (let i = 0; i < order.length; i++) position[order[i]] = i;
  for (let i = 0; i < order.length; i++) {
    const to = next[order[i]];
    for (let j = 0; j < to.length; j++) predecessors[to[j]].push(order[i]);
  }
  const dominator = immediateDominators(order, position, predecessors);
  for (let i = 1; i < order.length; i++) children[dominator[order[i]]].push(order[i]);

  const isLoop = new Uint8Array(count);
  const isMerge = new Uint8Array(count);
  let isReducible = true;
  for (let i = 0; i < order.length; i++) {
    const node = order[i];
    const ways = predecessors[node];
    let forward = 0;
    for (let j = 0; j < ways.length; j++) {
      const from = ways[j];
      if (position[from] < i) {
        forward++;
        if (nodes[from].ending.kind === 'jump-to') isMerge[node] = 1;
        continue;
      }
      isLoop[node] = 1;
      if (!dominates(dominator, position, node, from)) isReducible = false;
    }
    if (forward > 1) isMerge[node] = 1;
  }
  return { order, position, next, predecessors, children, isLoop, isMerge, isReducible };
}

function reversePostorder(next: readonly (readonly number[])[]): number[] {
  const seen = new Uint8Array(next.length);
  const cursor = new Int32Array(next.length);
  const postorder: number[] = [];
  const stack = [0];
  seen[0] = 1;
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    const to = next[node];
    // The last successor first: the first one then comes next in reverse postorder.
    const index = to.length - 1 - cursor[node]++;
    if (index < 0) {
      postorder.push(node);
      stack.pop();
    } else if (seen[to[index]] === 0) {
      seen[to[index]] = 1;
      stack.push(to[index]);
    }
  }
  return postorder.reverse();
}

/** Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm. */
function immediateDominators(
  order: readonly number[],
  position: Int32Array,
  predecessors: readonly (readonly number[])[],
): Int32Array {
  const dominator = new Int32Array(position.length).fill(-1);
  dominator[order[0]] = order[0];
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < order.length; i++) {
      const ways = predecessors[order[i]];
      let best = -1;
      for (let j = 0; j < ways.length; j++) {
        let from = ways[j];
        if (dominator[from] === -1) continue;
        // The nearest node that dominates all ways seen so far.
        while (best !== from && best !== -1) {
          if (position[best] > position[from]) best = dominator[best];
          else from = dominator[from];
        }
        best = from;
      }
      if (dominator[order[i]] === best) continue;
      dominator[order[i]] = best;
      changed = true;
    }
  }
  return dominator;
}

function dominates(dominator: Int32Array, position: Int32Array, a: number, b: number): boolean {
  let node = b;
  while (position[node] > position[a]) node = dominator[node];
  return node === a;
}

/** Nodes at the ends of the edges that lead back to a loop's head. */
export function latchesOf(head: number, { position, predecessors }: Structure): number[] {
  const latches: number[] = [];
  for (const from of predecessors[head]) {
    if (position[from] >= position[head] && !latches.includes(from)) latches.push(from);
  }
  return latches;
}

/** Nodes of the loop with the given head: those that lead back to it by way of `latches`. For reducible graphs. */
export function loopBody(
  head: number,
  structure: Structure,
  latches: readonly number[] = latchesOf(head, structure),
): Set<number> {
  const body = new Set([head]);
  const work = [...latches];
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (body.has(node)) continue;
    body.add(node);
    for (const from of structure.predecessors[node]) work.push(from);
  }
  return body;
}

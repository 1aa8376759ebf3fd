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

/** The shape of a graph: an order of its nodes, dominators, loops. */
export interface Structure {
  /** Reachable nodes in reverse postorder. */
  readonly order: readonly number[];
  /** Position in `order`, -1 when not reachable. */
  readonly position: Int32Array;
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

export function structureOf(graph: { readonly nodes: readonly GraphNode[] }): Structure {
  const count = graph.nodes.length;
  const next = graph.nodes.map(({ ending }) => successors(ending));
  const order = reversePostorder(next, count);
  const position = new Int32Array(count).fill(-1);
  for (let i = 0; i < order.length; i++) position[order[i]] = i;
  const predecessors: number[][] = graph.nodes.map(() => []);
  for (const from of order) for (const to of next[from]) predecessors[to].push(from);
  const dominator = immediateDominators(order, position, predecessors);
  const children: number[][] = graph.nodes.map(() => []);
  for (const node of order) if (node !== order[0]) children[dominator[node]].push(node);

  const isLoop = new Uint8Array(count);
  const isMerge = new Uint8Array(count);
  let isReducible = true;
  for (const node of order) {
    let forward = 0;
    for (const from of predecessors[node]) {
      if (position[from] < position[node]) {
        forward++;
        if (graph.nodes[from].ending.kind === 'jump-to') isMerge[node] = 1;
        continue;
      }
      isLoop[node] = 1;
      if (!dominates(dominator, position, node, from)) isReducible = false;
    }
    if (forward > 1) isMerge[node] = 1;
  }
  return { order, position, predecessors, children, isLoop, isMerge, isReducible };
}

function reversePostorder(next: readonly (readonly number[])[], count: number): number[] {
  const seen = new Uint8Array(count);
  const cursor = new Int32Array(count);
  const postorder: number[] = [];
  const stack = [0];
  seen[0] = 1;
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    // The last successor first: the first one then comes next in reverse postorder.
    const index = next[node].length - 1 - cursor[node]++;
    if (index < 0) {
      postorder.push(node);
      stack.pop();
    } else if (seen[next[node][index]] === 0) {
      seen[next[node][index]] = 1;
      stack.push(next[node][index]);
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
    for (const node of order) {
      if (node === order[0]) continue;
      let best = -1;
      for (const from of predecessors[node]) {
        if (dominator[from] === -1) continue;
        best = best === -1 ? from : meet(dominator, position, best, from);
      }
      if (dominator[node] !== best) {
        dominator[node] = best;
        changed = true;
      }
    }
  }
  return dominator;
}

function meet(dominator: Int32Array, position: Int32Array, a: number, b: number): number {
  let [x, y] = [a, b];
  while (x !== y) {
    while (position[x] > position[y]) x = dominator[x];
    while (position[y] > position[x]) y = dominator[y];
  }
  return x;
}

function dominates(dominator: Int32Array, position: Int32Array, a: number, b: number): boolean {
  let node = b;
  while (position[node] > position[a]) node = dominator[node];
  return node === a;
}

/** Nodes at the ends of the edges that lead back to a loop's head. */
export function latchesOf(head: number, { position, predecessors }: Structure): number[] {
  return [...new Set(predecessors[head].filter((from) => position[from] >= position[head]))];
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
    work.push(...structure.predecessors[node]);
  }
  return body;
}

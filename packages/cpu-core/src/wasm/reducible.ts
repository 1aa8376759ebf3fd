import type { GraphNode } from './graph.js';
import { successors, withSuccessors } from './structure.js';

/** Most instructions that copies of nodes may have together. */
const MOST_COPIED = 400;

/**
 * Copies nodes until every loop has one way in, so that the graph can be written with blocks and loops alone. A loop with several ways in
 * keeps one of them as its head; what the others reach before the head is copied, and they lead to the copies. Node 0 is the entry.
 * Whether it was possible within a bound; nodes are added only then.
 */
export function makeReducible(nodes: GraphNode[]): boolean {
  const splitter = new Splitter(nodes);
  splitter.split(nodes.map((_, node) => node));
  if (splitter.left < 0) return false;
  splitter.apply(nodes);
  return true;
}

class Splitter {
  /** Instructions that may still be copied. */
  left = MOST_COPIED;
  /** Of each node, copies included: the node it is a copy of, its successors. */
  private readonly origin: number[] = [];
  private readonly next: number[][] = [];

  constructor(private readonly nodes: readonly GraphNode[]) {
    nodes.forEach(({ ending }, node) => {
      this.origin.push(node);
      this.next.push([...successors(ending)]);
    });
  }

  /** Gives every loop among `members` one way in. */
  split(members: readonly number[]): void {
    const work = [members];
    for (let part = work.pop(); part !== undefined && this.left >= 0; part = work.pop()) {
      for (const loop of this.loops(part)) {
        const ways = this.waysIn(loop);
        if (ways.length > 1) work.push(...this.splitLoop(loop, ways));
        // A loop without a way in is never run.
        else if (ways.length === 1) work.push([...loop].filter((node) => node !== ways[0]));
      }
    }
  }

  /** Adds the copies to `nodes`, and sends those that lead to them there. */
  apply(nodes: GraphNode[]): void {
    for (let node = 0; node < this.next.length; node++) {
      const origin = this.nodes[this.origin[node]];
      nodes[node] = { ...origin, ending: withSuccessors(origin.ending, this.next[node]) };
    }
  }

  /** Strongly connected parts of more than one node, and single nodes that lead to themselves (Tarjan 1972). */
  private loops(members: readonly number[]): Set<number>[] {
    const inside = new Set(members);
    const index = new Map<number, number>();
    const low = new Map<number, number>();
    const open: number[] = [];
    const isOpen = new Set<number>();
    const found: Set<number>[] = [];
    for (const root of members) {
      if (index.has(root)) continue;
      const stack: { readonly node: number; cursor: number }[] = [];
      const enter = (node: number) => {
        index.set(node, index.size);
        low.set(node, index.size - 1);
        open.push(node);
        isOpen.add(node);
        stack.push({ node, cursor: 0 });
      };
      const lower = (node: number, to: number) => low.set(node, Math.min(low.get(node) ?? to, to));
      enter(root);
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const { node } = top;
        const to = this.next[node][top.cursor++];
        if (to !== undefined) {
          if (!inside.has(to)) continue;
          if (!index.has(to)) enter(to);
          else if (isOpen.has(to)) lower(node, index.get(to) ?? 0);
          continue;
        }
        stack.pop();
        const lowest = low.get(node) ?? 0;
        const parent = stack.at(-1);
        if (parent !== undefined) lower(parent.node, lowest);
        if (lowest !== index.get(node)) continue;
        const part = new Set(open.splice(open.indexOf(node)));
        for (const member of part) isOpen.delete(member);
        if (part.size > 1 || this.next[node].includes(node)) found.push(part);
      }
    }
    return found;
  }

  /** Nodes of a loop that a node outside of it leads to. */
  private waysIn(loop: ReadonlySet<number>): number[] {
    const ways = new Set<number>();
    if (loop.has(0)) ways.add(0);
    this.next.forEach((next, from) => {
      if (!loop.has(from)) for (const to of next) if (loop.has(to)) ways.add(to);
    });
    return [...ways];
  }

  /** Copies what the ways in reach before the head that costs least. Returns the parts that may hold loops still. */
  private splitLoop(loop: ReadonlySet<number>, ways: readonly number[]): number[][] {
    let head = -1;
    let body = new Set<number>();
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of ways) {
      const reached = this.reach(loop, ways, candidate);
      // The entry has no copy: nothing leads to it that could lead to the copy.
      if (reached.has(0)) continue;
      let cost = 0;
      for (const node of reached) cost += this.nodes[this.origin[node]].count + 1;
      if (cost >= least) continue;
      [head, body, least] = [candidate, reached, cost];
    }
    this.left -= least;
    if (this.left < 0) return [];
    const copies = new Map<number, number>();
    for (const node of body) {
      copies.set(node, this.next.length);
      this.origin.push(this.origin[node]);
      this.next.push([...this.next[node]]);
    }
    const isCopy = new Set(copies.values());
    this.next.forEach((next, from) => {
      if (loop.has(from) && !isCopy.has(from)) return;
      next.forEach((to, i) => {
        next[i] = copies.get(to) ?? to;
      });
    });
    return [[...loop].filter((node) => node !== head), [...copies.values()]];
  }

  /** Nodes of the loop that the ways in other than `head` lead to before `head`. */
  private reach(loop: ReadonlySet<number>, ways: readonly number[], head: number): Set<number> {
    const reached = new Set<number>();
    const work = ways.filter((way) => way !== head);
    for (let node = work.pop(); node !== undefined; node = work.pop()) {
      if (reached.has(node)) continue;
      reached.add(node);
      for (const to of this.next[node]) if (to !== head && loop.has(to)) work.push(to);
    }
    return reached;
  }
}

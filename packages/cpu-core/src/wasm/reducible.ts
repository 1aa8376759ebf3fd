import { konst, Op } from '../ir.js';
import type { GraphNode, MicroOp } from './graph.js';
import { redirected, type Structure, structureOf, successors } from './structure.js';

/** Most instructions that copies of nodes may have together. */
const MOST_COPIED = 400;

/**
 * Gives every loop one way in, so that the graph can be written with blocks and loops alone, and puts the entry, node 0, in front of all
 * loops. A loop with several ways in keeps one of them as its head; what the others reach before the head is copied, and they lead to the
 * copies. Where that is too much, the loop gets a new head that goes on to the way in whose number slot `route` holds.
 */
export function makeReducible(nodes: GraphNode[], route: number): Structure {
  separateEntry(nodes);
  const structure = structureOf(nodes);
  if (structure.isReducible) return structure;
  const splitter = new Splitter(nodes, structure, route);
  splitter.split();
  splitter.apply(nodes);
  return structureOf(nodes);
}

/** Puts an empty node in front of an entry that others lead to, so that it lies in no loop. */
function separateEntry(nodes: GraphNode[]): void {
  let inside = -1;
  for (let i = 0; i < nodes.length; i++) {
    const to = successors(nodes[i].ending);
    if (!to.includes(0)) continue;
    if (inside < 0) inside = nodes.push(nodes[0]) - 1;
    const redirect = to.map((node) => (node === 0 ? inside : node));
    nodes[i === 0 ? inside : i] = redirected(nodes[i], redirect);
  }
  if (inside < 0) return;
  const { pc } = nodes[0];
  nodes[0] = { pc, atStart: true, ops: [], count: 0, ending: { kind: 'goto', to: inside } };
}

class Splitter {
  /** Instructions that may still be copied. */
  private left = MOST_COPIED;
  /** Each node, copies included, but for its successors; and those. */
  private readonly contents: GraphNode[];
  private readonly next: number[][];

  constructor(
    nodes: readonly GraphNode[],
    structure: Structure,
    private readonly route: number,
  ) {
    this.contents = [...nodes];
    this.next = structure.next.map((to) => [...to]);
  }

  /** Gives every loop one way in. */
  split(): void {
    const work = [this.contents.map((_, node) => node)];
    for (let part = work.pop(); part !== undefined; part = work.pop()) {
      for (const loop of this.loops(part)) {
        const ways = this.waysIn(loop);
        if (ways.length > 1) work.push(...this.splitLoop(loop, ways));
        // A loop without a way in is never run.
        else if (ways.length === 1) work.push([...loop].filter((node) => node !== ways[0]));
      }
    }
  }

  /** Writes all nodes, the new ones behind the others. */
  apply(nodes: GraphNode[]): void {
    this.contents.forEach((content, node) => {
      nodes[node] = redirected(content, this.next[node]);
    });
  }

  private add(content: GraphNode, next: readonly number[]): number {
    this.next.push([...next]);
    return this.contents.push(content) - 1;
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
    this.next.forEach((next, from) => {
      if (!loop.has(from)) for (const to of next) if (loop.has(to)) ways.add(to);
    });
    return [...ways];
  }

  /** Leaves the loop one way in. Returns the parts that may hold loops with several still. */
  private splitLoop(loop: ReadonlySet<number>, ways: readonly number[]): number[][] {
    let head = -1;
    let body = new Set<number>();
    let least = this.left + 1;
    for (const candidate of ways) {
      const reached = this.reach(loop, ways, candidate);
      let cost = 0;
      for (const node of reached) cost += this.contents[node].count + 1;
      if (cost < least) [head, body, least] = [candidate, reached, cost];
    }
    if (head < 0) return [this.addHead(loop, ways)];
    this.left -= least;
    const copies = new Map<number, number>();
    for (const node of body) copies.set(node, this.add(this.contents[node], this.next[node]));
    const isCopy = new Set(copies.values());
    this.next.forEach((next, from) => {
      if (loop.has(from) && !isCopy.has(from)) return;
      next.forEach((to, i) => {
        next[i] = copies.get(to) ?? to;
      });
    });
    return [[...loop].filter((node) => node !== head), [...copies.values()]];
  }

  /** Sends all that leads to a way in through a new head. Returns the loop without it. */
  private addHead(loop: ReadonlySet<number>, ways: readonly number[]): number[] {
    const { pc } = this.contents[ways[0]];
    const empty = { atStart: true, ops: [], count: 0 };
    const edges = this.next.map((next, from) => ({ next, isInside: loop.has(from) }));
    const head = this.add({ ...empty, pc, ending: { kind: 'route', targets: ways } }, ways);
    const members = [...loop];
    ways.forEach((way, number) => {
      const toHead = (): number => {
        const { pc: at } = this.contents[way];
        const ops = [setSlot(this.route, number, at)];
        return this.add({ ...empty, pc: at, ops, ending: { kind: 'goto', to: head } }, [head]);
      };
      const [inside, outside] = [toHead(), toHead()];
      members.push(inside);
      for (const { next, isInside } of edges) {
        next.forEach((to, i) => {
          if (to === way) next[i] = isInside ? inside : outside;
        });
      }
    });
    return members;
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

function setSlot(slot: number, value: number, pc: number): MicroOp {
  return { op: Op.Mov, detail: 0, strict: false, d: slot, a: konst(value), b: 0, c: 0, list: [], pc, done: 0 };
}

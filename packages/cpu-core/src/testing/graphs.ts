import fc from 'fast-check';
import { Cc, CONST_BASE, konst, Op } from '../ir.js';
import type { GraphNode, MicroOp } from '../wasm/graph.js';
import { structureOf, successors } from '../wasm/structure.js';

/** A node of one instruction with up to two ways on; its address tells where a copy comes from. */
export function node(pc: number, ...to: number[]): GraphNode {
  const ending: GraphNode['ending'] =
    to.length === 0
      ? { kind: 'leave', pc }
      : to.length === 1
        ? { kind: 'goto', to: to[0] }
        : { kind: 'branch', cc: Cc.Eq, a: 0, b: konst(0), taken: to[0], other: to[1] };
  const ops: MicroOp[] = [
    { op: Op.Mov, detail: 0, strict: false, d: 0, a: konst(pc), b: 0, c: 0, list: [], pc, done: 0 },
  ];
  return { pc, atStart: true, ops, count: 1, ending };
}

/** Slot of `route` endings. */
export const ROUTE = 99;

export function isReducible(nodes: readonly GraphNode[]): boolean {
  return structureOf(nodes).isReducible;
}

/** Addresses of the instructions on a way through the graph that takes the given turns. */
export function walk(nodes: readonly GraphNode[], turns: readonly number[]): number[] {
  const seen: number[] = [];
  let at = nodes[0];
  let route = 0;
  for (const turn of turns) {
    while (at.count === 0) {
      for (const { d, a } of at.ops) if (d === ROUTE) route = a - CONST_BASE;
      if (at.ending.kind === 'goto') at = nodes[at.ending.to];
      else if (at.ending.kind === 'route') at = nodes[at.ending.targets[route]];
      else break;
    }
    seen.push(at.pc);
    const next = successors(at.ending);
    if (next.length === 0) break;
    at = nodes[next[turn % next.length]];
  }
  return seen;
}

/** Random graphs of up to nine nodes. */
export const graphs = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 2 }), { minLength: size, maxLength: size }),
  )
  .map((edges) => edges.map((to, i) => node(i, ...to)));

/** Turns at 60 nodes. */
export const turns = fc.array(fc.nat({ max: 1 }), { minLength: 60, maxLength: 60 });

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cc, konst } from '../ir.js';
import type { GraphNode } from './graph.js';
import { makeReducible } from './reducible.js';
import { structureOf, successors } from './structure.js';

/** A node with up to two ways on; its address tells copies from each other. */
function node(pc: number, ...to: number[]): GraphNode {
  const ending: GraphNode['ending'] =
    to.length === 0
      ? { kind: 'leave', pc }
      : to.length === 1
        ? { kind: 'goto', to: to[0] }
        : { kind: 'branch', cc: Cc.Eq, a: 0, b: konst(0), taken: to[0], other: to[1] };
  return { pc, atStart: true, ops: [], count: 1, ending };
}

function structure(nodes: readonly GraphNode[]) {
  return structureOf({ pc: 0, mode: 0, nodes, ranges: [], instructions: nodes.length });
}

/** Addresses on a way through the graph that takes the given turns. */
function walk(nodes: readonly GraphNode[], turns: readonly number[]): number[] {
  const seen: number[] = [];
  let at = nodes[0];
  for (const turn of turns) {
    seen.push(at.pc);
    const next = successors(at.ending);
    if (next.length === 0) break;
    at = nodes[next[turn % next.length]];
  }
  return seen;
}

describe('makeReducible', () => {
  it('copies the second way into a loop', () => {
    // 0 -> 1 | 2, 1 -> 2, 2 -> 1 | 3
    const nodes = [node(0, 1, 2), node(1, 2), node(2, 1, 3), node(3)];
    expect(structure(nodes).isReducible).toBe(false);
    expect(makeReducible(nodes)).toBe(true);
    expect(structure(nodes).isReducible).toBe(true);
    expect(nodes).toHaveLength(5);
  });

  it('leaves a graph alone that has such loops only', () => {
    const nodes = [node(0, 1), node(1, 2, 3), node(2, 1), node(3)];
    const before = structuredClone(nodes);
    expect(makeReducible(nodes)).toBe(true);
    expect(nodes).toEqual(before);
  });

  it('gives up, without a change, when the copies would be too large', () => {
    const count = 60;
    const nodes = Array.from({ length: count }, (_, i) => node(i, (i * 7 + 1) % count, (i * 11 + 3) % count));
    const before = structuredClone(nodes);
    expect(makeReducible(nodes)).toBe(false);
    expect(nodes).toEqual(before);
  });

  it('keeps every way through random graphs', () => {
    const graph = fc
      .integer({ min: 1, max: 9 })
      .chain((size) =>
        fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 2 }), { minLength: size, maxLength: size }),
      );
    fc.assert(
      fc.property(graph, fc.array(fc.nat({ max: 1 }), { minLength: 40, maxLength: 40 }), (edges, turns) => {
        const nodes = edges.map((to, i) => node(i, ...to));
        const before = walk(nodes, turns);
        const done = makeReducible(nodes);
        expect(walk(nodes, turns)).toEqual(before);
        if (done) expect(structure(nodes).isReducible).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

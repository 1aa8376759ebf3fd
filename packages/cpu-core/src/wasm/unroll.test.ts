import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cc, konst, Op } from '../ir.js';
import { graphs, isReducible, node, ROUTE, turns, walk } from '../testing/graphs.js';
import { scriptArchitecture } from '../testing/script-architecture.js';
import type { Ending, GraphNode } from './graph.js';
import { makeReducible } from './reducible.js';
import { structureOf } from './structure.js';
import { unrollLoops } from './unroll.js';

const architecture = scriptArchitecture([]);

describe('unrollLoops', () => {
  it('repeats a small loop four times', () => {
    // 0 -> 1, 1 -> 1 | 2
    const nodes = [node(0, 1), node(1, 1, 2), node(2)];
    unrollLoops(nodes, structureOf(nodes), architecture);
    expect(nodes.filter(({ pc }) => pc === 1)).toHaveLength(4);
    expect([...structureOf(nodes).isLoop].filter((loop) => loop === 1)).toHaveLength(1);
  });

  /** A node that counts slot 1 down, and goes on at `again` until it is 0. */
  const counting = (pc: number, again: number, other: number): GraphNode => {
    const ops = [{ ...node(pc).ops[0], op: Op.Sub, d: 1, a: 1, b: konst(1) }];
    const ending: Ending = { kind: 'branch', cc: Cc.Ne, a: 1, b: konst(0), taken: again, other };
    return { ...node(pc), ops, ending };
  };
  /** A node that sets slot 1 to 3. */
  const starting = (pc: number, to: number): GraphNode => {
    return { ...node(pc, to), ops: [{ ...node(pc).ops[0], d: 1, a: konst(3) }] };
  };

  it('lays out a loop that always has the same turns', () => {
    const nodes = [starting(0, 1), counting(1, 1, 2), node(2)];
    unrollLoops(nodes, structureOf(nodes), architecture);
    expect(nodes.filter(({ pc }) => pc === 1)).toHaveLength(3);
    expect([...structureOf(nodes).isLoop]).not.toContain(1);
    expect(walk(nodes, [0, 0, 0, 0, 0, 0])).toEqual([0, 1, 1, 1, 2]);
  });

  it('keeps a loop whose turns depend on the way to it', () => {
    // 0 -> 1 | 2, 1 -> 2
    const nodes = [node(0, 1, 2), starting(1, 2), counting(2, 2, 3), node(3)];
    unrollLoops(nodes, structureOf(nodes), architecture);
    expect([...structureOf(nodes).isLoop]).toContain(1);
  });

  it('keeps a loop with many turns', () => {
    const nodes = [starting(0, 1), counting(1, 1, 2), node(2)];
    nodes[0].ops[0] = { ...nodes[0].ops[0], a: konst(100) };
    unrollLoops(nodes, structureOf(nodes), architecture);
    expect([...structureOf(nodes).isLoop]).toContain(1);
  });

  it('lays out an inner loop that the graph is entered at, for the times after the first', () => {
    // An empty head of the outer loop; the inner one; the outer one's rest, which leads back.
    const nodes = [{ ...node(0, 1), ops: [], count: 0 }, counting(1, 1, 2), node(2, 3, 4), starting(3, 0), node(4)];
    unrollLoops(nodes, structureOf(nodes), architecture);
    expect(nodes.filter(({ pc }) => pc === 1)).toHaveLength(4);
    // First five turns of the inner loop, as it pleases; then three.
    expect(walk(nodes, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0])).toEqual([1, 1, 1, 1, 1, 2, 3, 1, 1, 1, 2, 4]);
  });

  it('leaves loops around other loops, large ones and those with calls alone', () => {
    const around = [node(0, 1), node(1, 2), node(2, 1, 3), node(3, 0, 4), node(4)];
    unrollLoops(around, structureOf(around), architecture);
    expect(around.filter(({ pc }) => pc === 0)).toHaveLength(1);
    const large = [node(0, 0, 1), node(1)];
    large[0].count = 25;
    unrollLoops(large, structureOf(large), architecture);
    expect(large).toHaveLength(2);
    const calling = [node(0, 1), node(1, 0, 2), node(2)];
    calling[0].ending = { kind: 'call', target: 0x100, link: 4, mode: 0, next: 1 };
    unrollLoops(calling, structureOf(calling), architecture);
    expect(calling).toHaveLength(3);
  });

  it('keeps every way through random graphs', () => {
    fc.assert(
      fc.property(graphs, turns, (nodes, path) => {
        const before = walk(nodes, path);
        makeReducible(nodes, ROUTE);
        unrollLoops(nodes, structureOf(nodes), architecture);
        expect(isReducible(nodes)).toBe(true);
        expect(walk(nodes, path)).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
});

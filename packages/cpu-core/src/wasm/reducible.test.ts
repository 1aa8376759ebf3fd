import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphs, isReducible, node, ROUTE, turns, walk } from '../testing/graphs.js';
import { makeReducible } from './reducible.js';

describe('makeReducible', () => {
  it('copies the second way into a loop', () => {
    // 0 -> 1 | 2, 1 -> 2, 2 -> 1 | 3
    const nodes = [node(0, 1, 2), node(1, 2), node(2, 1, 3), node(3)];
    expect(isReducible(nodes)).toBe(false);
    makeReducible(nodes, ROUTE);
    expect(isReducible(nodes)).toBe(true);
    expect(nodes).toHaveLength(5);
  });

  it('leaves a graph alone that has such loops only', () => {
    const nodes = [node(0, 1), node(1, 2, 3), node(2, 1), node(3)];
    const before = structuredClone(nodes);
    makeReducible(nodes, ROUTE);
    expect(nodes).toEqual(before);
  });

  it('gives a loop a new head where the copies would be too large', () => {
    const count = 60;
    const nodes = Array.from({ length: count }, (_, i) => ({
      ...node(i, (i * 7 + 1) % count, (i * 11 + 3) % count),
      count: 20,
    }));
    makeReducible(nodes, ROUTE);
    expect(isReducible(nodes)).toBe(true);
    expect(nodes.some(({ ending }) => ending.kind === 'route')).toBe(true);
  });

  it('keeps every way through random graphs', () => {
    fc.assert(
      fc.property(graphs, turns, fc.boolean(), (nodes, path, large) => {
        // Large nodes are not copied.
        if (large) for (const one of nodes) one.count = 1000;
        const before = walk(nodes, path);
        makeReducible(nodes, ROUTE);
        expect(walk(nodes, path)).toEqual(before);
        expect(isReducible(nodes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

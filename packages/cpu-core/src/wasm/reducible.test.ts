import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphs, isReducible, node, turns, walk } from '../testing/graphs.js';
import { makeReducible } from './reducible.js';

describe('makeReducible', () => {
  it('copies the second way into a loop', () => {
    // 0 -> 1 | 2, 1 -> 2, 2 -> 1 | 3
    const nodes = [node(0, 1, 2), node(1, 2), node(2, 1, 3), node(3)];
    expect(isReducible(nodes)).toBe(false);
    expect(makeReducible(nodes)).toBe(true);
    expect(isReducible(nodes)).toBe(true);
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
    fc.assert(
      fc.property(graphs, turns, (nodes, path) => {
        const before = walk(nodes, path);
        const done = makeReducible(nodes);
        expect(walk(nodes, path)).toEqual(before);
        if (done) expect(isReducible(nodes)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

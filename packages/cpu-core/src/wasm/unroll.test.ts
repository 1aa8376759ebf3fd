import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphs, isReducible, node, ROUTE, turns, walk } from '../testing/graphs.js';
import { makeReducible } from './reducible.js';
import { structureOf } from './structure.js';
import { unrollLoops } from './unroll.js';

describe('unrollLoops', () => {
  it('repeats a small loop four times', () => {
    // 0 -> 1, 1 -> 1 | 2
    const nodes = [node(0, 1), node(1, 1, 2), node(2)];
    unrollLoops(nodes, structureOf(nodes));
    expect(nodes.filter(({ pc }) => pc === 1)).toHaveLength(4);
    expect([...structureOf(nodes).isLoop].filter((loop) => loop === 1)).toHaveLength(1);
  });

  it('leaves loops around other loops, large ones and those with calls alone', () => {
    const around = [node(0, 1), node(1, 2), node(2, 1, 3), node(3, 0, 4), node(4)];
    unrollLoops(around, structureOf(around));
    expect(around.filter(({ pc }) => pc === 0)).toHaveLength(1);
    const large = [node(0, 0, 1), node(1)];
    large[0].count = 25;
    unrollLoops(large, structureOf(large));
    expect(large).toHaveLength(2);
    const calling = [node(0, 1), node(1, 0, 2), node(2)];
    calling[0].ending = { kind: 'call', target: 0x100, link: 4, mode: 0, next: 1 };
    unrollLoops(calling, structureOf(calling));
    expect(calling).toHaveLength(3);
  });

  it('keeps every way through random graphs', () => {
    fc.assert(
      fc.property(graphs, turns, (nodes, path) => {
        const before = walk(nodes, path);
        makeReducible(nodes, ROUTE);
        unrollLoops(nodes, structureOf(nodes));
        expect(isReducible(nodes)).toBe(true);
        expect(walk(nodes, path)).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
});

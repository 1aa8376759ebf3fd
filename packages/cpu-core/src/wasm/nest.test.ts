import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphs, isReducible, node, ROUTE, turns, walk } from '../testing/graphs.js';
import { nestLoops } from './nest.js';
import { makeReducible } from './reducible.js';
import { structureOf } from './structure.js';

describe('nestLoops', () => {
  it('tells an inner loop from the one around it', () => {
    // Inner loop 0 -> 0, outer loop 0 -> 1 -> 0.
    const nodes = [node(0, 0, 1), node(1, 0, 2), node(2)];
    nestLoops(nodes, structureOf(nodes));
    const { isLoop } = structureOf(nodes);
    expect([...isLoop].filter((loop) => loop === 1)).toHaveLength(2);
    expect(nodes[0]).toMatchObject({ pc: 0, count: 0, ending: { kind: 'goto', to: 3 } });
  });

  it('does so when a taken branch is a node of its own', () => {
    // Inner loop 0 -> 1 -> 0, outer loop 0 -> 2 -> 0.
    const nodes = [node(0, 1, 2), { ...node(1, 0), ops: [] }, node(2, 0, 3), node(3)];
    nestLoops(nodes, structureOf(nodes));
    expect(nodes[0]).toMatchObject({ count: 0, ending: { kind: 'goto', to: 4 } });
    expect(nodes[1].ending).toEqual({ kind: 'goto', to: 4 });
    expect(nodes[2].ending).toMatchObject({ taken: 0, other: 3 });
  });

  it('leaves two ways back of one loop alone', () => {
    const nodes = [node(0, 1, 2), node(1, 0), node(2, 0, 3), node(3)];
    nestLoops(nodes, structureOf(nodes));
    expect(nodes).toHaveLength(4);
  });

  it('keeps every way through random graphs', () => {
    fc.assert(
      fc.property(graphs, turns, (nodes, path) => {
        makeReducible(nodes, ROUTE);
        const before = walk(nodes, path);
        nestLoops(nodes, structureOf(nodes));
        expect(isReducible(nodes)).toBe(true);
        expect(walk(nodes, path)).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
});

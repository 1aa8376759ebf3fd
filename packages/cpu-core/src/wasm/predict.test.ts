import { describe, expect, it } from 'vitest';
import { konst, Op, type Operand } from '../ir.js';
import { node } from '../testing/graphs.js';
import type { GraphNode, MicroOp } from './graph.js';
import { predictCalls } from './predict.js';

function op(kind: Op, d: number, a: Operand, b: Operand = 0): MicroOp {
  return { op: kind, detail: 0, strict: false, d, a, b, c: 0, list: [], pc: 0, done: 0 };
}

/** Nodes with the given micro-ops, the last one of which calls the address in slot 5. */
function guess(...lists: MicroOp[][]): number | undefined {
  const nodes: GraphNode[] = lists.map((ops, i) => ({ ...node(i, i + 1), ops }));
  const call = nodes[nodes.length - 1];
  call.ending = { kind: 'call-to', target: 5, likely: undefined, link: 8, mode: 0, next: 0 };
  predictCalls(nodes, (address) => (address === 0x100 ? 0x2001 : undefined));
  return call.ending.kind === 'call-to' ? call.ending.likely : undefined;
}

const literal = op(Op.Load32, 4, konst(0xfc), konst(4));
const even = op(Op.And, 5, 4, konst(0xffff_fffe));

describe('predictCalls', () => {
  it('reads the literal that the address comes from', () => {
    expect(guess([literal, even])).toBe(0x2000);
    expect(guess([literal, op(Op.Mov, 5, 4)])).toBe(0x2001);
  });

  it('finds it in another node, when no other value is written', () => {
    expect(guess([literal], [even])).toBe(0x2000);
    expect(guess([literal], [op(Op.Mov, 4, konst(8))], [even])).toBeUndefined();
  });

  it('knows nothing of words outside of memory, of other sources and of values written behind it', () => {
    expect(guess([op(Op.Load32, 5, konst(0x200), konst(0))])).toBeUndefined();
    expect(guess([literal, op(Op.Xor, 5, 4, konst(1))])).toBeUndefined();
    expect(guess([even])).toBeUndefined();
    expect(
      guess(
        [literal, op(Op.LoadMany, 0, 3)].map((o, i) => (i === 1 ? { ...o, list: [4] } : o)),
        [even],
      ),
    ).toBeUndefined();
  });
});

import { type BlockBuilder, Cc, type Condition, eq, konst, type Operand as Value } from '@loadstone/cpu-core';
import { AS, forward } from '../operands.js';
import { type Decoded, type Row, row, Trait } from '../row.js';
import { LBEG, LCOUNT, LEND } from '../slots.js';

/**
 * Zero-Overhead Loop Option: the instructions that start a loop. What happens at the loop's end is added by the lifter to the
 * instruction that ends there.
 */

function loop(bits: string, name: string, skip?: (count: Value) => Condition): Row {
  return row(
    bits,
    name,
    [AS, forward('o')],
    (b: BlockBuilder, i: Decoded) => {
      b.mov(LBEG, konst(i.next));
      b.mov(LEND, konst(i.target));
      b.sub(i.s, konst(1), LCOUNT);
      if (skip !== undefined) b.jumpIf(skip(i.s), i.target);
    },
    Trait.Loop,
  );
}

export const loopRows: readonly Row[] = [
  loop('oooo oooo 1000 ssss 0111 0110', 'loop'),
  loop('oooo oooo 1001 ssss 0111 0110', 'loopnez', (count) => eq(count, konst(0))),
  loop('oooo oooo 1010 ssss 0111 0110', 'loopgtz', (count) => ({ cc: Cc.LeS, a: count, b: konst(0) })),
];

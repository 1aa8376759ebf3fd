import { type BlockBuilder, ExitKind, konst, type Operand as Value } from '@loadstone/cpu-core';
import { AS, label, signed } from '../operands.js';
import { type Decoded, type Row, row, Trait } from '../row.js';
import { CALLINC } from '../slots.js';

/**
 * Calls. CALLn leaves its return address in a[4n], bits 31 and 30 replaced by n, and n in PS.CALLINC; ENTRY of the callee turns
 * the register window by it (rows/windows.ts).
 */

/** Target of the PC-relative calls: words from the one that holds the instruction. */
const callTarget = label('o', (raw, pc) => (pc & ~3) + signed(raw, 18) * 4 + 4);

/** Writes return address and CALLINC. */
function link(b: BlockBuilder, i: Decoded, increment: number): void {
  if (increment === 0) {
    b.mov(0, konst(i.next));
    return;
  }
  b.mov(increment * 4, konst((i.next & 0x3fff_ffff) | (increment << 30)));
  b.mov(CALLINC, konst(increment));
}

function call(bits: string, increment: number): Row {
  const lift = (b: BlockBuilder, i: Decoded): void => {
    link(b, i, increment);
    b.jump(i.target, ExitKind.Call, i.next);
  };
  return row(bits, `call${increment * 4}`, [callTarget], lift, Trait.None, increment * 4);
}

function callRegister(bits: string, increment: number): Row {
  const lift = (b: BlockBuilder, i: Decoded): void => {
    // The link may overwrite the register that holds the target.
    const target: Value = i.s === increment * 4 ? b.mov(b.temp(), i.s) : i.s;
    link(b, i, increment);
    b.jumpTo(target, ExitKind.Call, i.next);
  };
  return row(bits, `callx${increment * 4}`, [AS], lift, Trait.None, increment * 4);
}

export const callRows: readonly Row[] = [
  call('oooo oooo oooo oooo oo00 0101', 0),
  call('oooo oooo oooo oooo oo01 0101', 1),
  call('oooo oooo oooo oooo oo10 0101', 2),
  call('oooo oooo oooo oooo oo11 0101', 3),
  callRegister('0000 0000 0000 ssss 1100 0000', 0),
  callRegister('0000 0000 0000 ssss 1101 0000', 1),
  callRegister('0000 0000 0000 ssss 1110 0000', 2),
  callRegister('0000 0000 0000 ssss 1111 0000', 3),
];

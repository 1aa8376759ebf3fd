import { type BlockBuilder, type DecodeMode, eq, konst, ne } from '@loadstone/cpu-core';
import { Cause } from './exceptions.js';
import { HelperNumber } from './helper-numbers.js';
import { findRow, instructionLength } from './instruction-table.js';
import type { LoopEnds } from './loop-ends.js';
import { Mode, QUADS_SHIFT } from './mode.js';
import { type CompiledRow, decodeOperands, emptyDecoded, Trait } from './row.js';
import { raise } from './rows/exceptions.js';
import { LBEG, LCOUNT, LEND } from './slots.js';

const decoded = emptyDecoded();

/** Lifts one instruction: the contract of `Architecture.lift`. */
export function liftInstruction(
  b: BlockBuilder,
  address: number,
  code: Uint8Array,
  mode: DecodeMode,
  loopEnds: LoopEnds,
): DecodeMode {
  const length = instructionLength(code[0]);
  if (code.length < length) return -1;
  const word = length === 3 ? code[0] | (code[1] << 8) | (code[2] << 16) : code[0] | (code[1] << 8);
  b.begin(address, length);
  const compiled = findRow(word, length);
  if (compiled === undefined) {
    raise(b, Cause.IllegalInstruction);
    return mode;
  }
  decodeOperands(compiled, word, address, decoded);
  decoded.limited = (mode & Mode.Quads) !== 0;
  const { lift, traits } = compiled.row;
  if ((traits & Trait.Float) !== 0 && (mode & Mode.NoFloat) !== 0) {
    raise(b, Cause.Coprocessor0Disabled);
    return mode;
  }
  if ((traits & Trait.Window) !== 0 && (mode & (Mode.Exception | Mode.NoWindows)) !== 0) {
    raise(b, Cause.IllegalInstruction);
    return mode;
  }

  let asksMode = (traits & Trait.ChangesMode) !== 0;
  if ((mode & Mode.UnknownLoop) !== 0) {
    b.helper(HelperNumber.LoopEnd, LEND, LBEG);
    asksMode = true;
  }
  if ((traits & Trait.Loop) !== 0 && !loopEnds.has(decoded.target)) {
    b.helper(HelperNumber.LoopEnd, konst(decoded.target), konst(decoded.next));
    asksMode = true;
  }
  if (decoded.limited && checkWindow(b, compiled, mode)) asksMode = true;

  lift(b, decoded);
  if (!b.isEnded && (mode & Mode.Exception) === 0) {
    if ((mode & Mode.UnknownLoop) !== 0 || loopEnds.has(b.next)) {
      if (asksMode) loopBackAsking(b);
      else loopBack(b, loopEnds.beginOf(b.next));
    }
  }
  if (asksMode && !b.isEnded) b.endBlock();
  return mode;
}

/**
 * Makes room when the instruction names a register of an older frame (procedure WindowCheck of the ISA manual). Returns whether it
 * names one.
 */
function checkWindow(b: BlockBuilder, compiled: CompiledRow, mode: DecodeMode): boolean {
  if ((compiled.row.traits & Trait.Window) !== 0) return false;
  let highest = compiled.row.implied;
  for (const { operand } of compiled.operands) {
    if (operand.address) highest = Math.max(highest, decoded[operand.key]);
  }
  const quad = highest >> 2;
  if (quad < (mode & Mode.Quads) >> QUADS_SHIFT) return false;
  const elsewhere = b.helper(HelperNumber.MakeRoom, konst(quad));
  b.when(ne(elsewhere, konst(0)), () => b.jumpTo(elsewhere));
  return true;
}

/** What the instruction does when a loop ends behind it: goes back while LCOUNT is not 0. */
function loopBack(b: BlockBuilder, begin: number | undefined): void {
  b.jumpIf(eq(LCOUNT, konst(0)), b.next);
  b.jumpIf(ne(LEND, konst(b.next)), b.next);
  b.sub(LCOUNT, konst(1), LCOUNT);
  if (begin !== undefined) b.jumpIf(eq(LBEG, konst(begin)), begin);
  b.jumpTo(LBEG);
}

/** `loopBack` behind an instruction that may have changed the decoding mode: every way on asks for it. */
function loopBackAsking(b: BlockBuilder): void {
  b.when(eq(LCOUNT, konst(0)), () => b.jumpTo(konst(b.next)));
  b.when(ne(LEND, konst(b.next)), () => b.jumpTo(konst(b.next)));
  b.sub(LCOUNT, konst(1), LCOUNT);
  b.jumpTo(LBEG);
}

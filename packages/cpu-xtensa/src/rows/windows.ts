import { type BlockBuilder, ExitKind, konst, ne } from '@loadstone/cpu-core';
import { HelperNumber } from '../helper-numbers.js';
import { AS, AT, imm, signed } from '../operands.js';
import { type Decoded, type Row, row, Trait } from '../row.js';

/** Windowed Register Option without the calls: frames, the stack pointer, and what window handlers use. */

function leaveFrame(b: BlockBuilder, i: Decoded): void {
  if (i.limited) b.jumpTo(b.helper(HelperNumber.Leave), ExitKind.Return);
  else b.windowLeave();
}

export const windowRows: readonly Row[] = [
  // ENTRY takes a0 to a3 only.
  row(
    'iiii iiii iiii 00ss 0011 0110',
    'entry',
    [AS, imm('i', (raw) => raw * 8)],
    (b, i) => {
      const stackPointer = b.sub(i.s, konst(i.imm));
      if (i.s === 1 && !i.limited) b.windowEnter(stackPointer);
      else b.jumpTo(b.helper(HelperNumber.Enter, stackPointer, konst(i.s)));
    },
    Trait.Window,
  ),
  row('0000 0000 0000 0000 1001 0000', 'retw', [], leaveFrame, Trait.Window),
  row('1111 0000 0001 1101', 'retw.n', [], leaveFrame, Trait.Window),
  row('0000 0000 0001 ssss tttt 0000', 'movsp', [AT, AS], (b, i) => {
    const elsewhere = b.helper(HelperNumber.PrepareStackMove);
    b.when(ne(elsewhere, konst(0)), () => b.jumpTo(elsewhere));
    b.mov(i.t, i.s);
  }),
  row(
    '0100 0000 1000 0000 iiii 0000',
    'rotw',
    [imm('i', (raw) => signed(raw, 4))],
    (b, i) => {
      b.helper(HelperNumber.SetWindowBase, b.add(b.helper(HelperNumber.WindowBase), konst(i.imm)));
    },
    Trait.ChangesMode,
  ),
  row('0000 0000 0011 0100 0000 0000', 'rfwo', [], (b) =>
    b.jumpTo(b.helper(HelperNumber.ReturnFromWindowException, konst(0))),
  ),
  row('0000 0000 0011 0101 0000 0000', 'rfwu', [], (b) =>
    b.jumpTo(b.helper(HelperNumber.ReturnFromWindowException, konst(1))),
  ),
];

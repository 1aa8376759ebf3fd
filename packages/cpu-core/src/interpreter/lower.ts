import type { Architecture } from '../architecture.js';
import { MAX_TEMPORARIES } from '../builder.js';
import type { GuestMemory, Window } from '../guest-memory.js';
import {
  type Block,
  Cc,
  CONST_A,
  CONST_B,
  CONST_C,
  DETAIL_SHIFT,
  ExitKind,
  OP_STRIDE,
  OPCODE_MASK,
  Op,
  STRICT_ALIGNMENT,
} from '../ir.js';
import type { LiftedBlock } from '../lift-block.js';
import type { Program } from './program.js';
import { I } from './run.js';

/** Slots behind the temporaries that hold constants for operations without a constant form. */
export const SCRATCH_SLOTS = 4;

/** Opcode for two slots, for slot and constant (-1: none), and whether the operands may be swapped. */
type BinaryRow = readonly [slots: I, constant: I | -1, commutes: boolean];

const BINARY: { readonly [op: number]: BinaryRow } = {
  [Op.Add]: [I.AddSS, I.AddSK, true],
  [Op.Sub]: [I.SubSS, -1, false],
  [Op.And]: [I.AndSS, I.AndSK, true],
  [Op.Or]: [I.OrSS, I.OrSK, true],
  [Op.Xor]: [I.XorSS, I.XorSK, true],
  [Op.AndNot]: [I.AndNotSS, -1, false],
  [Op.Shl]: [I.ShlSS, I.ShlSK, false],
  [Op.Shr]: [I.ShrSS, I.ShrSK, false],
  [Op.Sar]: [I.SarSS, I.SarSK, false],
  [Op.Ror]: [I.RorSS, I.RorSK, false],
  [Op.ShlWide]: [I.ShlWide, -1, false],
  [Op.ShrWide]: [I.ShrWide, -1, false],
  [Op.SarWide]: [I.SarWide, -1, false],
  [Op.Mul]: [I.MulSS, -1, true],
  [Op.MulHighS]: [I.MulHighS, -1, true],
  [Op.MulHighU]: [I.MulHighU, -1, true],
  [Op.DivS]: [I.DivS, -1, false],
  [Op.DivU]: [I.DivU, -1, false],
  [Op.RemS]: [I.RemS, -1, false],
  [Op.RemU]: [I.RemU, -1, false],
  [Op.MinS]: [I.MinS, -1, true],
  [Op.MaxS]: [I.MaxS, -1, true],
  [Op.MinU]: [I.MinU, -1, true],
  [Op.MaxU]: [I.MaxU, -1, true],
  [Op.FloatAdd]: [I.FloatAdd, -1, false],
  [Op.FloatSub]: [I.FloatSub, -1, false],
  [Op.FloatMul]: [I.FloatMul, -1, false],
  [Op.FloatDiv]: [I.FloatDiv, -1, false],
};

const UNARY: { readonly [op: number]: I } = {
  [Op.Clz]: I.Clz,
  [Op.ReverseBits]: I.ReverseBits,
  [Op.ReverseBytes]: I.ReverseBytes,
  [Op.ReverseBytes16]: I.ReverseBytes16,
  [Op.SignExtend8]: I.SignExtend8,
  [Op.SignExtend16]: I.SignExtend16,
  [Op.ZeroExtend8]: I.ZeroExtend8,
  [Op.ZeroExtend16]: I.ZeroExtend16,
  [Op.FloatSqrt]: I.FloatSqrt,
};

const TERNARY: { readonly [op: number]: I } = {
  [Op.Funnel]: I.Funnel,
  [Op.Select]: I.Select,
  [Op.FloatMulAdd]: I.FloatMulAdd,
  [Op.FloatMulSub]: I.FloatMulSub,
};

/** Base + constant, base + index. */
const MEMORY: { readonly [op: number]: readonly [offset: I, indexed: I] } = {
  [Op.Load8U]: [I.Load8U, I.Load8UIndexed],
  [Op.Load8S]: [I.Load8S, I.Load8SIndexed],
  [Op.Load16U]: [I.Load16U, I.Load16UIndexed],
  [Op.Load16S]: [I.Load16S, I.Load16SIndexed],
  [Op.Load32]: [I.Load32, I.Load32Indexed],
  [Op.Store8]: [I.Store8, I.Store8Indexed],
  [Op.Store16]: [I.Store16, I.Store16Indexed],
  [Op.Store32]: [I.Store32, I.Store32Indexed],
};

const FLAGS: { readonly [op: number]: I } = {
  [Op.FlagsAdd]: I.FlagsAddSS,
  [Op.FlagsAdc]: I.FlagsAdcSS,
  [Op.FlagsSbc]: I.FlagsSbcSS,
};

/** The condition that holds for (b, a) when the given one holds for (a, b). */
const MIRRORED = [Cc.Eq, Cc.Ne, Cc.GtS, Cc.LeS, Cc.GtU, Cc.LeU, Cc.GeS, Cc.LtS, Cc.GeU, Cc.LtU] as const;

/** Conditions after Eq ... GeU stand in the same order in every group of opcodes; six with two slots, six with a constant. */
const CONDITIONS = 6;

/** What the interpreter must know of a lowered block. */
export interface Lowered {
  readonly ip: number;
  readonly starts: Int32Array;
}

/** Writes lifted blocks as program words. */
export class Lowering {
  private readonly firstScratch: number;
  private readonly window: Window = { low: 0, limit: 0, delta: 0 };
  private scratch = 0;
  private ops: Block['ops'] = new Int32Array(0);
  /** Address of the current instruction. */
  private pc = 0;
  /** Address behind the block. */
  private end = 0;
  /** Triples: position that will hold the ip, target pc, mode. */
  private links: number[] = [];

  constructor(
    private readonly architecture: Architecture,
    private readonly memory: GuestMemory,
    private readonly program: Program,
    /** Called with the position of each store's first word. */
    private readonly onStore: (ip: number) => void,
  ) {
    this.firstScratch = architecture.slots.length + MAX_TEMPORARIES;
  }

  lower(lifted: LiftedBlock): Lowered {
    const { block, modes } = lifted;
    const count = block.instructions.length;
    const ip = this.program.end;
    const starts = new Int32Array(count);
    this.ops = block.ops;
    this.end = block.end | 0;
    this.links = [];
    let last: Op = Op.Count;
    for (let i = 0; i < count; i++) {
      starts[i] = this.program.end;
      this.pc = block.instructions[i];
      let whenEnd = -1;
      for (let index = block.starts[i]; index < block.starts[i + 1]; index++) {
        const at = index * OP_STRIDE;
        this.scratch = this.firstScratch;
        const op: Op = this.ops[at] & OPCODE_MASK;
        if (op === Op.When) whenEnd = this.condition(I.WhenEqSS, at) + 3;
        else if (op === Op.End) this.program.words[whenEnd] = this.program.end;
        else this.operation(op, at, i + 1, modes[i], block.lists);
        if (op === Op.When) this.program.push(0);
        last = op;
      }
    }
    this.fallThrough(lifted, last, count);
    const { program } = this;
    for (let i = 0; i < this.links.length; i += 3) {
      program.words[this.links[i]] = program.end;
      program.push(I.Link);
      program.push(this.links[i + 1]);
      program.push(this.links[i + 2]);
      program.push(this.links[i]);
    }
    return { ip, starts };
  }

  private fallThrough(lifted: LiftedBlock, last: Op, count: number): void {
    if (last === Op.Jump || last === Op.JumpTo || last === Op.Raise || last === Op.WindowLeave) return;
    if (lifted.ended && last !== Op.WindowEnter) this.write(I.Redecode, count, lifted.block.end);
    else this.jump(count, lifted.block.end, lifted.modes[count - 1]);
  }

  private operation(op: Op, at: number, count: number, mode: number, lists: Block['lists']): number {
    const { ops } = this;
    const word = ops[at];
    const d = ops[at + 1];
    const detail = word >>> DETAIL_SHIFT;
    const binary = BINARY[op];
    if (binary !== undefined) return this.binary(op, binary, at);
    if (UNARY[op] !== undefined) return this.write(UNARY[op], d, this.a(at));
    if (TERNARY[op] !== undefined) return this.write(TERNARY[op], d, this.a(at), this.b(at), this.c(at));
    if (MEMORY[op] !== undefined) return this.memoryAccess(op, at);
    if (FLAGS[op] !== undefined) return this.write(FLAGS[op], this.a(at), this.b(at));
    switch (op) {
      case Op.Mov:
        return (word & CONST_A) !== 0 ? this.write(I.MovK, d, ops[at + 2]) : this.write(I.MovS, d, ops[at + 2]);
      case Op.Set:
        return this.condition(I.SetEqSS, at, d);
      case Op.LoadMany:
      case Op.StoreMany: {
        const slots = lists[ops[at + 3]];
        const base = this.a(at);
        if (op === Op.StoreMany) this.onStore(this.program.end);
        return this.write(op === Op.LoadMany ? I.LoadMany : I.StoreMany, base, slots.length, 0, 0, 0, ...slots);
      }
      case Op.FlagsSub:
        if ((word & CONST_B) !== 0) return this.write(I.FlagsSubSK, this.a(at), ops[at + 3]);
        return this.write(I.FlagsSubSS, this.a(at), this.b(at));
      case Op.FlagsNz:
        return this.write(I.FlagsNz, this.a(at));
      case Op.FlagTest:
        return this.write(I.FlagTestEq + detail, d);
      case Op.Helper: {
        const pure = this.architecture.helpers[detail].pure;
        return this.write(pure ? I.PureHelper : I.Helper, d, detail, this.a(at), this.b(at), this.c(at));
      }
      case Op.Jump:
        return this.jump(count, ops[at + 2], mode);
      case Op.JumpIf:
        this.condition(I.JumpEqSS, at);
        this.program.push(count);
        return this.link(ops[at + 4], mode);
      case Op.JumpTo:
        if (detail === ExitKind.Jump) return this.write(I.JumpToNoted, this.a(at), count, this.pc);
        return this.write(I.JumpTo, this.a(at), count);
      case Op.Raise:
        return this.write(I.Raise, ops[at + 2], this.b(at));
      case Op.WindowEnter:
        return this.write(I.WindowEnter, this.a(at), count, this.end);
      case Op.WindowLeave:
        return this.write(I.WindowLeave, count);
      default:
        throw new RangeError(`micro-op ${op} cannot be lowered`);
    }
  }

  private binary(op: Op, [slots, constant, commutes]: BinaryRow, at: number): number {
    const { ops } = this;
    const word = ops[at];
    const d = ops[at + 1];
    if ((word & CONST_B) !== 0 && (word & CONST_A) === 0) {
      if (op === Op.Sub) return this.write(I.AddSK, d, ops[at + 2], -ops[at + 3]);
      if (op === Op.AndNot) return this.write(I.AndSK, d, ops[at + 2], ~ops[at + 3]);
      if (constant !== -1) return this.write(constant, d, ops[at + 2], ops[at + 3]);
    }
    if ((word & CONST_A) !== 0) {
      if (op === Op.Sub) return this.write(I.SubKS, d, ops[at + 2], this.b(at));
      if (commutes && constant !== -1) return this.write(constant, d, this.b(at), ops[at + 2]);
    }
    return this.write(slots, d, this.a(at), this.b(at));
  }

  /**
   * Writes a conditional operation without its last words. `first` is its group's first opcode. Returns its position.
   */
  private condition(first: I, at: number, ...before: number[]): number {
    const { ops } = this;
    const word = ops[at];
    let cc: Cc = word >>> DETAIL_SHIFT;
    let [a, b] = [ops[at + 2], ops[at + 3]];
    let [aConst, bConst] = [(word & CONST_A) !== 0, (word & CONST_B) !== 0];
    if (aConst && !bConst) {
      [a, b, aConst, bConst, cc] = [b, a, false, true, MIRRORED[cc]];
    }
    if (bConst && (cc === Cc.LeS || cc === Cc.GtS) && b !== 0x7fff_ffff) {
      [b, cc] = [b + 1, cc === Cc.LeS ? Cc.LtS : Cc.GeS];
    } else if (bConst && (cc === Cc.LeU || cc === Cc.GtU) && b !== -1) {
      [b, cc] = [(b + 1) | 0, cc === Cc.LeU ? Cc.LtU : Cc.GeU];
    }
    if (cc > Cc.GeU) {
      [a, b, aConst, bConst, cc] = [b, a, bConst, aConst, MIRRORED[cc]];
    }
    if (aConst) a = this.constant(a);
    const slotForm = first + cc;
    if (!bConst) return this.write(slotForm, ...before, a, b);
    return this.write(slotForm + CONDITIONS, ...before, a, b);
  }

  private memoryAccess(op: Op, at: number): number {
    const { ops } = this;
    const word = ops[at];
    const strict = (word & STRICT_ALIGNMENT) !== 0 ? 1 : 0;
    const isStore = op === Op.Store8 || op === Op.Store16 || op === Op.Store32;
    const constants = word & (CONST_A | CONST_B);
    const [withOffset, indexed] = MEMORY[op];
    if (constants === (CONST_A | CONST_B)) {
      const address = (ops[at + 2] + ops[at + 3]) | 0;
      const aligned = (address & 3) === 0;
      if (op === Op.Load32 && aligned && this.memory.window(address, 4, 'read', this.window)) {
        return this.write(I.Load32At, ops[at + 1], (address + this.window.delta) >> 2);
      }
      const d = isStore ? this.c(at) : ops[at + 1];
      const base = this.constant(address);
      if (isStore) this.onStore(this.program.end);
      return this.write(withOffset, d, base, 0, strict, 0, 0, 0);
    }
    const d = isStore ? this.c(at) : ops[at + 1];
    if (isStore) this.onStore(this.program.end);
    if (constants === CONST_B) return this.write(withOffset, d, ops[at + 2], ops[at + 3], strict, 0, 0, 0);
    if (constants === CONST_A) return this.write(withOffset, d, ops[at + 3], ops[at + 2], strict, 0, 0, 0);
    return this.write(indexed, d, ops[at + 2], ops[at + 3], strict, 0, 0, 0);
  }

  private jump(count: number, target: number, mode: number): number {
    this.write(I.Jump, count);
    return this.link(target, mode);
  }

  /** Writes a word that will hold the ip of the block at `target`. */
  private link(target: number, mode: number): number {
    this.links.push(this.program.end, target, mode);
    return this.write(0);
  }

  private a(at: number): number {
    return (this.ops[at] & CONST_A) !== 0 ? this.constant(this.ops[at + 2]) : this.ops[at + 2];
  }

  private b(at: number): number {
    return (this.ops[at] & CONST_B) !== 0 ? this.constant(this.ops[at + 3]) : this.ops[at + 3];
  }

  private c(at: number): number {
    return (this.ops[at] & CONST_C) !== 0 ? this.constant(this.ops[at + 4]) : this.ops[at + 4];
  }

  private constant(value: number): number {
    const slot = this.scratch++;
    this.write(I.MovK, slot, value);
    return slot;
  }

  /** Returns the position of the first word. */
  private write(...words: number[]): number {
    const at = this.program.end;
    for (const word of words) this.program.push(word);
    return at;
  }
}

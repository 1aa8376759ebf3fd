import type { Architecture } from '../architecture.js';
import { MAX_TEMPORARIES } from '../builder.js';
import { CpuError } from '../cpu-error.js';
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
import { DeadWrites } from './dead-writes.js';
import { Fusion } from './fusion.js';
import { BINARY, type BinaryRow, CONDITIONS, FLAGS, MEMORY, MIRRORED, TERNARY, UNARY } from './lowering-tables.js';
import { I } from './operations.js';
import { pairOf } from './pairs.js';
import type { Program } from './program.js';

/** Slots behind the temporaries that hold constants for operations without a constant form. */
export const SCRATCH_SLOTS = 4;

/** What the interpreter must know of a lowered block. */
export interface Lowered {
  readonly ip: number;
  readonly starts: Int32Array;
}

export interface LoweringOptions {
  /** Whether the generated interpreter runs the program, which has fused operations. */
  isGenerated(): boolean;
  /** Called with the position of each store's first word. */
  onStore(ip: number): void;
  /** Whether somebody wants to know where computed jumps lead to. */
  notesJumps(): boolean;
}

/** Writes lifted blocks as program words. */
export class Lowering {
  private readonly firstScratch: number;
  private readonly window: Window = { low: 0, limit: 0, delta: 0, alignedOnly: false };
  private scratch = 0;
  /** Position of the operation before, when it may become the first of a pair; -1 else. */
  private before = -1;
  private ops: Block['ops'] = new Int32Array(0);
  /** Address of the current instruction. */
  private pc = 0;
  /** Address behind the block. */
  private end = 0;
  /** Triples: position that will hold the ip, target pc, mode. */
  private links: number[] = [];

  private readonly deadWrites: DeadWrites;
  private readonly fusion: Fusion;
  /** Whether the block may have fused operations and pairs. */
  private isFused = false;
  private readonly live: number[] = [];
  private readonly owners: number[] = [];

  constructor(
    private readonly architecture: Architecture,
    private readonly memory: GuestMemory,
    private readonly program: Program,
    private readonly options: LoweringOptions,
  ) {
    this.firstScratch = architecture.slots.length + MAX_TEMPORARIES;
    this.deadWrites = new DeadWrites(architecture);
    this.fusion = new Fusion(architecture.slots.length);
  }

  lower(lifted: LiftedBlock): Lowered {
    const { block, modes } = lifted;
    const count = block.instructions.length;
    const ip = this.program.end;
    const starts = new Int32Array(count);
    this.ops = block.ops;
    this.end = block.end | 0;
    this.links = [];
    this.findLive(block);
    this.before = -1;
    const { live, owners, fusion, program } = this;
    this.isFused = this.options.isGenerated();
    fusion.begin(block, live, owners, this.deadWrites.stops);
    let last: Op = Op.Count;
    let whenEnd = -1;
    let instruction = -1;
    for (let i = 0; i < live.length; ) {
      const position = program.end;
      if (instruction < owners[i] && instruction >= 0 && this.deadWrites.stops[instruction] === 1) this.before = -1;
      while (instruction < owners[i]) starts[++instruction] = position;
      this.scratch = this.firstScratch;
      let used = 1;
      const at = live[i] * OP_STRIDE;
      const op: Op = this.ops[at] & OPCODE_MASK;
      this.pc = block.instructions[instruction];
      if (this.isFused && fusion.find(i)) {
        used = fusion.used;
        const owner = owners[i + used - 1];
        this.fused(fusion, owner + 1, modes[owner]);
        if (fusion.exit === 'when') {
          whenEnd = program.end;
          program.push(0);
        }
      } else if (op === Op.When) {
        this.condition(I.WhenEqSS, at, 0);
        whenEnd = program.end;
        program.push(0);
      } else if (op === Op.End) this.memory.i32[whenEnd >> 2] = program.end;
      else this.operation(op, at, instruction + 1, modes[instruction], block.lists);
      i += used;
      last = this.ops[live[i - 1] * OP_STRIDE] & OPCODE_MASK;
      // Instructions that began inside of a fused operation: nothing stops there.
      while (instruction < owners[i - 1]) starts[++instruction] = position + 4;
    }
    while (instruction < count - 1) starts[++instruction] = program.end;
    this.fallThrough(lifted, last, count);
    this.before = -1;
    for (let i = 0; i < this.links.length; i += 3) {
      const [position, target, mode] = this.links.slice(i, i + 3);
      this.memory.i32[position >> 2] = this.program.end;
      this.write(I.Link, 0, 0, 0, target, mode, position);
    }
    return { ip, starts };
  }

  /** Lists the micro-ops that are not dead, and their instructions. */
  private findLive(block: Block): void {
    const { live, owners, deadWrites } = this;
    deadWrites.find(block);
    live.length = 0;
    owners.length = 0;
    for (let i = 0; i < block.instructions.length; i++) {
      for (let index = block.starts[i]; index < block.starts[i + 1]; index++) {
        if (deadWrites.dead[index] === 1) continue;
        live.push(index);
        owners.push(i);
      }
    }
  }

  private fused({ op, d, a, b, constant, exit, target }: Fusion, count: number, mode: number): void {
    this.write(op, exit === 'jump' ? count : d, a, b);
    if (constant !== undefined) this.program.push(constant);
    if (exit === 'jump') this.link(target, mode);
  }

  private fallThrough(lifted: LiftedBlock, last: Op, count: number): void {
    if (last === Op.Jump || last === Op.JumpTo || last === Op.Raise || last === Op.WindowLeave) return;
    if (lifted.ended && last !== Op.WindowEnter) this.write(I.Redecode, count, 0, 0, lifted.block.end);
    else this.jump(count, lifted.block.end, lifted.modes[count - 1]);
  }

  private operation(op: Op, at: number, count: number, mode: number, lists: Block['lists']): void {
    const { ops } = this;
    const word = ops[at];
    const d = ops[at + 1];
    const detail = word >>> DETAIL_SHIFT;
    const binary = BINARY[op];
    if (binary !== undefined) this.binary(op, binary, at);
    else if (UNARY[op] !== undefined) this.write(UNARY[op], d, this.a(at), 0);
    else if (TERNARY[op] !== undefined) {
      const [a, b, c] = [this.a(at), this.b(at), this.c(at)];
      this.write(TERNARY[op], d, a, b, c << 2);
    } else if (MEMORY[op] !== undefined) this.memoryAccess(op, at);
    else if (FLAGS[op] !== undefined) this.write(FLAGS[op], 0, this.a(at), this.b(at));
    else this.special(op, at, d, detail, count, mode, lists);
  }

  private special(
    op: Op,
    at: number,
    d: number,
    detail: number,
    count: number,
    mode: number,
    lists: Block['lists'],
  ): void {
    const { ops } = this;
    const word = ops[at];
    switch (op) {
      case Op.Mov:
        if ((word & CONST_A) !== 0) this.write(I.MovK, d, 0, 0, ops[at + 2]);
        else this.write(I.MovS, d, ops[at + 2], 0);
        break;
      case Op.Set:
        this.condition(I.SetEqSS, at, d);
        break;
      case Op.LoadMany:
      case Op.StoreMany: {
        const slots = lists[ops[at + 3]];
        const base = this.a(at);
        if (op === Op.StoreMany) this.options.onStore(this.program.end);
        this.write(
          op === Op.LoadMany ? I.LoadMany : I.StoreMany,
          slots.length,
          base,
          0,
          0,
          0,
          0,
          ...slots.map((slot) => slot << 2),
        );
        break;
      }
      case Op.FlagsAdd:
      case Op.FlagsSub: {
        const [slots, constant] = op === Op.FlagsAdd ? [I.FlagsAddSS, I.FlagsAddSK] : [I.FlagsSubSS, I.FlagsSubSK];
        if ((word & CONST_B) !== 0) this.write(constant, 0, this.a(at), 0, ops[at + 3]);
        else this.write(slots, 0, this.a(at), this.b(at));
        break;
      }
      case Op.FlagsNz:
        this.write(I.FlagsNz, 0, this.a(at), 0);
        break;
      case Op.FlagTest:
        this.write(I.FlagTestEq + detail, d, 0, 0);
        break;
      case Op.Helper: {
        const [a, b, c] = [this.a(at), this.b(at), this.c(at)];
        this.write(this.architecture.helpers[detail].pure ? I.PureHelper : I.Helper, d, a, b, detail, c << 2);
        break;
      }
      case Op.Jump:
        this.jump(count, ops[at + 2], mode);
        break;
      case Op.JumpIf:
        this.condition(I.JumpEqSS, at, count);
        this.link(ops[at + 4], mode);
        break;
      case Op.JumpTo:
        if (detail === ExitKind.Jump && this.options.notesJumps())
          this.write(I.JumpToNoted, count, this.a(at), 0, this.pc);
        else this.write(I.JumpTo, count, this.a(at), 0);
        break;
      case Op.Raise:
        this.write(I.Raise, 0, 0, this.b(at), ops[at + 2]);
        break;
      case Op.WindowEnter:
        this.write(I.WindowEnter, count, this.a(at), 0, this.end);
        break;
      case Op.WindowLeave:
        this.write(I.WindowLeave, count, 0, 0);
        break;
      default:
        throw new CpuError('BAD_ARCHITECTURE', `${this.architecture.name}: micro-op ${op} cannot be run`);
    }
  }

  private binary(op: Op, [slots, constant, commutes]: BinaryRow, at: number): void {
    const { ops } = this;
    const word = ops[at];
    const d = ops[at + 1];
    const [a, b] = [ops[at + 2], ops[at + 3]];
    const isConstB = (word & CONST_B) !== 0;
    if ((word & CONST_A) !== 0) {
      if (op === Op.Sub) this.write(I.SubKS, d, 0, this.b(at), a);
      else if (commutes && constant !== -1) this.write(constant, d, this.b(at), 0, a);
      else this.write(slots, d, this.a(at), this.b(at));
    } else if (isConstB && op === Op.Sub) this.write(I.AddSK, d, a, 0, -b);
    else if (isConstB && op === Op.AndNot) this.write(I.AndSK, d, a, 0, ~b);
    else if (isConstB && constant !== -1) this.write(constant, d, a, 0, b);
    else this.write(slots, d, a, this.b(at));
  }

  /** Writes a conditional operation without the ip behind it. `first` is its group's first opcode. */
  private condition(first: I, at: number, d: number): void {
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
    if (bConst) this.write(first + cc + CONDITIONS, d, a, 0, b);
    else this.write(first + cc, d, a, b);
  }

  private memoryAccess(op: Op, at: number): void {
    const { ops } = this;
    const word = ops[at];
    const strict = (word & STRICT_ALIGNMENT) !== 0 ? 1 : 0;
    const isStore = op === Op.Store8 || op === Op.Store16 || op === Op.Store32;
    const constants = word & (CONST_A | CONST_B);
    const [withOffset, indexed] = MEMORY[op];
    let base = ops[at + 2];
    let offset = ops[at + 3];
    if (constants === (CONST_A | CONST_B)) {
      const address = (base + offset) | 0;
      if (op === Op.Load32 && (address & 3) === 0 && this.memory.window(address, 4, 'read', this.window)) {
        this.write(I.Load32At, ops[at + 1], 0, 0, address + this.window.delta);
        return;
      }
      [base, offset] = [this.constant(address), 0];
    } else if (constants === CONST_A) {
      [base, offset] = [offset, base];
    }
    const d = isStore ? this.c(at) : ops[at + 1];
    if (isStore) this.options.onStore(this.program.end);
    if (constants === 0) this.write(indexed, d, base, offset, strict, 0, 0, 0);
    else this.write(withOffset, d, base, strict, offset, 0, 0, 0);
  }

  private jump(count: number, target: number, mode: number): void {
    this.write(I.Jump, count, 0, 0);
    this.link(target, mode);
  }

  /** Writes a word that will hold the ip of the block at `target`. */
  private link(target: number, mode: number): void {
    this.links.push(this.program.end, target, mode);
    this.program.push(0);
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
    this.write(I.MovK, slot, 0, 0, value);
    return slot;
  }

  /** The operation before becomes one with `op`, which is about to be written, when there is such an operation. */
  private pair(op: number): void {
    const { program, memory, before } = this;
    const together = before < 0 ? undefined : pairOf(memory.i32[before >> 2] & 0xffff, op);
    if (together !== undefined && !program.overflowed) {
      memory.i32[before >> 2] += together - (memory.i32[before >> 2] & 0xffff);
      this.before = -1;
    } else this.before = this.isFused ? program.end : -1;
  }

  /** Writes an operation: D, A and B are slots or small numbers, the words follow. */
  private write(op: number, d: number, a: number, b: number, ...words: number[]): void {
    this.pair(op);
    this.program.push(op | (d << 18));
    this.program.push((a << 2) | (b << 18));
    for (const word of words) this.program.push(word);
  }
}

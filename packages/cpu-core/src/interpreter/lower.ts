import type { Architecture, DecodeMode } from '../architecture.js';
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
import { BINARY, type BinaryRow, CONDITIONS, MEMORY, MIRRORED, TERNARY, UNARY } from './lowering-tables.js';
import { I } from './operations.js';
import { pairOf } from './pairs.js';
import type { Program } from './program.js';

/** Slots behind the temporaries that hold constants for operations without a constant form. */
export const SCRATCH_SLOTS = 4;

/** Words of a Link operation. */
const LINK_WORDS = 5;

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
  private lists: Block['lists'] = [];
  /** Address of the current instruction, its number + 1, and the mode behind it. */
  private pc = 0;
  private count = 0;
  private mode: DecodeMode = 0;
  /** Address behind the block. */
  private end = 0;
  /** Triples: position that will hold the ip, target pc, mode. */
  private readonly links: number[] = [];

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

  /** Writes a block at the program's end. Returns the position of each instruction; undefined when the program is full. */
  lower(lifted: LiftedBlock): Int32Array | undefined {
    const { block, modes } = lifted;
    const count = block.instructions.length;
    const starts = new Int32Array(count);
    this.ops = block.ops;
    this.lists = block.lists;
    this.end = block.end | 0;
    this.links.length = 0;
    this.findLive(block);
    this.before = -1;
    const { live, owners, fusion, program, links } = this;
    this.isFused = this.options.isGenerated();
    if (this.isFused) fusion.begin(block, live, owners, this.deadWrites.stops);
    let last: Op = Op.Count;
    let whenEnd = -1;
    let instruction = -1;
    for (let i = 0; i < live.length; ) {
      if (!program.hasRoom(links.length * LINK_WORDS * 4)) return undefined;
      const position = program.end;
      if (this.isFused && instruction < owners[i] && instruction >= 0 && this.deadWrites.stops[instruction] === 1) {
        this.before = -1;
      }
      while (instruction < owners[i]) starts[++instruction] = position;
      this.scratch = this.firstScratch;
      let used = 1;
      const at = live[i] * OP_STRIDE;
      const op: Op = this.ops[at] & OPCODE_MASK;
      this.pc = block.instructions[instruction];
      this.count = instruction + 1;
      this.mode = modes[instruction];
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
      else this.operation(op, at);
      i += used;
      last = this.ops[live[i - 1] * OP_STRIDE] & OPCODE_MASK;
      // Instructions that began inside of a fused operation: nothing stops there.
      while (instruction < owners[i - 1]) starts[++instruction] = position + 4;
    }
    while (instruction < count - 1) starts[++instruction] = program.end;
    if (!program.hasRoom((links.length + 3) * LINK_WORDS * 4)) return undefined;
    this.fallThrough(lifted, last, count);
    this.before = -1;
    for (let i = 0; i < links.length; i += 3) {
      const position = links[i];
      this.memory.i32[position >> 2] = program.end;
      this.write(I.Link, 0, 0, 0);
      program.push(links[i + 1]);
      program.push(links[i + 2]);
      program.push(position);
    }
    return starts;
  }

  /** Lists the micro-ops that are not dead, and their instructions. */
  private findLive(block: Block): void {
    const { live, owners, deadWrites } = this;
    const { starts, instructions } = block;
    deadWrites.find(block);
    const { dead } = deadWrites;
    live.length = 0;
    owners.length = 0;
    for (let i = 0; i < instructions.length; i++) {
      for (let index = starts[i]; index < starts[i + 1]; index++) {
        if (dead[index] === 1) continue;
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
    if (lifted.ended && last !== Op.WindowEnter) this.writeK(I.Redecode, count, 0, 0, lifted.block.end);
    else {
      this.write(I.Jump, count, 0, 0);
      this.link(lifted.block.end, lifted.modes[count - 1]);
    }
  }

  private operation(op: Op, at: number): void {
    const { ops, count } = this;
    const word = ops[at];
    const d = ops[at + 1];
    const detail = word >>> DETAIL_SHIFT;
    switch (op) {
      case Op.Mov:
        if ((word & CONST_A) !== 0) this.writeK(I.MovK, d, 0, 0, ops[at + 2]);
        else this.write(I.MovS, d, ops[at + 2], 0);
        break;
      case Op.Set:
        this.condition(I.SetEqSS, at, d);
        break;
      case Op.Load8U:
      case Op.Load8S:
      case Op.Load16U:
      case Op.Load16S:
      case Op.Load32:
      case Op.Store8:
      case Op.Store16:
      case Op.Store32:
        this.memoryAccess(op, at);
        break;
      case Op.LoadMany:
      case Op.StoreMany:
        this.memoryAccesses(op, at);
        break;
      case Op.FlagsAdd:
      case Op.FlagsSub: {
        const isAdd = op === Op.FlagsAdd;
        if ((word & CONST_B) === 0) this.write(isAdd ? I.FlagsAddSS : I.FlagsSubSS, 0, this.a(at), this.b(at));
        else this.writeK(isAdd ? I.FlagsAddSK : I.FlagsSubSK, 0, this.a(at), 0, ops[at + 3]);
        break;
      }
      case Op.FlagsAdc:
      case Op.FlagsSbc:
        this.write(op === Op.FlagsAdc ? I.FlagsAdcSS : I.FlagsSbcSS, 0, this.a(at), this.b(at));
        break;
      case Op.FlagsNz:
        this.write(I.FlagsNz, 0, this.a(at), 0);
        break;
      case Op.FlagTest:
        this.write(I.FlagTestEq + detail, d, 0, 0);
        break;
      case Op.Helper: {
        const a = this.a(at);
        const b = this.b(at);
        const c = this.c(at);
        this.writeK(this.architecture.helpers[detail].pure ? I.PureHelper : I.Helper, d, a, b, detail);
        this.program.push(c << 2);
        break;
      }
      case Op.Jump:
        this.write(I.Jump, count, 0, 0);
        this.link(ops[at + 2], this.mode);
        break;
      case Op.JumpIf:
        this.condition(I.JumpEqSS, at, count);
        this.link(ops[at + 4], this.mode);
        break;
      case Op.JumpTo:
        if (detail === ExitKind.Jump && this.options.notesJumps())
          this.writeK(I.JumpToNoted, count, this.a(at), 0, this.pc);
        else this.write(I.JumpTo, count, this.a(at), 0);
        break;
      case Op.Raise:
        this.writeK(I.Raise, 0, 0, this.b(at), ops[at + 2]);
        break;
      case Op.WindowEnter:
        this.writeK(I.WindowEnter, count, this.a(at), 0, this.end);
        break;
      case Op.WindowLeave:
        this.write(I.WindowLeave, count, 0, 0);
        break;
      default:
        this.value(op, at);
    }
  }

  /** A micro-op whose result depends on its operands alone. */
  private value(op: Op, at: number): void {
    const d = this.ops[at + 1];
    const binary = BINARY[op];
    if (binary !== undefined) this.binary(op, binary, at);
    else if (UNARY[op] !== undefined) this.write(UNARY[op], d, this.a(at), 0);
    else if (TERNARY[op] !== undefined) {
      const a = this.a(at);
      const b = this.b(at);
      this.writeK(TERNARY[op], d, a, b, this.c(at) << 2);
    } else throw new CpuError('BAD_ARCHITECTURE', `${this.architecture.name}: micro-op ${op} cannot be run`);
  }

  private binary(op: Op, { slots, constant, commutes }: BinaryRow, at: number): void {
    const { ops } = this;
    const word = ops[at];
    const d = ops[at + 1];
    const a = ops[at + 2];
    const b = ops[at + 3];
    const isConstB = (word & CONST_B) !== 0;
    if ((word & CONST_A) !== 0) {
      if (op === Op.Sub) this.writeK(I.SubKS, d, 0, this.b(at), a);
      else if (commutes && constant !== -1) this.writeK(constant, d, this.b(at), 0, a);
      else this.write(slots, d, this.a(at), this.b(at));
    } else if (isConstB && op === Op.Sub) this.writeK(I.AddSK, d, a, 0, -b);
    else if (isConstB && op === Op.AndNot) this.writeK(I.AndSK, d, a, 0, ~b);
    else if (isConstB && constant !== -1) this.writeK(constant, d, a, 0, b);
    else this.write(slots, d, a, this.b(at));
  }

  /** Writes a conditional operation without the ip behind it. `first` is its group's first opcode. */
  private condition(first: I, at: number, d: number): void {
    const { ops } = this;
    const word = ops[at];
    let cc: Cc = word >>> DETAIL_SHIFT;
    let a = ops[at + 2];
    let b = ops[at + 3];
    let aConst = (word & CONST_A) !== 0;
    let bConst = (word & CONST_B) !== 0;
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
    if (bConst) this.writeK(first + cc + CONDITIONS, d, a, 0, b);
    else this.write(first + cc, d, a, b);
  }

  private memoryAccess(op: Op, at: number): void {
    const { ops } = this;
    const word = ops[at];
    const strict = (word & STRICT_ALIGNMENT) !== 0 ? 1 : 0;
    const isStore = op === Op.Store8 || op === Op.Store16 || op === Op.Store32;
    const constants = word & (CONST_A | CONST_B);
    const { offset: withOffset, indexed } = MEMORY[op];
    let base = ops[at + 2];
    let offset = ops[at + 3];
    if (constants === (CONST_A | CONST_B)) {
      const address = (base + offset) | 0;
      if (op === Op.Load32 && (address & 3) === 0 && this.memory.window(address, 4, 'read', this.window)) {
        this.writeK(I.Load32At, ops[at + 1], 0, 0, address + this.window.delta);
        return;
      }
      base = this.constant(address);
      offset = 0;
    } else if (constants === CONST_A) {
      base = ops[at + 3];
      offset = ops[at + 2];
    }
    const d = isStore ? this.c(at) : ops[at + 1];
    if (isStore) this.options.onStore(this.program.end);
    if (constants === 0) this.writeK(indexed, d, base, offset, strict);
    else this.writeK(withOffset, d, base, strict, offset);
    this.noWindow();
  }

  private memoryAccesses(op: Op, at: number): void {
    const slots = this.lists[this.ops[at + 3]];
    const base = this.a(at);
    if (op === Op.StoreMany) this.options.onStore(this.program.end);
    this.write(op === Op.LoadMany ? I.LoadMany : I.StoreMany, slots.length, base, 0);
    this.noWindow();
    for (let i = 0; i < slots.length; i++) this.program.push(slots[i] << 2);
  }

  /** Writes low, limit and delta of a window that holds no address: the first access finds one. */
  private noWindow(): void {
    for (let i = 0; i < 3; i++) this.program.push(0);
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
    this.writeK(I.MovK, slot, 0, 0, value);
    return slot;
  }

  /** The operation before becomes one with `op`, which is about to be written, when there is such an operation. */
  private pair(op: number): void {
    const { program, memory, before } = this;
    const together = before < 0 ? undefined : pairOf(memory.i32[before >> 2] & 0xffff, op);
    if (together !== undefined) {
      memory.i32[before >> 2] += together - (memory.i32[before >> 2] & 0xffff);
      this.before = -1;
    } else this.before = program.end;
  }

  /** Writes an operation without further words: D, A and B are slots or small numbers. */
  private write(op: number, d: number, a: number, b: number): void {
    if (this.isFused) this.pair(op);
    this.program.push(op | (d << 18));
    this.program.push((a << 2) | (b << 18));
  }

  /** Writes an operation with a first further word. */
  private writeK(op: number, d: number, a: number, b: number, k: number): void {
    this.write(op, d, a, b);
    this.program.push(k);
  }
}

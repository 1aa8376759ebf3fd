import {
  type Block,
  Cc,
  CONST_A,
  CONST_B,
  CONST_BASE,
  CONST_C,
  DETAIL_SHIFT,
  ExitKind,
  type FlagCondition,
  konst,
  OP_STRIDE,
  Op,
  type Operand,
  STRICT_ALIGNMENT,
} from './ir.js';

/** A comparison for `when`, `jumpIf` and `set`. */
export interface Condition {
  readonly cc: Cc;
  readonly a: Operand;
  readonly b: Operand;
}

/** Most temporaries one instruction may use. */
export const MAX_TEMPORARIES = 64;

/**
 * Writes micro-ops. A lifter row gets one for its instruction; value methods return the slot they wrote (a fresh temporary
 * unless `into` is given), so that a row reads like the manual's pseudo-code.
 */
export class BlockBuilder {
  /** Address of the instruction being lifted. */
  pc = 0;
  /** Address behind it. */
  next = 0;

  private words = new Int32Array(256 * OP_STRIDE);
  private count = 0;
  private readonly firstTemporary: number;
  private temporary: number;
  private highest: number;
  private readonly instructions: number[] = [];
  private readonly starts: number[] = [];
  private lists: number[][] = [];
  private inWhen = false;
  private ended = false;

  /** @param slotCount number of the architecture's named slots; temporaries follow */
  constructor(slotCount: number) {
    this.firstTemporary = slotCount;
    this.temporary = slotCount;
    this.highest = slotCount;
  }

  /** Forgets everything, for another block in the same buffers. */
  restart(): void {
    this.count = 0;
    this.temporary = this.firstTemporary;
    this.highest = this.firstTemporary;
    this.instructions.length = 0;
    this.starts.length = 0;
    this.lists = [];
    this.inWhen = false;
    this.ended = false;
  }

  /** Starts an instruction of `length` bytes at `pc`. Temporaries of the one before are free again. */
  begin(pc: number, length: number): void {
    this.pc = pc >>> 0;
    this.next = (pc + length) >>> 0;
    this.temporary = this.firstTemporary;
    this.instructions.push(this.pc);
    this.starts.push(this.count);
  }

  /** Whether an unconditional exit was written: the block ends here. */
  get isEnded(): boolean {
    return this.ended;
  }

  /** Ends the block after the current instruction, which falls through to `next` (state that decoding depends on changed). */
  endBlock(): void {
    this.ended = true;
  }

  /** Number of instructions begun. */
  get instructionCount(): number {
    return this.instructions.length;
  }

  finish(): Block {
    const first = this.instructions[0] ?? this.pc;
    return {
      pc: first,
      end: this.next,
      ops: this.words.slice(0, this.count * OP_STRIDE),
      instructions: new Uint32Array(this.instructions),
      starts: this.allStarts(),
      lists: this.lists,
      temporaries: this.highest - this.firstTemporary,
    };
  }

  /** Where each instruction starts, and the end. */
  private allStarts(): Uint32Array {
    const starts = new Uint32Array(this.starts.length + 1);
    starts.set(this.starts);
    starts[this.starts.length] = this.count;
    return starts;
  }

  /** A fresh temporary. */
  temp(): number {
    const slot = this.temporary++;
    if (slot - this.firstTemporary >= MAX_TEMPORARIES) throw new RangeError('more temporaries than MAX_TEMPORARIES');
    if (this.temporary > this.highest) this.highest = this.temporary;
    return slot;
  }

  mov(into: number, a: Operand): number {
    return this.emit(Op.Mov, into ?? this.temp(), a, 0);
  }
  add(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.Add, into ?? this.temp(), a, b);
  }
  sub(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.Sub, into ?? this.temp(), a, b);
  }
  and(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.And, into ?? this.temp(), a, b);
  }
  or(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.Or, into ?? this.temp(), a, b);
  }
  xor(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.Xor, into ?? this.temp(), a, b);
  }
  andNot(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.AndNot, into ?? this.temp(), a, b);
  }
  not(a: Operand, into?: number): Operand {
    return this.emit(Op.Xor, into ?? this.temp(), a, konst(0xffff_ffff));
  }
  neg(a: Operand, into?: number): Operand {
    return this.emit(Op.Sub, into ?? this.temp(), konst(0), a);
  }
  /** Two-operand value op by number, for tables of rows that differ only in the op. */
  binary(op: Op, a: Operand, b: Operand, into?: number): Operand {
    return this.emit(op, into ?? this.temp(), a, b);
  }
  /** One-operand value op (Clz, ReverseBits, SignExtend8, FloatSqrt ...). */
  unary(op: Op, a: Operand, into?: number): Operand {
    return this.emit(op, into ?? this.temp(), a, 0);
  }
  shl(a: Operand, amount: Operand, into?: number): Operand {
    return this.emit(Op.Shl, into ?? this.temp(), a, amount);
  }
  shr(a: Operand, amount: Operand, into?: number): Operand {
    return this.emit(Op.Shr, into ?? this.temp(), a, amount);
  }
  sar(a: Operand, amount: Operand, into?: number): Operand {
    return this.emit(Op.Sar, into ?? this.temp(), a, amount);
  }
  mul(a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.Mul, into ?? this.temp(), a, b);
  }
  funnel(high: Operand, low: Operand, amount: Operand, into?: number): Operand {
    return this.emit(Op.Funnel, into ?? this.temp(), high, low, amount);
  }
  set(condition: Condition, into?: number): Operand {
    return this.emit(Op.Set | (condition.cc << DETAIL_SHIFT), into ?? this.temp(), condition.a, condition.b);
  }
  /** condition != 0 ? a : b */
  select(condition: Operand, a: Operand, b: Operand, into?: number): Operand {
    return this.emit(Op.Select, into ?? this.temp(), a, b, condition);
  }
  /** One of FloatAdd, FloatSub, FloatMul, FloatDiv on raw bits. */
  float(op: Op, a: Operand, b: Operand, into?: number): Operand {
    return this.emit(op, into ?? this.temp(), a, b);
  }
  /** FloatMulAdd or FloatMulSub: addend +/- a * b, one rounding. */
  floatMulAdd(op: Op.FloatMulAdd | Op.FloatMulSub, a: Operand, b: Operand, addend: Operand, into?: number): Operand {
    return this.emit(op, into ?? this.temp(), a, b, addend);
  }

  /** memory[base + offset]; `strict` faults when the address is not aligned to the width. */
  load(op: Op, base: Operand, offset: Operand, into?: number, strict = false): number {
    return this.emit(strict ? op | STRICT_ALIGNMENT : op, into ?? this.temp(), base, offset);
  }
  store(op: Op, base: Operand, offset: Operand, value: Operand, strict = false): void {
    this.emit(strict ? op | STRICT_ALIGNMENT : op, 0, base, offset, value);
  }
  /** Words from `address` on into `slots`, in order; all or nothing. */
  loadMany(address: Operand, slots: readonly number[]): void {
    this.lists.push([...slots]);
    this.emit(Op.LoadMany, 0, address, konst(this.lists.length - 1));
  }
  storeMany(address: Operand, slots: readonly number[]): void {
    this.lists.push([...slots]);
    this.emit(Op.StoreMany, 0, address, konst(this.lists.length - 1));
  }

  /** One of FlagsAdd, FlagsAdc, FlagsSub, FlagsSbc, FlagsNz. Writes the flag slots after reading C. */
  flags(op: Op, a: Operand, b: Operand = konst(0)): void {
    this.emit(op, 0, a, b);
  }
  /** 1 when the flag condition holds, else 0. */
  flagTest(condition: FlagCondition, into?: number): Operand {
    return this.emit(Op.FlagTest | (condition << DETAIL_SHIFT), into ?? this.temp(), 0, 0);
  }

  /** Calls helper number `helper` of the architecture; returns the slot of its result. */
  helper(helper: number, a: Operand = konst(0), b: Operand = konst(0), c: Operand = konst(0), into?: number): Operand {
    return this.emit(Op.Helper | (helper << DETAIL_SHIFT), into ?? this.temp(), a, b, c);
  }

  /** Micro-ops written by `body` run only when the condition holds. */
  when(condition: Condition, body: () => void): void {
    if (this.inWhen) throw new RangeError('When may not nest');
    const ended = this.ended;
    this.inWhen = true;
    this.emit(Op.When | (condition.cc << DETAIL_SHIFT), 0, condition.a, condition.b);
    body();
    this.emit(Op.End, 0, 0, 0);
    this.inWhen = false;
    this.ended = ended;
  }

  /** Leaves the block for `target`. For a call give the return address. */
  jump(target: number, kind: ExitKind = ExitKind.Jump, link = 0): void {
    this.emit(Op.Jump | (kind << DETAIL_SHIFT), 0, konst(target), konst(link));
    this.ended = true;
  }
  jumpIf(condition: Condition, target: number): void {
    this.emit(Op.JumpIf | (condition.cc << DETAIL_SHIFT), 0, condition.a, condition.b, konst(target));
  }
  jumpTo(target: Operand, kind: ExitKind = ExitKind.Jump, link = 0): void {
    this.emit(Op.JumpTo | (kind << DETAIL_SHIFT), 0, target, konst(link));
    this.ended = true;
  }
  /** Stops with the architecture's exception `exception`; the pc stays at this instruction. */
  raise(exception: number, argument: Operand = konst(0)): void {
    this.emit(Op.Raise, 0, konst(exception), argument);
    this.ended = true;
  }
  windowEnter(stackPointer: Operand): void {
    this.emit(Op.WindowEnter, 0, stackPointer, 0);
    this.ended = true;
  }
  windowLeave(): void {
    this.emit(Op.WindowLeave, 0, 0, 0);
    this.ended = true;
  }

  /** Returns `d`. */
  private emit(word: number, d: number, a: Operand, b: Operand, c: Operand = 0): number {
    const at = this.count++ * OP_STRIDE;
    if (at + OP_STRIDE > this.words.length) {
      const grown = new Int32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    const { words } = this;
    let constants = 0;
    if (a >= CONST_BASE) constants = CONST_A;
    if (b >= CONST_BASE) constants |= CONST_B;
    if (c >= CONST_BASE) constants |= CONST_C;
    words[at] = word | constants;
    words[at + 1] = d;
    // The low 32 bits of a constant are its value.
    words[at + 2] = a;
    words[at + 3] = b;
    words[at + 4] = c;
    return d;
  }
}

/** Condition constructors. */
export const eq = (a: Operand, b: Operand): Condition => ({ cc: Cc.Eq, a, b });
export const ne = (a: Operand, b: Operand): Condition => ({ cc: Cc.Ne, a, b });
export const ltS = (a: Operand, b: Operand): Condition => ({ cc: Cc.LtS, a, b });
export const geS = (a: Operand, b: Operand): Condition => ({ cc: Cc.GeS, a, b });
export const ltU = (a: Operand, b: Operand): Condition => ({ cc: Cc.LtU, a, b });
export const geU = (a: Operand, b: Operand): Condition => ({ cc: Cc.GeU, a, b });

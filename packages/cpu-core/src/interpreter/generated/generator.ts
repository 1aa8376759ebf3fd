import { FunctionBody, ModuleBuilder, W } from '../../wasm/encoder.js';
import { Exit, I } from '../operations.js';
import type { InterpreterShape } from './shape.js';

/** Bytes of an operation's head: opcode, D, A, B. */
export const HEAD = 8;

/** Parameters of the function. */
const IP = 0;
const FUEL = 1;

/** Instructions that must be left for a block to start: MAX_BLOCK_INSTRUCTIONS. */
const MOST = 64;

/** What an operation that always goes on behind itself does. */
export interface PlainOperation {
  /** Bytes. */
  readonly length: number;
  readonly write: () => void;
}

/**
 * Writes the interpreter's function: a loop around one table jump to the code of an operation. The groups of operations
 * (`plain-operations.ts` ...) say what the code is, in terms of the pieces here.
 */
export class Generator {
  readonly body = new FunctionBody(2);
  /** Scratch locals of the code of one operation. */
  readonly x = this.body.local(W.TypeI32);
  readonly y = this.body.local(W.TypeI32);
  readonly w = this.body.local(W.TypeI32);
  readonly float = this.body.local(W.TypeF32);

  private readonly operations: (() => void)[] = [];
  private readonly plain: PlainOperation[] = [];
  /** Blocks open inside of the loop. */
  private open = 0;

  constructor(
    readonly shape: InterpreterShape,
    private readonly count: number,
  ) {}

  /** Gives operation `op` its code, which ends by `next`, `advance` or `leave`. Operations without code are slow. */
  define(op: number, write: () => void): void {
    this.operations[op] = write;
  }

  /** The same for one that always goes on behind itself; it may be the first of a pair. */
  definePlain(op: number, length: number, write: () => void): void {
    this.plain[op] = { length, write };
    this.define(op, () => {
      write();
      this.advance(length);
    });
  }

  /** Operation `op` is `first`, which is plain, and `second` behind it. */
  definePair(op: number, first: number, second: number): void {
    this.define(op, () => {
      const { length, write } = this.plain[first];
      write();
      this.skip(length);
      this.operations[second]();
    });
  }

  module(): Uint8Array<ArrayBuffer> {
    const { body, operations } = this;
    // The innermost block: operations without code fall into what follows the outermost, the slow exit.
    const order: number[] = [];
    for (let op = 0; op < this.count; op++) if (operations[op] !== undefined) order.push(op);
    // V8 puts the code of the last case directly before the table jump. With 4 bytes there, the jump lies in one cache line: on Zen
    // the whole interpreter runs 1.35 times as fast as with 40 bytes.
    order.push(this.count);
    operations[this.count] = () => this.advance(HEAD);
    const position = new Map(order.map((op, i) => [op, i]));
    body.open(W.Loop);
    for (let i = 0; i <= order.length; i++) body.open(W.Block);
    body.get(IP);
    body.memory(W.I32Load16U, 0, 1);
    body.op(W.BrTable);
    body.u32(this.count + 1);
    for (let op = 0; op <= this.count; op++) body.u32(position.get(op) ?? order.length);
    body.u32(order.length);
    order.forEach((op, i) => {
      body.op(W.End);
      this.open = order.length - i;
      operations[op]();
    });
    body.op(W.End);
    this.open = 0;
    this.leave(Exit.Slow);
    body.op(W.End);
    body.op(W.Unreachable);
    const module = new ModuleBuilder();
    module.add('run', { parameters: [W.TypeI32, W.TypeI32], results: [W.TypeI32] }, body);
    return module.finish();
  }

  /** Pushes the address of the slot in a field of the head: D at 2, A at 4, B at 6. */
  slot(field: 2 | 4 | 6): void {
    this.body.get(IP);
    this.body.memory(W.I32Load16U, field, 1);
  }

  /** Pushes the value of slot D, A, B. */
  d(): void {
    this.slot(2);
    this.body.memory(W.I32Load, 0, 2);
  }

  a(): void {
    this.slot(4);
    this.body.memory(W.I32Load, 0, 2);
  }

  b(): void {
    this.slot(6);
    this.body.memory(W.I32Load, 0, 2);
  }

  /** Pushes the word at `offset` of the operation. */
  word(offset: number): void {
    this.body.get(IP);
    this.body.memory(W.I32Load, offset, 2);
  }

  /** Pushes the ip. */
  ip(): void {
    this.body.get(IP);
  }

  /** Pops the ip. */
  setIp(): void {
    this.body.set(IP);
  }

  i64(value: number): void {
    this.body.i64(value);
  }

  /** d = what `value` pushes. */
  result(value: () => void): void {
    this.slot(2);
    value();
    this.body.memory(W.I32Store, 0, 2);
  }

  /** Word at byte `address` of the memory = what `value` pushes. */
  store(address: number, value: () => void): void {
    this.body.i32(0);
    value();
    this.body.memory(W.I32Store, address, 2);
  }

  /** Pushes the word at byte `address` of the memory. */
  load(address: number): void {
    this.body.i32(0);
    this.body.memory(W.I32Load, address, 2);
  }

  /** Moves the ip on. */
  skip(length: number): void {
    const { body } = this;
    body.get(IP);
    body.i32(length);
    body.op(W.I32Add);
    body.set(IP);
  }

  /** To the next operation, `length` bytes on. */
  advance(length: number): void {
    this.skip(length);
    this.next();
  }

  /** To the operation at the ip; `inside` more blocks are open. */
  next(inside = 0): void {
    this.body.br(W.Br, this.open + inside);
  }

  /** Pops a condition: when it holds, the host does the operation at the ip. */
  slowIf(): void {
    this.body.br(W.BrIf, this.open - 1);
  }

  /** Returns with a reason. */
  leave(exit: Exit): void {
    const { body, shape } = this;
    this.store(shape.ip, () => body.get(IP));
    this.store(shape.fuel, () => body.get(FUEL));
    body.i32(exit);
    body.op(W.Return);
  }

  /** Pushes the fuel less the instructions in D. */
  fuelBehind(): void {
    const { body } = this;
    body.get(FUEL);
    this.slot(2);
    body.i32(2);
    body.op(W.I32ShrU);
    body.op(W.I32Sub);
  }

  /** Pops the fuel. */
  setFuel(): void {
    this.body.set(FUEL);
  }

  /** Pushes whether the fuel pushed before suffices for another block. */
  isEnough(): void {
    this.body.i32(MOST);
    this.body.op(W.I32GeS);
  }

  /** To the block whose ip is in the word at `offset`, `inside` more blocks being open; leaves when the fuel does not suffice. */
  jump(offset: number, inside = 0): void {
    const { body } = this;
    this.fuelBehind();
    body.tee(FUEL);
    this.word(offset);
    body.set(IP);
    this.isEnough();
    body.br(W.BrIf, this.open + inside);
    this.leave(Exit.Boundary);
  }

  /** Pops a condition: when it holds, `jump` with the ip in the word at `offset`; else to the operation behind that word. */
  jumpIf(offset: number): void {
    this.body.open(W.If);
    this.jump(offset, 1);
    this.body.op(W.End);
    this.advance(offset + 4);
  }

  /** Goes on behind the word at `offset` when the condition that `test` pushes holds, else at the ip in that word. */
  skipUnless(offset: number, test: () => void): void {
    const { body } = this;
    body.get(IP);
    body.i32(offset + 4);
    body.op(W.I32Add);
    this.word(offset);
    test();
    body.op(W.Select);
    body.set(IP);
    this.next();
  }

  /** Defines the operations that only leave. */
  defineExits(): void {
    for (const [op, exit] of [
      [I.Leave, Exit.Middle],
      [I.Trap, Exit.Trap],
      [I.Break, Exit.Break],
      [I.NoFetch, Exit.Fetch],
      [I.Gate, Exit.Gate],
    ] as const) {
      this.define(op, () => this.leave(exit));
    }
  }
}

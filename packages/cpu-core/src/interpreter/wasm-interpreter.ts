import { FlagCondition } from '../ir.js';
import { FunctionBody, ModuleBuilder, W } from '../wasm/encoder.js';
import { Exit, I, JUMP_CACHE_MASK, JUMP_CACHE_STRIDE } from './run.js';

/** What the interpreter must know of an architecture; byte offsets of slots. */
export interface InterpreterShape {
  readonly n: number;
  readonly z: number;
  readonly c: number;
  readonly v: number;
  /** The slots that decide about the mode. */
  readonly modeA: number;
  readonly modeB: number;
  readonly modeC: number;
  /** The float unit's simple case: (word at control & mask) === plain. */
  readonly control: number;
  readonly mask: number;
  readonly plain: number;
  /** Place of the jump cache. */
  readonly jumpCache: number;
  /** Where ip and fuel are left. */
  readonly ip: number;
  readonly fuel: number;
}

/** Runs the program from `ip` on with `fuel` instructions until something ends it; returns the reason. */
export type WasmInterpreter = (ip: number, fuel: number) => Exit;

/** Instructions that must be left for a block to start: MAX_BLOCK_INSTRUCTIONS. */
const MOST = 64;

const modules = new Map<string, WebAssembly.Module>();

/**
 * The interpreter of `run.ts` as a WebAssembly function over the same program: one table jump per operation, operands straight from the
 * linear memory. Measured four times as fast as the JavaScript one.
 * @throws what WebAssembly compilation throws where it is forbidden
 */
export function wasmInterpreter(memory: WebAssembly.Memory, shape: InterpreterShape): WasmInterpreter {
  const key = JSON.stringify(shape);
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(new Generator(shape).module());
    modules.set(key, module);
  }
  return new WebAssembly.Instance(module, { e: { m: memory } }).exports['run'] as WasmInterpreter;
}

const IP = 0;
const FUEL = 1;

/** Bytes of an operation's head: opcode, D, A, B. */
const HEAD = 8;

/** Opcodes with two slots, and what they do. */
const BINARY: readonly (readonly [I, W])[] = [
  [I.AddSS, W.I32Add],
  [I.SubSS, W.I32Sub],
  [I.AndSS, W.I32And],
  [I.OrSS, W.I32Or],
  [I.XorSS, W.I32Xor],
  [I.ShlSS, W.I32Shl],
  [I.ShrSS, W.I32ShrU],
  [I.SarSS, W.I32ShrS],
  [I.RorSS, W.I32Rotr],
  [I.MulSS, W.I32Mul],
];

/** Opcodes with a slot and a constant. */
const WITH_CONSTANT: readonly (readonly [I, W])[] = [
  [I.AddSK, W.I32Add],
  [I.AndSK, W.I32And],
  [I.OrSK, W.I32Or],
  [I.XorSK, W.I32Xor],
  [I.ShlSK, W.I32Shl],
  [I.ShrSK, W.I32ShrU],
  [I.SarSK, W.I32ShrS],
  [I.RorSK, W.I32Rotr],
];

/** Comparisons in the order of the condition groups. */
const COMPARISONS = [W.I32Eq, W.I32Ne, W.I32LtS, W.I32GeS, W.I32LtU, W.I32GeU] as const;

const LOADS: readonly (readonly [I, W, number])[] = [
  [I.Load8U, W.I32Load8U, 1],
  [I.Load8S, W.I32Load8S, 1],
  [I.Load16U, W.I32Load16U, 2],
  [I.Load16S, W.I32Load16S, 2],
  [I.Load32, W.I32Load, 4],
];

const STORES: readonly (readonly [I, W, number])[] = [
  [I.Store8, W.I32Store8, 1],
  [I.Store16, W.I32Store16, 2],
  [I.Store32, W.I32Store, 4],
];

class Generator {
  private readonly body = new FunctionBody(2);
  /** What each opcode does; those without an entry are slow. */
  private readonly cases: ((() => void) | undefined)[] = new Array<(() => void) | undefined>(I.Count).fill(undefined);
  private readonly x = this.body.local(W.TypeI32);
  private readonly y = this.body.local(W.TypeI32);
  private readonly w = this.body.local(W.TypeI32);
  private readonly wide = this.body.local(W.TypeF32);
  /** Blocks open inside of the loop. */
  private open = 0;

  constructor(private readonly shape: InterpreterShape) {
    this.exits();
    this.arithmetic();
    this.conditions();
    this.memory();
    this.flags();
    this.float();
    this.jumps();
  }

  module(): Uint8Array<ArrayBuffer> {
    const { body } = this;
    // block $slow ... is the innermost block: opcodes without a case fall into it.
    body.open(W.Loop);
    const order = this.cases.flatMap((write, op) => (write === undefined ? [] : [op]));
    for (let i = 0; i <= order.length; i++) body.open(W.Block);
    body.get(IP);
    body.memory(W.I32Load16U, 0, 1);
    body.op(W.BrTable);
    body.code.u32(I.Count);
    for (let op = 0; op < I.Count; op++) {
      const at = order.indexOf(op);
      body.code.u32(at < 0 ? order.length : at);
    }
    body.code.u32(order.length);
    order.forEach((op, i) => {
      body.op(W.End);
      this.open = order.length - i;
      this.cases[op]?.();
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

  // Pieces.

  /** Pushes the address of the slot in a field of the head: D at 2, A at 4, B at 6. */
  private slot(field: 2 | 4 | 6): void {
    this.body.get(IP);
    this.body.memory(W.I32Load16U, field, 1);
  }

  private a(): void {
    this.slot(4);
    this.body.memory(W.I32Load, 0, 2);
  }

  private b(): void {
    this.slot(6);
    this.body.memory(W.I32Load, 0, 2);
  }

  /** Pushes the word at `offset` of the operation. */
  private word(offset: number): void {
    this.body.get(IP);
    this.body.memory(W.I32Load, offset, 2);
  }

  /** d = what `value` pushes; goes on behind the operation of `length` bytes. */
  private result(length: number, value: () => void): void {
    this.slot(2);
    value();
    this.body.memory(W.I32Store, 0, 2);
    this.advance(length);
  }

  private advance(length: number): void {
    const { body } = this;
    body.get(IP);
    body.i32(length);
    body.op(W.I32Add);
    body.set(IP);
    this.next();
  }

  /** To the next operation; `inside` more blocks are open. */
  private next(inside = 0): void {
    this.body.br(W.Br, this.open + inside);
  }

  /** Returns with a reason. */
  private leave(exit: Exit): void {
    const { body, shape } = this;
    body.i32(0);
    body.get(IP);
    body.memory(W.I32Store, shape.ip, 2);
    body.i32(0);
    body.get(FUEL);
    body.memory(W.I32Store, shape.fuel, 2);
    body.i32(exit);
    body.op(W.Return);
  }

  // Groups of operations.

  private exits(): void {
    const { cases } = this;
    for (const [op, exit] of [
      [I.Leave, Exit.Middle],
      [I.Trap, Exit.Trap],
      [I.Break, Exit.Break],
      [I.NoFetch, Exit.Fetch],
      [I.Gate, Exit.Gate],
    ] as const) {
      cases[op] = () => this.leave(exit);
    }
  }

  private arithmetic(): void {
    const { body, cases } = this;
    cases[I.MovS] = () => this.result(HEAD, () => this.a());
    cases[I.MovK] = () => this.result(HEAD + 4, () => this.word(8));
    cases[I.SubKS] = () =>
      this.result(HEAD + 4, () => {
        this.word(8);
        this.b();
        body.op(W.I32Sub);
      });
    for (const [op, w] of BINARY) {
      cases[op] = () =>
        this.result(HEAD, () => {
          this.a();
          this.b();
          body.op(w);
        });
    }
    for (const [op, w] of WITH_CONSTANT) {
      cases[op] = () =>
        this.result(HEAD + 4, () => {
          this.a();
          this.word(8);
          body.op(w);
        });
    }
    cases[I.AndNotSS] = () =>
      this.result(HEAD, () => {
        this.a();
        this.b();
        body.i32(-1);
        body.op(W.I32Xor);
        body.op(W.I32And);
      });
    for (const [op, w] of [
      [I.ShlWide, W.I32Shl],
      [I.ShrWide, W.I32ShrU],
    ] as const) {
      cases[op] = () =>
        this.result(HEAD, () => {
          this.a();
          this.b();
          body.tee(this.x);
          body.op(w);
          body.i32(0);
          body.get(this.x);
          body.i32(0xe0);
          body.op(W.I32And);
          body.op(W.I32Eqz);
          body.op(W.Select);
        });
    }
    cases[I.SarWide] = () =>
      this.result(HEAD, () => {
        this.a();
        this.b();
        body.tee(this.x);
        body.i32(31);
        body.get(this.x);
        body.i32(0xe0);
        body.op(W.I32And);
        body.op(W.I32Eqz);
        body.op(W.Select);
        body.op(W.I32ShrS);
      });
    cases[I.Funnel] = () =>
      this.result(HEAD + 4, () => {
        this.a();
        body.op(W.I64ExtendI32U);
        this.i64(32);
        body.op(W.I64Shl);
        this.b();
        body.op(W.I64ExtendI32U);
        body.op(W.I64Or);
        this.word(8);
        body.memory(W.I32Load, 0, 2);
        body.op(W.I64ExtendI32U);
        body.op(W.I64ShrU);
        body.op(W.I32WrapI64);
      });
    for (const [op, extend] of [
      [I.MulHighS, W.I64ExtendI32S],
      [I.MulHighU, W.I64ExtendI32U],
    ] as const) {
      cases[op] = () =>
        this.result(HEAD, () => {
          this.a();
          body.op(extend);
          this.b();
          body.op(extend);
          body.op(W.I64Mul);
          this.i64(32);
          body.op(W.I64ShrU);
          body.op(W.I32WrapI64);
        });
    }
    for (const [op, w] of [
      [I.DivS, W.I32DivS],
      [I.RemS, W.I32RemS],
      [I.DivU, W.I32DivU],
      [I.RemU, W.I32RemU],
    ] as const) {
      cases[op] = () => this.result(HEAD, () => this.divide(op, w));
    }
    for (const [op, w] of [
      [I.MinS, W.I32LtS],
      [I.MaxS, W.I32GtS],
      [I.MinU, W.I32LtU],
      [I.MaxU, W.I32GtU],
    ] as const) {
      cases[op] = () =>
        this.result(HEAD, () => {
          this.a();
          body.tee(this.x);
          this.b();
          body.tee(this.y);
          body.get(this.x);
          body.get(this.y);
          body.op(w);
          body.op(W.Select);
        });
    }
    for (const [op, w] of [
      [I.Clz, W.I32Clz],
      [I.SignExtend8, W.I32Extend8S],
      [I.SignExtend16, W.I32Extend16S],
    ] as const) {
      cases[op] = () =>
        this.result(HEAD, () => {
          this.a();
          body.op(w);
        });
    }
    cases[I.ZeroExtend8] = () => this.result(HEAD, () => this.masked(0xff));
    cases[I.ZeroExtend16] = () => this.result(HEAD, () => this.masked(0xffff));
    cases[I.ReverseBytes] = () =>
      this.result(HEAD, () => {
        this.a();
        body.set(this.x);
        this.swapBytes();
      });
    cases[I.ReverseBytes16] = () =>
      this.result(HEAD, () => {
        this.a();
        body.set(this.x);
        this.swapGroups(0x00ff_00ff, 8);
      });
    cases[I.ReverseBits] = () =>
      this.result(HEAD, () => {
        this.a();
        body.set(this.x);
        for (const [mask, by] of [
          [0x5555_5555, 1],
          [0x3333_3333, 2],
          [0x0f0f_0f0f, 4],
        ] as const) {
          this.swapGroups(mask, by);
          body.set(this.x);
        }
        this.swapBytes();
      });
    cases[I.Select] = () =>
      this.result(HEAD + 4, () => {
        this.a();
        this.b();
        this.word(8);
        body.memory(W.I32Load, 0, 2);
        body.op(W.Select);
      });
    cases[I.Load32At] = () =>
      this.result(HEAD + 4, () => {
        this.word(8);
        body.memory(W.I32Load, 0, 2);
      });
  }

  private i64(value: number): void {
    this.body.op(W.I64Const);
    this.body.code.s32(value);
  }

  private masked(mask: number): void {
    this.a();
    this.body.i32(mask);
    this.body.op(W.I32And);
  }

  /** Pushes x with neighbouring groups of bits exchanged. */
  private swapGroups(mask: number, by: number): void {
    const { body } = this;
    body.get(this.x);
    body.i32(by);
    body.op(W.I32ShrU);
    body.i32(mask);
    body.op(W.I32And);
    body.get(this.x);
    body.i32(mask);
    body.op(W.I32And);
    body.i32(by);
    body.op(W.I32Shl);
    body.op(W.I32Or);
  }

  private swapBytes(): void {
    const { body } = this;
    body.get(this.x);
    body.i32(0xff00_ff00);
    body.op(W.I32And);
    body.i32(8);
    body.op(W.I32Rotl);
    body.get(this.x);
    body.i32(0x00ff_00ff);
    body.op(W.I32And);
    body.i32(8);
    body.op(W.I32Rotr);
    body.op(W.I32Or);
  }

  /** x / 0 = 0, x % 0 = x, INT_MIN / -1 = INT_MIN. */
  private divide(op: I, w: W): void {
    const { body } = this;
    const isSigned = op === I.DivS || op === I.RemS;
    this.a();
    body.set(this.x);
    this.b();
    body.tee(this.y);
    if (isSigned) {
      // 0 or -1
      body.i32(1);
      body.op(W.I32Add);
      body.i32(2);
      body.op(W.I32LtU);
    } else {
      body.op(W.I32Eqz);
    }
    body.open(W.If, W.TypeI32);
    body.get(this.x);
    body.get(this.y);
    if (op === I.DivS || op === I.DivU) {
      body.op(W.I32Mul);
    } else {
      body.i32(-1);
      body.op(W.I32Xor);
      body.op(W.I32And);
    }
    body.op(W.Else);
    body.get(this.x);
    body.get(this.y);
    body.op(w);
    body.op(W.End);
  }

  private conditions(): void {
    const { body, cases } = this;
    COMPARISONS.forEach((comparison, i) => {
      for (const withConstant of [false, true]) {
        const length = withConstant ? HEAD + 4 : HEAD;
        const compare = () => {
          this.a();
          if (withConstant) this.word(8);
          else this.b();
          body.op(comparison);
        };
        const number = i + (withConstant ? COMPARISONS.length : 0);
        cases[I.SetEqSS + number] = () => this.result(length, compare);
        cases[I.WhenEqSS + number] = () => {
          body.get(IP);
          body.i32(length + 4);
          body.op(W.I32Add);
          this.word(length);
          compare();
          body.op(W.Select);
          body.set(IP);
          this.next();
        };
        cases[I.JumpEqSS + number] = () => {
          compare();
          body.open(W.If);
          this.takeFuel();
          this.word(length);
          body.set(IP);
          this.enough(1);
          body.op(W.End);
          this.advance(length + 4);
        };
      }
    });
  }

  /** Takes the exit's count from the fuel. */
  private takeFuel(): void {
    const { body } = this;
    body.get(FUEL);
    this.slot(2);
    body.i32(2);
    body.op(W.I32ShrU);
    body.op(W.I32Sub);
    body.set(FUEL);
  }

  /** Goes on when the fuel suffices for another block, else leaves. */
  private enough(inside = 0): void {
    const { body } = this;
    body.get(FUEL);
    body.i32(MOST);
    body.op(W.I32GeS);
    body.br(W.BrIf, this.open + inside);
    this.leave(Exit.Boundary);
  }

  private memory(): void {
    const { body, cases } = this;
    for (const indexed of [false, true]) {
      const number = indexed ? I.Load8UIndexed - I.Load8U : 0;
      for (const [op, w, width] of LOADS) {
        cases[op + number] = () => {
          this.hostAddress(indexed, width, 12);
          this.slot(2);
          body.get(this.x);
          body.memory(w, 0, 0);
          body.memory(W.I32Store, 0, 2);
          this.advance(24);
        };
      }
      const storeNumber = indexed ? I.Store8Indexed - I.Store8 : 0;
      for (const [op, w, width] of STORES) {
        cases[op + storeNumber] = () => {
          this.hostAddress(indexed, width, 12);
          body.get(this.x);
          this.slot(2);
          body.memory(W.I32Load, 0, 2);
          body.memory(w, 0, 0);
          this.advance(24);
        };
      }
    }
    cases[I.LoadMany] = () => this.many(true);
    cases[I.StoreMany] = () => this.many(false);
  }

  /** Sets x to the host address of an access, or leaves it to the host: outside of the window whose words stand at `site`, unaligned. */
  private hostAddress(indexed: boolean, width: number, site: number): void {
    const { body } = this;
    this.a();
    if (indexed) this.b();
    else this.word(8);
    body.op(W.I32Add);
    body.tee(this.x);
    this.word(site);
    body.op(W.I32Sub);
    this.word(site + 4);
    body.op(W.I32GeU);
    body.br(W.BrIf, this.open - 1);
    if (width > 1) {
      body.get(this.x);
      body.i32(width - 1);
      body.op(W.I32And);
      body.br(W.BrIf, this.open - 1);
    }
    body.get(this.x);
    this.word(site + 8);
    body.op(W.I32Add);
    body.set(this.x);
  }

  private many(isLoad: boolean): void {
    const { body } = this;
    // w = bytes; x = address
    this.slot(2);
    body.set(this.w);
    this.a();
    body.tee(this.x);
    body.i32(3);
    body.op(W.I32And);
    body.br(W.BrIf, this.open - 1);
    body.get(this.x);
    this.word(8);
    body.op(W.I32Sub);
    body.tee(this.y);
    this.word(12);
    body.op(W.I32GeU);
    body.br(W.BrIf, this.open - 1);
    body.get(this.y);
    body.get(this.w);
    body.op(W.I32Add);
    body.i32(4);
    body.op(W.I32Sub);
    this.word(12);
    body.op(W.I32GeU);
    body.br(W.BrIf, this.open - 1);
    body.get(this.x);
    this.word(16);
    body.op(W.I32Add);
    body.set(this.x);
    // y = the end of the slot list; ip runs over it
    body.get(IP);
    body.get(this.w);
    body.op(W.I32Add);
    body.set(this.y);
    body.open(W.Loop);
    if (isLoad) {
      this.word(20);
      body.get(this.x);
      body.memory(W.I32Load, 0, 2);
    } else {
      body.get(this.x);
      this.word(20);
      body.memory(W.I32Load, 0, 2);
    }
    body.memory(W.I32Store, 0, 2);
    body.get(this.x);
    body.i32(4);
    body.op(W.I32Add);
    body.set(this.x);
    body.get(IP);
    body.i32(4);
    body.op(W.I32Add);
    body.tee(IP);
    body.get(this.y);
    body.op(W.I32Ne);
    body.br(W.BrIf, 0);
    body.op(W.End);
    this.advance(20);
  }

  private flags(): void {
    const { body, cases, shape } = this;
    const store = (slot: number, value: () => void) => {
      body.i32(0);
      value();
      body.memory(W.I32Store, slot, 2);
    };
    const load = (slot: number) => {
      body.i32(0);
      body.memory(W.I32Load, slot, 2);
    };
    /** x = a, y = b, w = result */
    const begin = (withConstant: boolean) => {
      this.a();
      body.set(this.x);
      if (withConstant) this.word(8);
      else this.b();
      body.set(this.y);
    };
    const finish = (subtracts: boolean, length: number) => {
      store(shape.n, () => body.get(this.w));
      store(shape.z, () => body.get(this.w));
      store(shape.v, () => {
        body.get(this.x);
        body.get(subtracts ? this.y : this.w);
        body.op(W.I32Xor);
        body.get(subtracts ? this.x : this.y);
        body.get(this.w);
        body.op(W.I32Xor);
        body.op(W.I32And);
      });
      this.advance(length);
    };
    for (const [op, withConstant] of [
      [I.FlagsAddSS, false],
      [I.FlagsAddSK, true],
    ] as const) {
      cases[op] = () => {
        begin(withConstant);
        body.get(this.x);
        body.get(this.y);
        body.op(W.I32Add);
        body.set(this.w);
        store(shape.c, () => {
          body.get(this.w);
          body.get(this.x);
          body.op(W.I32LtU);
        });
        finish(false, withConstant ? HEAD + 4 : HEAD);
      };
    }
    for (const [op, withConstant] of [
      [I.FlagsSubSS, false],
      [I.FlagsSubSK, true],
    ] as const) {
      cases[op] = () => {
        begin(withConstant);
        body.get(this.x);
        body.get(this.y);
        body.op(W.I32Sub);
        body.set(this.w);
        store(shape.c, () => {
          body.get(this.x);
          body.get(this.y);
          body.op(W.I32GeU);
        });
        finish(true, withConstant ? HEAD + 4 : HEAD);
      };
    }
    cases[I.FlagsAdcSS] = () => {
      begin(false);
      // 64 bits: the carry is bit 32.
      const sum = () => {
        body.get(this.x);
        body.op(W.I64ExtendI32U);
        body.get(this.y);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Add);
        load(shape.c);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Add);
      };
      sum();
      body.op(W.I32WrapI64);
      body.set(this.w);
      store(shape.c, () => {
        sum();
        this.i64(32);
        body.op(W.I64ShrU);
        body.op(W.I32WrapI64);
      });
      finish(false, HEAD);
    };
    cases[I.FlagsSbcSS] = () => {
      begin(false);
      // a + ~b + C; the complement is taken in 32 bits.
      const sum = () => {
        body.get(this.x);
        body.op(W.I64ExtendI32U);
        body.get(this.y);
        body.i32(-1);
        body.op(W.I32Xor);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Add);
        load(shape.c);
        body.op(W.I64ExtendI32U);
        body.op(W.I64Add);
      };
      sum();
      body.op(W.I32WrapI64);
      body.set(this.w);
      store(shape.c, () => {
        sum();
        this.i64(32);
        body.op(W.I64ShrU);
        body.op(W.I32WrapI64);
      });
      finish(true, HEAD);
    };
    cases[I.FlagsNz] = () => {
      this.a();
      body.set(this.x);
      store(shape.n, () => body.get(this.x));
      store(shape.z, () => body.get(this.x));
      this.advance(HEAD);
    };
    for (let condition = FlagCondition.Eq; condition <= FlagCondition.Le; condition++) {
      cases[I.FlagTestEq + condition] = () =>
        this.result(HEAD, () => {
          this.flagTest(condition, load);
          if ((condition & 1) === 1) body.op(W.I32Eqz);
        });
    }
  }

  /** Pushes 1 when the even condition of a pair holds, else 0. */
  private flagTest(condition: FlagCondition, load: (slot: number) => void): void {
    const { body, shape } = this;
    const sign = (slot: number) => {
      load(slot);
      body.i32(31);
      body.op(W.I32ShrU);
    };
    const notZero = () => {
      load(shape.z);
      body.i32(0);
      body.op(W.I32Ne);
    };
    const nEqualsV = () => {
      load(shape.n);
      load(shape.v);
      body.op(W.I32Xor);
      body.i32(-1);
      body.op(W.I32GtS);
    };
    switch (condition >> 1) {
      case 0:
        load(shape.z);
        body.op(W.I32Eqz);
        break;
      case 1:
        load(shape.c);
        break;
      case 2:
        sign(shape.n);
        break;
      case 3:
        sign(shape.v);
        break;
      case 4:
        load(shape.c);
        notZero();
        body.op(W.I32And);
        break;
      case 5:
        nEqualsV();
        break;
      default:
        notZero();
        nEqualsV();
        body.op(W.I32And);
    }
  }

  private float(): void {
    const { body, cases, shape } = this;
    for (const [op, w] of [
      [I.FloatAdd, W.F32Add],
      [I.FloatSub, W.F32Sub],
      [I.FloatMul, W.F32Mul],
      [I.FloatDiv, W.F32Div],
      [I.FloatSqrt, W.F32Sqrt],
    ] as const) {
      cases[op] = () => {
        body.i32(0);
        body.memory(W.I32Load, shape.control, 2);
        body.i32(shape.mask);
        body.op(W.I32And);
        body.i32(shape.plain);
        body.op(W.I32Ne);
        body.br(W.BrIf, this.open - 1);
        this.slot(4);
        body.memory(W.F32Load, 0, 2);
        if (op !== I.FloatSqrt) {
          this.slot(6);
          body.memory(W.F32Load, 0, 2);
        }
        body.op(w);
        body.tee(this.wide);
        body.op(W.I32ReinterpretF32);
        body.i32(0x7fff_ffff);
        body.op(W.I32And);
        body.i32(0x0080_0000);
        body.op(W.I32Sub);
        body.i32(0x7f00_0000);
        body.op(W.I32GeU);
        body.br(W.BrIf, this.open - 1);
        this.slot(2);
        body.get(this.wide);
        body.memory(W.F32Store, 0, 2);
        this.advance(HEAD);
      };
    }
  }

  private jumps(): void {
    const { body, cases, shape } = this;
    cases[I.Jump] = () => {
      this.takeFuel();
      this.word(8);
      body.set(IP);
      this.enough();
    };
    cases[I.JumpTo] = () => {
      // x = pc, y = entry of the jump cache
      this.a();
      body.tee(this.x);
      body.i32(1);
      body.op(W.I32ShrU);
      body.i32(JUMP_CACHE_MASK);
      body.op(W.I32And);
      body.i32(JUMP_CACHE_STRIDE);
      body.op(W.I32Mul);
      body.tee(this.y);
      body.memory(W.I32Load, shape.jumpCache, 2);
      body.get(this.x);
      body.op(W.I32Ne);
      body.br(W.BrIf, this.open - 1);
      for (const [offset, slot] of [
        [8, shape.modeA],
        [12, shape.modeB],
        [16, shape.modeC],
      ] as const) {
        body.get(this.y);
        body.memory(W.I32Load, shape.jumpCache + offset, 2);
        body.i32(0);
        body.memory(W.I32Load, slot, 2);
        body.op(W.I32Ne);
        body.br(W.BrIf, this.open - 1);
      }
      body.get(FUEL);
      this.slot(2);
      body.i32(2);
      body.op(W.I32ShrU);
      body.op(W.I32Sub);
      body.tee(this.w);
      body.i32(MOST);
      body.op(W.I32LtS);
      body.br(W.BrIf, this.open - 1);
      body.get(this.w);
      body.set(FUEL);
      body.get(this.y);
      body.memory(W.I32Load, shape.jumpCache + 4, 2);
      body.set(IP);
      this.next();
    };
  }
}

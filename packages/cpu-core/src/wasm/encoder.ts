/** Numbers of the WebAssembly binary format (core specification, chapter 5), as far as the compiler uses them. */
export const enum W {
  Unreachable = 0x00,
  Block = 0x02,
  Loop = 0x03,
  If = 0x04,
  Else = 0x05,
  End = 0x0b,
  Br = 0x0c,
  BrIf = 0x0d,
  BrTable = 0x0e,
  Return = 0x0f,
  Call = 0x10,
  CallIndirect = 0x11,
  Drop = 0x1a,
  Select = 0x1b,
  LocalGet = 0x20,
  LocalSet = 0x21,
  LocalTee = 0x22,
  GlobalGet = 0x23,
  I32Load = 0x28,
  I64Load = 0x29,
  F32Load = 0x2a,
  I32Load8S = 0x2c,
  I32Load8U = 0x2d,
  I32Load16S = 0x2e,
  I32Load16U = 0x2f,
  I32Store = 0x36,
  I64Store = 0x37,
  F32Store = 0x38,
  I32Store8 = 0x3a,
  I32Store16 = 0x3b,
  I32Const = 0x41,
  I64Const = 0x42,
  F32Const = 0x43,
  I32Eqz = 0x45,
  I32Eq = 0x46,
  I32Ne = 0x47,
  I32LtS = 0x48,
  I32LtU = 0x49,
  I32GtS = 0x4a,
  I32GtU = 0x4b,
  I32LeS = 0x4c,
  I32LeU = 0x4d,
  I32GeS = 0x4e,
  I32GeU = 0x4f,
  I64Eqz = 0x50,
  I64Eq = 0x51,
  I64Ne = 0x52,
  F32Lt = 0x5d,
  F32Ge = 0x60,
  I32Clz = 0x67,
  I32Add = 0x6a,
  I32Sub = 0x6b,
  I32Mul = 0x6c,
  I32DivS = 0x6d,
  I32DivU = 0x6e,
  I32RemS = 0x6f,
  I32RemU = 0x70,
  I32And = 0x71,
  I32Or = 0x72,
  I32Xor = 0x73,
  I32Shl = 0x74,
  I32ShrS = 0x75,
  I32ShrU = 0x76,
  I32Rotl = 0x77,
  I32Rotr = 0x78,
  I64Add = 0x7c,
  I64Sub = 0x7d,
  I64Mul = 0x7e,
  I64And = 0x83,
  I64Or = 0x84,
  I64Shl = 0x86,
  I64ShrS = 0x87,
  I64ShrU = 0x88,
  F32Abs = 0x8b,
  F32Neg = 0x8c,
  F32Sqrt = 0x91,
  F32Add = 0x92,
  F32Sub = 0x93,
  F32Mul = 0x94,
  F32Div = 0x95,
  F64Add = 0xa0,
  F64Sub = 0xa1,
  F64Mul = 0xa2,
  I32WrapI64 = 0xa7,
  I64ExtendI32S = 0xac,
  I64ExtendI32U = 0xad,
  F32DemoteF64 = 0xb6,
  F64PromoteF32 = 0xbb,
  I32ReinterpretF32 = 0xbc,
  I64ReinterpretF64 = 0xbd,
  F32ReinterpretI32 = 0xbe,
  I32Extend8S = 0xc0,
  I32Extend16S = 0xc1,

  Void = 0x40,
  TypeI32 = 0x7f,
  TypeI64 = 0x7e,
  TypeF32 = 0x7d,
  TypeF64 = 0x7c,
}

/** A value type of a local, parameter or result. */
export type ValueType = W.TypeI32 | W.TypeI64 | W.TypeF32 | W.TypeF64;

/** Magic number and version: the smallest module. */
export const PREAMBLE: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A growing byte string with the format's integers. */
export class Bytes {
  private bytes = new Uint8Array(1024);
  private used = 0;

  get length(): number {
    return this.used;
  }

  byte(value: number): void {
    if (this.used === this.bytes.length) this.grow(1);
    this.bytes[this.used++] = value;
  }

  /** Unsigned LEB128 of a 32-bit number. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** A byte and an unsigned LEB128 behind it: most instructions. */
  pair(first: number, value: number): void {
    if (value >>> 7 !== 0) {
      this.byte(first);
      this.u32(value);
      return;
    }
    const at = this.used;
    this.used += 2;
    if (this.used > this.bytes.length) this.grow(2);
    this.bytes[at] = first;
    this.bytes[at + 1] = value;
  }

  /** Signed LEB128 of a 32-bit number. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest > 0x3f || rest < -0x40) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of a 64-bit number, given as its lower and upper half. */
  s64(lower: number, upper: number): void {
    let low = lower >>> 0;
    let high = upper | 0;
    while (high !== low >> 6 || (high !== 0 && high !== -1)) {
      this.byte((low & 0x7f) | 0x80);
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>= 7;
    }
    this.byte(low & 0x7f);
  }

  append(other: Bytes): void {
    if (this.used + other.used > this.bytes.length) this.grow(other.used);
    this.bytes.set(other.bytes.subarray(0, other.used), this.used);
    this.used += other.used;
  }

  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** A section of a module: `content`, which is empty afterwards. */
  section(id: number, content: Bytes): void {
    this.pair(id, content.used);
    this.append(content);
    content.used = 0;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.used);
  }

  private grow(more: number): void {
    const grown = new Uint8Array(this.bytes.length * 2 + more);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** The instructions of one function, and its locals. */
export class FunctionBody extends Bytes {
  private readonly types: ValueType[] = [];
  private blocks = 0;

  /** @param parameters number of parameters: locals are numbered behind them */
  constructor(private readonly parameters: number) {
    super();
  }

  /** Opens `blocks` blocks in front of everything. */
  enclose(blocks: number): void {
    this.blocks += blocks;
  }

  local(type: ValueType): number {
    this.types.push(type);
    return this.parameters + this.types.length - 1;
  }

  op(opcode: W): void {
    this.byte(opcode);
  }

  i32(value: number): void {
    if (value >= -0x40 && value < 0x40) {
      this.pair(W.I32Const, value & 0x7f);
      return;
    }
    this.byte(W.I32Const);
    this.s32(value);
  }

  /** The constant with the given lower and upper half. */
  i64(lower: number, upper = 0): void {
    this.byte(W.I64Const);
    this.s64(lower, upper);
  }

  /** @param bits IEEE 754 bits of the constant */
  f32(bits: number): void {
    this.byte(W.F32Const);
    for (let shift = 0; shift < 32; shift += 8) this.byte((bits >>> shift) & 0xff);
  }

  get(local: number): void {
    this.pair(W.LocalGet, local);
  }

  set(local: number): void {
    this.pair(W.LocalSet, local);
  }

  tee(local: number): void {
    this.pair(W.LocalTee, local);
  }

  /** A load or store; the address is on the stack. @param align log2 of the alignment that is certain */
  memory(opcode: W, offset: number, align: number): void {
    this.pair(opcode, align);
    if (offset < 0x80) this.byte(offset);
    else this.u32(offset);
  }

  /** Pushes the word at a constant address. */
  loadWord(address: number): void {
    this.i32(0);
    this.memory(W.I32Load, address, 2);
  }

  /** Block, loop or if. */
  open(opcode: W.Block | W.Loop | W.If, type: W.Void | ValueType = W.Void): void {
    this.pair(opcode, type);
  }

  br(opcode: W.Br | W.BrIf, depth: number): void {
    this.pair(opcode, depth);
  }

  call(index: number): void {
    this.pair(W.Call, index);
  }

  callIndirect(type: number): void {
    this.pair(W.CallIndirect, type);
    this.byte(0);
  }

  /** Adds the function to a code section. */
  finish(section: Bytes): void {
    const { types } = this;
    const head = new Bytes();
    let groups = 0;
    for (let i = 0; i < types.length; i++) if (types[i] !== types[i - 1]) groups++;
    head.u32(groups);
    let count = 0;
    for (let i = 0; i < types.length; i++) {
      count++;
      if (types[i] === types[i + 1]) continue;
      head.u32(count);
      head.byte(types[i]);
      count = 0;
    }
    for (let i = 0; i < this.blocks; i++) head.pair(W.Block, W.Void);
    section.u32(head.length + this.length + 1);
    section.append(head);
    section.append(this);
    section.byte(W.End);
  }
}

/** A function type. */
export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A module that imports one memory ("m" of "e"), functions and constants, and exports functions. */
export class ModuleBuilder {
  private readonly signatures: Signature[] = [];
  private readonly constants: string[] = [];
  private readonly imports: { readonly name: string; readonly type: number }[] = [];
  private readonly functions: { readonly type: number; readonly name: string; readonly body: FunctionBody }[] = [];

  /** Number of a type, added when new. */
  type(signature: Signature): number {
    const { signatures } = this;
    for (let i = 0; i < signatures.length; i++) {
      if (isSame(signatures[i].parameters, signature.parameters) && isSame(signatures[i].results, signature.results))
        return i;
    }
    return signatures.push(signature) - 1;
  }

  /** Imports a function; all imports come before the first `add`. Returns its index. */
  import(name: string, signature: Signature): number {
    return this.imports.push({ name, type: this.type(signature) }) - 1;
  }

  /** Imports a constant i32 of the instance, a global. Returns its index. */
  importConstant(name: string): number {
    return this.constants.push(name) - 1;
  }

  /** Adds a function, exported as `name`. Bodies may call functions added later: indexes follow the order of adding. */
  add(name: string, signature: Signature, body: FunctionBody): number {
    return this.imports.length + this.functions.push({ name, type: this.type(signature), body }) - 1;
  }

  get importCount(): number {
    return this.imports.length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    for (const byte of PREAMBLE) out.byte(byte);
    const section = new Bytes();
    section.u32(this.signatures.length);
    for (const { parameters, results } of this.signatures) {
      section.pair(0x60, parameters.length);
      for (const type of parameters) section.byte(type);
      section.u32(results.length);
      for (const type of results) section.byte(type);
    }
    out.section(1, section);
    section.u32(1 + this.imports.length + this.constants.length);
    section.name('e');
    section.name('m');
    // Memory with a minimum and no maximum: any memory fits.
    section.byte(2);
    section.pair(0, 1);
    for (const { name, type } of this.imports) {
      section.name('e');
      section.name(name);
      section.pair(0, type);
    }
    for (const name of this.constants) {
      section.name('e');
      section.name(name);
      section.pair(3, W.TypeI32);
      section.byte(0);
    }
    out.section(2, section);
    section.u32(this.functions.length);
    for (const { type } of this.functions) section.u32(type);
    out.section(3, section);
    section.u32(this.functions.length);
    for (let i = 0; i < this.functions.length; i++) {
      section.name(this.functions[i].name);
      section.pair(0, this.imports.length + i);
    }
    out.section(7, section);
    section.u32(this.functions.length);
    for (const { body } of this.functions) body.finish(section);
    out.section(10, section);
    return out.take();
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

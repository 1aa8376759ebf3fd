import { instructionRows, patternOf } from '@loadstone/cpu-xtensa';
import { CODE, CODE_SIZE, wildAddress, wildArgument } from './layout.js';
import type { Random } from './random.js';

const patterns = instructionRows.map(patternOf);
type Pattern = (typeof patterns)[number];

const MEMORY = /^([ls](8|16|32)|[ls]s[ix]|.*ld(inc|dec)$|[ls]32e|lddr|sddr)/;
const FLOW =
  /^(ill|ill\.n|syscall|simcall|entry|movsp|l32r|break|break\.n|waiti|rf\w*|rotw|wsr|xsr|jx?|call.*|ret|ret\.n|retw|retw\.n|b.*|loop.*)$/;
const memoryRows = patterns.filter(({ row }) => MEMORY.test(row.name) && row.name !== 'l32r');
const plainRows = patterns.filter(({ row }) => !MEMORY.test(row.name) && !FLOW.test(row.name));
const branchRows = patterns.filter(({ row }) => /^(b|loop|j$)/.test(row.name) && !row.name.startsWith('break'));

/** Bytes of literals before the code. */
const LITERALS = 0x200;

/** Builds a program byte by byte, literals first. */
class XtensaProgram {
  readonly bytes: number[] = [];
  /** Where instructions begin, as offsets into `bytes`. */
  readonly starts: number[] = [];
  readonly #branches: { readonly at: number; readonly pattern: Pattern }[] = [];
  readonly #literals: number[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Address of the next instruction. */
  get pc(): number {
    return CODE + LITERALS + this.bytes.length;
  }

  word(word: number, length: number): void {
    for (let byte = 0; byte < length; byte += 1) this.bytes.push((word >>> (8 * byte)) & 0xff);
  }

  /** An instruction of a row; address registers 2 to 11, or `base` where it names a base. */
  row(pattern: Pattern, base?: number): void {
    let word = (this.#random.bits() & ~pattern.mask) | pattern.value;
    for (const { operand, pieces } of pattern.operands) {
      if (!operand.address) continue;
      const register = base !== undefined && operand.key === 's' ? base : 2 + this.#random.below(10);
      for (const { shift, mask } of pieces) word = (word & ~(mask << shift)) | ((register & mask) << shift);
    }
    if (/^(b|loop|j$)/.test(pattern.row.name)) this.#branches.push({ at: this.bytes.length, pattern });
    this.word(word, pattern.length);
  }

  /** Lets a branch or loop lead to an instruction near it, mostly a later one. */
  #aim(at: number, { row, length }: Pattern): void {
    const { name } = row;
    if (length === 2) return;
    const behind = this.starts.filter((start) => start > at + 4 && start < at + 90);
    const before = this.starts.filter((start) => start < at && start > at - 90);
    const backwards = this.#random.once(3) && !name.startsWith('loop') && before.length > 0;
    const list = backwards ? before : behind;
    if (list.length === 0) return;
    const offset = this.#random.pick(list) - at - 4;
    let word = this.bytes[at] | (this.bytes[at + 1] << 8) | (this.bytes[at + 2] << 16);
    if (name === 'j') word = (word & 0x3f) | ((offset & 0x3_ffff) << 6);
    else if (/^b(eqz|nez|gez|ltz)$/.test(name)) word = (word & 0xfff) | ((offset & 0xfff) << 12);
    else word = (word & 0xffff) | ((offset & 0xff) << 16);
    for (let byte = 0; byte < 3; byte += 1) this.bytes[at + byte] = (word >>> (8 * byte)) & 0xff;
  }

  /** l32r: register = value. */
  load(register: number, value: number): void {
    let index = this.#literals.indexOf(value >>> 0);
    if (index < 0 && this.#literals.length < LITERALS / 4) index = this.#literals.push(value >>> 0) - 1;
    if (index < 0) index = this.#random.below(this.#literals.length);
    const offset = (CODE + 4 * index - ((this.pc + 3) & ~3)) >> 2;
    this.word(((offset & 0xffff) << 8) | (register << 4) | 1, 3);
  }

  align(): void {
    while (this.pc % 4 !== 0) this.bytes.push(0x3d);
  }

  finish(): Uint8Array {
    const literals = new Uint8Array(LITERALS);
    new Uint32Array(literals.buffer).set(this.#literals);
    for (const { at, pattern } of this.#branches) this.#aim(at, pattern);
    return Uint8Array.from([...literals, ...this.bytes]);
  }
}

/** Where a program's entry is. */
export const XTENSA_ENTRY = CODE + LITERALS;

/** A random program at CODE, with its entry at XTENSA_ENTRY. @param functions addresses of host functions */
export function xtensaProgram(random: Random, functions: readonly number[], windowed: boolean): Uint8Array {
  const program = new XtensaProgram(random);
  const register = (): number => 2 + random.below(10);
  /** Aligned places where a function may begin. */
  const entries: number[] = [];
  const chunks: readonly (readonly [number, () => void])[] = [
    [40, () => program.row(random.pick(plainRows))],
    [6, () => program.load(register(), random.once(2) ? wildAddress(random) : random.bits())],
    [
      16,
      () => {
        const base = register();
        program.load(base, wildAddress(random));
        program.row(random.pick(memoryRows), base);
      },
    ],
    [10, () => program.row(random.pick(branchRows))],
    [
      8,
      () => {
        const size = windowed ? random.pick([2, 2, 2, 1, 3]) : 0;
        const first = 4 * size + 2;
        for (let at = 0; at < 4 && first + at < 16; at += 1) program.load(first + at, wildArgument(random));
        const target = size === 0 ? 8 : 4 * size;
        program.load(target, random.pick(functions));
        program.word(0xc0 | (size << 4) | (target << 8), 3); // callx
      },
    ],
    [
      6,
      () => {
        // A call of a function of this program; windowed, it ends in RETW.
        const size = windowed ? 1 + random.below(3) : 0;
        if (entries.length === 0) return;
        program.load(4 * size + 8 > 15 ? 8 : 4 * size, random.pick(entries));
        program.word(0xc0 | (size << 4) | ((4 * size + 8 > 15 ? 8 : 4 * size) << 8), 3);
      },
    ],
    [
      5,
      () => {
        // A function, which falling code jumps over.
        program.word(0x06 | (24 << 6), 3);
        program.align();
        entries.push(program.pc);
        if (windowed) program.word(0x36 | (1 << 8) | ((4 + random.below(12)) << 12), 3);
        for (let count = random.below(5); count > 0; count -= 1) program.row(random.pick(plainRows));
        if (windowed) program.word(0xf01d, 2);
        else program.word(0xf00d, 2);
        program.align();
      },
    ],
    [
      3,
      () => {
        // Stores over code, near or far.
        const base = register();
        const near = program.pc - 32 + random.below(96);
        program.load(base, random.once(3) ? CODE + random.below(CODE_SIZE) : near & ~3);
        program.word(random.pick([0x6002, 0x5002, 0x4002]) | (base << 8) | (register() << 4), 3);
      },
    ],
    [
      1,
      () => {
        const base = register();
        program.load(base, random.once(2) ? program.pc - 40 + random.below(80) : wildAddress(random));
        program.word(random.pick([0xa0, 0xc0, 0xd0, 0xe0]) | (base << 8), 3);
      },
    ],
    [1, () => program.row(random.pick(patterns))],
    [1, () => program.word(random.bits(), 1 + random.below(3))],
    [
      1,
      () => {
        program.load(2, wildAddress(random) & ~(random.once(3) ? 0 : 15));
        program.word(random.once(2) ? 0x1210 : 0x201220, 3); // movsp a1, a2; or a1, a2, a2
      },
    ],
  ];
  if (windowed) program.word(0x36 | (1 << 8) | (6 << 12), 3); // entry a1, 48
  const length = 8 + random.below(80);
  for (let count = 0; count < length; count += 1) {
    program.starts.push(program.bytes.length);
    random.weighted(chunks)();
  }
  program.starts.push(program.bytes.length);
  program.word(windowed ? 0xf01d : 0xf00d, 2); // retw.n, ret.n
  return program.finish();
}

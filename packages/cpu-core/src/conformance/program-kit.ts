/** One of the four registers that the suite's programs use. */
export type Register = 0 | 1 | 2 | 3;

/** The instructions of an architecture that the suite's programs are made of. Each function gives one instruction. */
export interface ProgramKit {
  /** State slots of registers 0 to 3. */
  readonly slots: readonly [number, number, number, number];
  /** The value of a register or return address that leads to code at `address`. */
  codePointer(address: number): number;
  nop(): Uint8Array;
  /** register += 1 */
  increment(register: Register): Uint8Array;
  /** register -= 1; may set flags. */
  decrement(register: Register): Uint8Array;
  /** Directly behind `decrement`: goes on at `to`, at most 100 bytes away, unless the register is 0. */
  jumpUnlessZero(register: Register, from: number, to: number): Uint8Array;
  /** Goes on at `to`, at most 1000 bytes away. */
  jump(from: number, to: number): Uint8Array;
  /** Calls the code pointer in `register`: the return address goes into the link register. */
  callRegister(register: Register): Uint8Array;
  /** Goes on at the code pointer in the link register. */
  ret(): Uint8Array;
  /** into = memory[base], zero-extended; an unaligned address works. */
  load(width: 1 | 2 | 4, into: Register, base: Register): Uint8Array;
  /** memory[base] = value; an unaligned address works. */
  store(width: 1 | 2 | 4, value: Register, base: Register): Uint8Array;
  /** Loads the word at `base`, which must be aligned; it may change `base` when it succeeds. */
  alignedLoad(into: Register, base: Register): Uint8Array;
  /** An instruction that stops with an exception, and that stop. */
  readonly undefined: {
    readonly code: Uint8Array;
    readonly name: string;
    readonly argument: number;
  };
}

/** What the machine tells a compiling engine beside it. */
export interface Companion {
  /** An instruction touched memory in a window of its own. */
  noteAccess(pc: number, address: number): void;
  /** A computed jump went to `target`. */
  noteJump(pc: number, target: number): void;
  /** Bytes of translated code changed: host offsets. */
  codeWritten(from: number, to: number): void;
  /** Code was marked for the first time in a granule of these host bytes. */
  codeAppeared(from: number, to: number): void;
  /** All translations are forgotten; `everything`: compiled ones too. */
  cleared(everything: boolean): void;
  /** Compiled code must leave behind the current instruction. */
  interrupt(): void;
}

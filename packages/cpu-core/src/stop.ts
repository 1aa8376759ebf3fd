/** A refused memory access. */
export interface MemoryFault {
  readonly kind: 'unmapped' | 'read-only' | 'write-only' | 'not-executable' | 'width' | 'unaligned' | 'device';
  readonly access: 'read' | 'write' | 'fetch';
  /** Address of the first byte of the access. */
  readonly address: number;
  /** Bytes: 1, 2 or 4. */
  readonly width: number;
  /** The region the access lies in (partly), if any. */
  readonly region?: string;
}

/** Why a run ended. `pc` is the address of the instruction that was about to run or that faulted. */
export type StopReason =
  /** The allowed number of instructions has run. */
  | { readonly kind: 'fuel'; readonly pc: number }
  | { readonly kind: 'breakpoint'; readonly pc: number }
  /** An access to a watched address completed; pc is the accessing instruction. */
  | {
      readonly kind: 'watchpoint';
      readonly pc: number;
      readonly address: number;
      readonly access: 'read' | 'write';
      readonly width: number;
    }
  /** The pc reached an address of a trap region and the trap handler did not take it, or asked to stop. */
  | { readonly kind: 'trap'; readonly pc: number }
  | { readonly kind: 'memory-fault'; readonly pc: number; readonly fault: MemoryFault }
  /** An exception of the CPU: `name` from Architecture.exceptions; `argument` e.g. the SVC number. */
  | { readonly kind: 'exception'; readonly pc: number; readonly name: string; readonly argument: number }
  /** Somebody called `requestStop`. */
  | { readonly kind: 'requested'; readonly pc: number };

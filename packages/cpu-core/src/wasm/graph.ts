import type { DecodeMode } from '../architecture.js';
import type { Cc, ExitKind, Op, Operand } from '../ir.js';
import type { Structure } from './structure.js';

/** A micro-op, taken apart. */
export interface MicroOp {
  readonly op: Op;
  readonly detail: number;
  readonly strict: boolean;
  readonly d: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
  /** Slots of LoadMany and StoreMany. */
  readonly list: readonly number[];
  /** Address of its instruction. */
  readonly pc: number;
  /** Instructions completed since the start of its node when it runs. */
  readonly done: number;
}

/** How a node ends. `to`, `next` and the like are node numbers. */
export type Ending =
  | { readonly kind: 'goto'; readonly to: number }
  | {
      readonly kind: 'branch';
      readonly cc: Cc;
      readonly a: Operand;
      readonly b: Operand;
      readonly taken: number;
      readonly other: number;
    }
  /** Goes on at a constant address outside of the graph. */
  | { readonly kind: 'leave'; readonly pc: number }
  /** The interpreter runs the instruction at pc: it raises, or is of a kind that is not compiled. */
  | { readonly kind: 'interpret'; readonly pc: number; readonly done: number }
  /** Calls a constant address; goes on at `next` when it returns to `link`. */
  | {
      readonly kind: 'call';
      readonly target: number;
      readonly link: number;
      readonly mode: DecodeMode;
      readonly next: number;
    }
  | {
      readonly kind: 'call-to';
      readonly target: Operand;
      /** Address it will most likely have, when a word of memory tells. */
      readonly likely: number | undefined;
      readonly link: number;
      readonly mode: DecodeMode;
      readonly next: number;
    }
  | {
      readonly kind: 'jump-to';
      /** Address of the instruction. */
      readonly pc: number;
      readonly target: Operand;
      readonly exit: ExitKind;
      /** Mode that `lift` gave for what follows. */
      readonly mode: DecodeMode;
      readonly cases: readonly JumpCase[];
    }
  /** Goes to the target whose number the slot for it holds (`SlotUse.route`): the head of a loop with several ways in. */
  | { readonly kind: 'route'; readonly targets: readonly number[] }
  /** Leaves when the host asked for it during the instruction that ends here. */
  | { readonly kind: 'poll'; readonly pc: number; readonly next: number }
  /** A helper that may read and write state, or stop. */
  | { readonly kind: 'helper'; readonly call: MicroOp; readonly next: number }
  | {
      readonly kind: 'window-enter';
      readonly stackPointer: Operand;
      readonly pc: number;
      readonly done: number;
      /** Mode behind it. */
      readonly mode: DecodeMode;
      readonly next: number;
    }
  | { readonly kind: 'window-leave'; readonly pc: number; readonly done: number; readonly mode: DecodeMode };

/** One known target of a computed jump. */
export interface JumpCase {
  readonly pc: number;
  readonly to: number;
}

/** Straight-line micro-ops with one way in at the top and one ending. */
export interface GraphNode {
  /** Address of its first instruction, which may have begun in the node before. */
  readonly pc: number;
  /** Whether it begins at the start of an instruction. */
  readonly atStart: boolean;
  readonly ops: MicroOp[];
  /** Instructions completed when its end is reached. */
  count: number;
  ending: Ending;
}

export interface Graph {
  readonly pc: number;
  readonly mode: DecodeMode;
  /** Node 0 is the entry. */
  readonly nodes: readonly GraphNode[];
  readonly structure: Structure;
  /** Ranges of guest addresses it was made from: pairs of first and end address. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Instructions in all nodes. */
  readonly instructions: number;
}

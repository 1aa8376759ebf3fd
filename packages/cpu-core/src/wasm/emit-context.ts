import type { Architecture } from '../architecture.js';
import type { Analysis } from './analysis.js';
import type { MemoryOracle } from './checks.js';
import type { ValueEmitter } from './emit-value.js';
import type { WindowImports } from './emit-windows.js';
import type { FunctionState } from './function-state.js';
import type { Ending, Graph } from './graph.js';
import type { StateLayout } from './layout.js';
import type { LocalPool } from './local-pool.js';
import type { Write } from './node-plan.js';
import type { SlotSet, SlotUse } from './slots.js';

/** How a guest call reaches its function. */
export type Callee =
  /** A function of the same module. */
  | { readonly kind: 'direct'; readonly index: number }
  /** The function table slot that a global holds; it may not have compiled code yet. */
  | { readonly kind: 'slot'; readonly global: number }
  /** An address in a trap region. */
  | { readonly kind: 'host' };

/** Indexes of imported functions. */
export interface EmitImports extends WindowImports {
  /** (pc) -> pc or EXIT: runs the host function there. */
  readonly host: number;
  /** (helper, a, b, c) -> result, for pure helpers. */
  readonly helper: number;
  /** As helper, for one that may stop or change state: everything is left when the reason word is not 0 behind it. */
  readonly action: number;
  /** (pc) -> pc or EXIT: a computed call that the call cache does not hold. */
  readonly resolve: number;
  /** Calls the function in a slot of the function table: the arguments of a guest function, slot -> the results of a guest function. */
  readonly link: number;
}

/** What the emitter needs from its module and engine. */
export interface EmitContext {
  readonly architecture: Architecture;
  readonly layout: StateLayout;
  readonly oracle: MemoryOracle;
  readonly imports: EmitImports;
  /** Index of the function that is written. */
  readonly self: number;
  callee(pc: number, mode: number): Callee;
}

export type EndingOf<K extends Ending['kind']> = Ending & { kind: K };

/** What the emitters of one function's endings share. */
export interface FunctionParts {
  readonly graph: Graph;
  readonly context: EmitContext;
  readonly analysis: Analysis;
  readonly use: SlotUse;
  readonly state: FunctionState;
  readonly values: ValueEmitter;
  readonly pool: LocalPool;
  /** Whether calls and returns of this graph stay in its mode. */
  readonly keepsMode: boolean;
  /** The empty set: memory holds all state. */
  readonly nothing: SlotSet;
  /** Goes from one node to another. */
  edge(from: number, to: number): void;
  /** Puts values into slots' locals, all at once. */
  assign(writes: readonly Write[]): void;
}

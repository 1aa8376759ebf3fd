import type { Architecture, WindowLayout } from '../architecture.js';
import type { Analysis } from './analysis.js';
import type { ValueEmitter } from './emit-value.js';
import { type FunctionBody, type Signature, W } from './encoder.js';
import { Exits } from './exits.js';
import { ExitReason, type StateLayout } from './layout.js';
import type { Write } from './node-plan.js';
import type { SlotSet, SlotUse } from './slots.js';

/** Label that leads to no node. */
const NO_NODE = -1;

/**
 * Type of a compiled guest function: takes the fuel that is left and, with register windows, `windowBase`; returns the next pc or EXIT,
 * and the fuel that is left. All other state is in memory at the start and at the end.
 */
export function guestFunctionType({ windows }: Architecture): Signature {
  const i32 = W.TypeI32 as const;
  return { parameters: windows === undefined ? [i32] : [i32, i32], results: [i32, i32] };
}

/** Registers of the visible window. */
export const WINDOW_SLOTS = 16;

/**
 * The guest state inside a compiled function: slots in locals and their words in memory, the fuel, and the ways out.
 *
 * With register windows, compiled code keeps the visible registers at their places in the physical file, so that a window moves
 * without moving registers; the host copies them from and to the slots when it enters and leaves compiled code.
 */
export class FunctionState {
  /** Labels that are open inside of the blocks of `exits`, innermost last: the nodes that they lead to. */
  readonly labels: number[] = [];
  readonly exits: Exits;
  /** The parameters: what is left of the fuel, and where the window begins in the physical file, in bytes. */
  readonly fuel = 0;
  readonly base = 1;
  readonly windows: WindowLayout | undefined;

  private readonly slotLocals: Int32Array;
  /** Locals with the offset of each quad of the window in the physical file, in bytes. */
  private readonly quads: readonly number[];

  constructor(
    readonly body: FunctionBody,
    readonly architecture: Architecture,
    readonly layout: StateLayout,
    readonly use: SlotUse,
    readonly analysis: Analysis,
    /** Instructions completed but not yet taken from the fuel when a node starts. */
    readonly pending: Int32Array,
    /** Most instructions between two looks at the fuel. */
    readonly longest: number,
  ) {
    this.slotLocals = new Int32Array(use.count).fill(-1);
    this.exits = new Exits(this);
    this.windows = architecture.windows?.layout;
    // The window begins with the quad at `base`.
    this.quads = this.windows === undefined ? [] : [this.base, ...[1, 2, 3].map(() => body.local(W.TypeI32))];
  }

  // Words in memory.

  /** Pushes the word at a constant host offset. */
  loadWord(offset: number): void {
    this.body.loadWord(offset);
  }

  storeConstant(offset: number, value: number): void {
    this.body.i32(0);
    this.body.i32(value);
    this.body.memory(W.I32Store, offset, 2);
  }

  // Slots.

  slotLocal(slot: number): number {
    if (this.slotLocals[slot] < 0) this.slotLocals[slot] = this.body.local(W.TypeI32);
    return this.slotLocals[slot];
  }

  /** Pushes the address part of a slot's word; returns the offset to use with it. */
  private home(slot: number): number {
    if (this.windows !== undefined && slot < WINDOW_SLOTS) {
      this.body.get(this.quads[slot >> 2]);
      return this.windows.physical * 4 + (slot & 3) * 4;
    }
    this.body.i32(0);
    const { pending } = this.use;
    return pending !== undefined && slot >= pending.a ? this.layout.pendingFlags + (slot - pending.a) * 4 : slot * 4;
  }

  /** Loads a slot's word into its local. */
  loadSlot(slot: number): void {
    this.pushSlot(slot);
    this.body.set(this.slotLocal(slot));
  }

  /** Pushes a slot's word. */
  pushSlot(slot: number): void {
    const offset = this.home(slot);
    this.body.memory(W.I32Load, offset, 2);
  }

  storeSlot(slot: number, push: () => void): void {
    const offset = this.home(slot);
    push();
    this.body.memory(W.I32Store, offset, 2);
  }

  /** Loads the stored slots of a set. */
  loadSlots(set: SlotSet): void {
    set.forEach((slot) => {
      if (this.use.isStored(slot)) this.loadSlot(slot);
    });
  }

  /** Stores all state that memory does not hold: what was dirty at the node's start and what `written` holds. */
  spill(node: number, written: readonly Write[], values: ValueEmitter): void {
    const old = this.analysis.dirtyIn[node].copy();
    for (const { slot } of written) old.remove(slot);
    old.forEach((slot) => {
      this.storeSlot(slot, () => this.body.get(this.slotLocal(slot)));
    });
    for (const { slot, value } of written) {
      if (this.use.isStored(slot)) this.storeSlot(slot, () => values.push(value));
    }
  }

  /** Takes the window up from memory, where it may have moved. */
  loadWindow(): void {
    if (this.windows === undefined) return;
    this.loadWord(this.layout.windowBase);
    this.body.set(this.base);
    this.placeWindow();
  }

  /** Computes the offsets of the quads from the local `base`. */
  placeWindow(): void {
    if (this.windows === undefined) return;
    const { body, windows } = this;
    for (let i = 1; i < this.quads.length; i++) {
      body.get(this.base);
      body.i32(16 * i);
      body.op(W.I32Add);
      body.i32(windows.physicalCount * 4 - 16);
      body.op(W.I32And);
      body.set(this.quads[i]);
    }
  }

  // Fuel.

  loadFuel(): void {
    this.loadWord(this.layout.fuel);
    this.body.set(this.fuel);
  }

  /** Puts into memory what is left behind `done` instructions that the local does not know of. */
  storeFuel(done: number): void {
    this.body.i32(0);
    this.pushFuel(done);
    this.body.memory(W.I32Store, this.layout.fuel, 2);
  }

  /** Returns from the compiled function to the pc or EXIT that `push` pushes. */
  leave(push: () => void, done: number): void {
    push();
    this.pushFuel(done);
    this.body.op(W.Return);
  }

  private pushFuel(done: number): void {
    const { body } = this;
    body.get(this.fuel);
    if (done === 0) return;
    body.i32(done);
    body.op(W.I32Sub);
  }

  takeFuel(instructions: number): void {
    if (instructions === 0) return;
    const { body } = this;
    body.get(this.fuel);
    body.i32(instructions);
    body.op(W.I32Sub);
    body.set(this.fuel);
  }

  /** Leaves at `pc` when the fuel might not last until the next look; `dirty` are the slots to store then. */
  checkFuel(pc: number, dirty: SlotSet): void {
    const { body, exits } = this;
    exits.note(pc, 0, ExitReason.Fuel);
    body.get(this.fuel);
    body.i32(this.longest);
    body.op(W.I32LtS);
    body.br(W.BrIf, exits.depth(dirty));
  }

  // Control.

  /** Opens a block, loop or if. `label` is the node that a branch to it leads to. */
  open(opcode: W.Block | W.Loop | W.If, label = NO_NODE): void {
    this.body.open(opcode);
    this.labels.push(label);
  }

  close(): void {
    this.labels.pop();
    this.body.op(W.End);
  }

  /** A block, loop or if around what `write` writes. */
  inside(opcode: W.Block | W.Loop | W.If, write: () => void): void {
    this.open(opcode);
    write();
    this.close();
  }

  /** Depth of the label that leads to a node. */
  depth(node: number): number {
    const at = this.labels.lastIndexOf(node);
    if (at < 0) throw new RangeError('no such label');
    return this.labels.length - 1 - at;
  }
}

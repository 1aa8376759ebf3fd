import type { WindowLayout, WindowUnit } from '../architecture.js';
import type { Window } from '../guest-memory.js';
import type { Machine } from '../interpreter/machine.js';
import { WINDOW_SLOTS } from './function-state.js';
import { NO_CALLER, QUADS, SPACE, type StateLayout } from './layout.js';

/** Quads of the visible window. */
const WINDOW_QUADS = WINDOW_SLOTS / 4;

/**
 * Where the register windows are current: in the architecture's slots (visible registers, base and start bits), for interpreter, helpers and
 * host, or as compiled code wants them: registers in the physical file, and words from which ENTRY and RETW see at once
 * whether theirs is the common case. For other architectures it does nothing.
 */
export class WindowState {
  private readonly unit: WindowUnit | undefined;
  private readonly windows: WindowLayout | undefined;
  private isHanded = false;
  /** Whether compiled code was handed a live frame with a window of its own; else ENTRY and RETW are the unit's. */
  private isCommon = false;
  /** Start bits that compiled code was handed. */
  private start = 0;
  private readonly window: Window = { low: 0, limit: 0, delta: 0, alignedOnly: false };

  constructor(
    private readonly machine: Machine,
    private readonly layout: StateLayout,
  ) {
    this.unit = machine.architecture.windows;
    this.windows = this.unit?.layout;
  }

  /** What compiled code starts with, 0 where there are no windows. */
  get place(): number {
    return this.windows === undefined ? 0 : this.machine.memory.i32[this.layout.windowBase >> 2];
  }

  toCompiled(): void {
    if (this.windows === undefined || this.isHanded) return;
    this.isHanded = true;
    // Since compiled code ran last, anything may have changed: handlers, regions, where code lies.
    this.machine.memory.i32[(this.layout.windowSpace >> 2) + 1] = 0;
    const { base, start, physical, physicalCount } = this.windows;
    const { i32 } = this.machine.memory;
    const quad = i32[base];
    this.start = i32[start];
    const first = quad << 2;
    for (let i = 0; i < WINDOW_SLOTS; i++) i32[physical + ((first + i) & (physicalCount - 1))] = i32[i];
    i32[this.layout.windowBase >> 2] = quad << 4;
    this.isCommon = physicalCount === QUADS * 4 && this.hasWindow(quad);
    if (this.isCommon) this.handFrames(quad);
    else this.closeFrames(quad);
  }

  toSlots(): void {
    if (this.windows === undefined || !this.isHanded) return;
    this.isHanded = false;
    this.settle(this.windows);
    const { base, physical, physicalCount } = this.windows;
    const { i32 } = this.machine.memory;
    const first = i32[base] << 2;
    for (let i = 0; i < WINDOW_SLOTS; i++) i32[i] = i32[physical + ((first + i) & (physicalCount - 1))];
  }

  /** Brings the slots of base and start bits up to date, but not the registers. */
  settleFrames(): void {
    if (this.windows !== undefined && this.isHanded) this.settle(this.windows);
  }

  /**
   * ENTRY with frames in the way, while compiled code has the windows: spills the oldest frames. The host's stack may end in each step: they
   * are in an order in which that is as if the instruction had not run.
   * @returns false when it is for `WindowUnit.enter`, or when it faulted
   */
  makeRoom(): boolean {
    const { unit, windows, isCommon, quad } = this;
    if (unit === undefined || windows === undefined || !isCommon) return false;
    const increment = this.machine.memory.i32[windows.increment];
    if (!(increment > 0 && increment < NO_CALLER)) return false;
    while (((this.oldest - WINDOW_QUADS - quad) & (QUADS - 1)) < increment) {
      const { oldest } = this;
      const size = this.sizeOf(oldest, quad);
      if (size === undefined || !unit.spill(this.machine.context, oldest, size)) return false;
      this.setFrame(oldest + size, NO_CALLER);
      this.oldest = oldest + size;
    }
    this.openSpace();
    return true;
  }

  /**
   * RETW at `pc` to a caller that was spilled, while compiled code has the windows.
   * @returns the address to go on at, or undefined when it is for `WindowUnit.leave`
   */
  leave(pc: number): number | undefined {
    const { unit, windows, isCommon, quad } = this;
    if (unit === undefined || windows === undefined || !isCommon || quad !== this.oldest) return undefined;
    const link = this.machine.memory.i32[windows.physical + quad * 4];
    const size = link >>> 30;
    if (size === 0 || !unit.reload(this.machine.context, quad, size)) return undefined;
    const caller = (quad - size) & (QUADS - 1);
    this.setFrame(caller, NO_CALLER);
    this.oldest = caller;
    this.machine.memory.i32[this.layout.windowBase >> 2] = caller << 4;
    this.openSpace();
    return (pc & 0xc000_0000) | (link & 0x3fff_ffff);
  }

  /** Lets compiled code spill and reload frames itself, on the stack on which it is now. */
  private openSpace(): void {
    const { unit, windows, window, machine, quad } = this;
    const { memory } = machine;
    const at = this.layout.windowSpace >> 2;
    if (unit === undefined || windows === undefined || memory.i32[at + 1] !== 0) return;
    if (!unit.isPlain(machine.context)) return;
    if (!memory.window(memory.i32[windows.physical + quad * 4 + 1], 4, 'write', window)) return;
    const { low, limit, delta } = window;
    if ((delta & 3) !== 0) return;
    // `limit` is for accesses of 4 bytes.
    memory.i32[at] = low;
    memory.i32[at + 1] = Math.max(0, limit + 4 - SPACE);
    memory.i32[at + 2] = delta;
  }

  private hasWindow(base: number): boolean {
    for (let quad = 1; quad < WINDOW_QUADS; quad++) if (this.isLive(base + quad)) return false;
    return this.isLive(base);
  }

  private handFrames(base: number): void {
    let oldest = base + WINDOW_QUADS;
    while (!this.isLive(oldest)) oldest++;
    this.oldest = oldest;
    for (let quad = base; ; ) {
      let size = 1;
      while (size < NO_CALLER && !this.isLive(quad - size)) size++;
      this.setFrame(quad, size);
      if (size === NO_CALLER) break;
      quad -= size;
    }
  }

  /** Makes compiled code ask the host at each ENTRY and RETW. */
  private closeFrames(base: number): void {
    this.oldest = base + WINDOW_QUADS;
    this.setFrame(base, NO_CALLER);
  }

  private settle({ base, start }: WindowLayout): void {
    if (!this.isCommon) return;
    const { i32 } = this.machine.memory;
    let { quad } = this;
    i32[base] = quad;
    let bits = 1 << quad;
    for (let size = this.frame(quad); size !== NO_CALLER; size = this.frame(quad)) {
      quad = (quad - size) & (QUADS - 1);
      bits |= 1 << quad;
    }
    // Compiled code has changed nothing between this frame and the oldest.
    const { oldest } = this;
    while (quad !== oldest) {
      quad = (quad - 1) & (QUADS - 1);
      bits |= this.start & (1 << quad);
    }
    i32[start] = bits;
  }

  /** Quads of the frame that begins at `frame`: up to the next one of those that lie below `base`; undefined when it is not among them. */
  private sizeOf(frame: number, base: number): number | undefined {
    for (let quad = base; ; ) {
      const size = this.frame(quad);
      if (size === NO_CALLER) return undefined;
      quad = (quad - size) & (QUADS - 1);
      if (quad === frame) return size;
    }
  }

  /** Where the window begins now. */
  private get quad(): number {
    return this.machine.memory.i32[this.layout.windowBase >> 2] >> 4;
  }

  /** The oldest live frame: `windowLast` is a window below it. */
  private get oldest(): number {
    return ((this.machine.memory.i32[this.layout.windowLast >> 2] >> 4) + WINDOW_QUADS) & (QUADS - 1);
  }

  private set oldest(quad: number) {
    this.machine.memory.i32[this.layout.windowLast >> 2] = ((quad - WINDOW_QUADS) & (QUADS - 1)) << 4;
  }

  private isLive(quad: number): boolean {
    return (this.start & (1 << (quad & (QUADS - 1)))) !== 0;
  }

  private frame(quad: number): number {
    return this.machine.memory.i32[(this.layout.windowFrames >> 2) + quad * 4];
  }

  private setFrame(quad: number, size: number): void {
    this.machine.memory.i32[(this.layout.windowFrames >> 2) + (quad & (QUADS - 1)) * 4] = size;
  }
}

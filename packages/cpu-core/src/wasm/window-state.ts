import type { WindowLayout } from '../architecture.js';
import type { Machine } from '../interpreter/machine.js';
import { WINDOW_SLOTS } from './function-state.js';
import { NO_CALLER, QUADS, type StateLayout } from './layout.js';

/** Quads of the visible window. */
const WINDOW_QUADS = WINDOW_SLOTS / 4;

/**
 * Where the register windows are current: in the architecture's slots (visible registers, base and start bits), for interpreter, helpers and
 * host, or as compiled code wants them: registers in the physical file, and words from which ENTRY and RETW see at once
 * whether theirs is the common case. For other architectures it does nothing.
 */
export class WindowState {
  private readonly windows: WindowLayout | undefined;
  private isHanded = false;
  /** Base and start bits that compiled code was handed. */
  private base = 0;
  private start = 0;

  constructor(
    private readonly machine: Machine,
    private readonly layout: StateLayout,
  ) {
    this.windows = machine.architecture.windows?.layout;
  }

  /** What compiled code starts with, 0 where there are no windows. */
  get place(): number {
    return this.windows === undefined ? 0 : this.machine.memory.i32[this.layout.windowBase >> 2];
  }

  toCompiled(): void {
    if (this.windows === undefined || this.isHanded) return;
    this.isHanded = true;
    const { base, start, physical, physicalCount } = this.windows;
    const { i32 } = this.machine.memory;
    this.base = i32[base];
    this.start = i32[start];
    const first = this.base << 2;
    for (let i = 0; i < WINDOW_SLOTS; i++) i32[physical + ((first + i) & (physicalCount - 1))] = i32[i];
    i32[this.layout.windowBase >> 2] = this.base << 4;
    if (!this.isCommon) {
      // ENTRY and RETW are the host's.
      i32[this.layout.windowLast >> 2] = this.base << 4;
      this.setFrame(this.base, NO_CALLER);
      return;
    }
    i32[this.layout.windowLast >> 2] = ((this.oldest - WINDOW_QUADS) & (QUADS - 1)) << 4;
    for (let quad = this.base; ; ) {
      let size = 1;
      while (size < NO_CALLER && !this.isLive(quad - size)) size++;
      this.setFrame(quad, size);
      if (size === NO_CALLER) break;
      quad -= size;
    }
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

  private settle({ base, start }: WindowLayout): void {
    if (!this.isCommon) return;
    const { i32 } = this.machine.memory;
    let quad = i32[this.layout.windowBase >> 2] >> 4;
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

  /** Whether what was handed is a live frame with a window of its own. */
  private get isCommon(): boolean {
    if (this.windows?.physicalCount !== QUADS * 4) return false;
    for (let quad = 1; quad < WINDOW_QUADS; quad++) if (this.isLive(this.base + quad)) return false;
    return this.isLive(this.base);
  }

  /** The first live frame above the base that was handed, going round. */
  private get oldest(): number {
    let quad = this.base + 1;
    while (!this.isLive(quad)) quad++;
    return quad & (QUADS - 1);
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

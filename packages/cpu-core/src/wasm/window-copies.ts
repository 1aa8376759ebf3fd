import type { WindowLayout } from '../architecture.js';
import type { Machine } from '../interpreter/machine.js';
import { WINDOW_SLOTS } from './function-state.js';

/**
 * Where the visible registers of a windowed architecture are current: in their slots, for interpreter, helpers and host, or in the
 * physical file, for compiled code. For other architectures it does nothing.
 */
export class WindowCopies {
  private readonly layout: WindowLayout | undefined;
  private inFile = false;

  constructor(private readonly machine: Machine) {
    this.layout = machine.architecture.windows?.layout;
  }

  toFile(): void {
    if (this.layout === undefined || this.inFile) return;
    this.inFile = true;
    const { base, physical, physicalCount } = this.layout;
    const { i32 } = this.machine.memory;
    const first = i32[base] << 2;
    for (let i = 0; i < WINDOW_SLOTS; i++) i32[physical + ((first + i) & (physicalCount - 1))] = i32[i];
  }

  toSlots(): void {
    if (this.layout === undefined || !this.inFile) return;
    this.inFile = false;
    const { base, physical, physicalCount } = this.layout;
    const { i32 } = this.machine.memory;
    const first = i32[base] << 2;
    for (let i = 0; i < WINDOW_SLOTS; i++) i32[i] = i32[physical + ((first + i) & (physicalCount - 1))];
  }
}

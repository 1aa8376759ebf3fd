import type { GuestMemory } from '../guest-memory.js';
import { CALL_CACHE_ENTRIES, EXIT, type ExitReason, type StateLayout } from './layout.js';

/** The words of the linear memory through which compiled code and host talk, by name. */
export class SharedState {
  /** Fuel that the running code was given, or given anew by the host. */
  givenFuel = 0;

  constructor(
    private readonly memory: GuestMemory,
    readonly layout: StateLayout,
  ) {}

  /** Address of the instruction whose helper runs, of the host function that is called, or where an exit leads. */
  get pc(): number {
    return this.memory.i32[this.layout.pc >> 2] >>> 0;
  }

  set pc(value: number) {
    this.memory.i32[this.layout.pc >> 2] = value;
  }

  get fuel(): number {
    return this.memory.i32[this.layout.fuel >> 2];
  }

  set fuel(value: number) {
    this.memory.i32[this.layout.fuel >> 2] = value;
  }

  /** Instructions completed since the fuel was given. */
  get completed(): number {
    return this.givenFuel - this.fuel;
  }

  give(fuel: number): void {
    this.givenFuel = fuel;
    this.fuel = fuel;
  }

  get reason(): ExitReason {
    return this.memory.i32[this.layout.reason >> 2];
  }

  setReason(value: ExitReason): void {
    this.memory.i32[this.layout.reason >> 2] = value;
  }

  /** Address of the computed jump that was left by, 0 when its targets are not worth learning. */
  get site(): number {
    return this.memory.i32[this.layout.site >> 2] >>> 0;
  }

  set site(value: number) {
    this.memory.i32[this.layout.site >> 2] = value;
  }

  /** Whether compiled code is to leave behind its current instruction. */
  set poll(value: boolean) {
    this.memory.i32[this.layout.poll >> 2] = value ? 1 : 0;
  }

  /** Lets computed calls of `pc` find the function in `slot`. */
  cacheCall(pc: number, slot: number): void {
    const entry = (this.layout.callCache >> 2) + (((pc >>> 1) & (CALL_CACHE_ENTRIES - 1)) << 1);
    this.memory.i32[entry] = pc;
    this.memory.i32[entry + 1] = slot;
  }

  clearCallCache(): void {
    const { i32 } = this.memory;
    const first = this.layout.callCache >> 2;
    i32.fill(0, first, first + 2 * CALL_CACHE_ENTRIES);
    for (let i = 0; i < CALL_CACHE_ENTRIES; i++) i32[first + 2 * i] = EXIT;
  }
}

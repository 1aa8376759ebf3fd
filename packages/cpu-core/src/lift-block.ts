import type { Architecture, DecodeMode } from './architecture.js';
import { BlockBuilder } from './builder.js';
import type { GuestMemory } from './guest-memory.js';
import type { Block } from './ir.js';
import type { PlacedRegion } from './region-placement.js';
import type { MemoryFault } from './stop.js';

/** Most instructions in one block. */
export const MAX_BLOCK_INSTRUCTIONS = 64;

/** A lifted block with what the engines need beside its micro-ops. */
export interface LiftedBlock {
  readonly block: Block;
  readonly pc: number;
  readonly mode: DecodeMode;
  /** Mode behind each instruction, in which its constant exits and its fall-through go on. */
  readonly modes: Int32Array;
  /** Whether the last instruction leaves on every path, or decoding must be asked anew behind it. */
  readonly ended: boolean;
}

/** Lifts guest code: fetches bytes by the rules of execution and calls the architecture. */
export class BlockLifter {
  private readonly bytes: Uint8Array;
  private readonly builder: BlockBuilder;
  private readonly modes: number[] = [];

  constructor(
    private readonly architecture: Architecture,
    private readonly memory: GuestMemory,
  ) {
    this.bytes = new Uint8Array(architecture.maxLength);
    this.builder = new BlockBuilder(architecture.slots.length);
  }

  /**
   * Lifts from `pc` until an unconditional exit, `most` instructions, an address for which `stopBefore` holds, or the end of
   * executable memory. Returns the fetch fault when not even the first instruction can be fetched.
   */
  lift(
    pc: number,
    mode: DecodeMode,
    most: number,
    stopBefore: (pc: number, mode: DecodeMode) => boolean,
  ): LiftedBlock | MemoryFault {
    const { builder, modes } = this;
    builder.restart();
    modes.length = 0;
    let address = pc >>> 0;
    let current = mode;
    const place = this.memory.find(address);
    let available = this.fetch(address, place);
    while (available > 0) {
      const code = available === this.bytes.length ? this.bytes : this.bytes.subarray(0, available);
      const before = builder.instructionCount;
      const next = this.architecture.lift(builder, address, code, current);
      if (next === -1) {
        if (before === 0) return this.fetchFault(address + available);
        break;
      }
      modes.push(next);
      current = next;
      address = builder.next;
      if (builder.isEnded || modes.length === most || stopBefore(address, current)) break;
      if (this.memory.find(address) !== place) break;
      available = this.fetch(address, place);
    }
    if (modes.length === 0) return this.fetchFault(address);
    const block = builder.finish();
    return { block, pc: pc >>> 0, mode, modes: new Int32Array(modes), ended: builder.isEnded };
  }

  /** Fills `bytes` with code from `address` on, which lies in `at`; returns how many there are. */
  private fetch(address: number, at: PlacedRegion | undefined): number {
    const { bytes, memory } = this;
    const { length } = bytes;
    if (at !== undefined && !at.reversed && at.base >= 0 && at.region.executable && address + length - 1 <= at.last) {
      const host = at.base + (address - at.first);
      for (let i = 0; i < length; i++) bytes[i] = memory.u8[host + i];
      return length;
    }
    for (let i = 0; i < bytes.length; i++) {
      const place = memory.find(address + i);
      if (place === undefined || place.base < 0 || !place.region.executable) return i;
      bytes[i] = memory.u8[memory.hostByte(address + i)];
    }
    return bytes.length;
  }

  private fetchFault(address: number): MemoryFault {
    const region = this.memory.regionAt(address);
    const common = { access: 'fetch', address: address >>> 0, width: this.architecture.minLength } as const;
    if (region === undefined || region.kind === 'trap') return { kind: 'unmapped', ...common };
    return { kind: 'not-executable', ...common, region: region.name };
  }
}

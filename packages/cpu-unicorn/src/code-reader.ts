import type { AddressSpace } from '@loadstone/cpu-core';
import { type InstructionFacts, instructionFacts } from './instruction.js';

/** Reads instructions from guest memory; what is known of each is kept by address. */
export class CodeReader {
  readonly #memory: AddressSpace;
  readonly #facts = new Map<number, { readonly words: number; readonly facts: InstructionFacts }>();
  readonly #bytes = new Uint8Array(2);

  constructor(memory: AddressSpace) {
    this.#memory = memory;
  }

  factsAt(address: number): InstructionFacts {
    const first = this.#halfWord(address);
    const second = this.#halfWord(address + 2);
    const words = (first << 16) | second;
    const known = this.#facts.get(address);
    if (known?.words === words) return known.facts;
    const facts = instructionFacts(first, second);
    this.#facts.set(address, { words, facts });
    return facts;
  }

  /** 0 where no memory is. */
  #halfWord(address: number): number {
    const region = this.#memory.regionAt(address);
    if (!region || (region.kind !== 'ram' && region.kind !== 'rom') || address + 2 > region.start + region.size)
      return 0;
    this.#memory.read(address, this.#bytes);
    return this.#bytes[0] | (this.#bytes[1] << 8);
  }
}

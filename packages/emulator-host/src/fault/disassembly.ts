import type { Architecture } from '@loadstone/cpu-core';
import type { GuestMemory } from '../memory/guest-memory.js';
import type { DisassembledLine } from './report.js';

const BEFORE = 4;
const BEHIND = 4;
/** Bytes of a function that are read from its start on to find where its instructions begin. */
const FUNCTION_LIMIT = 0x2000;

/** Where a listing is about. */
export interface CodePlace {
  readonly address: number;
  /** The address is a return address: the listing is about the call before it. */
  readonly behindCall: boolean;
}

/** The first byte of the symbol that an address belongs to, as far as a module knows. */
export type SymbolStart = (address: number) => number | undefined;

interface Line {
  readonly address: number;
  readonly text: string;
  readonly length: number;
}

/**
 * Instructions around a place, within its function: instruction lengths vary, so they are read from the function's start on, or from the
 * nearest start that decodes into the place. Words that the shown code loads pc-relative are data, not instructions.
 */
export function disassembleAround(
  architecture: Architecture,
  memory: GuestMemory,
  place: CodePlace,
  symbolStart: SymbolStart,
): DisassembledLine[] {
  const { address: pc, behindCall } = place;
  const region = memory.space.regionAt(pc);
  if (!region?.executable || (region.kind !== 'ram' && region.kind !== 'rom')) return [];
  const start = symbolStart(behindCall ? pc - 1 : pc);
  const floor = Math.max(region.start, start ?? 0);
  const end = endOfFunction(architecture, place, region.start + region.size, symbolStart);
  const listing = new Listing(architecture, memory, end);
  const before = listing.before(pc, floor, start !== undefined).slice(-BEFORE);
  const behind: Line[] = [];
  for (let at = pc; at < end && behind.length <= BEHIND; ) {
    const line = listing.line(at);
    behind.push(line);
    at += line.length;
  }
  const current = behindCall ? before.at(-1)?.address : pc;
  return [...before, ...behind].map(({ address, text }) => ({ address, text, current: address === current }));
}

/** Where the lines behind the place end: at the next symbol, at the latest at `limit`. */
function endOfFunction(
  { maxLength }: Architecture,
  { address, behindCall }: CodePlace,
  limit: number,
  symbolStart: SymbolStart,
): number {
  const farthest = Math.min(limit, address + (BEHIND + 1) * maxLength);
  for (let at = behindCall ? address : address + 1; at < farthest; at += 1) {
    if (symbolStart(at) === at) return at;
  }
  return farthest;
}

/** Decodes lines and remembers the data words they load. */
class Listing {
  readonly #architecture: Architecture;
  readonly #memory: GuestMemory;
  readonly #end: number;
  readonly #data = new Set<number>();

  constructor(architecture: Architecture, memory: GuestMemory, end: number) {
    this.#architecture = architecture;
    this.#memory = memory;
    this.#end = end;
  }

  line(address: number): Line {
    if (this.#data.has(address) && address + 4 <= this.#end) {
      return { address, length: 4, text: `.word 0x${this.#memory.read32(address).toString(16).padStart(8, '0')}` };
    }
    const bytes = this.#memory.bytes(address, Math.min(this.#architecture.maxLength, this.#end - address));
    const { mnemonic, operands, length } = this.#architecture.disassemble(address, bytes);
    for (const word of dataOf(address, mnemonic, operands)) this.#data.add(word);
    return { address, length, text: `${mnemonic} ${operands}`.trimEnd() };
  }

  /** The lines of [floor, pc), or as many of the last ones as decode into `pc`. */
  before(pc: number, floor: number, exact: boolean): Line[] {
    const { minLength, maxLength } = this.#architecture;
    if (exact && pc - floor <= FUNCTION_LIMIT) {
      const lines = this.#until(floor, pc);
      if (lines) return lines;
    }
    const step = pc % 2 === 0 && maxLength % 2 === 0 ? minLength : 1;
    for (let start = Math.max(floor, pc - (BEFORE + 2) * maxLength); start < pc; start += step) {
      const lines = this.#until(start, pc);
      if (lines) return lines;
    }
    return [];
  }

  #until(start: number, pc: number): Line[] | undefined {
    const lines: Line[] = [];
    this.#data.clear();
    let at = start;
    while (at < pc) {
      const line = this.line(at);
      lines.push(line);
      at += line.length;
    }
    return at === pc ? lines : undefined;
  }
}

/** Addresses of the words an instruction loads relative to its own address: ARM `[pc, #n]`, Xtensa `l32r`. */
function dataOf(address: number, mnemonic: string, operands: string): number[] {
  const offset = /\[pc(?:, #(-?(?:0x)?[\da-f]+))?\]$/.exec(operands);
  if (offset) {
    const [sign, digits] = offset[1]?.startsWith('-') ? [-1, offset[1].slice(1)] : [1, offset[1] ?? '0'];
    const word = ((address + 4) & ~3) + sign * Number(digits);
    const wide = mnemonic.startsWith('ldrd') || (mnemonic.startsWith('vldr') && operands.startsWith('d'));
    return wide ? [word >>> 0, (word + 4) >>> 0] : [word >>> 0];
  }
  const target = mnemonic === 'l32r' ? /0x([\da-f]+)$/.exec(operands)?.[1] : undefined;
  return target === undefined ? [] : [Number.parseInt(target, 16)];
}

import type { ElfBytes } from './elf-bytes.js';
import { ElfError, hex } from './error.js';
import type { SymbolTable } from './symbol-table.js';

const encoder = new TextEncoder();

/** The hash of DT_HASH (gABI, Hash Table). 28 bits. */
export function sysvHash(name: string): number {
  let hash = 0;
  for (const byte of encoder.encode(name)) {
    hash = (hash << 4) + byte;
    const top = hash & 0xf0000000;
    hash = (hash ^ (top >>> 24)) & ~top;
  }
  return hash >>> 0;
}

/** The hash of DT_GNU_HASH: h = h * 33 + byte from 5381, modulo 2^32. */
export function gnuHash(name: string): number {
  let hash = 5381;
  for (const byte of encoder.encode(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

function u32(bytes: ElfBytes, offset: number, what: string): number {
  return bytes.fields(offset, 4, what).u32(0, what);
}

/** Number of symbols of the table a DT_HASH covers: nchain. `entrySize` as for `SysvHashTable`. */
export function sysvHashSymbolCount(bytes: ElfBytes, offset: number, entrySize: number): number {
  const fields = bytes.fields(offset + entrySize, entrySize, 'nchain');
  return entrySize === 8 ? fields.u64(0, 'nchain') : fields.u32(0, 'nchain');
}

interface GnuHashLayout {
  readonly bucketCount: number;
  readonly firstSymbol: number;
  readonly bloomWords: number;
  readonly bloomShift: number;
  readonly bloom: number;
  readonly buckets: number;
  readonly chains: number;
}

function gnuLayout(bytes: ElfBytes, offset: number): GnuHashLayout {
  const head = bytes.fields(offset, 16, 'GNU hash table');
  const bucketCount = head.u32(0, 'nbuckets');
  const bloomWords = head.u32(8, 'bloom_size');
  const bloom = offset + 16;
  const buckets = bloom + bloomWords * (bytes.is64 ? 8 : 4);
  const chains = buckets + bucketCount * 4;
  bytes.check(offset, chains - offset, 'GNU hash table');
  return {
    bucketCount,
    firstSymbol: head.u32(4, 'symoffset'),
    bloomWords,
    bloomShift: head.u32(12, 'bloom_shift'),
    bloom,
    buckets,
    chains,
  };
}

/**
 * Number of symbols of the table a DT_GNU_HASH covers: the last symbol of the chain that starts highest. Undefined when no
 * symbol is hashed, as the table then says nothing about the undefined ones before it.
 */
export function gnuHashSymbolCount(bytes: ElfBytes, offset: number): number | undefined {
  const { bucketCount, firstSymbol, buckets, chains } = gnuLayout(bytes, offset);
  const starts = bytes.words(buckets, bucketCount * 4, 'GNU hash buckets');
  let last = 0;
  for (let i = 0; i < starts.length; i++) if (starts[i] > last) last = starts[i];
  if (last === 0) return undefined;
  if (last < firstSymbol) {
    throw new ElfError(
      'BAD_INDEX',
      `a GNU hash bucket holds symbol ${last}, before the first hashed one ${firstSymbol}`,
      {
        offset: buckets,
        field: 'GNU hash bucket',
        value: last,
        limit: firstSymbol,
      },
    );
  }
  // The chain ends at an odd value or, at the latest, with the file.
  for (;;) {
    const at = chains + (last - firstSymbol) * 4;
    const room = Math.min(4096, bytes.source.size - at) & ~3;
    const links = bytes.words(at, Math.max(room, 4), 'GNU hash chain');
    const end = links.findIndex((link) => (link & 1) === 1);
    if (end >= 0) return last + end + 1;
    last += links.length;
  }
}

/** DT_HASH: finds a symbol by name with one bucket's chain (gABI, Hash Table). */
export class SysvHashTable {
  readonly #bytes: ElfBytes;
  readonly #offset: number;
  readonly #symbols: SymbolTable;
  readonly #entry: number;
  readonly bucketCount: number;
  /** nchain: the number of symbols. */
  readonly chainCount: number;

  /** @param entrySize bytes per word of the table: 4, or 8 on Alpha and 64-bit S/390 */
  constructor(bytes: ElfBytes, offset: number, symbols: SymbolTable, entrySize = 4) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#symbols = symbols;
    this.#entry = entrySize;
    this.bucketCount = this.#word(0, 'nbucket');
    this.chainCount = this.#word(1, 'nchain');
    bytes.check(offset, (2 + this.bucketCount + this.chainCount) * entrySize, 'hash table');
  }

  #word(index: number, what: string): number {
    const fields = this.#bytes.fields(this.#offset + index * this.#entry, this.#entry, what);
    return this.#entry === 8 ? fields.u64(0, what) : fields.u32(0, what);
  }

  /**
   * Index of the first symbol of that name in its chain that `accept` takes; -1 for none.
   * @throws ElfError CYCLE, BAD_INDEX
   */
  find(name: string, accept: (index: number) => boolean = () => true): number {
    if (this.bucketCount === 0) return -1;
    let steps = 0;
    let index = this.#word(2 + (sysvHash(name) % this.bucketCount), 'hash bucket');
    while (index !== 0) {
      if (index >= this.chainCount) {
        throw new ElfError('BAD_INDEX', `hash chain of ${this.chainCount} leads to symbol ${index}`, {
          offset: this.#offset,
          field: 'hash chain',
          value: index,
          limit: this.chainCount - 1,
        });
      }
      if (++steps > this.chainCount) {
        throw new ElfError('CYCLE', `the hash chain of ${name} in the table at ${hex(this.#offset)} does not end`, {
          offset: this.#offset,
          field: 'hash chain',
        });
      }
      if (this.#symbols.name(index) === name && accept(index)) return index;
      index = this.#word(2 + this.bucketCount + index, 'hash chain');
    }
    return -1;
  }
}

/** DT_GNU_HASH: a Bloom filter, then one bucket's chain of hash values. */
export class GnuHashTable {
  readonly #bytes: ElfBytes;
  readonly #layout: GnuHashLayout;
  readonly #symbols: SymbolTable;

  constructor(bytes: ElfBytes, offset: number, symbols: SymbolTable) {
    this.#bytes = bytes;
    this.#layout = gnuLayout(bytes, offset);
    this.#symbols = symbols;
  }

  get bucketCount(): number {
    return this.#layout.bucketCount;
  }

  /** Index of the first hashed symbol; those before it are not found here. */
  get firstSymbol(): number {
    return this.#layout.firstSymbol;
  }

  /** Whether the Bloom filter lets a hash pass; false proves that no symbol has it. */
  mayContain(hash: number): boolean {
    const { bloomWords, bloomShift, bloom } = this.#layout;
    if (bloomWords === 0) return true;
    const bits = this.#bytes.is64 ? 64 : 32;
    const at = bloom + (Math.floor(hash / bits) % bloomWords) * (bits / 8);
    const fields = this.#bytes.fields(at, bits / 8, 'GNU hash bloom filter');
    const word = fields.wideBig(0, 0, 'GNU hash bloom filter');
    const first = BigInt(hash % bits);
    const second = BigInt((bloomShift > 31 ? 0 : hash >>> bloomShift) % bits);
    return ((word >> first) & (word >> second) & 1n) === 1n;
  }

  /** Index of the first symbol of that name in its chain that `accept` takes; -1 for none. @throws ElfError BAD_INDEX */
  find(name: string, accept: (index: number) => boolean = () => true): number {
    const { bucketCount, firstSymbol, buckets, chains } = this.#layout;
    const hash = gnuHash(name);
    if (bucketCount === 0 || !this.mayContain(hash)) return -1;
    let index = u32(this.#bytes, buckets + (hash % bucketCount) * 4, 'GNU hash bucket');
    if (index === 0) return -1;
    if (index < firstSymbol) {
      throw new ElfError('BAD_INDEX', `a GNU hash bucket holds symbol ${index}, before the first hashed one`, {
        offset: buckets,
        field: 'GNU hash bucket',
        value: index,
        limit: firstSymbol,
      });
    }
    for (; ; index++) {
      if (index >= this.#symbols.count) {
        throw new ElfError('BAD_INDEX', `a GNU hash chain leads to symbol ${index} of ${this.#symbols.count}`, {
          offset: chains + (index - firstSymbol) * 4,
          field: 'GNU hash chain',
          value: index,
          limit: this.#symbols.count - 1,
        });
      }
      const link = u32(this.#bytes, chains + (index - firstSymbol) * 4, 'GNU hash chain');
      if (((link ^ hash) & ~1) === 0 && this.#symbols.name(index) === name && accept(index)) return index;
      if ((link & 1) === 1) return -1;
    }
  }
}

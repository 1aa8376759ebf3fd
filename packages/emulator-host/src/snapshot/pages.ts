import type { Region } from '@loadstone/cpu-core';
import type { GuestMemory } from '../memory/guest-memory.js';

/** Bytes of a page. */
export const PAGE = 4096;

/** Page contents by guest address; pages that are all 0 are left out. Never changed, so snapshots share them. */
export type Pages = ReadonlyMap<number, Uint8Array>;

/** Start and length of every page of memory that holds bytes of its own. */
function* pagesOf(regions: readonly Region[]): Generator<{ address: number; length: number }> {
  for (const { kind, alias, start, size } of regions) {
    if (alias || (kind !== 'ram' && kind !== 'rom')) continue;
    for (let offset = 0; offset < size; offset += PAGE)
      yield { address: start + offset, length: Math.min(PAGE, size - offset) };
  }
}

/** The bytes as words, when they are whole words at a word boundary. */
function asWords(bytes: Uint8Array): Int32Array | Uint8Array {
  const whole = ((bytes.byteOffset | bytes.length) & 3) === 0;
  return whole ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : bytes;
}

function isZero(bytes: Uint8Array): boolean {
  const words = asWords(bytes);
  for (let index = 0; index < words.length; index += 1) if (words[index] !== 0) return false;
  return true;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [asWords(a), asWords(b)];
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}

/** The memory's pages now; those that equal a page of `earlier` are that page. */
export function capturePages(memory: GuestMemory, earlier: Pages | undefined): Pages {
  const pages = new Map<number, Uint8Array>();
  const buffer = new Uint8Array(PAGE);
  for (const { address, length } of pagesOf(memory.space.regions)) {
    const bytes = buffer.subarray(0, length);
    memory.read(address, bytes);
    const known = earlier?.get(address);
    if (known && equal(known, bytes)) pages.set(address, known);
    else if (!isZero(bytes)) pages.set(address, bytes.slice());
  }
  return pages;
}

/** Puts pages back; only those that differ are written, so that translated code stays where nothing changed. */
export function restorePages(memory: GuestMemory, pages: Pages): void {
  const buffer = new Uint8Array(PAGE);
  const zero = new Uint8Array(PAGE);
  for (const { address, length } of pagesOf(memory.space.regions)) {
    const bytes = buffer.subarray(0, length);
    memory.read(address, bytes);
    const wanted = pages.get(address) ?? zero.subarray(0, length);
    if (!equal(wanted, bytes)) memory.write(address, wanted);
  }
}

/** 32-bit FNV-1a over all ram, region by region in the order of the memory map. */
export function hashMemory(memory: GuestMemory): number {
  let hash = 0x811c_9dc5;
  const buffer = new Uint8Array(PAGE);
  for (const region of memory.space.regions) {
    if (region.kind !== 'ram') continue;
    for (const { address, length } of pagesOf([region])) {
      const bytes = buffer.subarray(0, length);
      memory.read(address, bytes);
      for (let index = 0; index < length; index += 1) hash = Math.imul(hash ^ bytes[index], 0x0100_0193);
    }
  }
  return hash >>> 0;
}

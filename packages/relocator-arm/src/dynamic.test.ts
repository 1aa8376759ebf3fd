import { readFileSync } from 'node:fs';
import { ElfFile, PT } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import { expect, it } from 'vitest';
import { applyArmRel, armRelocationName, TARGET } from './index.js';

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

it('dynamic.so loaded at an address has the words of the same objects linked for it', () => {
  const linked: { base: number; other: number; data: string; got: string } = JSON.parse(
    new TextDecoder().decode(fixture('dynamic.json')),
  );
  const file = ElfFile.open(memorySource(fixture('dynamic.so')));
  const symbols = file.symbols('.dynsym');
  const memory = new Uint8Array(0x2000);
  for (const segment of file.segments) if (segment.type === PT.LOAD) memory.set(segment.data(), segment.address);
  const view = new DataView(memory.buffer);
  const types = new Set<string>();
  for (const table of file.dynamicRelocations()) {
    for (const { offset, type, symbol } of table) {
      types.add(armRelocationName(type).slice(6));
      const isOther = symbols?.name(symbol) === 'other';
      const target = isOther ? TARGET.THUMB : TARGET.PLAIN;
      applyArmRel(view, offset, type, linked.base + offset, isOther ? linked.other : 0, target, { base: linked.base });
      if (type === 22) expect(view.getUint32(offset, true)).toBe(linked.other | 1);
    }
  }
  expect([...types].sort()).toEqual(['ABS32', 'GLOB_DAT', 'JUMP_SLOT', 'RELATIVE']);
  const contents = (name: string) => {
    const section = file.sectionByName(name);
    return hexOf(memory.subarray(section?.address, (section?.address ?? 0) + (section?.size ?? 0)));
  };
  expect(contents('.data')).toBe(linked.data);
  // The shared object's GOT starts with the words of the dynamic linker and the jump slot; both end with the two entries.
  expect(contents('.got').slice(-16)).toBe(linked.got.slice(-16));
});

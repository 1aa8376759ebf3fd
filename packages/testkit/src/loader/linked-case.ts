import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ElfFile } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import { type LoadedModule, loadModule } from '@loadstone/module-loader';
import { ArenaMemory } from './arena.js';

/** Fixtures whose relocated bytes GNU ld worked out. */
export const LINKED_FOLDER = fileURLToPath(new URL('../../fixtures/loader/linked/', import.meta.url));

/** Where the modules of the fixtures are loaded, and what they import. */
export const LINKED_BASE = 0x2000_1000;
export const OUTER = { address: 0x2000_8000, thumb: 0x2000_8001 };
export const OUTER_VALUE = 0x2000_8100;

export const LINKED_OBJECTS = [
  'arm-tables-O0',
  'arm-tables-sections',
  'arm-tables-movw',
  'arm-tables-unwind',
  'arm-tables-m0',
  'arm-classes',
  'arm-types',
  'xtensa-tables-O0',
  'xtensa-tables-Os',
  'xtensa-tables-sections',
  'xtensa-tables-literals',
] as const;

export interface LinkedCase {
  readonly memory: ArenaMemory;
  readonly module: LoadedModule;
}

/** Loads one object as the fixtures were linked. */
export function loadLinkedObject(name: string): LinkedCase {
  const memory = new ArenaMemory(0x2000_0000, 0x1_0000, LINKED_BASE, 0x8000);
  const bytes = new Uint8Array(readFileSync(`${LINKED_FOLDER}obj/${name}.o`));
  const arm = name.startsWith('arm');
  const module = loadModule(memorySource(bytes), {
    memory,
    name,
    placement: 'single',
    resolve: (symbol) => {
      if (symbol === 'outer') return arm ? OUTER.thumb : OUTER.address;
      return symbol === 'outer_value' ? OUTER_VALUE : undefined;
    },
  });
  return { memory, module };
}

/** The sections of a linked file by address, with their contents. */
export function linkedSections(name: string): { name: string; address: number; bytes: Uint8Array }[] {
  const elf = ElfFile.open(memorySource(new Uint8Array(readFileSync(`${LINKED_FOLDER}linked/${name}.elf`))));
  return elf.sections
    .filter((section) => section.name.startsWith('at_') && !section.isEmptyInFile)
    .map((section) => ({ name: section.name, address: section.address, bytes: section.data() }));
}

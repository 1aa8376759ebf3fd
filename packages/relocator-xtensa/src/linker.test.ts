import { readFileSync } from 'node:fs';
import { ElfFile } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import {
  applyXtensa,
  longCall,
  pcMnemonic,
  RelocationError,
  relaxLongCall,
  xtensaRelocationName,
  xtensaRelocations,
} from './index.js';

/** What GNU ld and llvm-mc made of the fixtures; see fixtures/rebuild.mjs. */
interface Expected {
  /** Section -> its address and its bytes in hex. */
  places: Record<string, [address: number, bytes: string]>;
  symbols: Record<string, number>;
  /** Section -> the linker's message. */
  refused: Record<string, string>;
  longCalls: Record<string, [address: number, bytes: string]>;
  dynamic: Record<string, [address: number, bytes: string]>;
  /** Mnemonic, address of the instruction, address of its target, bytes in hex. */
  encodings: [name: string, place: number, target: number, bytes: string][];
}

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
}

const expected: Expected = JSON.parse(new TextDecoder().decode(fixture('expected.json')));

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function errorOf(action: () => void): RelocationError {
  try {
    action();
  } catch (error) {
    if (error instanceof RelocationError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const covered = new Set<string>();

describe('the same bytes as GNU ld 2.40 for lx106', () => {
  const file = ElfFile.open(memorySource(fixture('cases.o')));
  const symbols = file.symbols();
  for (const table of file.relocationTables()) {
    const section = file.section(table.targetIndex);
    for (const { offset, type, symbol, addend } of table) {
      const name = symbols?.name(symbol) ?? '';
      if (expected.places[section.name] === undefined) continue;
      it(`${xtensaRelocationName(type)} ${section.name}`, () => {
        covered.add(xtensaRelocationName(type));
        const bytes = section.data();
        const view = new DataView(bytes.buffer, 0, bytes.length);
        const [address, linked] = expected.places[section.name];
        const apply = () => applyXtensa(view, offset, type, address + offset, expected.symbols[name], addend);
        const message = expected.refused[section.name];
        if (message === undefined) {
          apply();
          expect(hexOf(bytes)).toBe(linked);
          return;
        }
        const [mnemonic, reason] = message.split(': ');
        const { code, data } = errorOf(apply);
        expect(code).toBe(reason.startsWith('misaligned') ? 'MISALIGNED' : 'OUT_OF_RANGE');
        expect(data.mnemonic?.toLowerCase()).toBe(mnemonic);
        expect(hexOf(bytes)).toBe(hexOf(section.data()));
      });
    }
  }
});

describe('the same bytes as llvm-mc 22 for esp32', () => {
  it.each(expected.encodings)('%s at %i to %i is %s', (name, place, target, encoding) => {
    const bytes = bytesOf(encoding);
    const instruction = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
    expect(pcMnemonic(instruction)?.toLowerCase()).toBe(name);
    // The operand is cleared: bits 23..6 of a call, 23..16 of the others.
    bytes[2] = 0;
    if (name.startsWith('call')) {
      bytes[1] = 0;
      bytes[0] &= 0x3f;
    }
    // An ESP32 address; the distance alone counts.
    applyXtensa(new DataView(bytes.buffer), 0, 20, 0x40100000 + place, 0x40100000 + target, 0);
    expect(hexOf(bytes)).toBe(encoding);
  });
});

describe('expanded calls', () => {
  const file = ElfFile.open(memorySource(fixture('long-call.o')));
  it.each([
    ['.forward', '.near'],
    ['.backward', '.before'],
  ])('%s is shortened as GNU ld does', (caller, callee) => {
    const bytes = file.sectionByName(caller)?.data() ?? new Uint8Array();
    const view = new DataView(bytes.buffer, 0, bytes.length);
    const [address, linked] = expected.longCalls[caller];
    expect(longCall(view, 0)).toEqual({ window: 0 });
    const again = bytes.slice();
    expect(relaxLongCall(view, 0, address, expected.longCalls[callee][0])).toBe(true);
    expect(hexOf(bytes)).toBe(linked);
    // ASM_SIMPLIFY asks for the same.
    applyXtensa(new DataView(again.buffer), 0, 12, address, expected.longCalls[callee][0], 0);
    expect(hexOf(again)).toBe(linked);
    expect(longCall(view, 0)).toBe(undefined);
  });

  it('.far stays long', () => {
    const bytes = file.sectionByName('.far')?.data() ?? new Uint8Array();
    const view = new DataView(bytes.buffer, 0, bytes.length);
    const [address, linked] = expected.longCalls['.far'];
    const [beyond] = expected.longCalls['.beyond'];
    // GNU ld put the literal first, then eight-byte aligned code.
    expect(relaxLongCall(view, 0, address + 8, beyond)).toBe(false);
    applyXtensa(view, 0, 11, address + 8, beyond, 0);
    applyXtensa(view, 0, 20, address + 8, address, 0);
    expect(hexOf(bytes)).toBe(linked.slice(16));
    expect(errorOf(() => applyXtensa(view, 0, 12, address + 8, beyond, 0)).code).toBe('OUT_OF_RANGE');
  });
});

it('dynamic.so loaded at an address has the words of dynamic.o linked for it', () => {
  const [address, linked] = expected.dynamic['.data'];
  const file = ElfFile.open(memorySource(fixture('dynamic.so')));
  const section = file.sectionByName('.data');
  const bytes = section?.data() ?? new Uint8Array();
  const view = new DataView(bytes.buffer, 0, bytes.length);
  const base = address - (section?.address ?? 0);
  for (const table of file.dynamicRelocations()) {
    for (const { offset, type, addend } of table) {
      covered.add(xtensaRelocationName(type));
      applyXtensa(view, offset + base - address, type, offset + base, 0x40081234, addend, base);
    }
  }
  expect(hexOf(bytes)).toBe(linked);
});

it('every type that is applied was compared', () => {
  const rest = xtensaRelocations.filter((row) => row.action !== 'refuse' && !covered.has(row.name));
  expect(rest.map((row) => row.name.slice(9))).toEqual([
    // apply.test.ts: the loader's own word, the same action as GLOB_DAT, the calls above, and notes to the linker.
    ...['RTLD', 'JMP_SLOT', 'ASM_EXPAND', 'ASM_SIMPLIFY', 'GNU_VTINHERIT', 'GNU_VTENTRY'],
  ]);
});

import { readFileSync } from 'node:fs';
import { ElfFile, STT } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { applyArm, armRelocation, RelocationError, readAddend, resolveTarget, TARGET } from './index.js';

/** What a linker made of `cases-*.o`; see fixtures/rebuild.mjs. */
interface Linked {
  /** Section of the place -> its address and its bytes in hex. */
  places: Record<string, [address: number, bytes: string]>;
  /** Section of the target -> its address and the address of its segment. */
  targets: Record<string, [section: number, segment: number]>;
  symbols: Record<string, [value: number, type: number]>;
  /** Its address, then its words. */
  got: [address: number, ...words: number[]];
  range: string[];
}

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
}

/** B(S): GNU ld takes the target's section for the group types and 0 for MOVW and MOVT; LLD takes the target's segment. */
function staticBase(linker: string, type: string, [section, segment]: [number, number]): number {
  if (linker === 'lld') return segment;
  return /_(ALU|LDR|LDRS|LDC)_SB_/.test(type) ? section : 0;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const covered = new Set<string>();

for (const linker of ['gnu', 'lld']) {
  const linked: Linked = JSON.parse(new TextDecoder().decode(fixture(`cases-${linker}.json`)));
  const file = ElfFile.open(memorySource(fixture(`cases-${linker}.o`)));
  const symbols = file.symbols();
  const refused = new Set(linked.range);

  describe(`the same bytes as ${linker === 'gnu' ? 'GNU ld 2.40' : 'LLD 22'}`, () => {
    for (const table of file.relocationTables()) {
      const section = file.section(table.targetIndex);
      for (const relocation of table) {
        const row = armRelocation(relocation.type);
        if (row === undefined || symbols === undefined) throw new Error(`unknown type in ${section.name}`);
        it(`${row.name} ${section.name}`, () => {
          covered.add(row.name);
          const before = section.data();
          const bytes = before.slice();
          const view = new DataView(bytes.buffer);
          const [address, expected] = linked.places[section.name];
          const [value, kind] = linked.symbols[symbols.name(relocation.symbol)] ?? [0, STT.NOTYPE];
          const isFunction = kind === STT.FUNC;
          const target = !isFunction ? TARGET.PLAIN : (value & 1) === 1 ? TARGET.THUMB : TARGET.ARM;
          const [gotOrigin] = linked.got;
          const type = resolveTarget(relocation.type, { target2: linker === 'gnu' ? 'rel' : 'got-rel' });
          const apply = () =>
            applyArm(
              view,
              relocation.offset,
              type,
              address + relocation.offset,
              isFunction ? value & ~1 : value,
              readAddend(view, relocation.offset, type),
              target,
              {
                base: /_BASE_/.test(row.name)
                  ? gotOrigin
                  : staticBase(linker, row.name, linked.targets[section.name.replace('.at.', '.to.')] ?? [0, 0]),
                gotOrigin,
                got: gotOrigin + (linked.got.indexOf(value, 1) - 1) * 4,
              },
            );
          // A section that grew holds a veneer: the branch alone does not reach, or cannot change the instruction set.
          if (refused.has(section.name) || expected.length > before.length * 2) {
            expect(apply).toThrow(RelocationError);
            expect(hexOf(bytes)).toBe(hexOf(before));
          } else {
            apply();
            expect(hexOf(bytes)).toBe(expected);
          }
        });
      }
    }
  });
}

describe('coverage', () => {
  it('a linker confirms every type that GNU as or LLVM emits for static linking', () => {
    const without = new Set(
      [
        // No linker implements these as AAELF32 says; table.test.ts checks them against AAELF32's formulas.
        'R_ARM_THM_ABS5 R_ARM_SBREL31 R_ARM_GOT_ABS R_ARM_BASE_ABS R_ARM_GOTOFF12 R_ARM_GOT_BREL12 R_ARM_THM_GOT_BREL12 R_ARM_PLT32_ABS',
        'R_ARM_LDR_SBREL_11_0_NC R_ARM_ALU_SBREL_19_12_NC R_ARM_ALU_SBREL_27_20_CK',
        // No place is written.
        'R_ARM_GOTRELAX R_ARM_GNU_VTENTRY R_ARM_GNU_VTINHERIT',
      ].flatMap((names) => names.split(' ')),
    );
    const missing = [];
    for (let type = 0; type < 256; type++) {
      const row = armRelocation(type);
      if (row === undefined || row.refusal !== undefined || row.kind === 'dynamic') continue;
      if (!covered.has(row.name) && !without.has(row.name)) missing.push(row.name);
    }
    expect(missing).toEqual([]);
  });
});

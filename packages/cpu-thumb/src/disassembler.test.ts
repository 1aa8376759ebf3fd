import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeNarrow, decodeWide } from './decoder.js';
import { disassemble } from './disassembler.js';
import { advance } from './it-state.js';
import { isUnpredictable } from './lifter.js';
import { extract, noFields } from './row.js';

/** A listing made by llvm-objdump 22 (make-arm-listing.ts): word, tab, text; each word 16 bytes behind the one before. */
const listing = readLines('cpu/armv7em/disassembly.tsv.gz');

/** A compiled program's listing, IT blocks included: address, bytes, text. */
const program = readLines('programs/arm/listing.tsv.gz');

function readLines(fixture: string): string[] {
  return gunzipSync(readFileSync(new URL(`../../testkit/fixtures/${fixture}`, import.meta.url)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}

function codeOf(word: number): Uint8Array {
  const halves = word > 0xffff ? [word >>> 16, word & 0xffff] : [word];
  return Uint8Array.from(halves.flatMap((half) => [half, half >>> 8]));
}

function print(word: number, address: number): string {
  const { mnemonic, operands } = disassemble(address, codeOf(word));
  return mnemonic.startsWith('.') ? '<unknown>' : `${mnemonic} ${operands}`.trimEnd();
}

const fields = noFields();

/** UNPREDICTABLE encodings have no agreed text. */
function hasText(word: number): boolean {
  const row = word > 0xffff ? decodeWide(word | 0) : decodeNarrow(word);
  if (!row) return true;
  extract(row, word, fields);
  return !isUnpredictable(row, fields, word);
}

/** What llvm-objdump prints although ARMv7E-M with FPv4-SP has no such instruction, and the reverse. */
function isKnownDifference(got: string, want: string): boolean {
  // Coprocessors 10 and 11 have no second forms (A6.3); FLDMX and FSTMX are deprecated forms of VLDM and VSTM.
  if (got === '<unknown>')
    return /^(ldc2|stc2|mcr2|mrc2|cdp2|mcrr2|mrrc2)l? p1[01],/.test(want) || /^f(ldm|stm)\w+x /.test(want);
  // Memory hints that are not allocated: NOP (A5.3.8).
  return want === '<unknown>' && /^(hint|pldw) \[/.test(got);
}

describe('disassembly', () => {
  it('agrees with llvm-objdump', () => {
    const differences: string[] = [];
    listing.forEach((line, index) => {
      const [hex, ...text] = line.split('\t');
      const word = Number.parseInt(hex, 16);
      const want = text.join(' ');
      const got = print(word, index * 16);
      if (got !== want && hasText(word) && !isKnownDifference(got, want)) differences.push(`${hex}: ${got} | ${want}`);
    });
    expect(listing.length).toBeGreaterThan(30_000);
    expect(differences).toEqual([]);
  });

  it('agrees with llvm-objdump on compiled code, conditions of IT blocks included', () => {
    const differences: string[] = [];
    let itstate = 0;
    for (const line of program) {
      const [address, bytes, ...text] = line.split('\t');
      const word = Number.parseInt(bytes.replaceAll(' ', ''), 16);
      const { mnemonic, operands } = disassemble(Number.parseInt(address, 16), codeOf(word), itstate);
      const got = `${mnemonic} ${operands}`.trimEnd();
      const want = text.filter((part) => part !== '').join(' ');
      if (got !== want) differences.push(`${address}: ${got} | ${want}`);
      itstate = word > 0xbf00 && word <= 0xbfff && (word & 0xf) !== 0 ? word & 0xff : advance(itstate);
    }
    expect(program.length).toBe(8000);
    expect(differences).toEqual([]);
  });

  it('puts the condition of an IT block into the mnemonic', () => {
    const add = codeOf(0x1888);
    expect(disassemble(0, add)).toMatchObject({ mnemonic: 'adds', operands: 'r0, r1, r2' });
    expect(disassemble(0, add, 0x08)).toMatchObject({ mnemonic: 'addeq', operands: 'r0, r1, r2' });
    expect(disassemble(0, codeOf(0xee71_0a81), 0xc8)).toMatchObject({ mnemonic: 'vaddgt.f32', operands: 's1, s3, s2' });
  });

  it('prints bytes that are no instruction as data', () => {
    expect(disassemble(8, codeOf(0xb600))).toEqual({ address: 8, length: 2, mnemonic: '.short', operands: '0xb600' });
    expect(disassemble(8, codeOf(0xffff_ffff))).toMatchObject({
      length: 4,
      mnemonic: '.inst.w',
      operands: '0xffffffff',
    });
    expect(disassemble(8, Uint8Array.of(0x00, 0xf0))).toMatchObject({ length: 2, mnemonic: '.short' });
    expect(disassemble(8, Uint8Array.of(0x12))).toEqual({ address: 8, length: 1, mnemonic: '.byte', operands: '0x12' });
  });
});

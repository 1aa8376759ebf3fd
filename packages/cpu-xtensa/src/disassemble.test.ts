import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { disassembleInstruction } from './disassemble.js';

const listing = new URL('../../testkit/fixtures/cpu/xtensa/disassembly.tsv.gz', import.meta.url);
const FIRST = 0x1000;
const STRIDE = 16;

/** Instructions of the ESP32 that LLVM 22 does not know. */
const UNKNOWN_TO_LLVM =
  /^(ill|simcall|rer|wer|ssa8b|l32ai|s32ri|s32nb|rfdo|rfdd|lddr32\.p|sddr32\.p|read_impwire|(setb|clrb|wrmsk)_expstate|r[id]tlb[01]|[ipw][id]tlb|excw|[wx]sr a\d+, (mmid|debugcause|icount|configid0)|[rw]ur a\d+, expstate)/;

interface Line {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly llvm: string;
}

const lines: Line[] = gunzipSync(readFileSync(listing))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line, i) => {
    const [hex, llvm] = line.split('\t');
    const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, k) =>
      Number.parseInt(hex.slice(2 * k, 2 * k + 2), 16),
    );
    return { address: FIRST + i * STRIDE, bytes, llvm };
  });

function ours(line: Line): string {
  const { mnemonic, operands } = disassembleInstruction(line.address, line.bytes);
  return mnemonic === '.byte' ? '<unknown>' : `${mnemonic} ${operands}`.trim();
}

/** Places where LLVM 22 prints something else than the manual says, turned into what the manual says. */
function corrected({ address, bytes, llvm }: Line): string {
  // 64-bit addresses for targets that wrap.
  const text = llvm.replace('0xffffffff', '0x');
  const word = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
  // The literal's offset is one-extended, not sign-extended.
  if (text.startsWith('l32r')) {
    const target = (((address + 3) & ~3) + (((word >>> 8) | 0xffff_0000) << 2)) >>> 0;
    return text.replace(/0x.*/, `0x${target.toString(16)}`);
  }
  // Every immediate of addmi prints as 0.
  if (text.startsWith('addmi')) return text.replace(/-?\d+$/, String(((word >> 16) << 24) >> 16));
  // ENTRY names a0 to a3.
  if (/^entry a([4-9]|1\d)/.test(text)) return '<unknown>';
  // A group of booleans begins at a multiple of its size.
  const group = /^(?:any|all)([48]) b\d+, b(\d+)$/.exec(text);
  if (group !== null && Number(group[2]) % Number(group[1]) !== 0) return '<unknown>';
  return text;
}

describe('disassembly', () => {
  it('agrees with llvm-objdump 22', () => {
    const differences: string[] = [];
    let compared = 0;
    for (const line of lines) {
      const text = ours(line);
      if (line.llvm === '<unknown>' && UNKNOWN_TO_LLVM.test(text)) continue;
      compared++;
      if (text !== corrected(line)) differences.push(`${line.address.toString(16)}: ${text} | ${line.llvm}`);
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(12_000);
  });

  it('gives bytes for what is no instruction or is cut short', () => {
    expect(disassembleInstruction(0, Uint8Array.of(0x36, 0x61))).toEqual({
      address: 0,
      length: 2,
      mnemonic: '.byte',
      operands: '0x36, 0x61',
    });
    expect(disassembleInstruction(8, Uint8Array.of(0x0d, 0x10, 0xff)).operands).toBe('0x0d, 0x10');
  });
});

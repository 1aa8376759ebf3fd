import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Row, rows } from '@loadstone/cpu-thumb';
import { findVectorFiles, readVectorFile } from './vector-file.js';

/*
 * Makes the listing that disassembly is tested against: instruction words and what llvm-objdump 22 prints for them.
 *   tsx make-arm-listing.ts OUT.tsv.gz [VECTOR-DIR]
 * Words: all 16-bit ones, some of every 32-bit row, random 32-bit ones, and those of the vectors. Each stands alone, 16 bytes
 * behind the one before, so that the address is 16 times the line number from 0.
 */

const PER_ROW = 24;
const RANDOM_WORDS = 4000;
const STRIDE = 16;

/** A small generator (xorshift32), so that the listing can be made again. */
let seed = 0x2545_f491;
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

const sample = (row: Row): number => ((random() & ~row.mask) | row.value) >>> 0;

const words = new Set<number>();
for (let half = 0; half < 0xe800; half += 1 + (random() % 6)) words.add(half);
for (const row of rows) if (row.length === 4) for (let i = 0; i < PER_ROW; i++) words.add(sample(row));
for (let i = 0; i < RANDOM_WORDS; i++) words.add((0xe800_0000 + (random() % 0x1800_0000)) >>> 0);
const [out, vectors] = process.argv.slice(2);
for (const file of vectors ? findVectorFiles(vectors) : []) {
  for (const test of readVectorFile(file) as { c: string; cl?: number; n?: number }[]) {
    if (test.n !== undefined || random() % 8 !== 0) continue;
    const code = Buffer.from(test.c, 'hex').subarray(0, test.cl);
    words.add(code.length === 2 ? code.readUInt16LE() : ((code.readUInt16LE() << 16) | code.readUInt16LE(2)) >>> 0);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'listing-'));
const source = join(folder, 'words.s');
const list = [...words].sort((a, b) => a - b);
const lines = list.map((word) => {
  const isWide = word > 0xffff;
  const nops = '.inst.n 0xbf00\n'.repeat(isWide ? 6 : 7);
  return `.inst.${isWide ? 'w' : 'n'} 0x${word.toString(16)}\n${nops}`;
});
writeFileSync(source, `.syntax unified\n.thumb\n.text\n${lines.join('')}`);
const target = ['--target=thumbv7em-none-eabihf', '-mcpu=cortex-m4'];
execFileSync('clang-22', [...target, '-c', source, '-o', join(folder, 'words.o')]);
const listing = execFileSync(
  'llvm-objdump-22',
  ['-d', '--no-show-raw-insn', '--mcpu=cortex-m4', '--mattr=-fp64,-d32', join(folder, 'words.o')],
  {
    maxBuffer: 1 << 28,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  },
);
const printed = new Map<number, string>();
for (const line of listing.split('\n')) {
  const match = /^\s*([0-9a-f]+):\s*(.*)$/.exec(line);
  // Comments and symbols are not part of the instruction.
  if (match)
    printed.set(
      Number.parseInt(match[1], 16),
      match[2]
        .replace(/\s*@.*$/, '')
        .replace(/ <.*>$/, '')
        .trim(),
    );
}
const text = list.map((word, i) => `${word.toString(16)}\t${printed.get(i * STRIDE) ?? '<unknown>'}\n`).join('');
writeFileSync(resolve(process.env.INIT_CWD ?? '.', out), gzipSync(text, { level: 9 }));
rmSync(folder, { recursive: true });
process.stdout.write(`${list.length} words, ${readFileSync(out).length} bytes\n`);

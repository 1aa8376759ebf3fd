import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { instructionRows, patternOf } from '@loadstone/cpu-xtensa';
import { findVectorFiles, readVectorFile } from './vector-file.js';

/*
 * Makes the listing that disassembly is tested against: instruction bytes and what llvm-objdump 22 prints for them.
 *   tsx xtensa-listing.ts OUT.tsv.gz [VECTOR-DIR]
 * Words: some of every row, random ones, the first of the vectors' cases. Each is a function of its own, so that the
 * disassembler starts anew there, at 0x1000 plus 16 times the line number from 0.
 */

const PER_ROW = 12;
const RANDOM_LONG = 4000;
const RANDOM_SHORT = 1500;
const FIRST = 0x1000;
const STRIDE = 16;

/** A small generator (xorshift32), so that the listing can be made again. */
let seed = 0x2545_f491;
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

const hexBytes = (word: number, length: number): string =>
  Array.from({ length }, (_, i) => ((word >>> (8 * i)) & 0xff).toString(16).padStart(2, '0')).join('');

const words = new Set<string>();
for (const row of instructionRows) {
  const { length, mask, value } = patternOf(row);
  for (let i = 0; i < PER_ROW; i++) words.add(hexBytes((random() & ~mask) | value, length));
}
for (let i = 0; i < RANDOM_LONG; i++) words.add(hexBytes((random() & 0xff_fff0) | (random() & 7), 3));
for (let i = 0; i < RANDOM_SHORT; i++) words.add(hexBytes((random() & 0xfff0) | (8 + (random() % 6)), 2));
const [out, vectors] = process.argv.slice(2);
for (const file of vectors ? findVectorFiles(vectors) : []) {
  for (const test of readVectorFile(file) as { c: string; to?: number }[]) {
    if (random() % 4 === 0 && (test.c.length === 6 || test.c.length === 4)) words.add(test.c);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'listing-'));
const list = [...words].sort();
const lines = list.map((hex, i) => {
  const bytes = (hex.match(/../g) ?? []).map((byte) => `0x${byte}`).join(',');
  return `.type w${i},@function\nw${i}: .byte ${bytes}\n.fill ${STRIDE - hex.length / 2},1,0\n`;
});
writeFileSync(join(folder, 'words.s'), `.text\n.fill ${FIRST},1,0\n${lines.join('')}`);
const object = join(folder, 'words.o');
execFileSync('llvm-mc-22', ['-triple=xtensa', '-mcpu=esp32', '-filetype=obj', join(folder, 'words.s'), '-o', object]);
const listing = execFileSync('llvm-objdump-22', ['-d', '--no-show-raw-insn', '--mcpu=esp32', object], {
  maxBuffer: 1 << 28,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const printed = new Map<number, string>();
for (const line of listing.split('\n')) {
  const match = /^\s*([0-9a-f]+):\s*(.*)$/.exec(line);
  if (match === null) continue;
  const text = match[2].replace(/ <.*>$/, '').replace(/\s+/g, ' ');
  printed.set(Number.parseInt(match[1], 16), text.trim());
}
const text = list.map((hex, i) => `${hex}\t${printed.get(FIRST + i * STRIDE) ?? '<unknown>'}\n`).join('');
writeFileSync(resolve(process.env.INIT_CWD ?? '.', out), gzipSync(text, { level: 9 }));
rmSync(folder, { recursive: true });
process.stdout.write(`${list.length} words\n`);

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { xtensa } from '@loadstone/cpu-xtensa';
import { type ArmCase, disassembleArmCase, runArmCase } from './arm-case.js';
import type { Engine } from './engine.js';
import { runXtensaCase, type XtensaCase } from './xtensa-case.js';

/** Result of one file on one engine. */
export interface FileResult {
  passed: number;
  failed: number;
  /** The first failures, several lines each. */
  readonly reports: string[];
}

const MOST_REPORTS = 10;

/** All *.jsonl.gz below a folder (or the file itself), sorted by path. */
export function findVectorFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() || entry.name.endsWith('.jsonl.gz') ? findVectorFiles(join(path, entry.name)) : [],
    );
}

/** The cases of a file: gzip'd JSON lines. */
export function readVectorFile(path: string): unknown[] {
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** Runs every case of a file. */
export function runVectorFile(path: string, engine: Engine): FileResult {
  const result: FileResult = { passed: 0, failed: 0, reports: [] };
  for (const test of readVectorFile(path)) {
    const { name, lines, differences } = runCase(path, test, engine);
    if (differences.length === 0) {
      result.passed++;
      continue;
    }
    result.failed++;
    if (result.reports.length < MOST_REPORTS) result.reports.push([name, ...lines(), ...differences].join('\n    '));
  }
  return result;
}

interface CaseResult {
  readonly name: string;
  readonly lines: () => string[];
  readonly differences: readonly string[];
}

/** The shape tells the architecture: ARM cases have `p`, Xtensa cases `sp`. */
function runCase(path: string, test: unknown, engine: Engine): CaseResult {
  if (isArm(test)) {
    return {
      name: `${test.t}: ${test.a}`,
      lines: () => disassembleArmCase(test),
      differences: runArmCase(test, engine),
    };
  }
  if (isXtensa(test)) {
    // Only the fpsteps oracle has the ESP32's own float unit.
    const comparison = { advisoryFloat: !basename(dirname(path)).includes('fpsteps') };
    return {
      name: `${test.t}: ${test.a}`,
      lines: () => disassembleXtensaCase(test),
      differences: runXtensaCase(test, engine, comparison),
    };
  }
  throw new TypeError(`${path}: a case of no known architecture`);
}

function isArm(test: unknown): test is ArmCase {
  return typeof test === 'object' && test !== null && 'p' in test && 'r' in test;
}

function isXtensa(test: unknown): test is XtensaCase {
  return typeof test === 'object' && test !== null && 'sp' in test && 'r' in test;
}

function disassembleXtensaCase(test: XtensaCase): string[] {
  const code = Uint8Array.from(test.c.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const lines: string[] = [];
  for (let at = 0; at < code.length; ) {
    const { length, mnemonic, operands } = xtensa.disassemble(test.pc + at, code.subarray(at, at + 8));
    lines.push(`0x${(test.pc + at).toString(16)}  ${mnemonic} ${operands}`);
    at += length;
  }
  return lines;
}

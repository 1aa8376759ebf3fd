import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExportSearch, LoaderDefect, TencentosLoader, type TencentosModule } from '@loadstone/module-loader';
import { ArenaMemory, fnv1a } from './arena.js';

/** One load's answer in expected.json, made by the original C. */
export interface ExpectedAnswer {
  readonly err: number | string;
  readonly runoff?: string;
  readonly alloc: number;
  readonly freed: number;
  readonly base?: number;
  readonly fnv1a?: string;
  readonly sections?: Readonly<Record<'text' | 'rodata' | 'data' | 'bss', readonly [number, number | null]>>;
  readonly load_bias?: number;
  readonly symbols?: Readonly<Record<string, number | null>>;
  readonly log: string;
}

export interface CorpusCase {
  readonly name: string;
  readonly kind: 'obj' | 'so';
  readonly files: readonly string[];
  readonly base: number;
  readonly keep?: boolean;
  readonly heap_max?: number;
  readonly ext: Readonly<Record<string, number>>;
  readonly query: readonly string[];
  readonly note?: string;
  readonly strict: readonly ExpectedAnswer[];
  readonly terminated?: readonly ExpectedAnswer[];
}

export interface LoaderCorpus {
  readonly arena_fill: number;
  readonly cases: readonly CorpusCase[];
}

/** Our answer in the same shape; `undefined_behaviour` says that stack contents decide from there on. */
export interface Answer {
  err: number | string;
  runoff?: string | undefined;
  undefined_behaviour?: string;
  alloc: number;
  freed: number;
  base?: number;
  fnv1a?: string;
  sections?: Record<string, readonly [number, number | null]>;
  load_bias?: number;
  symbols?: Record<string, number | null>;
  log: string;
}

const ARENA_START = 0x2000_0000;
const ARENA_SIZE = 0x0008_0000;
const DEFAULT_HEAP_MAX = 98304;

function readAt(file: Uint8Array, offset: number, into: Uint8Array): number {
  if ((offset | 0) < 0) return -1;
  const bytes = file.subarray(offset, offset + into.length);
  into.set(bytes);
  return bytes.length;
}

function offsetFrom(base: number, address: number | null): number | null {
  return address === null || address === 0 ? null : address - base;
}

/** Loads the files of one case in one firmware, as the corpus did. Ends early where that process ended. */
export function answerCase(
  testCase: CorpusCase,
  fill: number,
  search: ExportSearch,
  readFile: (name: string) => Uint8Array,
): Answer[] {
  const files = testCase.files.map(readFile);
  const memory = new ArenaMemory(ARENA_START, ARENA_SIZE, testCase.base, testCase.heap_max ?? DEFAULT_HEAP_MAX);
  let lines: string[] = [];
  const loader = new TencentosLoader({
    kind: testCase.kind === 'obj' ? 'object' : 'shared',
    read: (fd, offset, into) => readAt(files[fd], offset, into),
    memory,
    symbols: Object.entries(testCase.ext).map(([name, address]) => ({ name, address })),
    log: (line) => lines.push(`${line}\n`),
    exportSearch: search,
    // The corpus was made by a program without hardware division.
    zeroDivide: 'all-ones',
  });
  const answers: Answer[] = [];
  for (let fd = 0; fd < files.length; fd++) {
    memory.bytes.fill(fill);
    memory.requested = 0;
    memory.freed = 0;
    lines = [];
    try {
      const { error, module } = loader.load(fd);
      const answer: Answer = { err: error, alloc: memory.requested, freed: memory.freed, log: lines.join('') };
      answers.push(answer);
      if (module === undefined) continue;
      describeModule(answer, loader, memory, module, testCase.query);
      if (!testCase.keep) {
        loader.unload(module);
        memory.next = testCase.base;
      }
    } catch (defect) {
      if (!(defect instanceof LoaderDefect)) throw defect;
      const answer: Answer = { err: defect.code, alloc: memory.requested, freed: memory.freed, log: lines.join('') };
      if (defect.code === 'RUNOFF') answer.runoff = defect.data.symbol;
      else if (defect.code === 'UNINITIALISED') answer.undefined_behaviour = defect.message;
      answers.push(answer);
      break;
    }
  }
  return answers;
}

function describeModule(
  answer: Answer,
  loader: TencentosLoader,
  memory: ArenaMemory,
  module: TencentosModule,
  query: readonly string[],
): void {
  const base = module.base;
  answer.base = base;
  answer.fnv1a = fnv1a(memory.range(base, answer.alloc));
  if (module.sections !== undefined) {
    answer.sections = {};
    for (const [kind, { index, address }] of Object.entries(module.sections)) {
      answer.sections[kind] = [index, offsetFrom(base, address)];
    }
  }
  if (module.loadBias !== undefined) answer.load_bias = module.loadBias;
  answer.symbols = {};
  for (const name of query) answer.symbols[name] = offsetFrom(base, loader.findSymbol(module, name));
}

/** Defects after which the original's process is killed sooner or later. */
const ENDS_THE_PROCESS: ReadonlySet<unknown> = new Set(['FAULT', 'STACK_OVERRUN', 'HEAP_OVERFLOW']);

/** Differences between two answers, one line each; addresses compare modulo 2^32. */
export function differences(expected: ExpectedAnswer, actual: Answer): string[] {
  if (actual.undefined_behaviour !== undefined) return [];
  const out: string[] = [];
  const compare = (what: string, want: unknown, have: unknown) => {
    const same =
      typeof want === 'number' && typeof have === 'number'
        ? want >>> 0 === have >>> 0
        : JSON.stringify(want) === JSON.stringify(have);
    if (!same) out.push(`${what}: expected ${JSON.stringify(want)}, got ${JSON.stringify(have)}`);
  };
  const actualError = ENDS_THE_PROCESS.has(actual.err) ? 'FAULT' : actual.err;
  const expectedError = typeof expected.err === 'string' && expected.err.startsWith('FAULT') ? 'FAULT' : expected.err;
  compare('err', expectedError, actualError);
  if (out.length > 0) return out;
  if (expected.err === 'RUNOFF') compare('runoff', expected.runoff, actual.runoff);
  compare('alloc', expected.alloc, actual.alloc);
  compare('freed', expected.freed, actual.freed);
  compare('log', expected.log, actual.log);
  if (expected.base !== undefined) compare('base', expected.base, actual.base);
  if (expected.fnv1a !== undefined) compare('fnv1a', expected.fnv1a, actual.fnv1a);
  if (expected.load_bias !== undefined) compare('load_bias', expected.load_bias, actual.load_bias);
  for (const [kind, want] of Object.entries(expected.sections ?? {})) compare(kind, want, actual.sections?.[kind]);
  for (const [name, want] of Object.entries(expected.symbols ?? {})) compare(name, want, actual.symbols?.[name]);
  return out;
}

export interface CorpusCaseResult {
  readonly name: string;
  readonly differences: readonly string[];
  /** Undefined behaviour of the original met on the way; its answer then depends on stack contents. */
  readonly notPortable: readonly string[];
}

/**
 * Whether an answer is the same on every machine. The original reads past the end of empty and truncated files into
 * uninitialised stack memory; what that held decided these answers.
 */
function isPortable(name: string, { err }: ExpectedAnswer): boolean {
  if (name.startsWith('bad-empty')) return false;
  return !name.startsWith('trunc-') || (err !== 0 && err !== 1 && !String(err).startsWith('FAULT'));
}

/** Runs every case of a folder in the format of the loader corpus, strict and terminated. */
export function runTencentosCorpus(folder: string, report: (result: CorpusCaseResult) => void): void {
  const corpus = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as LoaderCorpus;
  const contents = new Map<string, Uint8Array>();
  const readFile = (name: string): Uint8Array => {
    let bytes = contents.get(name);
    if (bytes === undefined) {
      bytes = new Uint8Array(readFileSync(join(folder, 'obj', name)));
      contents.set(name, bytes);
    }
    return bytes;
  };
  for (const testCase of corpus.cases) {
    const found: string[] = [];
    const notPortable: string[] = [];
    for (const search of ['strict', 'terminated'] as const) {
      const expected = (search === 'terminated' ? testCase.terminated : undefined) ?? testCase.strict;
      const actual = answerCase(testCase, corpus.arena_fill, search, readFile);
      for (const answer of actual) {
        if (answer.undefined_behaviour !== undefined) notPortable.push(`${search}: ${answer.undefined_behaviour}`);
      }
      const cut = actual.some((answer) => answer.undefined_behaviour !== undefined);
      if (actual.length !== expected.length && !cut)
        found.push(`${search}: ${expected.length} answers expected, got ${actual.length}`);
      for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
        const lines = differences(expected[i], actual[i]).map((line) => `${search} load ${i + 1}: ${line}`);
        (isPortable(testCase.name, expected[i]) ? found : notPortable).push(...lines);
      }
    }
    report({ name: testCase.name, differences: found, notPortable });
  }
}

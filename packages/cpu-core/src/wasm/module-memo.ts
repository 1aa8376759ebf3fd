import type { DirectRange, MemoryOracle } from './checks.js';
import type { GuestFunction } from './guest-functions.js';
import type { CompiledBytes } from './module.js';
import { type SharedModule, sharedModule } from './shared-modules.js';

/** Most modules remembered that begin with the same function. */
const MOST_VERSIONS = 3;

/** What generated code depends on beside the guest's code: the compiler asks the CPU it compiles for. */
export interface Surroundings extends Pick<MemoryOracle, 'ranges' | 'rangeAt' | 'guard' | 'wasLeft'> {
  /** Whether a host function is at an address. */
  isHost(pc: number): boolean;
}

/** A module that fits every CPU with the same guest functions and answers. */
export interface SharedCode {
  readonly module: WebAssembly.Module;
  /** Bytes of WebAssembly code. */
  readonly size: number;
  readonly functions: CompiledBytes['functions'];
  readonly callees: CompiledBytes['callees'];
  /** Host offsets that it stores to without a check. */
  readonly stores: readonly (readonly [from: number, end: number])[];
}

/** What was asked of the CPU that code was generated for. */
class Question {
  private text: string | undefined;

  constructor(
    private readonly ask: Ask<unknown>,
    private readonly answer: unknown,
  ) {}

  /** Whether another CPU gives the same answer. */
  isAnsweredBy(of: Surroundings): boolean {
    this.text ??= JSON.stringify(this.answer);
    return JSON.stringify(this.ask(of)) === this.text;
  }
}

type Ask<Answer> = (of: Surroundings) => Answer;

/**
 * The questions. They are remembered longer than a CPU lives, so they are made here: a function made while one CPU's code is generated would
 * keep that CPU with all its memory.
 */
const questions = {
  isHost:
    (pc: number): Ask<boolean> =>
    (of) =>
      of.isHost(pc),
  ranges:
    (pc: number, width: number, access: 'read' | 'write'): Ask<readonly DirectRange[]> =>
    (of) =>
      of.ranges(pc, width, access),
  rangeAt:
    (address: number, width: number, access: 'read' | 'write'): Ask<DirectRange | undefined> =>
    (of) =>
      of.rangeAt(address, width, access),
  guard:
    (range: DirectRange, bytes: number, aligned: boolean): Ask<number> =>
    (of) =>
      of.guard(range, bytes, aligned),
  wasLeft:
    (pc: number): Ask<boolean> =>
    (of) =>
      of.wasLeft(pc),
};

interface Version extends Omit<SharedCode, 'module'> {
  readonly code: readonly GuestFunction[];
  readonly asked: readonly Question[];
  readonly shared: SharedModule;
}

/** By first function. */
const memo = new WeakMap<GuestFunction, readonly Version[]>();

/**
 * The module of guest functions. `generate` writes it, unless that was done for another CPU: with the same functions, and the same answers
 * to all questions that were asked then.
 */
export function sharedCode(
  code: readonly GuestFunction[],
  surroundings: Surroundings,
  generate: (oracle: Surroundings & MemoryOracle) => CompiledBytes,
): SharedCode {
  const versions = memo.get(code[0]) ?? [];
  for (const version of versions) {
    if (!isSame(version.code, code)) continue;
    const { module } = version.shared;
    if (module === undefined || !version.asked.every((question) => question.isAnsweredBy(surroundings))) continue;
    return { ...version, module };
  }
  const asked: Question[] = [];
  const stores: [number, number][] = [];
  const answer = <Answer>(ask: Ask<Answer>): Answer => {
    const answered = ask(surroundings);
    asked.push(new Question(ask, answered));
    return answered;
  };
  const ranges = new Map<number, readonly DirectRange[]>();
  const { bytes, functions, callees } = generate({
    isHost: (pc) => answer(questions.isHost(pc)),
    ranges: (pc, width, access) => {
      // Copies of an instruction ask the same.
      const key = pc * 16 + width * 2 + (access === 'write' ? 1 : 0);
      let known = ranges.get(key);
      if (known === undefined) ranges.set(key, (known = answer(questions.ranges(pc, width, access))));
      return known;
    },
    rangeAt: (address, width, access) => answer(questions.rangeAt(address, width, access)),
    guard: (range, size, aligned) => answer(questions.guard(range, size, aligned)),
    wasLeft: (pc) => answer(questions.wasLeft(pc)),
    noteStore: (host, size) => stores.push([host, host + size]),
  });
  const kept = sharedModule(bytes);
  const shared = { size: bytes.length, functions, callees, stores };
  memo.set(code[0], [{ ...shared, code, asked, shared: kept }, ...versions].slice(0, MOST_VERSIONS));
  return { ...shared, module: kept.module };
}

function isSame(a: readonly GuestFunction[], b: readonly GuestFunction[]): boolean {
  return a.length === b.length && a.every((f, i) => f === b[i]);
}

import type { AddressSpace } from '../address-space.js';
import type { Cpu } from '../cpu.js';
import type { ProgramKit } from './program-kit.js';

/**
 * One check of the suite, for any test runner: `for (const { name, run } of suite) test(name, run)`. `run` throws an Error that
 * says what differs.
 */
export interface ConformanceCase {
  readonly name: string;
  run(): void;
}

/** What the cases are about. */
export interface Subject {
  readonly kit: ProgramKit;
  readonly make: (memory: AddressSpace) => Cpu;
}

export type Cases = (subject: Subject) => readonly ConformanceCase[];

/** @throws Error when `actual` differs from `expected` in any field */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [show(actual), show(expected)];
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`);
}

/** @throws Error unless `act` throws an error whose `code` is `code` */
export function refuses(code: string, act: () => void, what: string): void {
  try {
    act();
  } catch (error) {
    same(error instanceof Error && 'code' in error ? error.code : error, code, `${what} is refused`);
    return;
  }
  throw new Error(`${what}: error ${code} was expected, nothing was thrown`);
}

/** @throws Error unless `act` throws exactly `problem` */
export function passesOn(problem: Error, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error === problem) return;
    throw new Error(`${String(error)} was thrown instead of the host's own error`);
  }
  throw new Error("the host's own error did not come out");
}

/** JSON with sorted keys, so that the order of an object's fields does not count. */
function show(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  );
}

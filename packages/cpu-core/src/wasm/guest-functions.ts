import type { Architecture } from '../architecture.js';
import type { LiftedBlock } from '../lift-block.js';
import { BoundedMap } from './bounded-map.js';
import type { Graph } from './graph.js';
import type { Place } from './module.js';
import type { ReadWord } from './predict.js';

/** Most addresses, on all kinds of CPU, whose functions are remembered, and most versions at one address. */
const MOST_PLACES = 1024;
const MOST_VERSIONS = 4;

/** Guest code that becomes one function. There is one object for the same code, whichever CPU runs it. */
export interface GuestFunction extends Place {
  /** Guest addresses it lies at. */
  readonly ranges: Graph['ranges'];
  readonly instructions: number;
  /** What it calls at constant addresses, and most likely at others. */
  readonly calls: readonly Place[];
  /** Its first instruction can be compiled. */
  readonly isCompilable: boolean;
}

/** What a graph is made from. */
interface Source {
  readonly runs: readonly LiftedBlock[];
  /** Answers about the targets of computed jumps, in the order of the questions. */
  readonly targets: readonly (readonly number[])[];
  /** Words that calls were predicted from, by address; written while the graph is made. */
  readonly words: readonly (readonly [address: number, value: number | undefined])[];
}

interface Version extends Source {
  readonly found: GuestFunction;
}

const versions = new BoundedMap<string, readonly Version[]>(MOST_PLACES);

/** What compiled code depends on of an architecture: equal texts, equal code. */
export function architectureKey({ slots, flags, float, windows, modeSlots, helpers }: Architecture): string {
  return JSON.stringify([
    slots.length,
    flags,
    float?.plain,
    windows?.layout,
    modeSlots,
    helpers.map(({ pure }) => pure),
  ]);
}

/**
 * The function that was found at `place` in this code before, or what `build` makes.
 * @param word reads the memory of the CPU that asks
 */
export function guestFunction(
  key: string,
  place: Place,
  source: Source,
  word: ReadWord,
  build: () => Graph,
): GuestFunction {
  const at = `${key} ${place.pc} ${place.mode}`;
  const known = versions.get(at) ?? [];
  const version = known.find(
    (other) => isSame(other, source) && other.words.every(([address, value]) => word(address) === value),
  ) ?? { ...source, found: describe(build()) };
  versions.set(at, [version, ...known.filter((other) => other !== version)].slice(0, MOST_VERSIONS));
  return version.found;
}

function describe({ pc, mode, ranges, instructions, nodes }: Graph): GuestFunction {
  const calls: Place[] = [];
  for (const { ending } of nodes) {
    if (ending.kind !== 'call' && ending.kind !== 'call-to') continue;
    const target = ending.kind === 'call' ? ending.target : ending.likely;
    if (target !== undefined) calls.push({ pc: target, mode: ending.mode });
  }
  return { pc, mode, ranges, instructions, calls, isCompilable: nodes[0].ending.kind !== 'interpret' };
}

function isSame(a: Source, b: Source): boolean {
  return (
    a.runs.length === b.runs.length &&
    a.targets.length === b.targets.length &&
    a.targets.every((targets, i) => sameNumbers(targets, b.targets[i])) &&
    a.runs.every((run, i) => sameRun(run, b.runs[i]))
  );
}

function sameRun(a: LiftedBlock, b: LiftedBlock): boolean {
  return (
    a.pc === b.pc &&
    a.mode === b.mode &&
    a.ended === b.ended &&
    a.block.end === b.block.end &&
    a.block.lists.length === b.block.lists.length &&
    sameNumbers(a.block.ops, b.block.ops) &&
    sameNumbers(a.block.instructions, b.block.instructions) &&
    sameNumbers(a.block.starts, b.block.starts) &&
    sameNumbers(a.modes, b.modes) &&
    a.block.lists.every((list, i) => sameNumbers(list, b.block.lists[i]))
  );
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memorySource } from '@loadstone/fd-sources';
import { type AllocationRequest, loadModule, type TargetMemory } from '@loadstone/module-loader';
import type { BenchmarkObject } from './objects.js';

/** One way to load an object, measured. */
export interface LoadMeasurement {
  readonly object: string;
  readonly tool: string;
  /** Bytes of the file. */
  readonly bytes: number;
  readonly sections: number;
  readonly symbols: number;
  readonly relocations: number;
  /** Best of the runs. */
  readonly milliseconds: number;
  readonly relocationsPerSecond: number;
}

const RAM = 0x2000_0000;
const IMPORT = 0x2000_0001;

/** RAM as large as the module needs. */
class BenchmarkMemory implements TargetMemory {
  private readonly bytes: Uint8Array;
  private next = RAM;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  allocate({ size, align }: AllocationRequest): number {
    const address = Math.ceil(this.next / align) * align;
    this.next = address + size;
    return address;
  }

  free(): void {}

  restart(): void {
    this.next = RAM;
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(address - RAM, address - RAM + into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.bytes.set(from, address - RAM);
  }
}

const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 20;
/** Milliseconds for one object, after which no further round starts. */
const TIME = 3000;

function measurement(object: BenchmarkObject, tool: string, milliseconds: number): LoadMeasurement {
  const { bytes, sections, symbols, relocations } = object;
  return {
    object: object.name,
    tool,
    bytes: bytes.length,
    sections,
    symbols,
    relocations,
    milliseconds,
    relocationsPerSecond: Math.round((relocations / milliseconds) * 1000),
  };
}

/** From the file's bytes to a relocated module in memory. One memory for all runs: a board exists before its modules do. */
function loader(object: BenchmarkObject): () => void {
  const memory = new BenchmarkMemory(object.bytes.length * 2 + 4096);
  return () => {
    memory.restart();
    const module = loadModule(memorySource(object.bytes), { memory, resolve: () => IMPORT });
    if (module.relocationCount !== object.relocations) {
      throw new Error(`${object.name}: ${module.relocationCount} relocations applied`);
    }
  };
}

/** `ld -r` as a process; undefined where it is not installed. */
function linker(object: BenchmarkObject, folder: string): (() => void) | undefined {
  const file = join(folder, 'object.o');
  writeFileSync(file, object.bytes);
  const run = () => spawnSync('arm-none-eabi-ld', ['-r', file, '-o', join(folder, 'out.o')], { encoding: 'utf8' });
  const first = run();
  if (first.error) return undefined;
  if (first.status !== 0) throw new Error(`ld -r of ${object.name}: ${first.stderr}`);
  return run;
}

/** Each tool on one object; they take turns, so that a busy machine slows all of them. */
export function measureLoad(object: BenchmarkObject): LoadMeasurement[] {
  const folder = mkdtempSync(join(tmpdir(), 'bench-loader-'));
  try {
    const ld = linker(object, folder);
    const tools: [tool: string, run: () => void][] = [
      ['loadstone', loader(object)],
      ...(ld === undefined ? [] : [['arm-none-eabi-ld -r (process)', ld] as [string, () => void]]),
    ];
    const best = tools.map(() => Number.POSITIVE_INFINITY);
    const start = performance.now();
    for (let round = 0; round < MOST_ROUNDS && (round < LEAST_ROUNDS || performance.now() - start < TIME); round++) {
      for (const [i, [, run]] of tools.entries()) {
        const before = performance.now();
        run();
        best[i] = Math.min(best[i], performance.now() - before);
      }
    }
    return tools.map(([tool], i) => measurement(object, tool, best[i]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

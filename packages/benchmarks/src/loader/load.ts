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

  read(address: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(address - RAM, address - RAM + into.length));
  }

  write(address: number, from: Uint8Array): void {
    this.bytes.set(from, address - RAM);
  }
}

/** Runs `work` until a second has passed or twenty times. @returns milliseconds of the fastest run */
export function fastest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  const start = performance.now();
  for (let run = 0; run < 20 && (run < 3 || performance.now() - start < 1000); run++) {
    const before = performance.now();
    work();
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

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

/** From the file's bytes to a relocated module in memory. */
export function measureLoad(object: BenchmarkObject): LoadMeasurement {
  // One memory for all runs: a board exists before its modules do.
  const memory = new BenchmarkMemory(object.bytes.length * 2 + 4096);
  const time = fastest(() => {
    const module = loadModule(memorySource(object.bytes), {
      memory: Object.assign(memory, { next: RAM }),
      resolve: () => IMPORT,
    });
    if (module.relocationCount !== object.relocations)
      throw new Error(`${object.name}: ${module.relocationCount} relocations applied`);
  });
  return measurement(object, 'loadstone', time);
}

/** `ld -r` as a process on the same file; undefined where it is not installed. */
export function measureLinker(object: BenchmarkObject): LoadMeasurement | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'bench-loader-'));
  try {
    const file = join(folder, 'object.o');
    writeFileSync(file, object.bytes);
    const run = () => spawnSync('arm-none-eabi-ld', ['-r', file, '-o', join(folder, 'out.o')], { encoding: 'utf8' });
    const first = run();
    if (first.error) return undefined;
    if (first.status !== 0) throw new Error(`ld -r of ${object.name}: ${first.stderr}`);
    return measurement(object, 'arm-none-eabi-ld -r (process)', fastest(run));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

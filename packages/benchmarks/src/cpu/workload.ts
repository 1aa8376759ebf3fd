import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ElfFile, PT } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';

/** Guest targets the workloads are built for. */
export const TARGETS = ['thumb-soft', 'thumb-hard', 'xtensa'] as const;
export type Target = (typeof TARGETS)[number];

const folder = fileURLToPath(new URL('../../fixtures/cpu/bin/', import.meta.url));

/** Names of all workloads. */
export const workloadNames: readonly string[] = readdirSync(`${folder}wasm`)
  .map((file) => file.replace(/\.wasm$/, ''))
  .sort();

/** A guest program: what to put where, and the addresses of its symbols. */
export interface Program {
  readonly path: string;
  readonly segments: readonly { readonly address: number; readonly bytes: Uint8Array; readonly memorySize: number }[];
  /** Address of `bench`, bit 0 set on Thumb as in the symbol table. */
  readonly bench: number;
  /** Position of the word `bench_rounds` in the file, for oracles that run the file itself. */
  readonly roundsOffset: number;
}

/** The workload's program for a target; undefined where it is not built for it. */
export function loadProgram(name: string, target: Target): Program | undefined {
  const path = `${folder}${target}/${name}.elf`;
  if (!existsSync(path)) return undefined;
  const bytes = new Uint8Array(readFileSync(path));
  const elf = ElfFile.open(memorySource(bytes));
  const symbols = elf.symbols('.symtab');
  const address = (symbol: string): number => {
    const found = symbols?.findByName(symbol);
    if (!found) throw new Error(`${path} has no symbol ${symbol}`);
    return found.value;
  };
  const rounds = address('bench_rounds');
  const roundsOffset = elf.offsetOfAddress(rounds);
  if (roundsOffset === undefined) throw new Error(`${path}: bench_rounds lies in no segment`);
  return {
    path,
    segments: elf.segments
      .filter((segment) => segment.type === PT.LOAD && segment.memorySize > 0)
      .map((segment) => ({
        address: segment.address,
        bytes: bytes.subarray(segment.offset, segment.offset + segment.fileSize),
        memorySize: segment.memorySize,
      })),
    bench: address('bench'),
    roundsOffset,
  };
}

/** The same C compiled to WebAssembly. */
export function loadWasm(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}wasm/${name}.wasm`));
}

/** Path of the same C compiled for this machine, where it was. */
export function nativePath(name: string): string | undefined {
  const path = `${folder}native/${name}.so`;
  return process.arch === 'x64' && process.platform === 'linux' && existsSync(path) ? path : undefined;
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Cpu, createAddressSpace, createCpu, type Region } from '@loadstone/cpu-core';
import { SLOT, skipInstruction, thumb } from '@loadstone/cpu-thumb';
import { describe, expect, it } from 'vitest';
import { availableEngines, type Engine } from './engine.js';

/* Programs against what QEMU's user mode made of them: fixtures/programs/arm/README.md. */

const folder = new URL('../../fixtures/programs/arm/', import.meta.url);

interface Oracle {
  readonly program: string;
  readonly status: number;
  readonly output: string;
  readonly memory: string;
  readonly bytes: number;
}

const oracles = readFileSync(new URL('oracle.jsonl', folder), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Oracle);

const FUEL = 100_000_000;

/** A static ELF's segments as regions, and its entry. */
function load(elf: Uint8Array, engine: Engine): Cpu {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  const headers = Array.from({ length: view.getUint16(44, true) }, (_, i) => view.getUint32(28, true) + i * 32);
  const segments = headers
    .filter((at) => view.getUint32(at, true) === 1)
    .map((at) => ({
      offset: view.getUint32(at + 4, true),
      address: view.getUint32(at + 8, true),
      fileSize: view.getUint32(at + 16, true),
      size: view.getUint32(at + 20, true),
      isCode: (view.getUint32(at + 24, true) & 1) !== 0,
    }));
  const regions = segments.map(
    ({ address, size, isCode }): Region => ({
      name: isCode ? 'code' : 'data',
      start: address,
      size,
      kind: isCode ? 'rom' : 'ram',
      executable: isCode,
    }),
  );
  const memory = createAddressSpace(regions);
  for (const { offset, address, fileSize } of segments) memory.write(address, elf.subarray(offset, offset + fileSize));
  const cpu = createCpu(thumb, memory, { engine });
  cpu.pc = view.getUint32(24, true) & ~1;
  return cpu;
}

/** Runs to exit_group, serving write. */
function run(cpu: Cpu): { status: number; output: Uint8Array; dump: Uint8Array } {
  const written: Uint8Array[] = [];
  let dump = new Uint8Array(0);
  for (;;) {
    const stop = cpu.run({ fuel: FUEL });
    if (stop.kind !== 'exception' || stop.name !== 'supervisor-call') throw new Error(JSON.stringify(stop));
    const [fd, address, size, number] = [SLOT.R0, SLOT.R1, SLOT.R2, 7].map((slot) => cpu.get(slot));
    if (number === 248) return { status: fd, output: Buffer.concat(written), dump };
    const bytes = new Uint8Array(size);
    cpu.memory.read(address, bytes);
    if (fd === 3) dump = bytes;
    else written.push(bytes);
    cpu.set(SLOT.R0, size);
    skipInstruction(cpu);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(availableEngines())('programs on %s', (engine) => {
  it.each(oracles.map(({ program }) => program))('%s does what it does under QEMU', (program) => {
    const elf = gunzipSync(readFileSync(new URL(`${program}.elf.gz`, folder)));
    const { status, output, dump } = run(load(elf, engine));
    expect(Buffer.from(output).toString('utf8')).toBe(readFileSync(new URL('output.txt', folder), 'utf8'));
    expect({ program, status, output: sha256(output), memory: sha256(dump), bytes: dump.length }).toEqual(
      oracles.find((oracle) => oracle.program === program),
    );
  });
});

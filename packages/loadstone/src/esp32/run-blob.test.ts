import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { memorySource } from '@loadstone/fd-sources';
import { describe, expect, it } from 'vitest';
import { createBoard } from '../boards.js';
import { freeHeapSize, runBlob, runBlobFrom } from './run-blob.js';

const fixtures = fileURLToPath(new URL('../../../testkit/fixtures/', import.meta.url));
const blob = (name: string) => new Uint8Array(readFileSync(`${fixtures}modules/gp-iot/${name}`));

describe('runBlob', () => {
  it('runs (input, output) as a task and prints the lines of the first runner', async () => {
    const run = await runBlob(`${fixtures}images/spiffs.img.gz:/task.bin`);
    expect(run).toMatchObject({ status: 'returned', output: 'AAAAAAAAAA' });
    expect(run.outputBytes).toHaveLength(100);
    const base = run.blob?.base ?? 0;
    const hex = (value: number) => `0x${value.toString(16).toUpperCase()}`;
    expect(run.log).toEqual([
      'Loading from SPIFFS',
      'BIN SIZE: 72',
      `Free heap size: ${freeHeapSize(createBoard('esp32'))}`,
      'MALLOC OK',
      'SUBMITTING TASK',
      'Task Function Address           : 0x4',
      `Program buffer address          : ${hex(base)}`,
      `Calculated Task Function Address: ${hex(base + 4)}`,
      'Return value from task: AAAAAAAAAA',
    ]);
    expect(base).toBeGreaterThanOrEqual(0x40080000);
    expect(base).toBeLessThan(0x400a0000);
  });

  it('runs (base, input, outAddr, output) in setup with the lines of HEAD', async () => {
    const run = await runBlob(blob('task-base.bin'), {
      prototype: 'void (uintptr_t base, const char *input, uintptr_t *outAddr, char *output)',
    });
    expect(run).toMatchObject({ status: 'returned', output: '0123456789ABCDEF', outAddr: 0x4c });
    expect(run.log.slice(-3)).toEqual([
      'Return value from task: 0123456789ABCDEF',
      'Offset of hex in taskFunction: 0x4C',
      `Absolute Address of hex: 0x${((run.blob?.base ?? 0) + 0x4c).toString(16).toUpperCase()}`,
    ]);
  });

  it('runs (base, input, output) with globals of its own', async () => {
    const run = await runBlob(blob('task-globals.bin'), {
      prototype: 'void (uintptr_t base, const char *input, char *output)',
    });
    expect(run).toMatchObject({ status: 'returned', output: '0123456789ABCDEF' });
  });

  it('gives up as the sketch does on a blob larger than the heap', async () => {
    const run = await runBlob(new Uint8Array(400_000));
    expect(run).toMatchObject({ status: 'load-error', failure: 'INSUFFICIENT_HEAP' });
    expect(run.log.at(-1)).toBe('Insufficient free heap memory');
  });

  it('gives up on a blob larger than executable memory, and on a file that is not there', async () => {
    expect(await runBlob(new Uint8Array(250_000))).toMatchObject({ failure: 'ALLOCATION_FAILED' });
    expect(runBlobFrom(undefined)).toMatchObject({ failure: 'OPEN_FAILED' });
  });

  it('stops at the fuel limit and reports a fault in the blob', async () => {
    const run = await runBlob(blob('task.bin'), { limits: { fuel: 5 } });
    expect(run).toMatchObject({ status: 'fuel', instructions: 5 });
    const zeros = new Uint8Array(64);
    const fault = await runBlob(zeros);
    expect(fault.status).toBe('fault');
    expect(fault.fault?.message).toContain('illegal');
    expect(fault.fault?.firmware).toBe('GP-IOT runner, generation first, metadata at the end');
    expect(fault).toMatchObject({ generation: 'first', metadata: 'end' });
  });

  it('refuses prototypes of other forms', () => {
    expect(() => runBlobFrom(memorySource(blob('task.bin')), { prototype: 'void (void)' })).toThrowError(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    );
  });

  it('leaves the heap as it was, except for the blob that the first runner never frees', async () => {
    const board = createBoard('esp32');
    const before = board.heap.stats().used;
    const run = await runBlob(blob('task.bin'), { board });
    expect(board.heap.stats().used - before).toBe(run.blob?.size);
  });
});

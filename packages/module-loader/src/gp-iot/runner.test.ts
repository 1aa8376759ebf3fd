import { type ByteSource, memorySource, SourceError } from '@loadstone/fd-sources';
import { describe, expect, test } from 'vitest';
import { LoaderDefect } from '../errors.js';
import { FlatMemory } from '../test/flat-memory.js';
import { GpIotRunner, type GpIotRunnerOptions } from './runner.js';

const IRAM = 0x4008e580;

function runner(options: Partial<GpIotRunnerOptions> & Pick<GpIotRunnerOptions, 'generation'>) {
  const memory = new FlatMemory(0x40080000, 0x20000, IRAM);
  const log: string[] = [];
  return {
    memory,
    log,
    runner: new GpIotRunner({ memory, freeHeap: () => 269524, log: (text) => log.push(text), ...options }),
  };
}

function blob(size: number, entry: number, metadataOffset = size - 20): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
  if (metadataOffset >= 0) new DataView(bytes.buffer).setUint32(metadataOffset, entry, true);
  return bytes;
}

describe('HEAD runner', () => {
  test('prints the log of Example 2: 104 bytes at 0x4008E580', () => {
    const { runner: sketch, log, memory } = runner({ generation: 'head' });
    const bytes = blob(104, 4);
    const result = sketch.load(memorySource(bytes));
    if (result.status !== 'loaded') throw new Error(result.reason);
    expect(memory.range(IRAM, 104)).toEqual(bytes);
    sketch.reportReturn(result.blob, '0123456789ABCDEF', 0x40);
    expect(log.join('')).toBe(
      'Loading from SPIFFS\r\nBIN SIZE: 104\r\nFree heap size: 269524\r\nMALLOC OK\r\nFile Size: 104\n' +
        'Size of TaskMetadata: 20\nProgram buffer address: 0x4008E580\nMetadata address: 0x4008E5D4\n' +
        'Task Function Address in Metadata: 0x4\nCalculated Task Function Address: 0x4008E584\n' +
        'Return value from task: 0123456789ABCDEF\nOffset of hex in taskFunction: 0x40\n' +
        'Absolute Address of hex: 0x4008E5C0\n',
    );
    expect(memory.freed).toEqual([IRAM]);
  });

  test('a size that is no multiple of 4 ends at the unaligned metadata word, after copying stale bytes', () => {
    const { runner: sketch, memory } = runner({ generation: 'head' });
    const bytes = blob(257, 0);
    expect(() => sketch.load(memorySource(bytes))).toThrowError(
      expect.objectContaining({ code: 'UNALIGNED_METADATA', data: { address: IRAM + 237, size: 257 } }),
    );
    expect([...memory.range(IRAM + 256, 4)]).toEqual([bytes[256], bytes[129], bytes[130], bytes[131]]);
  });

  test('a blob smaller than its metadata is a defect', () => {
    expect(() => runner({ generation: 'head' }).runner.load(memorySource(blob(16, 0)))).toThrow(LoaderDefect);
  });
});

describe('first runner', () => {
  test('prints the log of the first version: 152 bytes at 0x40092C9C', () => {
    const log: string[] = [];
    const sketch = new GpIotRunner({
      generation: 'first',
      memory: new FlatMemory(0x40080000, 0x20000, 0x40092c9c),
      freeHeap: () => 201324,
      log: (text) => log.push(text),
    });
    const result = sketch.load(memorySource(blob(152, 0x14, 0)));
    if (result.status !== 'loaded') throw new Error(result.reason);
    sketch.reportLoop();
    sketch.reportTaskStart(result.blob);
    sketch.reportReturn(result.blob, 'AAAAAAAAAA');
    expect(log.join('')).toBe(
      'Loading from SPIFFS\r\nBIN SIZE: 152\r\nFree heap size: 201324\r\nMALLOC OK\r\nSUBMITTING TASK\r\n.\r\n' +
        'Task Function Address           : 0x14\nProgram buffer address          : 0x40092C9C\n' +
        'Calculated Task Function Address: 0x40092CB0\nReturn value from task: AAAAAAAAAA\n',
    );
  });

  test('reads metadata at the end when told so', () => {
    const result = runner({ generation: 'first', metadata: 'end' }).runner.load(memorySource(blob(72, 8)));
    expect(result).toMatchObject({
      status: 'loaded',
      blob: { entryOffset: 8, entry: IRAM + 8, metadataAddress: IRAM + 52 },
    });
  });
});

describe('refusals', () => {
  const cases: [string, string, () => [Partial<GpIotRunnerOptions>, ByteSource | undefined]][] = [
    ['OPEN_FAILED', 'Failed to open task file\r\n', () => [{}, undefined]],
    [
      'INSUFFICIENT_HEAP',
      'Insufficient free heap memory\r\n',
      () => [{ freeHeap: () => 99 }, memorySource(blob(100, 0))],
    ],
    ['ALLOCATION_FAILED', 'Failed to allocate memory\r\n', () => [{}, memorySource(new Uint8Array(0))]],
    [
      'ALLOCATION_FAILED',
      'Failed to allocate memory\r\n',
      () => [{ freeHeap: () => 1e6 }, memorySource(blob(0x30000, 0))],
    ],
    [
      'TEMPORARY_BUFFER_FAILED',
      'Failed to allocate temporary buffer\r\n',
      () => [{ temporaryBuffer: () => false }, memorySource(blob(100, 0))],
    ],
    [
      'READ_FAILED',
      'Failed to read chunk from task file\r\n',
      () => [
        {},
        {
          size: 300,
          read: (offset: number, into: Uint8Array) => {
            if (offset >= 256) throw new SourceError('IO', 'bad page');
            return into.length;
          },
        },
      ],
    ],
  ];
  test.each(cases)('%s', (reason, line, make) => {
    const [options, file] = make();
    const { runner: sketch, log } = runner({ generation: 'head', ...options });
    expect(sketch.load(file)).toEqual({ status: 'failed', reason });
    expect(log.at(-1)).toBe(line);
  });

  test('free heap equal to the size is enough', () => {
    const { runner: sketch } = runner({ generation: 'head', freeHeap: () => 100 });
    expect(sketch.load(memorySource(blob(100, 0))).status).toBe('loaded');
  });
});

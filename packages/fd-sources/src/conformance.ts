import type { BlockDevice } from './block-device.js';
import type { ByteSource, WritableByteSource } from './byte-source.js';
import { SourceError, type SourceErrorCode } from './error.js';

/**
 * One check of a shared suite, for any test runner: `for (const { name, run } of suite) test(name, run)`. `run` rejects with
 * an Error that says what differs.
 */
export interface ConformanceCase {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * What every ByteSource must do.
 * @param make gives a fresh source whose content is a copy of `bytes`; one that fetches has everything fetched
 */
export function byteSourceConformance(
  make: (bytes: Uint8Array) => ByteSource | Promise<ByteSource>,
): readonly ConformanceCase[] {
  const withSource = (size: number, check: (source: ByteSource, bytes: Uint8Array) => void) => async () => {
    const bytes = pattern(size, 1);
    const source = await make(bytes.slice());
    try {
      check(source, bytes);
    } finally {
      source.close?.();
    }
  };
  return [
    {
      name: 'size is the length of the content',
      run: withSource(10_007, (source, bytes) => equal(source.size, bytes.length, 'size')),
    },
    {
      name: 'reads everything at once',
      run: withSource(10_007, (source, bytes) => {
        const into = new Uint8Array(bytes.length);
        equal(source.read(0, into), bytes.length, 'count');
        sameBytes(into, bytes);
      }),
    },
    {
      name: 'reads any range, also across the edges of pages and chunks',
      run: withSource(10_007, (source, bytes) => {
        for (let offset = 0; offset < bytes.length; offset += 97) {
          for (const length of [0, 1, 5, 96, 1024, 4096]) {
            const into = new Uint8Array(length);
            const expected = bytes.subarray(offset, offset + length);
            equal(source.read(offset, into), expected.length, `count at ${offset}`);
            sameBytes(into.subarray(0, expected.length), expected);
          }
        }
      }),
    },
    {
      name: 'reads into a view without touching the bytes around it',
      run: withSource(100, (source, bytes) => {
        const whole = new Uint8Array(64).fill(0xaa);
        equal(source.read(3, whole.subarray(16, 48)), 32, 'count');
        sameBytes(whole.subarray(16, 48), bytes.subarray(3, 35));
        sameBytes(whole.subarray(0, 16), new Uint8Array(16).fill(0xaa));
        sameBytes(whole.subarray(48), new Uint8Array(16).fill(0xaa));
      }),
    },
    {
      name: 'a read past the end is short and leaves the rest of the buffer',
      run: withSource(1000, (source, bytes) => {
        const into = new Uint8Array(16).fill(0x55);
        equal(source.read(990, into), 10, 'count');
        sameBytes(into.subarray(0, 10), bytes.subarray(990));
        sameBytes(into.subarray(10), new Uint8Array(6).fill(0x55));
        equal(source.read(1000, into), 0, 'count at the end');
        equal(source.read(Number.MAX_SAFE_INTEGER, into), 0, 'count far behind the end');
      }),
    },
    {
      name: 'an empty source reads nothing',
      run: withSource(0, (source) => {
        equal(source.size, 0, 'size');
        equal(source.read(0, new Uint8Array(4)), 0, 'count');
      }),
    },
    {
      name: 'an offset that is no offset is BAD_ARGUMENT',
      run: withSource(100, (source) => {
        for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          throws('BAD_ARGUMENT', () => source.read(offset, new Uint8Array(1)));
        }
      }),
    },
    {
      name: 'reading after close is CLOSED, closing twice is allowed',
      run: async () => {
        const source = await make(pattern(100, 1));
        if (source.close === undefined) return;
        source.close();
        source.close();
        throws('CLOSED', () => source.read(0, new Uint8Array(1)));
      },
    },
  ];
}

/**
 * What every WritableByteSource must do beyond `byteSourceConformance`.
 * @param make gives a fresh source whose content is a copy of `bytes`
 */
export function writableSourceConformance(
  make: (bytes: Uint8Array) => WritableByteSource | Promise<WritableByteSource>,
): readonly ConformanceCase[] {
  return [
    {
      name: 'reads back what was written, and nothing else changed',
      run: async () => {
        const bytes = pattern(20_000, 1);
        const source = await make(bytes.slice());
        try {
          for (const [offset, length] of [
            [0, 1],
            [4095, 2],
            [8192, 4096],
            [5000, 9000],
            [19_990, 10],
            [7, 0],
          ]) {
            const from = pattern(length, offset + 2);
            source.write(offset, from);
            bytes.set(from, offset);
          }
          const into = new Uint8Array(bytes.length);
          source.read(0, into);
          sameBytes(into, bytes);
        } finally {
          source.close?.();
        }
      },
    },
    {
      name: 'a write past the end is OUT_OF_RANGE and writes nothing',
      run: async () => {
        const bytes = pattern(100, 1);
        const source = await make(bytes.slice());
        try {
          throws('OUT_OF_RANGE', () => source.write(95, new Uint8Array(6)));
          throws('OUT_OF_RANGE', () => source.write(101, new Uint8Array(0)));
          throws('BAD_ARGUMENT', () => source.write(-1, new Uint8Array(1)));
          const into = new Uint8Array(100);
          source.read(0, into);
          sameBytes(into, bytes);
        } finally {
          source.close?.();
        }
      },
    },
  ];
}

/**
 * What every BlockDevice must do.
 * @param make gives a fresh device full of 0xFF
 * @param kind `flash`: a program only clears bits; `sectors`: a program replaces bytes
 */
export function blockDeviceConformance(
  make: (size: number, blockSize: number) => BlockDevice | Promise<BlockDevice>,
  kind: 'flash' | 'sectors',
): readonly ConformanceCase[] {
  const withDevice = (check: (device: BlockDevice) => void) => async () => check(await make(4 * 512, 512));
  const content = (device: BlockDevice): Uint8Array => {
    const into = new Uint8Array(device.size);
    device.read(0, into);
    return into;
  };
  return [
    {
      name: 'has the geometry asked for and starts erased',
      run: withDevice((device) => {
        equal(device.size, 2048, 'size');
        equal(device.blockSize, 512, 'blockSize');
        sameBytes(content(device), new Uint8Array(2048).fill(0xff));
      }),
    },
    {
      name: 'reads back a program at any address, also across blocks',
      run: withDevice((device) => {
        const from = pattern(700, 3);
        device.program(301, from);
        const expected = new Uint8Array(2048).fill(0xff);
        expected.set(from, 301);
        sameBytes(content(device), expected);
      }),
    },
    {
      name: kind === 'flash' ? 'a second program only clears bits' : 'a second program replaces bytes',
      run: withDevice((device) => {
        device.program(8, Uint8Array.of(0xf0, 0x00, 0x3c));
        device.program(8, Uint8Array.of(0xcc, 0xff, 0xff));
        const expected = kind === 'flash' ? [0xc0, 0x00, 0x3c] : [0xcc, 0xff, 0xff];
        sameBytes(content(device).subarray(8, 11), Uint8Array.from(expected));
      }),
    },
    {
      name: 'an erase sets one whole block to 0xFF and no other',
      run: withDevice((device) => {
        const from = pattern(2048, 5);
        device.program(0, from);
        device.erase(2);
        const expected = from.slice();
        expected.fill(0xff, 1024, 1536);
        sameBytes(content(device), expected);
      }),
    },
    {
      name: 'an access outside the device is OUT_OF_RANGE and changes nothing',
      run: withDevice((device) => {
        throws('OUT_OF_RANGE', () => device.read(2047, new Uint8Array(2)));
        throws('OUT_OF_RANGE', () => device.program(2047, new Uint8Array(2)));
        throws('OUT_OF_RANGE', () => device.erase(4));
        throws('BAD_ARGUMENT', () => device.read(-1, new Uint8Array(2)));
        throws('BAD_ARGUMENT', () => device.erase(-1));
        sameBytes(content(device), new Uint8Array(2048).fill(0xff));
      }),
    },
  ];
}

/** Bytes that differ from place to place and between seeds: xorshift32. */
function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 2_654_435_761) | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function equal(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new Error(`${what} is ${actual} instead of ${expected}`);
}

function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  equal(actual.length, expected.length, 'length');
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) throw new Error(`byte ${i} is ${actual[i]} instead of ${expected[i]}`);
  }
}

function throws(code: SourceErrorCode, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof SourceError && error.code === code) return;
    throw new Error(`SourceError ${code} was expected, not ${String(error)}`);
  }
  throw new Error(`SourceError ${code} was expected, but nothing was thrown`);
}

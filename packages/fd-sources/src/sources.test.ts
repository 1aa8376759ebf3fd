import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { blobSource } from './blob-source.js';
import { byteSourceConformance, writableSourceConformance } from './conformance.js';
import { SourceError } from './error.js';
import { memorySource } from './memory-source.js';
import { openFileSource } from './node.js';
import { overlaySource } from './overlay-source.js';
import { isWritable, windowSource } from './window-source.js';

const directory = mkdtempSync(join(tmpdir(), 'fd-sources-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array): string {
  const path = join(directory, `${files++}.bin`);
  writeFileSync(path, bytes);
  return path;
}

/** A source without `write`, so that windows and overlays over read-only sources are tested as such. */
function readOnly(bytes: Uint8Array) {
  const { size, read } = { size: bytes.length, read: memorySource(bytes).read };
  const source = memorySource(bytes);
  return { size, read: (offset: number, into: Uint8Array) => read.call(source, offset, into) };
}

function inside(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 1000).fill(0x99);
  larger.set(bytes, 400);
  return larger;
}

describe.each([
  ['memory', (bytes: Uint8Array) => memorySource(bytes)],
  ['window', (bytes: Uint8Array) => windowSource(memorySource(inside(bytes)), 400, bytes.length)],
  ['overlay', (bytes: Uint8Array) => overlaySource(readOnly(bytes))],
  ['file', (bytes: Uint8Array) => openFileSource(file(bytes), { writable: true })],
  [
    'window over overlay over file',
    (bytes: Uint8Array) => {
      return windowSource(overlaySource(openFileSource(file(inside(bytes)))), 400, bytes.length);
    },
  ],
])('%s', (_, make) => {
  test.each(byteSourceConformance(make))('$name', ({ run }) => run());
  test.each(writableSourceConformance(make))('$name', ({ run }) => run());
});

describe('read-only window', () => {
  const make = (bytes: Uint8Array) => windowSource(readOnly(inside(bytes)), 400, bytes.length);
  test.each(byteSourceConformance(make))('$name', ({ run }) => run());

  test('has no write', () => {
    expect(isWritable(make(new Uint8Array(4)))).toBe(false);
    expect(isWritable(windowSource(memorySource(new Uint8Array(4)), 0))).toBe(true);
  });

  test('must lie inside the source', () => {
    const source = memorySource(new Uint8Array(100));
    expect(windowSource(source, 40).size).toBe(60);
    expect(windowSource(source, 100).size).toBe(0);
    for (const [offset, size] of [
      [101, 0],
      [50, 51],
      [0, 101],
    ]) {
      expect(() => windowSource(source, offset, size)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }));
    }
    expect(() => windowSource(source, 0, -1)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

describe('blob', () => {
  const make = async (bytes: Uint8Array) => {
    const source = await blobSource(new Blob([bytes.slice()]), { chunkBytes: 1000, cacheBytes: 100_000 });
    await source.prefetch(0, bytes.length);
    return source;
  };
  test.each(byteSourceConformance(make))('$name', ({ run }) => run());
});

describe('overlay', () => {
  test('leaves the base as it is and counts what it holds', () => {
    const bytes = new Uint8Array(10_000).fill(1);
    const overlay = overlaySource(memorySource(bytes));
    overlay.write(4090, new Uint8Array(20).fill(2));
    expect(overlay.changedBytes).toBe(8192);
    expect(bytes.every((byte) => byte === 1)).toBe(true);
    const into = new Uint8Array(10_000);
    overlay.read(0, into);
    expect(into.filter((byte) => byte === 2).length).toBe(20);
    expect(into.indexOf(2)).toBe(4090);
  });
});

describe('file', () => {
  test('opened for reading refuses writes', () => {
    const source = openFileSource(file(Uint8Array.of(1, 2, 3)));
    expect(() => source.write(0, Uint8Array.of(9))).toThrow(expect.objectContaining({ code: 'READ_ONLY' }));
    source.close();
  });

  test('that is not there, or is a folder, is IO', () => {
    for (const path of [join(directory, 'missing'), directory]) {
      expect(() => openFileSource(path)).toThrow(SourceError);
      expect(() => openFileSource(path)).toThrow(expect.objectContaining({ code: 'IO' }));
    }
  });

  test('reads beyond 4 GiB', async () => {
    const path = join(directory, 'sparse.bin');
    const handle = await open(path, 'w');
    const offset = 5 * 2 ** 30 + 3;
    await handle.write(Uint8Array.of(11, 22, 33), 0, 3, offset);
    await handle.close();
    const source = openFileSource(path, { writable: true });
    expect(source.size).toBe(offset + 3);
    const into = new Uint8Array(8);
    expect(source.read(offset - 1, into)).toBe(4);
    expect([...into.subarray(0, 4)]).toEqual([0, 11, 22, 33]);
    source.write(offset + 1, Uint8Array.of(44));
    source.read(offset, into);
    expect([...into.subarray(0, 3)]).toEqual([11, 44, 33]);
    source.close();
  });

  test('that shrank while open is IO, not silent zeros', async () => {
    const path = file(new Uint8Array(100));
    const source = openFileSource(path);
    writeFileSync(path, new Uint8Array(10));
    expect(() => source.read(0, new Uint8Array(50))).toThrow(expect.objectContaining({ code: 'IO' }));
    source.close();
  });
});

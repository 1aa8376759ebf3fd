import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { editImage, openImage } from './image.js';
import { buildImage } from './image-build.js';
import { checkImage, repairImage } from './image-check.js';
import { extractionPaths } from './image-names.js';

const fixtures = fileURLToPath(new URL('../../testkit/fixtures/', import.meta.url));
const entries = [
  { path: '/a.bin', content: new Uint8Array(5000).fill(1) },
  { path: 'folder/b.bin', content: new Uint8Array(10).fill(2) },
  { path: 'empty/', content: new Uint8Array(0) },
];

describe('buildImage', () => {
  it("makes the fixture that an independent implementation of ESP-IDF's layout made", async () => {
    const names = ['task.bin', 'task-base.bin', 'task-globals.bin'];
    const files = names.map((name) => ({
      path: `/${name}`,
      content: new Uint8Array(readFileSync(`${fixtures}modules/gp-iot/${name}`)),
    }));
    const built = await buildImage(files, { kind: 'spiffs' });
    const theirs = gunzipSync(readFileSync(`${fixtures}images/spiffs.img.gz`));
    expect(Buffer.compare(built, theirs)).toBe(0);
  });

  it('refuses more than it can hold in memory', async () => {
    await expect(buildImage([], { kind: 'fat32', size: 2 ** 31 + 512 })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });
});

describe('an image in memory', () => {
  it.each(['spiffs', 'fat12'] as const)('%s: is built, changed, read and checked', async (kind) => {
    const bytes = await buildImage(entries, { kind });
    const edited = await editImage(bytes);
    expect(edited.kind).toBe(kind);
    edited.writeFile('/folder/c.bin', new Uint8Array(7).fill(3));
    expect(edited.remove('/a.bin')).toEqual(['/a.bin']);
    expect(() => edited.remove('/a.bin')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(edited.hasDirectory('/folder')).toBe(true);
    expect(edited.hasDirectory('/fold')).toBe(false);
    edited.close();
    const image = await openImage(bytes);
    expect(image.files()).toEqual([
      { path: '/folder/b.bin', size: 10 },
      { path: '/folder/c.bin', size: 7 },
    ]);
    expect(image.hasFile('/folder/c.bin')).toBe(true);
    const { total, used } = image.space();
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(total);
    image.close();
    expect(await checkImage(bytes)).toMatchObject({ kind, verdict: 'clean', files: 2 });
    expect(await repairImage(bytes)).toMatchObject({ kind, verdict: 'clean', remaining: [] });
  });

  it('is not changed by reading, and gzip is not changed at all', async () => {
    await expect(editImage(new Uint8Array([0x1f, 0x8b, 8, 0]))).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(editImage(`${fixtures}images/sd.img.gz`)).rejects.toMatchObject({ code: 'READ_ONLY' });
    await expect(checkImage(new Uint8Array(70_000))).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' });
  });

  it('whose directories loop is a typed error, not an endless listing', async () => {
    const tree = [{ path: 'loop/inner/x', content: new Uint8Array(1) }];
    const bytes = await buildImage(tree, { kind: 'fat12' });
    const at = Buffer.from(bytes).indexOf('INNER      ');
    const outer = Buffer.from(bytes).indexOf('LOOP       ');
    // First cluster, offset 26 of an entry (Microsoft FAT specification 1.03, section 6): the directory it lies in.
    bytes.copyWithin(at + 26, outer + 26, outer + 28);
    const image = await openImage(bytes);
    expect(() => image.files()).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
    expect((await checkImage(bytes)).verdict).toBe('damaged');
  });
});

describe('extractionPaths', () => {
  const place = (...paths: string[]) => extractionPaths(paths.map((path) => ({ path, size: 0, type: 'file' })));

  it('gives the names of folders and file', () => {
    expect(place('/a/b c/d', 'e', '/..a/...').map(({ names }) => names)).toEqual([
      ['a', 'b c', 'd'],
      ['e'],
      ['..a', '...'],
    ]);
  });

  it.each([['../x'], ['/..'], ['/a/../b'], [''], ['/'], ['a//b'], ['a/'], ['./a'], ['a\0b'], ['..\\x'], ['a', '/a']])(
    'refuses %j',
    (...paths) => {
      expect(() => place(...paths)).toThrow(expect.objectContaining({ code: 'BAD_NAME' }));
    },
  );

  it('refuses a file where another needs a folder', () => {
    expect(() => place('/a/b', '/a')).toThrow(/"\/a"/);
  });
});

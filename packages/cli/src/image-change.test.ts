import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fixture,
  loadstone,
  loadstoneJson,
  mtoolsTree,
  noise,
  readTree,
  temporaryFolder,
  tool,
  withFolders,
  writeTree,
} from './testing/image.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

const TREE = { 'a.bin': noise(3000, 1), 'lib/one.so': noise(40_000, 2), 'lib/two.so': noise(9, 3) };

async function create(type: string, tree = TREE): Promise<string> {
  const image = folder.file(`${type}.img`);
  const from = writeTree(folder.file(`${type}-from`), tree);
  expect(await loadstone('image', 'create', image, '--type', type, '--from', from)).toMatchObject({ code: 0, err: '' });
  return image;
}

async function contents(image: string): Promise<Record<string, Uint8Array>> {
  const out = folder.file(`contents-${Math.random()}`);
  expect(await loadstone('image', 'extract', image, out)).toMatchObject({ code: 0 });
  return readTree(out);
}

describe('loadstone image add and rm', () => {
  it('change a FAT image so that fsck.fat and mtools agree', async () => {
    const image = await create('fat16');
    const more = writeTree(folder.file('more'), {
      'x.bin': noise(20_000, 7),
      'in/y.bin': noise(1, 8),
      'in/void/': noise(0, 0),
    });
    const added = await loadstoneJson('image', 'add', image, `${more}/x.bin`, `${more}/in`, '--to', '/new dir');
    expect(added).toMatchObject({
      code: 0,
      json: { image, kind: 'fat16', added: [{ path: '/new dir/x.bin', size: 20_000 }, { path: '/new dir/in/y.bin' }] },
    });
    expect(await loadstoneJson('image', 'rm', image, '/a.bin', '/lib/two.so')).toEqual({
      code: 0,
      json: { image, removed: ['/a.bin', '/lib/two.so'] },
    });
    tool('fsck.fat', '-n', image);
    expect(mtoolsTree(image, folder.file('out'))).toEqual(
      withFolders({
        'lib/one.so': TREE['lib/one.so'],
        'new dir/x.bin': noise(20_000, 7),
        'new dir/in/y.bin': noise(1, 8),
        'new dir/in/void/': noise(0, 0),
      }),
    );
    expect(await loadstone('image', 'rm', image, '/lib')).toMatchObject({ code: 1 });
    expect((await loadstoneJson('image', 'rm', '-r', image, '/lib')).json.removed).toEqual(['/lib/one.so', '/lib']);
    tool('fsck.fat', '-n', image);
  });

  it('change a SPIFFS image, which stays clean', async () => {
    const image = await create('spiffs');
    writeFileSync(folder.file('x.bin'), noise(30_000, 7));
    expect(await loadstone('image', 'add', image, folder.file('x.bin'))).toMatchObject({ code: 0, err: '' });
    expect(await loadstone('image', 'add', image, folder.file('x.bin'), '--to', '/lib/')).toMatchObject({ code: 0 });
    expect(await loadstone('image', 'add', image, folder.file('x.bin'), '--to', '/deep/y')).toMatchObject({ code: 0 });
    expect(await loadstone('image', 'rm', image, '/a.bin')).toMatchObject({ code: 0 });
    expect(await contents(image)).toEqual(
      withFolders({
        'lib/one.so': TREE['lib/one.so'],
        'lib/two.so': TREE['lib/two.so'],
        'lib/x.bin': noise(30_000, 7),
        'deep/y': noise(30_000, 7),
        'x.bin': noise(30_000, 7),
      }),
    );
    expect((await loadstoneJson('image', 'rm', image, '-r', '/lib')).json.removed).toHaveLength(3);
    expect(await loadstoneJson('image', 'check', image)).toMatchObject({
      code: 0,
      json: { verdict: 'clean', files: 2 },
    });
  });

  it('replace a file of SPIFFS that has no room beside the new one', async () => {
    const image = await create('spiffs', {
      'a.bin': noise(700_000, 1),
      'lib/one.so': noise(1, 2),
      'lib/two.so': noise(1, 3),
    });
    writeFileSync(folder.file('a.bin'), noise(900_000, 9));
    expect(await loadstone('image', 'add', image, folder.file('a.bin'))).toMatchObject({ code: 2 });
    const forced = await loadstoneJson('image', 'add', image, folder.file('a.bin'), '--force');
    expect(forced).toMatchObject({ code: 0, json: { replaced: ['/a.bin'] } });
    expect(Buffer.compare((await contents(image))['a.bin'] as Uint8Array, noise(900_000, 9))).toBe(0);
  });

  it.each(['fat12', 'spiffs'])('leave a %s image as it was when something fails', async (type) => {
    const image = await create(type);
    const before = readFileSync(image);
    writeFileSync(folder.file('ok'), noise(10, 1));
    writeFileSync(folder.file('huge'), noise(1_600_000, 1));
    const listing = readdirSync(folder.path);
    const fails = [
      ['add', image, folder.file('ok'), folder.file('huge')],
      ['add', image, folder.file('none')],
      ['rm', image, '/a.bin', '/none'],
    ];
    for (const args of fails) expect(await loadstone('image', ...args)).toMatchObject({ code: 1 });
    const misused = [
      ['add', image, folder.file('ok'), '--to', 'relative'],
      ['add', image, folder.file('ok'), '--to', '/../x'],
      ['add', image, folder.file('ok'), folder.file('ok')],
      ['add', image, folder.file('ok'), '--to', '/a.bin'],
    ];
    for (const args of misused) expect(await loadstone('image', ...args)).toMatchObject({ code: 2 });
    expect(Buffer.compare(readFileSync(image), before)).toBe(0);
    expect(readdirSync(folder.path)).toEqual(listing);
    expect(await loadstoneJson('image', 'rm', image, '/none')).toMatchObject({
      code: 1,
      json: { error: { code: 'NOT_FOUND' } },
    });
  });

  it('refuse two names that are one on FAT', async () => {
    const image = await create('fat12');
    const twins = writeTree(folder.file('twins'), { 'x.txt': noise(1, 1), 'X.TXT': noise(1, 2) });
    expect(await loadstone('image', 'add', image, twins)).toMatchObject({ code: 2 });
    writeFileSync(folder.file('A.BIN'), 'x');
    expect(await loadstone('image', 'add', image, folder.file('A.BIN'))).toMatchObject({ code: 2 });
  });

  it('keep permissions, and change the file a symbolic link leads to', async () => {
    const image = await create('fat12');
    chmodSync(image, 0o640);
    symlinkSync(image, folder.file('link.img'));
    expect(await loadstone('image', 'rm', folder.file('link.img'), '/a.bin')).toMatchObject({ code: 0 });
    expect(statSync(image).mode & 0o777).toBe(0o640);
    expect(Object.keys(await contents(image))).not.toContain('a.bin');
  });

  it('refuse packed images and what is no image', async () => {
    const packed = folder.file('sd.img.gz');
    writeFileSync(packed, readFileSync(fixture('images/sd.img.gz')));
    for (const args of [
      ['add', packed, packed],
      ['rm', packed, '/1.o'],
      ['check', packed, '--repair'],
    ]) {
      const result = await loadstone('image', ...args);
      expect(result).toMatchObject({ code: 2 });
      expect(result.err).toContain('gzip');
    }
    const other = folder.file('text');
    writeFileSync(other, 'x'.repeat(10_000));
    expect(await loadstoneJson('image', 'rm', other, '/x')).toMatchObject({
      json: { error: { code: 'UNKNOWN_FORMAT' } },
    });
    expect(await loadstone('image', 'rm', folder.path, '/x')).toMatchObject({ code: 1 });
  });

  it('say when the lengths of an empty SPIFFS are taken on trust', async () => {
    const image = await create('spiffs', {} as typeof TREE);
    writeFileSync(folder.file('x'), noise(10, 1));
    const result = await loadstone('image', 'add', image, folder.file('x'));
    expect(result).toMatchObject({ code: 0 });
    expect(result.err).toContain('taking 32 and 4');
    expect(await loadstone('image', 'add', image, folder.file('x'), '--to', '/y', '--meta-length', '4')).toMatchObject({
      err: '',
    });
    expect((await loadstone('image', 'cat', `${image}:/y`)).bytes).toEqual(noise(10, 1));
  });
});

describe('loadstone image ls and cat', () => {
  it('read packed images and flash dumps', async () => {
    const listed = await loadstoneJson('image', 'ls', fixture('images/sd.img.gz'));
    expect(listed.json).toMatchObject({ kind: 'fat32', label: 'LOADSTONE', geometry: { bytesPerSector: 512 } });
    const size = statSync(fixture('modules/tencentos/1.o')).size;
    expect(listed.json.entries).toContainEqual(expect.objectContaining({ path: '/1.o', size, type: 'file' }));
    const spiffs = gunzipSync(readFileSync(fixture('images/spiffs.img.gz')));
    const dump = folder.file('dump.bin');
    writeFileSync(dump, Buffer.concat([noise(0x290000, 1), spiffs, Buffer.alloc(0x10000, 0xff)]));
    const text = await loadstone('image', 'ls', `${dump}@0x290000`);
    expect(text.out).toMatch(/SPIFFS 3 files, \d+ of 1318001 bytes used\n/);
    expect(text.out).toContain('72  /task.bin\n');
  });

  it('print a file byte for byte, and as JSON', async () => {
    const image = await create('fat12');
    expect((await loadstone('image', 'cat', `${image}:/lib/one.so`)).bytes).toEqual(TREE['lib/one.so']);
    const { json } = await loadstoneJson('image', 'cat', `${image}:/lib/two.so`);
    expect(json).toEqual({ path: '/lib/two.so', size: 9, base64: Buffer.from(noise(9, 3)).toString('base64') });
    expect(await loadstoneJson('image', 'cat', `${image}:/lib/three.so`)).toMatchObject({
      code: 1,
      json: { error: { code: 'NOT_FOUND' } },
    });
    expect(await loadstone('image', 'cat', image)).toMatchObject({ code: 2 });
    writeFileSync(folder.file('damaged.gz'), gzipSync(noise(5000, 1)).subarray(0, 1000));
    expect(await loadstoneJson('image', 'ls', folder.file('damaged.gz'))).toMatchObject({
      code: 1,
      json: { error: { code: 'UNKNOWN_FORMAT' } },
    });
  });
});

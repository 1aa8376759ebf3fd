import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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

const TREE = {
  '1.o': noise(1234, 1),
  'empty.bin': noise(0, 2),
  'modules/a long module name.so': noise(70_000, 3),
  'modules/deep/模块.so': noise(10, 4),
  'nothing here/': noise(0, 5),
};
const SPIFFS_TREE = {
  'big.bin': noise(80_000, 1),
  'data/x.txt': noise(251, 2),
  'data/y.txt': noise(252, 3),
  'empty.bin': noise(0, 4),
  'index.html': noise(103 * 251, 5),
};

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

describe('loadstone image create, FAT', () => {
  it.each([
    ['fat12', ['--label', 'FLOPPY'], 0],
    ['fat16', ['--cluster-size', '4K', '--size', '32M'], 0],
    ['fat32', ['--size', '40M', '--label', 'SD CARD'], 0],
    ['fat32', ['--partition', '--size', '40M'], 63 * 512],
    ['fat12', ['--sector-size', '4096', '--fats', '1', '--size', '2M', '--root-entries', '128'], 0],
  ])('%s %j passes fsck.fat and has the same files for mtools', async (type, options, offset) => {
    const from = writeTree(folder.file('from'), TREE);
    const image = folder.file('out.img');
    const { code, json } = await loadstoneJson('image', 'create', image, '--type', type, '--from', from, ...options);
    expect(code).toBe(0);
    expect(json).toMatchObject({ output: image, kind: type, size: readFileSync(image).length });
    expect(json.files).toHaveLength(4);
    writeFileSync(folder.file('volume.img'), readFileSync(image).subarray(offset));
    tool('fsck.fat', '-n', folder.file('volume.img'));
    expect(mtoolsTree(image, folder.file('out'), offset)).toEqual(withFolders(TREE));
    expect(await loadstoneJson('image', 'check', image)).toMatchObject({
      code: 0,
      json: { verdict: 'clean', files: 4 },
    });
    expect(await loadstone('image', 'rm', image, '/1.o')).toMatchObject({ code: 0 });
    writeFileSync(folder.file('volume.img'), readFileSync(image).subarray(offset));
    tool('fsck.fat', '-n', folder.file('volume.img'));
    if (options.includes('--label')) {
      expect(tool('mlabel', '-s', '-i', image, '::')).toContain(options[options.indexOf('--label') + 1]);
    }
  });

  it('gives the same bytes at any time', async () => {
    const from = writeTree(folder.file('from'), TREE);
    const images = ['a.img', 'b.img'].map((name) => folder.file(name));
    for (const [index, image] of images.entries()) {
      expect(await loadstone('image', 'create', image, '--type', 'fat12', '--from', from)).toMatchObject({ code: 0 });
      if (index === 0) await new Promise((resolve) => setTimeout(resolve, 2100));
    }
    const [first, second] = images.map((image) => readFileSync(image));
    expect(Buffer.compare(first as Uint8Array, second as Uint8Array)).toBe(0);
  });
});

describe('loadstone image create, SPIFFS', () => {
  it.each([
    [[], '0x160000'],
    [['--size', '512K'], '0x80000'],
  ])("%j is byte for byte what an independent implementation of ESP-IDF's layout makes", async (options, size) => {
    const from = writeTree(folder.file('from'), SPIFFS_TREE);
    const [ours, theirs] = [folder.file('ours.img'), folder.file('theirs.img')];
    const result = await loadstone('image', 'create', ours, '--type', 'spiffs', '--from', from, ...options);
    expect(result).toMatchObject({ code: 0 });
    const named = Object.keys(SPIFFS_TREE).map((path) => `/${path}=${from}/${path}`);
    tool('python3', fixture('images/make-spiffs.py'), theirs, size, ...named);
    expect(Buffer.compare(readFileSync(ours), readFileSync(theirs))).toBe(0);
  });

  it.each([
    [['--page', '512', '--block', '8K', '--size', '1M', '--name-length', '64', '--meta-length', '0']],
    [['--no-magic-length', '--aligned-tables']],
    [['--no-magic', '--big-endian']],
    [['--style', 'mkspiffs', '--meta-length', '0']],
  ])('%j is recognised and has the files', async (options) => {
    const from = writeTree(folder.file('from'), SPIFFS_TREE);
    const image = folder.file('out.img');
    const created = await loadstone('image', 'create', image, '--type', 'spiffs', '--from', from, ...options);
    expect(created).toMatchObject({ code: 0, err: '' });
    const out = folder.file('out');
    expect(await loadstone('image', 'extract', image, out)).toMatchObject({ code: 0 });
    expect(readTree(out)).toEqual(withFolders(SPIFFS_TREE));
    expect(await loadstoneJson('image', 'check', image)).toMatchObject({
      code: 0,
      json: { verdict: 'clean', files: 5 },
    });
  });
});

describe('loadstone image create refuses', () => {
  it('to overwrite without --force, and leaves the file when the new image cannot be made', async () => {
    const from = writeTree(folder.file('from'), TREE);
    const image = folder.file('out.img');
    writeFileSync(image, 'precious');
    const create = ['image', 'create', image, '--type', 'fat12', '--from', from];
    expect(await loadstone(...create)).toMatchObject({ code: 2 });
    const small = await loadstoneJson(...create, '--force', '--size', '64K');
    expect(small).toMatchObject({ code: 1, json: { error: { code: 'DISK_FULL' } } });
    expect(readFileSync(image, 'utf8')).toBe('precious');
    expect(readdirSync(folder.path).sort()).toEqual(['from', 'out.img']);
    expect(await loadstone(...create, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(image)).toHaveLength(1_474_560);
  });

  it.each([
    ['an unknown type', 'o.img', ['--type', 'exfat']],
    ['a packed image', 'o.img.gz', ['--type', 'spiffs']],
    ['an option of the other file system', 'o.img', ['--type', 'spiffs', '--label', 'A']],
    ['an option of the other file system', 'o.img', ['--type', 'fat12', '--page', '256']],
    ['a geometry that cannot be', 'o.img', ['--type', 'spiffs', '--page', '256', '--block', '512']],
    ['a size that is no whole number of blocks', 'o.img', ['--type', 'spiffs', '--size', '5000']],
    ['a size that does not give the type', 'o.img', ['--type', 'fat32', '--size', '1M']],
    ['a label that FAT has not', 'o.img', ['--type', 'fat12', '--label', 'lower']],
    ['a size that is none', 'o.img', ['--type', 'fat12', '--size', '1T']],
    ['no type', 'o.img', []],
  ])('%s as wrong usage', async (_title, name, options) => {
    const from = writeTree(folder.file('from'), { a: noise(1, 1) });
    const result = await loadstone('image', 'create', folder.file(name), '--from', from, ...options);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(readdirSync(folder.path)).toEqual(['from']);
  });

  it('a name too long for SPIFFS, names that are one on FAT, a folder that is not there', async () => {
    const create = (type: string, from: string) =>
      loadstoneJson('image', 'create', folder.file('o.img'), '--type', type, '--from', from);
    const long = writeTree(folder.file('long'), { 'a/name/that/is/of/thirty-one.bin': noise(1, 1) });
    expect(await create('spiffs', long)).toMatchObject({ code: 1, json: { error: { code: 'NAME_TOO_LONG' } } });
    const twins = writeTree(folder.file('twins'), { 'a.txt': noise(1, 1), 'A.TXT': noise(1, 2) });
    expect(await create('fat12', twins)).toMatchObject({ code: 1, json: { error: { code: 'EXISTS' } } });
    expect(await create('fat12', folder.file('none'))).toMatchObject({ code: 1, json: { error: { code: 'ENOENT' } } });
    expect(existsSync(folder.file('o.img'))).toBe(false);
  });

  it('symbolic links out of the folder and to folders, and follows those to files inside', async () => {
    const from = writeTree(folder.file('from'), { 'sub/a': noise(5, 1) });
    const image = folder.file('o.img');
    const create = () => loadstoneJson('image', 'create', image, '--type', 'spiffs', '--from', from, '--force');
    symlinkSync('sub/a', `${from}/inside`);
    expect(await create()).toMatchObject({
      code: 0,
      json: { files: [{ path: '/inside', size: 5 }, { path: '/sub/a' }] },
    });
    symlinkSync('sub', `${from}/loop`);
    expect(await create()).toMatchObject({ code: 1, json: { error: { code: 'SYMBOLIC_LINK' } } });
    const outside = writeTree(folder.file('other'), {});
    writeFileSync(folder.file('secret'), 'x');
    symlinkSync('../secret', `${outside}/leak`);
    const leak = await loadstoneJson('image', 'create', image, '--type', 'spiffs', '--from', outside, '--force');
    expect(leak).toMatchObject({ code: 1, json: { error: { code: 'SYMBOLIC_LINK' } } });
    expect(leak.json.error.message).toContain('leak');
  });
});

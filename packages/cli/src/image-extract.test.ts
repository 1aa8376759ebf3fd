import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fixture,
  loadstone,
  loadstoneJson,
  noise,
  readTree,
  temporaryFolder,
  tool,
  writeTree,
} from './testing/image.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

/** An image with one file, whose name is then changed in the image's bytes. */
async function withName(type: 'spiffs' | 'fat12', name: string, changed: string): Promise<string> {
  const image = folder.file('hostile.img');
  const from = writeTree(folder.file('from'), { [name]: noise(100, 1) });
  expect(await loadstone('image', 'create', image, '--type', type, '--from', from)).toMatchObject({ code: 0 });
  const bytes = readFileSync(image);
  const encoding = type === 'spiffs' ? 'latin1' : 'utf16le';
  // A long-name entry of FAT holds five characters in a row first.
  const at = bytes.indexOf(Buffer.from(type === 'spiffs' ? `/${name}` : name.slice(0, 5), encoding));
  expect(at).toBeGreaterThan(0);
  Buffer.from(changed, encoding).copy(bytes, at);
  writeFileSync(image, bytes);
  return image;
}

describe('loadstone image extract', () => {
  it('writes what mtools put on the image', async () => {
    const out = folder.file('out');
    const { code, json } = await loadstoneJson('image', 'extract', fixture('images/sd.img.gz'), out);
    expect(code).toBe(0);
    expect(json).toMatchObject({ kind: 'fat32', folder: out });
    expect(json.files).toHaveLength(7);
    for (const name of readdirSync(out)) {
      expect(Buffer.compare(readFileSync(`${out}/${name}`), readFileSync(fixture(`modules/tencentos/${name}`)))).toBe(
        0,
      );
    }
    expect(readdirSync(out)).toHaveLength(7);
  });

  it('does not overwrite without --force', async () => {
    const image = fixture('images/spiffs.img.gz');
    const out = writeTree(folder.file('out'), { 'task-globals.bin': noise(3, 1) });
    expect(await loadstone('image', 'extract', image, out)).toMatchObject({ code: 2 });
    expect(readTree(out)).toEqual({ 'task-globals.bin': noise(3, 1) });
    expect(await loadstone('image', 'extract', image, out, '--force')).toMatchObject({ code: 0 });
    expect(readdirSync(out).sort()).toEqual(['task-base.bin', 'task-globals.bin', 'task.bin']);
    expect(Buffer.compare(readFileSync(`${out}/task.bin`), readFileSync(fixture('modules/gp-iot/task.bin')))).toBe(0);
  });

  it.each([
    ['spiffs', 'aaaaaaa.txt', '../../x.txt'],
    ['spiffs', 'aaaaaaa.txt', '/../../a.txt'],
    ['spiffs', 'aaaaaaa.txt', '/a/./aaa.txt'],
    ['spiffs', 'aaaaaaa.txt', '//aaaaaa.txt'],
    ['spiffs', 'aaaaaaa.txt', '/..\\aaaa.txt'],
    ['spiffs', 'aaaaaaa.txt', '/aaaaaaa.tx/'],
    ['spiffs', 'a', '..'],
    ['spiffs', 'a', '/\0'],
    ['fat12', 'XX_long evil name.txt', '../'],
    ['fat12', '_.__long evil name.txt', '/../'],
  ] as const)('%s: an entry named %s changed to %j is refused by name', async (type, name, changed) => {
    const image = await withName(type, name, changed);
    const before = readdirSync(folder.path);
    const out = folder.file('a/b/out');
    const { code, json } = await loadstoneJson('image', 'extract', image, out);
    expect(code).toBe(1);
    expect(json).toMatchObject({ error: { code: 'BAD_NAME' } });
    expect(json.error.message).toContain('the entry "');
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it('takes an absolute name of SPIFFS as one below the folder', async () => {
    const image = await withName('spiffs', 'aaaaaaaaaaaa', '/etc/evil.txt');
    expect(await loadstone('image', 'extract', image, folder.file('out'))).toMatchObject({ code: 0 });
    expect(readTree(folder.file('out'))).toEqual({ 'etc/': noise(0, 0), 'etc/evil.txt': noise(100, 1) });
    expect(existsSync('/etc/evil.txt')).toBe(false);
  });

  it('makes directories of slashes in SPIFFS names; a name that is file and directory is refused', async () => {
    for (const name of ['one', 'two']) writeFileSync(folder.file(name), noise(50, 1));
    tool(
      'python3',
      fixture('images/make-spiffs.py'),
      folder.file('both.img'),
      '0x20000',
      `/data/a/x=${folder.file('one')}`,
      `y=${folder.file('two')}`,
    );
    expect(await loadstone('image', 'extract', folder.file('both.img'), folder.file('out'))).toMatchObject({ code: 0 });
    expect(readTree(folder.file('out'))).toEqual({
      'data/': noise(0, 0),
      'data/a/': noise(0, 0),
      'data/a/x': noise(50, 1),
      y: noise(50, 1),
    });
    const clash = [`/data=${folder.file('one')}`, `/data/x=${folder.file('two')}`];
    tool('python3', fixture('images/make-spiffs.py'), folder.file('clash.img'), '0x20000', ...clash);
    const refused = await loadstoneJson('image', 'extract', folder.file('clash.img'), folder.file('none'));
    expect(refused).toMatchObject({ code: 1, json: { error: { code: 'BAD_NAME' } } });
    expect(refused.json.error.message).toContain('"/data"');
    expect(existsSync(folder.file('none'))).toBe(false);
  });

  it('does not write through symbolic links in the folder', async () => {
    const from = writeTree(folder.file('from'), { 'sub/x': noise(4, 1), y: noise(4, 2) });
    const image = folder.file('o.img');
    expect(await loadstone('image', 'create', image, '--type', 'fat12', '--from', from)).toMatchObject({ code: 0 });
    mkdirSync(folder.file('elsewhere'));
    for (const [link, target] of [
      ['sub', 'elsewhere'],
      ['y', 'elsewhere/y'],
    ] as const) {
      const out = writeTree(folder.file(`out-${link}`), {});
      symlinkSync(folder.file(target), `${out}/${link}`);
      const { code, json } = await loadstoneJson('image', 'extract', image, out, '--force');
      expect(code).toBe(1);
      expect(json).toMatchObject({ error: { code: 'SYMBOLIC_LINK' } });
      expect(readdirSync(out)).toEqual([link]);
    }
    expect(readdirSync(folder.file('elsewhere'))).toEqual([]);
  });
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProgress } from './commands/image/progress.js';
import {
  fixture,
  loadstone,
  loadstoneJson,
  mtoolsTree,
  noise,
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

async function create(type: string): Promise<string> {
  const image = folder.file('o.img');
  const from = writeTree(folder.file('from'), { 'a.bin': noise(20_000, 1), 'b.bin': noise(20_000, 2) });
  expect(await loadstone('image', 'create', image, '--type', type, '--from', from)).toMatchObject({ code: 0 });
  return image;
}

/** Changes an image's bytes. */
function damage(image: string, change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(readFileSync(image));
  change(bytes);
  writeFileSync(image, bytes);
  return bytes;
}

describe('loadstone image check', () => {
  it.each(['images/sd.img.gz', 'images/spiffs.img.gz'])('%s is clean', async (name) => {
    expect(await loadstoneJson('image', 'check', fixture(name))).toMatchObject({
      code: 0,
      json: { verdict: 'clean', problems: [] },
    });
  });

  it('finds and repairs what fsck.fat finds on FAT', async () => {
    const image = await create('fat12');
    // Cluster 100 of the first table: in no chain.
    const before = damage(image, (bytes) => {
      bytes[512 + 150] = 0xff;
      bytes[512 + 151] |= 0x0f;
    });
    expect(() => tool('fsck.fat', '-n', image)).toThrow(/exit code 1/);
    const found = await loadstoneJson('image', 'check', image);
    expect(found).toMatchObject({ code: 1, json: { kind: 'fat12', verdict: 'damaged', files: 2 } });
    expect(found.json.problems).toContainEqual(expect.objectContaining({ code: 'FATS_DIFFER', severity: 'error' }));
    expect(Buffer.compare(readFileSync(image), before)).toBe(0);
    expect((await loadstone('image', 'check', image)).out).toMatch(
      /^FAT12, 2 files: damaged\n {2}error .*\(FATS_DIFFER\)/,
    );
    const repaired = await loadstoneJson('image', 'check', image, '--repair');
    expect(repaired).toMatchObject({ code: 0, json: { verdict: 'repaired', remaining: [] } });
    tool('fsck.fat', '-n', image);
    expect(mtoolsTree(image, folder.file('out'))).toEqual({ 'a.bin': noise(20_000, 1), 'b.bin': noise(20_000, 2) });
    expect(readdirSync(folder.path).sort()).toEqual(['from', 'o.img', 'out']);
  });

  it('finds what a power loss leaves on SPIFFS, and repairs it without touching the other file', async () => {
    const image = await create('spiffs');
    // Page 2 holds the first bytes of /a.bin: its lookup entry and its flags say deleted.
    damage(image, (bytes) => {
      bytes.fill(0, 2, 4);
      bytes[2 * 256 + 4] = 0x7c;
      bytes.fill(0, 2 * 256, 2 * 256 + 2);
    });
    const found = await loadstoneJson('image', 'check', image);
    expect(found).toMatchObject({ code: 1, json: { kind: 'spiffs', verdict: 'damaged' } });
    expect(found.json.problems).toContainEqual(expect.objectContaining({ code: 'DAMAGED_FILE', path: '/a.bin' }));
    const repaired = await loadstoneJson('image', 'check', image, '--repair');
    expect(repaired).toMatchObject({ code: 0, json: { verdict: 'repaired', lost: ['/a.bin'], files: 1 } });
    expect(await loadstoneJson('image', 'check', image)).toMatchObject({ code: 0, json: { verdict: 'clean' } });
    expect((await loadstone('image', 'cat', `${image}:/b.bin`)).bytes).toEqual(noise(20_000, 2));
  });

  it.each(['fat12', 'spiffs'])('leaves a truncated %s image as it is', async (type) => {
    const image = await create(type);
    const cut = readFileSync(image).subarray(0, 512 * 1024);
    writeFileSync(image, cut);
    const { code, json } = await loadstoneJson('image', 'check', image, '--repair');
    expect(code).toBe(1);
    expect(json).toMatchObject({ verdict: 'damaged' });
    expect(json.problems[0].code).toMatch(/TRUNCATED/);
    expect(Buffer.compare(readFileSync(image), cut)).toBe(0);
    expect(await loadstoneJson('image', 'check', folder.file('from/a.bin'))).toMatchObject({
      code: 1,
      json: { error: { code: 'UNKNOWN_FORMAT' } },
    });
  });
});

describe('the progress bar', () => {
  function bar(isTTY: boolean, steps: readonly (readonly [time: number, bytes: number])[]): string {
    let [text, time] = ['', 0];
    const stream = {
      isTTY,
      write: (part: string) => {
        text += part;
      },
    };
    const progress = startProgress('copying', 1000, stream, () => time);
    for (const [at, bytes] of steps) {
      time = at;
      progress.advance(bytes);
    }
    progress.finish();
    return text;
  }

  it('appears after a second, is drawn ten times a second at most, and goes away', () => {
    const text = bar(true, [
      [900, 100],
      [1000, 400],
      [1050, 100],
      [1100, 400],
    ]);
    const half = `\rcopying [${'#'.repeat(15)}${'.'.repeat(15)}]  50 %`;
    expect(text).toBe(`${half}\rcopying [${'#'.repeat(30)}] 100 %\r\x1b[K`);
  });

  it('does not appear before, nor where there is no terminal', () => {
    expect(bar(true, [[999, 1000]])).toBe('');
    expect(bar(false, [[5000, 1000]])).toBe('');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { checkFat, type FatCheck, FatError, FatVolume } from '@loadstone/vfs-fat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fsckFat } from './fat-tools.js';

const folder = new URL('../../fixtures/fat/', import.meta.url);
const manifests = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));

function image(id: string): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(new URL(`${id}.img.gz`, folder))));
}

const check = (bytes: Uint8Array, repair = false): FatCheck =>
  checkFat(blockDevice(memorySource(bytes), { blockSize: 512 }), { repair });

/** What each damaged image of the corpus has; fsck.fat names the same things in its own words. */
const PROBLEMS: Readonly<Record<string, readonly string[]>> = {
  'bad12-cross': ['CROSS_LINK', 'SIZE_MISMATCH', 'LOST_CLUSTERS'],
  'bad16-dir-loop': ['CROSS_LINK', 'LOST_CLUSTERS'],
  'bad16-first-bad': ['BAD_START', 'SIZE_MISMATCH', 'LOST_CLUSTERS'],
  'bad16-free-in-chain': ['FREE_IN_CHAIN', 'SIZE_MISMATCH', 'LOST_CLUSTERS'],
  'bad16-lfn-checksum': ['LONG_NAME'],
  'bad16-loop': ['CHAIN_LOOP', 'SIZE_MISMATCH', 'LOST_CLUSTERS'],
  'bad16-nosig': [],
  'bad16-out-of-range': ['OUT_OF_RANGE', 'SIZE_MISMATCH', 'LOST_CLUSTERS'],
  'bad16-short-chain': ['SIZE_MISMATCH', 'LOST_CLUSTERS'],
  'bad16-size-huge': ['SIZE_MISMATCH'],
  'bad16-truncated': ['VOLUME_TRUNCATED'],
  'bad32-fats-differ': ['FATS_DIFFER'],
  'bad32-fsinfo': ['FREE_COUNT'],
  'bad32-lost': ['LOST_CLUSTERS'],
};

describe('checking a volume', () => {
  for (const { id, fsck, volume, files } of manifests) {
    if (id === 'bad16-bpb-spc0') continue;
    it(`comes to the verdict of fsck.fat on ${id}`, () => {
      const bytes = image(id);
      const { clean, problems, freeClusters, ...counts } = check(bytes);
      expect(clean, JSON.stringify(problems)).toBe(fsck.exitCode === 0);
      expect(problems.map(({ code }) => code)).toEqual(PROBLEMS[id] ?? []);
      const summary = /(\d+) files, (\d+)\/(\d+) clusters/.exec(fsck.messages.at(-1));
      if (files !== undefined) {
        expect(counts.files + counts.directories).toBe(files.length);
        expect(freeClusters).toBe(volume.clusters - Number(summary?.[2]));
      }
    });
  }

  it('refuses what is no volume', () => {
    expect(() => check(image('bad16-bpb-spc0'))).toThrow(expect.objectContaining({ code: 'NO_FILESYSTEM' }));
    expect(() => check(image('fat16-frag').slice(0, 5120))).toThrow(expect.objectContaining({ code: 'DISK_ERROR' }));
  });

  it('says which paths are concerned', () => {
    expect(check(image('bad12-cross')).problems[0]).toEqual({
      code: 'CROSS_LINK',
      severity: 'error',
      message: expect.stringMatching(/^\/two\.bin: shares cluster \d+ with \/one\.bin$/),
      path: '/two.bin',
      cluster: expect.any(Number),
    });
  });
});

describe('repairing', () => {
  for (const { id } of manifests.filter((manifest) => !manifest.files && manifest.fsck.exitCode !== 0)) {
    if (id === 'bad16-bpb-spc0' || id === 'bad16-truncated') continue;
    it(`leaves ${id} clean for fsck.fat, and other files as they were`, async () => {
      const bytes = image(id);
      const before = await contents(bytes.slice());
      const { problems } = check(bytes, true);
      expect(check(bytes).problems).toEqual([]);
      expect(fsckFat(bytes)).toMatchObject({ exitCode: 0 });
      const after = await contents(bytes);
      const damaged = new Set(problems.map(({ path }) => path));
      for (const [path, content] of before) if (!damaged.has(path)) expect(after.get(path)).toEqual(content);
    });
  }

  it('does not touch a volume that ends early', () => {
    const bytes = image('bad16-truncated');
    check(bytes, true);
    expect(Buffer.compare(bytes, image('bad16-truncated'))).toBe(0);
  });

  it.each(['fat12-frag', 'fat12-full', 'fat16-min'])('ends what damage does to %s, in one pass', async (id) => {
    const whole = image(id);
    const change = fc.tuple(fc.integer({ min: 512, max: 40_000 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 30 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          check(bytes, true);
        } catch (error) {
          expect(error).toBeInstanceOf(FatError);
          return;
        }
        const left = check(bytes).problems.filter(({ severity, code }) => severity === 'error' && code !== 'DOT_ENTRY');
        expect(left).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Every file that can be read. */
async function contents(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const volume = await FatVolume.mount(blockDevice(memorySource(bytes), { blockSize: 512 }));
  const found = new Map<string, Uint8Array>();
  try {
    for (const { path, type } of volume.walk()) {
      if (type === 'file') found.set(path, volume.readFile(path));
    }
  } catch (error) {
    // The damaged file itself, or a directory that loops: what came before it is enough to compare.
    expect(error).toBeInstanceOf(FatError);
  }
  volume.unmount();
  return found;
}

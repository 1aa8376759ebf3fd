import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type BlockDevice, blockDevice, memorySource } from '@loadstone/fd-sources';
import { FatError, FatVolume } from '@loadstone/vfs-fat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function image(name: string): Uint8Array {
  const path = new URL(`../../fixtures/fat/${name}.img.gz`, import.meta.url);
  return new Uint8Array(gunzipSync(readFileSync(path)));
}

/** A device that counts its sectors read and written: what bounds the time of every operation. */
function counting(bytes: Uint8Array): { device: BlockDevice; sectors: () => number } {
  const inner = blockDevice(memorySource(bytes), { blockSize: 512 });
  let count = 0;
  const device: BlockDevice = {
    size: inner.size,
    blockSize: 512,
    read(address, into) {
      count += into.length / 512;
      inner.read(address, into);
    },
    program(address, from) {
      count += from.length / 512;
      inner.program(address, from);
    },
    erase: (block) => inner.erase(block),
  };
  return { device, sectors: () => count };
}

/** Runs something that may fail with a FatError, and only with that. */
function tolerate<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof FatError) return undefined;
    throw error;
  }
}

/** Everything a user would do with a volume, each entry of which may be damaged. */
function exercise(volume: FatVolume): void {
  const paths: string[] = [];
  tolerate(() => {
    for (const entry of volume.walk()) {
      paths.push(entry.path);
      if (paths.length === 300) break;
    }
  });
  for (const path of paths) {
    const content = tolerate(() => volume.readFile(path));
    if (content !== undefined) expect(content.length).toBe(volume.stat(path).size);
  }
  tolerate(() => volume.freeSpace());
  tolerate(() => volume.label);
  tolerate(() => volume.setLabel('FUZZ'));
  tolerate(() => volume.mkdir('/made here'));
  tolerate(() => volume.writeFile('/made here/new file.bin', new Uint8Array(5000).fill(7)));
  const [first, second] = paths;
  if (first !== undefined) tolerate(() => volume.truncate(first, 100));
  if (second !== undefined) tolerate(() => volume.rename(second, '/moved'));
  for (const path of paths.slice(0, 10)) tolerate(() => volume.unlink(path));
}

/** Sectors a full exercise may touch: every file read once is at most the volume, chains are walked per cluster. */
const SECTOR_LIMIT = 4_000_000;

async function survive(bytes: Uint8Array): Promise<void> {
  const { device, sectors } = counting(bytes);
  let volume: FatVolume;
  try {
    volume = await FatVolume.mount(device);
  } catch (error) {
    expect(error).toBeInstanceOf(FatError);
    return;
  }
  try {
    exercise(volume);
  } finally {
    tolerate(() => volume.unmount());
  }
  expect(sectors()).toBeLessThan(SECTOR_LIMIT);
}

/** Most damage should hit the structures: boot sector, FATs, directories lie at the start. */
const place = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 511 }) },
  { weight: 4, arbitrary: fc.integer({ min: 512, max: 60_000 }) },
  { weight: 1, arbitrary: fc.nat() },
);
const damage = fc.array(
  fc.tuple(place, fc.oneof(fc.constantFrom(0, 0xff, 0x10, 0x0f), fc.integer({ min: 0, max: 255 }))),
  {
    minLength: 1,
    maxLength: 60,
  },
);

describe('damaged images', () => {
  it.each([
    ['fat12-small', 60],
    ['fat12-frag', 60],
    ['fat16-frag', 40],
    ['bad16-dir-loop', 40],
    ['fat32-frag', 6],
  ])('%s with changed bytes gives typed errors or reads, in bounded work', async (name, numRuns) => {
    const whole = image(name);
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        await survive(bytes);
      }),
      { numRuns },
    );
  });

  it('cut short at any sector', async () => {
    const whole = image('fat16-frag');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length / 512 }), (sectors) =>
        survive(whole.slice(0, sectors * 512)),
      ),
      { numRuns: 40 },
    );
  });

  it('never gives a file more bytes than the volume has', async () => {
    const volume = await FatVolume.mount(blockDevice(memorySource(image('bad16-size-huge')), { blockSize: 512 }));
    expect(() => volume.readFile('/one.bin')).toThrow(
      expect.objectContaining({ code: 'CORRUPT', data: { operation: 'read', path: '/one.bin', size: 2147483632 } }),
    );
    volume.unmount();
  });

  it('stops at a directory that contains itself', async () => {
    const volume = await FatVolume.mount(blockDevice(memorySource(image('bad16-dir-loop')), { blockSize: 512 }));
    const paths: string[] = [];
    const walk = () => {
      for (const { path } of volume.walk()) paths.push(path);
    };
    expect(walk).toThrow(
      expect.objectContaining({ code: 'CORRUPT', data: { operation: 'walk', path: '/dir/in.bin' } }),
    );
    expect(paths).toEqual(['/one.bin', '/two.bin', '/Long name file.txt', '/dir', '/dir/in.bin']);
    volume.unmount();
  });
});

import { blockDevice, memorySource } from '@loadstone/fd-sources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ESP_IDF_CONFIG } from './config.js';
import { detectSpiffs } from './detect.js';
import { SpiffsError } from './error.js';
import type { SpiffsOptions } from './options.js';
import { Spiffs } from './spiffs.js';
import { flashOver, fresh, noise, SMALL } from './test-support.js';

const { bytes: image } = (() => {
  const made = fresh(SMALL, 24);
  made.fs.writeFile('/one', noise(5200, 1));
  made.fs.writeFile('/two', noise(300, 2));
  made.fs.writeFile('/three', noise(1000, 3));
  made.fs.remove('/two');
  made.fs.writeFile('/one', noise(5300, 4));
  return made;
})();

/** Everything a person may do with an image; each call may fail, but only with a SpiffsError. */
function exercise(bytes: Uint8Array, options: SpiffsOptions): void {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (error instanceof SpiffsError) return undefined;
      throw error;
    }
  };
  const fs = attempt(() => Spiffs.mount(flashOver(bytes, SMALL), SMALL, options));
  if (fs === undefined) return;
  const readEverything = () => {
    for (const entry of fs.list()) {
      const content = attempt(() => fs.readFile(entry.nameBytes));
      if (content !== undefined) expect(content.length).toBe(entry.size);
    }
  };
  readEverything();
  attempt(() => fs.quickCheck());
  attempt(() => fs.check());
  readEverything();
  for (const entry of fs.list()) attempt(() => fs.rename(entry.nameBytes, `${entry.name.slice(0, 20)}x`));
  attempt(() => fs.writeFile('/one', noise(400, 9)));
  attempt(() => fs.writeFile('/new', noise(4000, 9)));
  for (const entry of fs.list()) attempt(() => fs.remove(entry.nameBytes));
  attempt(() => fs.gc(5000));
}

const flips = fc.array(fc.record({ at: fc.nat(image.length - 1), bit: fc.nat(7) }), { minLength: 1, maxLength: 30 });
/** Lookup pages and page headers are where it hurts. */
const structural = fc.array(fc.record({ page: fc.nat(image.length / 128 - 1), at: fc.nat(60), value: fc.nat(255) }), {
  minLength: 1,
  maxLength: 20,
});

describe('damaged images: a SpiffsError or a file of the size listed, and an end', () => {
  test.each<[string, SpiffsOptions]>([
    ['default', {}],
    ['parity', { parity: true }],
  ])('bit flips anywhere, %s', (_, options) => {
    fc.assert(
      fc.property(flips, (changes) => {
        const bytes = image.slice();
        for (const { at, bit } of changes) bytes[at] ^= 1 << bit;
        exercise(bytes, options);
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, SpiffsOptions]>([
    ['default', {}],
    ['parity', { parity: true }],
  ])('wrong values in lookups, headers and indices, %s', (_, options) => {
    fc.assert(
      fc.property(structural, (changes) => {
        const bytes = image.slice();
        for (const { page, at, value } of changes) bytes[page * 128 + at] = value;
        exercise(bytes, options);
      }),
      { numRuns: 150 },
    );
  });

  test('the default check leaves what the C library finds clean', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          flips.map((list) => list.slice(0, 3)),
          flips,
        ),
        (changes) => {
          const bytes = image.slice();
          for (const { at, bit } of changes) bytes[at] ^= 1 << bit;
          const flash = flashOver(bytes, SMALL);
          try {
            Spiffs.mount(flash, SMALL).check();
          } catch (error) {
            expect(error).toBeInstanceOf(SpiffsError);
            return;
          }
          const again = Spiffs.mount(flash, SMALL);
          expect(again.recovered).toEqual([]);
          expect(again.quickCheck()).toEqual({ isClean: true, damaged: [], leftovers: 0 });
          for (const entry of again.list()) expect(again.readFile(entry.nameBytes).length).toBe(entry.size);
          expect(Spiffs.mount(flash, SMALL, { parity: true }).check().reports).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('truncation', () => {
    for (let length = 0; length < image.length; length += 777) {
      const cut = image.slice(0, length);
      detectSpiffs(memorySource(cut));
      const whole = new Uint8Array(image.length).fill(0xff);
      whole.set(cut);
      exercise(whole, {});
    }
  });

  test('noise', () => {
    for (let seed = 0; seed < 20; seed++) {
      const bytes = noise(SMALL.blockSize * 8, seed);
      expect(() => Spiffs.mount(flashOver(bytes.slice(), SMALL), SMALL)).toThrow(
        expect.objectContaining({ code: 'NOT_A_FS', errno: -10025 }),
      );
      const config = { ...SMALL, useMagic: false, useMagicLength: false };
      const fs = Spiffs.mount(flashOver(bytes, config), config);
      for (const entry of fs.list()) expect(() => fs.readFile(entry.nameBytes)).toThrow(SpiffsError);
    }
  });

  test('an impossible geometry is refused before anything is read', () => {
    const device = blockDevice(memorySource(new Uint8Array(65_536)), { blockSize: 4096 });
    for (const [change, code] of [
      [{ pageSize: 100 }, 'NOT_CONFIGURED'],
      [{ pageSize: 32 }, 'NOT_CONFIGURED'],
      [{ pageSize: 1024 }, 'NOT_CONFIGURED'],
      [{ blockSize: 6000 }, 'NOT_CONFIGURED'],
      [{ blockSize: 2048 }, 'NOT_CONFIGURED'],
      [{ objNameLen: 0 }, 'NOT_CONFIGURED'],
      [{ objNameLen: 250 }, 'NOT_CONFIGURED'],
      [{ metaLen: -1 }, 'NOT_CONFIGURED'],
      [{ pageSize: 64, blockSize: 2048, objNameLen: 8 }, 'MAGIC_NOT_POSSIBLE'],
    ] as const) {
      expect(() => Spiffs.mount(device, { ...ESP_IDF_CONFIG, ...change }), JSON.stringify(change)).toThrow(
        expect.objectContaining({ code }),
      );
    }
  });
});

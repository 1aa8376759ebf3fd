import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARDUINO_ESP8266_CONFIG, ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import { SpiffsError } from './error.js';
import { OpenFlags } from './flags.js';
import type { SpiffsOptions } from './options.js';
import { Spiffs } from './spiffs.js';
import { digest, flashOver, fresh, noise, powerFails, SMALL } from './test-support.js';

type Model = Map<string, Uint8Array>;

/** One call that changes files, and what it does to contents in memory. */
interface Step {
  readonly label: string;
  readonly run: (fs: Spiffs) => void;
  readonly apply: (model: Model) => void;
}

const names = fc.constantFrom('/a', '/b', '/c', '/dir/d', '/e.bin');
const sizes = fc.oneof(fc.nat(200), fc.nat(2000), fc.nat(7000));

const writeFile = fc.record({ name: names, size: sizes, seed: fc.nat(999) }).map(
  ({ name, size, seed }): Step => ({
    label: `writeFile ${name} ${size}`,
    run: (fs) => fs.writeFile(name, noise(size, seed)),
    apply: (model) => model.set(name, noise(size, seed)),
  }),
);

const write = fc
  .record({ name: names, size: fc.integer({ min: 1, max: 1500 }), at: fc.nat(8000), seed: fc.nat(999) })
  .map(
    ({ name, size, at, seed }): Step => ({
      label: `write ${name} ${size} at ${at}`,
      run: (fs) => {
        const fd = fs.open(name, OpenFlags.RDWR | OpenFlags.DIRECT);
        try {
          fs.seek(fd, Math.min(at, fs.fstat(fd).size));
          fs.write(fd, noise(size, seed));
        } finally {
          fs.close(fd);
        }
      },
      apply: (model) => {
        const old = model.get(name) ?? new Uint8Array(0);
        const offset = Math.min(at, old.length);
        const next = new Uint8Array(Math.max(old.length, offset + size));
        next.set(old);
        next.set(noise(size, seed), offset);
        model.set(name, next);
      },
    }),
  );

const truncate = fc.record({ name: names, size: fc.nat(7000) }).map(
  ({ name, size }): Step => ({
    label: `truncate ${name} ${size}`,
    run: (fs) => {
      const fd = fs.open(name, OpenFlags.RDWR);
      try {
        fs.truncate(fd, Math.min(size, fs.fstat(fd).size));
      } finally {
        fs.close(fd);
      }
    },
    apply: (model) => model.set(name, (model.get(name) ?? new Uint8Array(0)).slice(0, size)),
  }),
);

const remove = names.map(
  (name): Step => ({ label: `remove ${name}`, run: (fs) => fs.remove(name), apply: (model) => model.delete(name) }),
);

const rename = fc.record({ from: names, to: names }).map(
  ({ from, to }): Step => ({
    label: `rename ${from} ${to}`,
    run: (fs) => fs.rename(from, to),
    apply: (model) => {
      const content = model.get(from) ?? new Uint8Array(0);
      model.delete(from);
      model.set(to, content);
    },
  }),
);

const collect = fc
  .nat(3000)
  .map((bytes): Step => ({ label: `gc ${bytes}`, run: (fs) => fs.gc(bytes), apply: () => undefined }));

const step = fc.oneof(
  { weight: 4, arbitrary: writeFile },
  { weight: 4, arbitrary: write },
  { weight: 2, arbitrary: truncate },
  { weight: 2, arbitrary: remove },
  { weight: 2, arbitrary: rename },
  { weight: 1, arbitrary: collect },
);

function contents(fs: Spiffs): string {
  return fs
    .list()
    .map((entry) => `${entry.name} ${digest(fs.readFile(entry.name))}`)
    .sort()
    .join('\n');
}

function expected(model: Model): string {
  return [...model]
    .map(([name, content]) => `${name} ${digest(content)}`)
    .sort()
    .join('\n');
}

/** Runs a step. @returns false when it failed with an error that leaves the files as they were */
function succeeds(fs: Spiffs, { run }: Step): boolean {
  try {
    run(fs);
    return true;
  } catch (error) {
    if (error instanceof SpiffsError && ['FULL', 'NOT_FOUND', 'CONFLICTING_NAME'].includes(error.code)) return false;
    throw error;
  }
}

const geometries: [string, SpiffsConfig, number][] = [
  ['128-byte pages', SMALL, 24],
  ['ESP-IDF', ESP_IDF_CONFIG, 12],
  ['ESP8266', ARDUINO_ESP8266_CONFIG, 8],
  ['64-byte pages', { ...ESP_IDF_CONFIG, pageSize: 64, blockSize: 1024, objNameLen: 16 }, 40],
  ['big-endian', { ...SMALL, bigEndian: true }, 24],
  ['32-bit fields', { ...SMALL, objIdBytes: 4, spanIxBytes: 4, pageIxBytes: 4 }, 24],
  ['8-bit object ids', { ...SMALL, objIdBytes: 1 }, 12],
  ['no magic, no metadata', { ...SMALL, useMagic: false, useMagicLength: false, metaLen: 0 }, 24],
];

describe('a random history', () => {
  test.each(geometries)('%s: equals the model, also after a remount, and checks clean', (_, config, blocks) => {
    fc.assert(
      fc.property(fc.array(fc.record({ step, remount: fc.boolean() }), { maxLength: 40 }), (steps) => {
        const { flash, ...mounted } = fresh(config, blocks);
        let { fs } = mounted;
        const model: Model = new Map();
        for (const { step: current, remount } of steps) {
          if (succeeds(fs, current)) current.apply(model);
          if (remount) {
            fs = Spiffs.mount(flash, config);
            expect(fs.recovered).toEqual([]);
          }
          expect(contents(fs), current.label).toBe(expected(model));
        }
        expect(contents(Spiffs.mount(flash, config))).toBe(expected(model));
        expect(Spiffs.mount(flash, config, { parity: true }).check().reports).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('with power cuts: each file as before or as after', () => {
    const cut = fc.record({ step, after: fc.nat(60), part: fc.nat(140) });
    fc.assert(
      fc.property(
        fc.array(fc.record({ cut, quiet: fc.array(step, { maxLength: 4 }) }), { maxLength: 15 }),
        (rounds) => {
          const { flash, ...mounted } = fresh(SMALL, 24);
          let { fs } = mounted;
          const model: Model = new Map();
          for (const { cut: last, quiet } of rounds) {
            for (const current of quiet) if (succeeds(fs, current)) current.apply(model);
            const before = expected(model);
            let isDone = false;
            flash.cutPowerAfter(last.after, last.part);
            powerFails(() => {
              isDone = succeeds(fs, last.step);
            });
            flash.restorePower();
            fs = Spiffs.mount(flash, SMALL);
            const after = new Map(model);
            last.step.apply(after);
            const found = contents(fs);
            if (isDone || (found !== before && found === expected(after))) last.step.apply(model);
            expect(found, last.step.label).toBe(expected(model));
            expect(Spiffs.mount(flash, SMALL).recovered).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('in parity mode equals the model while there is room', () => {
    const options: SpiffsOptions = { parity: true };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { fs, flash } = fresh(SMALL, 120, options);
        const model: Model = new Map();
        for (const current of steps) if (succeeds(fs, current)) current.apply(model);
        expect(contents(Spiffs.mount(flash, SMALL, options))).toBe(expected(model));
      }),
      { numRuns: 25 },
    );
  });
});

describe('wear levelling', () => {
  test('a file written over and over does not wear out the blocks around a file that stays', () => {
    const { fs, flash } = fresh(SMALL, 24);
    fs.writeFile('/stays', noise(12_000, 1));
    for (let i = 0; i < 1500; i++) fs.writeFile('/changes', noise(900, i));
    const counts = [...flash.eraseCounts].map((count) => count - 1);
    const average = counts.reduce((a, b) => a + b, 0) / counts.length;
    expect(average).toBeGreaterThan(10);
    expect(Math.max(...counts)).toBeLessThan(average * 2.5);
    expect(Math.min(...counts)).toBeGreaterThan(average / 8);
    expect(digest(fs.readFile('/stays'))).toBe(digest(noise(12_000, 1)));
  });
});

test('an image written here is read the same through the parity mode', () => {
  const { fs, bytes } = fresh(SMALL, 24);
  fs.writeFile('/a', noise(5000, 1));
  fs.writeFile('/b', noise(100, 2));
  const again = Spiffs.mount(flashOver(bytes, SMALL), SMALL, { parity: true });
  expect(contents(again)).toBe(contents(fs));
});

import { describe, expect, test } from 'vitest';
import type { SpiffsConfig } from './config.js';
import { OpenFlags } from './flags.js';
import { Spiffs } from './spiffs.js';
import { flashOver, fresh, noise, powerFails, SMALL, snapshot } from './test-support.js';

const { APPEND, DIRECT, RDWR, TRUNC } = OpenFlags;

function writeAt(fs: Spiffs, name: string, flags: number, offset: number, bytes: Uint8Array): void {
  const fd = fs.open(name, flags | DIRECT);
  if (offset > 0) fs.seek(fd, offset);
  fs.write(fd, bytes);
  fs.close(fd);
}

function truncateTo(fs: Spiffs, name: string, size: number): void {
  const fd = fs.open(name, RDWR);
  fs.truncate(fd, size);
  fs.close(fd);
}

/** 39 data pages of 123 bytes are listed in the header: 4797 bytes. */
const scenarios: Record<string, { before: (fs: Spiffs) => void; update: (fs: Spiffs) => void }> = {
  'create an empty file': {
    before: () => undefined,
    update: (fs) => fs.creat('/new'),
  },
  'create a file with content': {
    before: () => undefined,
    update: (fs) => fs.writeFile('/new', noise(700, 2)),
  },
  'create a file with two index pages': {
    before: () => undefined,
    update: (fs) => fs.writeFile('/new', noise(5200, 2)),
  },
  'replace a file': {
    before: (fs) => fs.writeFile('/a', noise(500, 1)),
    update: (fs) => fs.writeFile('/a', noise(900, 2)),
  },
  'replace a large file by a small one': {
    before: (fs) => fs.writeFile('/a', noise(5200, 1)),
    update: (fs) => fs.writeFile('/a', noise(300, 2)),
  },
  'replace a small file by a large one': {
    before: (fs) => fs.writeFile('/a', noise(300, 1)),
    update: (fs) => fs.writeFile('/a', noise(5200, 2)),
  },
  'replace a large file by a large one': {
    before: (fs) => fs.writeFile('/a', noise(5000, 1)),
    update: (fs) => fs.writeFile('/a', noise(5200, 2)),
  },
  'first write into an empty file': {
    before: (fs) => fs.creat('/a'),
    update: (fs) => writeAt(fs, '/a', RDWR, 0, noise(400, 2)),
  },
  'append inside the last page': {
    before: (fs) => fs.writeFile('/a', noise(200, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR | APPEND, 0, noise(20, 2)),
  },
  'append pages': {
    before: (fs) => fs.writeFile('/a', noise(200, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR | APPEND, 0, noise(600, 2)),
  },
  'append beyond the header index': {
    before: (fs) => fs.writeFile('/a', noise(4700, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR | APPEND, 0, noise(400, 2)),
  },
  'append inside a later index page': {
    before: (fs) => fs.writeFile('/a', noise(5100, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR | APPEND, 0, noise(400, 2)),
  },
  'modify inside the header index': {
    before: (fs) => fs.writeFile('/a', noise(1000, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR, 100, noise(500, 2)),
  },
  'modify inside a later index page': {
    before: (fs) => fs.writeFile('/a', noise(5200, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR, 4900, noise(200, 2)),
  },
  'modify across index pages': {
    before: (fs) => fs.writeFile('/a', noise(5200, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR, 4600, noise(500, 2)),
  },
  'modify and append in one write': {
    before: (fs) => fs.writeFile('/a', noise(4900, 1)),
    update: (fs) => writeAt(fs, '/a', RDWR, 4600, noise(700, 2)),
  },
  truncate: {
    before: (fs) => fs.writeFile('/a', noise(1000, 1)),
    update: (fs) => truncateTo(fs, '/a', 300),
  },
  'truncate inside a later index page': {
    before: (fs) => fs.writeFile('/a', noise(5500, 1)),
    update: (fs) => truncateTo(fs, '/a', 4900),
  },
  'truncate into the header index': {
    before: (fs) => fs.writeFile('/a', noise(5200, 1)),
    update: (fs) => truncateTo(fs, '/a', 246),
  },
  'truncate to nothing': {
    before: (fs) => fs.writeFile('/a', noise(5200, 1)),
    update: (fs) => fs.close(fs.open('/a', RDWR | TRUNC)),
  },
  remove: {
    before: (fs) => fs.writeFile('/a', noise(1000, 1)),
    update: (fs) => fs.remove('/a'),
  },
  'remove a file with two index pages': {
    before: (fs) => fs.writeFile('/a', noise(5200, 1)),
    update: (fs) => fs.remove('/a'),
  },
  rename: {
    before: (fs) => fs.writeFile('/a', noise(1000, 1)),
    update: (fs) => fs.rename('/a', '/z'),
  },
  'change metadata': {
    before: (fs) => fs.writeFile('/a', noise(1000, 1)),
    update: (fs) => fs.setMeta('/a', Uint8Array.of(1, 2, 3, 4)),
  },
  'collect garbage': {
    before: (fs) => {
      for (let i = 0; i < 10; i++) fs.writeFile(`/f${i}`, noise(1300 + i * 100, i));
      for (let i = 0; i < 10; i += 3) fs.writeFile(`/f${i}`, noise(900, i));
      fs.writeFile('/large', noise(6000, 11));
    },
    update: (fs) => fs.gc(9000),
  },
  'write with garbage collection': {
    before: (fs) => {
      for (let i = 0; i < 10; i++) fs.writeFile(`/f${i}`, noise(1500 + i * 100, i));
      for (let i = 0; i < 10; i += 2) fs.writeFile(`/f${i}`, noise(700, i));
      fs.writeFile('/large', noise(8000, 11));
    },
    update: (fs) => fs.writeFile('/y', noise(3000, 12)),
  },
};

/** Bytes of the cut program or erase that still happen: none, half a lookup entry, a page header, and more. */
const PARTS = [0, 1, 5, 90];

function cutEverywhere(config: SpiffsConfig, { before, update }: (typeof scenarios)[string]): number {
  const start = fresh(config, 20);
  start.fs.writeFile('/other', noise(333, 99));
  before(start.fs);
  const image = start.bytes.slice();

  const whole = flashOver(image.slice(), config);
  const fs = Spiffs.mount(whole, config);
  expect(fs.recovered).toEqual([]);
  const old = snapshot(fs);
  const done = () => whole.counters.programs + whole.counters.erases;
  const first = done();
  update(fs);
  const operations = done() - first;
  const remounted = Spiffs.mount(whole, config);
  expect(remounted.recovered).toEqual([]);
  const changed = snapshot(remounted);

  for (let operation = 0; operation < operations; operation++) {
    for (const part of PARTS) {
      const flash = flashOver(image.slice(), config);
      const cut = Spiffs.mount(flash, config);
      flash.cutPowerAfter(operation, part);
      expect(powerFails(() => update(cut))).toBe(true);
      flash.restorePower();
      const after = Spiffs.mount(flash, config);
      const where = `power cut after ${operation} of ${operations} operations and ${part} bytes`;
      expect([old, changed], where).toContain(snapshot(after));
      expect(Spiffs.mount(flash, config).recovered, where).toEqual([]);
      if (part === 5) expect(Spiffs.mount(flash, config, { parity: true }).check().reports, where).toEqual([]);
    }
  }
  return operations;
}

describe('a power cut after every flash operation, and inside every one', () => {
  test.each(Object.entries(scenarios))('%s: as before or as after', (_, scenario) => {
    expect(cutEverywhere(SMALL, scenario)).toBeGreaterThan(2);
  });

  test.each(['write with garbage collection', 'modify across index pages'])('without magic: %s', (name) => {
    expect(cutEverywhere({ ...SMALL, useMagic: false, useMagicLength: false }, scenarios[name])).toBeGreaterThan(2);
  });

  test('again during the recovery', () => {
    for (const name of [
      'modify across index pages',
      'replace a large file by a large one',
      'truncate',
      'write with garbage collection',
    ]) {
      const { before, update } = scenarios[name];
      const start = fresh(SMALL, 20);
      before(start.fs);
      const old = snapshot(start.fs);
      const whole = flashOver(start.bytes.slice(), SMALL);
      const first = whole.counters.programs;
      const done = Spiffs.mount(whole, SMALL);
      update(done);
      const operations = whole.counters.programs + whole.counters.erases - first;
      const changed = snapshot(done);
      for (let operation = 0; operation < operations; operation += 5) {
        const bytes = start.bytes.slice();
        const flash = flashOver(bytes, SMALL);
        const fs = Spiffs.mount(flash, SMALL);
        flash.cutPowerAfter(operation, 1);
        powerFails(() => update(fs));
        flash.restorePower();
        for (let second = 0; second < 40; second += 2) {
          const again = flashOver(bytes.slice(), SMALL);
          again.cutPowerAfter(second, second % 3);
          if (!powerFails(() => Spiffs.mount(again, SMALL))) break;
          again.restorePower();
          const where = `${name}: cut after ${operation}, recovery after ${second}`;
          expect([old, changed], where).toContain(snapshot(Spiffs.mount(again, SMALL)));
        }
      }
    }
  });

  test('a file system with a failed flash operation refuses to go on', () => {
    const { fs, flash } = fresh(SMALL, 8);
    flash.cutPowerAfter(1);
    expect(powerFails(() => fs.writeFile('/a', noise(10, 1)))).toBe(true);
    flash.restorePower();
    expect(() => fs.writeFile('/a', noise(10, 1))).toThrow(expect.objectContaining({ code: 'NOT_MOUNTED' }));
  });
});

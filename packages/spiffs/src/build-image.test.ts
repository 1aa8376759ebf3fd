import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { blockDevice, flashDevice, memorySource } from '@loadstone/fd-sources';
import { describe, expect, test } from 'vitest';
import { buildImage, type ImageFile } from './build-image.js';
import { ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import { detectSpiffs } from './detect.js';
import { Spiffs } from './spiffs.js';
import { digest, noise } from './test-support.js';

const fixtures = new URL('../../testkit/fixtures/spiffs/', import.meta.url);

function fixture(id: string): { image: Uint8Array; config: SpiffsConfig & { totalSize: number } } {
  const manifest = JSON.parse(readFileSync(new URL(`${id}.json`, fixtures), 'utf8'));
  return {
    image: new Uint8Array(gunzipSync(readFileSync(new URL(`${id}.img.gz`, fixtures)))),
    config: manifest.config,
  };
}

/** The tree the tools' images were made from, read from one of them. */
function tree(order: readonly string[]): ImageFile[] {
  const { image, config } = fixture('spiffsgen-default');
  const fs = Spiffs.mount(blockDevice(memorySource(image), { blockSize: 4096 }), config);
  return order.map((name) => ({ name, content: fs.readFile(name) }));
}

/** The order os.walk and readdir gave. */
const WALKED = ['/module.bin', '/empty.bin', '/r.bin', '/big.bin', '/data/x.txt'];
const LISTED = ['/module.bin', '/empty.bin', '/data/x.txt', '/r.bin', '/big.bin'];

/** Bytes 5 to 7 of index pages, known by the top bit of their object id, are undefined in the format. */
function withoutPadding(image: Uint8Array, pageSize: number): Uint8Array {
  const copy = image.slice();
  for (let page = 0; page < copy.length; page += pageSize) {
    if ((copy[page + 1] & 0x80) !== 0) copy.fill(0, page + 5, page + 8);
  }
  return copy;
}

describe('buildImage', () => {
  test.each(['spiffsgen-default', 'spiffsgen-bigendian', 'spiffsgen-nolen-aligned'])('byte for byte as %s', (id) => {
    const { image, config } = fixture(id);
    const built = buildImage(tree(WALKED), config, { totalSize: config.totalSize });
    expect(Buffer.compare(built, image)).toBe(0);
  });

  test('byte for byte as mkspiffs, undefined padding aside', () => {
    const { image, config } = fixture('mkspiffs-meta0');
    const built = buildImage(tree(LISTED), config, { totalSize: config.totalSize, style: 'mkspiffs' });
    expect(Buffer.compare(withoutPadding(built, 256), withoutPadding(image, 256))).toBe(0);
  });

  test('the default is the spiffs partition of an ESP32, and fills it to the last page', () => {
    const files = Array.from({ length: 40 }, (_, i) => ({ name: `/f${i}`, content: noise(31_000, i) }));
    const image = buildImage(files);
    expect(image.length).toBe(0x160000);
    const fs = Spiffs.mount(flashDevice(memorySource(image), { blockSize: 4096 }));
    for (const { name, content } of files) expect(digest(fs.readFile(name))).toBe(digest(content));
    expect(fs.check().reports).toEqual([]);
    const room = 352 * 15 - 2 - 41;
    expect(buildImage([{ name: '/all', content: noise(251 * (room - 1), 1) }]).length).toBe(0x160000);
    expect(() => buildImage([{ name: '/all', content: noise(251 * (room + 1), 1) }])).toThrow(
      expect.objectContaining({ code: 'FULL', errno: -10001 }),
    );
  });

  test.each([
    [[{ name: `/${'x'.repeat(31)}`, content: noise(1, 1) }], 'NAME_TOO_LONG'],
    [['/a', '/b', '/a'].map((name) => ({ name, content: noise(1, 1) })), 'CONFLICTING_NAME'],
  ])('refuses names that cannot be: %#', (files, code) => {
    expect(() => buildImage(files)).toThrow(expect.objectContaining({ code }));
  });

  test('a name of 31 bytes in UTF-8 is kept whole', () => {
    const name = `/${'ä'.repeat(15)}`;
    const fs = Spiffs.mount(
      blockDevice(memorySource(buildImage([{ name, content: noise(9, 1) }])), { blockSize: 4096 }),
    );
    expect(fs.list().map((entry) => entry.name)).toEqual([name]);
    expect(fs.readFile(name)).toEqual(noise(9, 1));
  });
});

describe('detectSpiffs', () => {
  const geometries: [string, SpiffsConfig, number][] = [
    ['ESP-IDF', ESP_IDF_CONFIG, 0x160000],
    ['page 512, block 8192', { ...ESP_IDF_CONFIG, pageSize: 512, blockSize: 8192 }, 0x40000],
    ['no metadata', { ...ESP_IDF_CONFIG, metaLen: 0 }, 0x40000],
    [
      'ESP8266',
      { ...ESP_IDF_CONFIG, blockSize: 8192, metaLen: 0, useMagicLength: false, alignedIndexTables: true },
      0x40000,
    ],
    ['no magic', { ...ESP_IDF_CONFIG, useMagic: false, useMagicLength: false }, 0x20000],
    ['big-endian', { ...ESP_IDF_CONFIG, bigEndian: true }, 0x20000],
    ['name 64, metadata 64', { ...ESP_IDF_CONFIG, objNameLen: 64, metaLen: 64 }, 0x20000],
  ];
  test.each(geometries)('finds the configuration: %s', (_, config, totalSize) => {
    const files = [1, 2, 3].map((i) => ({ name: `/file${i}.txt`, content: noise(i * 3000, i) }));
    const image = buildImage(files, config, { totalSize });
    expect(detectSpiffs(memorySource(image))).toEqual({ config, totalSize, confidence: 'certain' });
  });

  test('a magic with length tells the size inside a larger dump, and of one that was cut', () => {
    const image = buildImage([{ name: '/a', content: noise(999, 1) }], undefined, { totalSize: 0x20000 });
    const dump = new Uint8Array(0x50000);
    dump.set(image);
    expect(detectSpiffs(memorySource(dump))?.totalSize).toBe(0x20000);
    expect(detectSpiffs(memorySource(image.slice(0, 0x8000)))?.totalSize).toBe(0x20000);
  });

  test.each([
    ['erased flash', new Uint8Array(0x20000).fill(0xff)],
    ['zeros', new Uint8Array(0x20000)],
    ['noise', noise(0x20000, 5)],
    ['nothing', new Uint8Array(0)],
    ['a few bytes', noise(100, 1)],
  ])('%s is no SPIFFS', (_, bytes) => {
    expect(detectSpiffs(memorySource(bytes))).toBeUndefined();
  });
});

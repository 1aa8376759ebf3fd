import { blockDevice, memorySource, SourceError } from '@loadstone/fd-sources';
import { byteSourceConformance } from '@loadstone/fd-sources/conformance';
import { describe, expect, test } from 'vitest';
import { buildImage } from './build-image.js';
import { ESP_IDF_CONFIG } from './config.js';
import { SPIFFS_ERRNO } from './error.js';
import { OpenFlags, Seek } from './flags.js';
import type { SpiffsOptions } from './options.js';
import { Spiffs } from './spiffs.js';
import { digest, flashOver, fresh, noise, SMALL } from './test-support.js';

const { APPEND, CREAT, DIRECT, EXCL, RDONLY, RDWR, TRUNC, WRONLY } = OpenFlags;
const fails = (code: keyof typeof SPIFFS_ERRNO) =>
  expect.objectContaining({ name: 'SpiffsError', code, errno: SPIFFS_ERRNO[code] });
const text = (value: string) => new TextEncoder().encode(value);

describe.each<[string, SpiffsOptions]>([
  ['default', {}],
  ['parity', { parity: true }],
])('the API, %s', (_, options) => {
  const make = () => fresh(ESP_IDF_CONFIG, 16, options).fs;

  test('open flags', () => {
    const fs = make();
    expect(() => fs.open('/a')).toThrow(fails('NOT_FOUND'));
    fs.close(fs.open('/a', CREAT | WRONLY));
    expect(fs.stat('/a')).toMatchObject({ name: '/a', size: 0, type: 1 });
    expect(() => fs.open('/a', CREAT | EXCL | RDWR)).toThrow(fails('FILE_EXISTS'));
    expect(() => fs.open('/b', EXCL | RDWR)).toThrow(fails('NOT_FOUND'));
    const reader = fs.open('/a', RDONLY);
    expect(() => fs.write(reader, text('x'))).toThrow(fails('NOT_WRITABLE'));
    expect(() => fs.truncate(reader, 0)).toThrow(fails('NOT_WRITABLE'));
    const writer = fs.open('/a', WRONLY);
    expect(() => fs.read(writer, new Uint8Array(1))).toThrow(fails('NOT_READABLE'));
    fs.write(writer, text('hello'));
    fs.close(writer);
    fs.close(reader);
    expect(fs.readFile('/a')).toEqual(text('hello'));
    fs.close(fs.open('/a', RDWR | TRUNC));
    expect(fs.readFile('/a')).toEqual(text(''));
  });

  test('descriptors', () => {
    const { fs } = fresh(ESP_IDF_CONFIG, 16, { ...options, maxOpenFiles: 2 });
    const fds = ['/a', '/b'].map((name) => fs.open(name, CREAT | RDWR));
    expect(() => fs.open('/c', CREAT | RDWR)).toThrow(fails('OUT_OF_FILE_DESCS'));
    fs.close(fds[0]);
    expect(() => fs.close(fds[0])).toThrow(fails('FILE_CLOSED'));
    for (const fd of [0, -1, 3, 1.5]) expect(() => fs.tell(fd)).toThrow(fails('BAD_DESCRIPTOR'));
  });

  test('reading, seeking, telling', () => {
    const fs = make();
    const content = noise(3000, 1);
    fs.writeFile('/a', content);
    const fd = fs.open('/a');
    const into = new Uint8Array(1000);
    expect(fs.seek(fd, 500)).toBe(500);
    expect(fs.read(fd, into)).toBe(1000);
    expect(into).toEqual(content.subarray(500, 1500));
    expect(fs.tell(fd)).toBe(1500);
    expect(fs.seek(fd, -100, Seek.CUR)).toBe(1400);
    expect(fs.seek(fd, -10, Seek.END)).toBe(2990);
    expect(fs.eof(fd)).toBe(false);
    expect(fs.read(fd, into)).toBe(10);
    expect(fs.eof(fd)).toBe(true);
    expect(fs.read(fd, into)).toBe(0);
    expect(() => fs.seek(fd, -1)).toThrow(fails('SEEK_BOUNDS'));
    expect(() => fs.seek(fd, 3001)).toThrow(fails('END_OF_OBJECT'));
    expect(fs.tell(fd)).toBe(3000);
  });

  test('append goes to the end wherever the position is', () => {
    const fs = make();
    fs.writeFile('/log', text('one '));
    const fd = fs.open('/log', APPEND | RDWR);
    fs.seek(fd, 0);
    fs.write(fd, text('two '));
    fs.seek(fd, 1);
    fs.write(fd, text('three'));
    fs.close(fd);
    expect(new TextDecoder().decode(fs.readFile('/log'))).toBe('one two three');
  });

  test('small writes wait in the cache, others and DIRECT do not', () => {
    const { fs, flash } = fresh(ESP_IDF_CONFIG, 16, options);
    const fd = fs.open('/a', CREAT | RDWR);
    const before = flash.counters.programs;
    for (let i = 0; i < 100; i++) fs.write(fd, Uint8Array.of(i));
    expect(flash.counters.programs).toBe(before);
    expect(fs.stat('/a').size).toBe(0);
    fs.flush(fd);
    expect(flash.counters.programs).toBeGreaterThan(before);
    expect(fs.stat('/a').size).toBe(100);
    fs.write(fd, noise(255, 1));
    fs.write(fd, noise(2, 1));
    expect(fs.stat('/a').size).toBe(355);
    fs.write(fd, noise(256, 1));
    expect(fs.stat('/a').size).toBe(613);
    fs.close(fd);
    const direct = fs.open('/b', CREAT | RDWR | DIRECT);
    fs.write(direct, Uint8Array.of(1));
    expect(fs.stat('/b').size).toBe(1);
  });

  test('descriptors of one file share what is cached', () => {
    const fs = make();
    const one = fs.open('/a', CREAT | RDWR);
    const two = fs.open('/a', RDWR);
    fs.write(one, text('abc'));
    const into = new Uint8Array(5);
    expect(fs.read(two, into)).toBe(3);
    fs.seek(two, 0, Seek.END);
    fs.write(two, text('de'));
    fs.close(two);
    fs.seek(one, 0);
    expect(fs.read(one, into)).toBe(5);
    expect(into).toEqual(text('abcde'));
  });

  test('truncate cuts and does not grow', () => {
    const fs = make();
    fs.writeFile('/a', noise(2000, 1));
    const fd = fs.open('/a', RDWR);
    fs.seek(fd, 1900);
    fs.truncate(fd, 700);
    expect(fs.tell(fd)).toBe(700);
    expect(() => fs.truncate(fd, 701)).toThrow(fails('END_OF_OBJECT'));
    fs.write(fd, text('!'));
    fs.close(fd);
    const content = fs.readFile('/a');
    expect(content.length).toBe(701);
    expect(digest(content.subarray(0, 700))).toBe(digest(noise(2000, 1).subarray(0, 700)));
  });

  test('remove closes descriptors of the file', () => {
    const fs = make();
    fs.writeFile('/a', noise(600, 1));
    const fd = fs.open('/a', RDWR);
    fs.write(fd, text('lost'));
    fs.remove('/a');
    expect(() => fs.read(fd, new Uint8Array(1))).toThrow(fails('FILE_CLOSED'));
    expect(() => fs.remove('/a')).toThrow(fails('NOT_FOUND'));
    const other = fs.open('/b', CREAT | RDWR);
    fs.removeOpen(other);
    expect(fs.list()).toEqual([]);
    expect(fs.info().used).toBe(0);
  });

  test('rename and metadata', () => {
    const fs = make();
    fs.writeFile('/a', noise(600, 1));
    fs.writeFile('/b', noise(10, 2));
    expect(() => fs.rename('/a', '/b')).toThrow(fails('CONFLICTING_NAME'));
    expect(() => fs.rename('/x', '/y')).toThrow(fails('NOT_FOUND'));
    const fd = fs.open('/a', RDWR);
    fs.rename('/a', '/c');
    fs.setMeta('/c', Uint8Array.of(1, 2, 3, 4));
    expect(fs.fstat(fd)).toMatchObject({ name: '/c', size: 600, meta: Uint8Array.of(1, 2, 3, 4) });
    fs.setMetaOpen(fd, Uint8Array.of(9));
    expect([...fs.stat('/c').meta]).toEqual([9, 0xff, 0xff, 0xff]);
    expect(digest(fs.readFile('/c'))).toBe(digest(noise(600, 1)));
    expect(fs.exists('/a')).toBe(false);
    expect(() => fs.creat('/b')).toThrow(fails('CONFLICTING_NAME'));
  });

  test('names are bytes with a bound', () => {
    const fs = make();
    const most = `/${'x'.repeat(30)}`;
    fs.writeFile(most, noise(1, 1));
    expect(fs.list()[0].name).toBe(most);
    for (const act of [() => fs.creat(`${most}x`), () => fs.stat(`${most}x`), () => fs.rename(most, `${most}x`)]) {
      expect(act).toThrow(fails('NAME_TOO_LONG'));
    }
    const raw = Uint8Array.of(0x2f, 0xff, 0xfe);
    fs.writeFile(raw, noise(2, 1));
    expect(fs.list().map((entry) => entry.nameBytes)).toContainEqual(raw);
    expect(fs.readFile(raw).length).toBe(2);
  });

  test('a full file system says so and keeps what it has', () => {
    const fs = make();
    fs.writeFile('/a', noise(20_000, 1));
    const fd = fs.open('/b', CREAT | RDWR);
    expect(() => {
      for (let i = 0; i < 100; i++) fs.write(fd, noise(1000, i));
    }).toThrow(fails('FULL'));
    fs.close(fd);
    expect(digest(fs.readFile('/a'))).toBe(digest(noise(20_000, 1)));
    fs.remove('/b');
    fs.writeFile('/c', noise(20_000, 3));
    expect(digest(fs.readFile('/c'))).toBe(digest(noise(20_000, 3)));
    expect(fs.check().reports).toEqual([]);
  });

  test('total and used bytes', () => {
    const fs = make();
    expect(fs.info()).toEqual({ total: (14 * 15 + 1) * 251, used: 0 });
    fs.writeFile('/a', noise(251 * 2, 1));
    expect(fs.info().used).toBe(3 * 251);
  });

  test('quick collection erases a block of deleted pages', () => {
    const { fs, flash } = fresh(ESP_IDF_CONFIG, 16, options);
    expect(() => fs.gcQuick()).toThrow(fails('NO_DELETED_BLOCKS'));
    fs.writeFile('/a', noise(251 * 31, 1));
    fs.remove('/a');
    const erased = flash.counters.erases;
    fs.gcQuick();
    expect(flash.counters.erases).toBe(erased + 1);
    fs.gc(1000);
    expect(fs.quickCheck().isClean).toBe(true);
  });

  test('unmounting flushes and ends everything', () => {
    const { fs, flash } = fresh(ESP_IDF_CONFIG, 16, options);
    const fd = fs.open('/a', CREAT | RDWR);
    fs.write(fd, text('kept'));
    fs.unmount();
    for (const act of [() => fs.list(), () => fs.tell(fd), () => fs.writeFile('/b', text('')), () => fs.unmount()]) {
      expect(act).toThrow(fails('NOT_MOUNTED'));
    }
    expect(Spiffs.mount(flash).readFile('/a')).toEqual(text('kept'));
  });
});

describe('a file as a source', () => {
  const make = (bytes: Uint8Array) => {
    const { fs } = fresh(SMALL, 24);
    fs.writeFile('/file', bytes);
    return fs.fileSource('/file');
  };
  test.each(byteSourceConformance(make))('$name', ({ run }) => run());

  test('follows its file when it moves, and ends when it is removed', () => {
    const { fs } = fresh(SMALL, 24);
    fs.writeFile('/a', noise(900, 1));
    const source = fs.fileSource('/a');
    fs.rename('/a', '/b');
    const into = new Uint8Array(900);
    expect(source.read(0, into)).toBe(900);
    expect(digest(into)).toBe(digest(noise(900, 1)));
    fs.remove('/b');
    expect(() => source.read(0, into)).toThrow(SourceError);
    expect(() => source.read(0, into)).toThrow(expect.objectContaining({ code: 'IO' }));
  });
});

describe('a device that cannot be written', () => {
  const image = buildImage([{ name: '/a', content: noise(400, 1) }], undefined, { totalSize: 0x10000 });
  const readOnly = (bytes: Uint8Array) => {
    const source = memorySource(bytes);
    return blockDevice({ size: source.size, read: (offset, into) => source.read(offset, into) }, { blockSize: 4096 });
  };

  test('is read, and every change refused', () => {
    const fs = Spiffs.mount(readOnly(image), undefined, { readOnly: true });
    expect(digest(fs.readFile('/a'))).toBe(digest(noise(400, 1)));
    for (const act of [
      () => fs.writeFile('/b', noise(1, 1)),
      () => fs.open('/a', RDWR),
      () => fs.open('/b', CREAT),
      () => fs.remove('/a'),
      () => fs.rename('/a', '/b'),
      () => fs.creat('/b'),
      () => fs.setMeta('/a', Uint8Array.of(1)),
    ]) {
      expect(act).toThrow(fails('RO_NOT_IMPL'));
    }
  });

  test('is put right in memory when a mount has to put something right', () => {
    const bytes = image.slice();
    const flash = flashOver(bytes, ESP_IDF_CONFIG);
    const fs = Spiffs.mount(flash);
    flash.cutPowerAfter(5);
    expect(() => fs.writeFile('/a', noise(900, 2))).toThrow(SourceError);
    const copy = bytes.slice();
    const mounted = Spiffs.mount(readOnly(bytes));
    expect(mounted.isReadOnly).toBe(true);
    expect(mounted.recovered.length).toBeGreaterThan(0);
    expect(digest(mounted.readFile('/a'))).toBe(digest(noise(400, 1)));
    expect(Buffer.compare(bytes, copy)).toBe(0);
  });
});

test('a block that lost its magic keeps its files, unlike in the C library', () => {
  const { fs, bytes } = fresh(SMALL, 16);
  fs.writeFile('/a', noise(3000, 1));
  const magic = SMALL.blockSize + 128 - 4;
  bytes[magic] ^= 0x55;
  const copy = bytes.slice();
  const kept = Spiffs.mount(flashOver(bytes, SMALL), SMALL);
  expect(digest(kept.readFile('/a'))).toBe(digest(noise(3000, 1)));
  expect(Spiffs.mount(flashOver(bytes, SMALL), SMALL).recovered).toEqual([]);
  const lost = Spiffs.mount(flashOver(copy, SMALL), SMALL, { parity: true });
  expect(() => lost.readFile('/a')).toThrow(fails('NOT_FOUND'));
});

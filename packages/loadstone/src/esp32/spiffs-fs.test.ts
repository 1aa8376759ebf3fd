import { type FlashDevice, flashDevice, memorySource } from '@loadstone/fd-sources';
import { buildImage } from '@loadstone/spiffs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEsp32, FILE_APPEND, FILE_READ, FILE_WRITE, File, SeekCur, SeekEnd, SeekSet } from '../esp32.js';

const text = (words: string) => new TextEncoder().encode(words);

/** Arduino's default partition with two files. */
function mounted() {
  const bytes = buildImage([
    { name: '/a.txt', content: text('hello world') },
    { name: '/docs/b.txt', content: text('b') },
  ]);
  const esp32 = createEsp32({ spiffs: bytes });
  expect(esp32.SPIFFS.begin()).toBe(true);
  return { ...esp32, bytes };
}

/** The file of a path that must be there. */
function opened(file: File | null): File {
  if (!file) throw new Error('not opened');
  return file;
}

describe('SPIFFS', () => {
  it('mounts what is there, formats on request, and knows its one partition', () => {
    const empty = createEsp32();
    expect(empty.SPIFFS.totalBytes()).toBe(0);
    expect(empty.SPIFFS.open('/a.txt')).toBeNull();
    expect(empty.SPIFFS.begin(true, '/spiffs', 10, 'other')).toBe(false);
    const { SPIFFS } = createEsp32({ spiffs: new Uint8Array(0x16_0000) });
    expect(SPIFFS.begin()).toBe(false);
    expect(SPIFFS.begin(true)).toBe(true);
    expect(SPIFFS.begin()).toBe(true);
    expect(SPIFFS.totalBytes()).toBe(1318001);
    expect(SPIFFS.usedBytes()).toBe(0);
    SPIFFS.end();
    expect(SPIFFS.exists('/a.txt')).toBe(false);
  });

  it('finds files by their whole path', () => {
    const { SPIFFS } = mounted();
    expect(SPIFFS.exists('/a.txt')).toBe(true);
    expect(SPIFFS.exists('a.txt')).toBe(false);
    expect(SPIFFS.exists('/docs')).toBe(false);
    expect(SPIFFS.exists(`/${'x'.repeat(40)}`)).toBe(false);
    expect(SPIFFS.open('/none')).toBeNull();
    expect(SPIFFS.open('a.txt')).toBeNull();
    expect(SPIFFS.open('/a.txt', 'q')).toBeNull();
    expect(SPIFFS.open('/', FILE_WRITE)).toBeNull();
    expect(SPIFFS.open(`/${'x'.repeat(31)}`, FILE_WRITE)).toBeNull();
  });

  it('reads bytes, buffers and text', () => {
    const { SPIFFS } = mounted();
    const file = opened(SPIFFS.open('/a.txt', FILE_READ));
    expect(file).toBeInstanceOf(File);
    expect([file.name(), file.path(), file.size(), file.isDirectory()]).toEqual(['a.txt', '/a.txt', 11, false]);
    expect(file.available()).toBe(11);
    expect([file.peek(), file.read(), file.position()]).toEqual([0x68, 0x68, 1]);
    const buffer = new Uint8Array(8);
    expect(file.read(buffer, 4)).toBe(4);
    expect([...buffer]).toEqual([...text('ello'), 0, 0, 0, 0]);
    expect(file.seek(0)).toBe(true);
    expect(file.readStringUntil(' ')).toBe('hello');
    expect(file.readString()).toBe('world');
    expect([file.read(), file.peek(), file.available(), file.read(buffer)]).toEqual([-1, -1, 0, 0]);
    expect(file.write('x')).toBe(0);
    file.close();
    expect([file.isOpen(), file.size(), file.read(), file.read(buffer)]).toEqual([false, 0, -1, 0]);
  });

  it('seeks from start, position and end, and refuses what lies outside', () => {
    const { SPIFFS } = mounted();
    const file = opened(SPIFFS.open('/a.txt'));
    expect([file.seek(4, SeekSet), file.position()]).toEqual([true, 4]);
    expect([file.seek(2, SeekCur), file.position()]).toEqual([true, 6]);
    expect([file.seek(-1, SeekEnd), file.position()]).toEqual([true, 10]);
    expect([file.seek(-1, SeekSet), file.position()]).toEqual([false, 10]);
    expect([file.seek(12), file.position()]).toEqual([false, 11]);
    expect(file.seek(0, 3)).toBe(false);
  });

  it('writes, appends and changes in place', () => {
    const { SPIFFS, bytes, delay } = mounted();
    delay(5000);
    const written = opened(SPIFFS.open('/w.txt', FILE_WRITE));
    expect([written.print('n='), written.println(42), written.printf('%04x|', 0xbeef)]).toEqual([2, 4, 5]);
    expect(written.write(0x21) + written.write(text('abc'), 2)).toBe(3);
    expect(written.size()).toBe(14);
    expect(written.read()).toBe(-1);
    written.close();
    const appended = opened(SPIFFS.open('/w.txt', FILE_APPEND));
    appended.print('end');
    appended.flush();
    appended.close();
    const changed = opened(SPIFFS.open('/w.txt', 'r+'));
    expect(changed.getLastWrite()).toBe(5);
    changed.write('N');
    changed.seek(0);
    expect(changed.readString()).toBe('N=42\r\nbeef|!abend');
    changed.close();
    SPIFFS.end();
    // The flash keeps it over a restart.
    const again = createEsp32({ spiffs: bytes });
    again.SPIFFS.begin();
    expect(opened(again.SPIFFS.open('/w.txt')).readString()).toBe('N=42\r\nbeef|!abend');
    expect(opened(again.SPIFFS.open('/a.txt')).getLastWrite()).toBe(0);
  });

  it('cuts a file with w, and makes none with r+', () => {
    const { SPIFFS } = mounted();
    opened(SPIFFS.open('/a.txt', 'w+')).close();
    expect(opened(SPIFFS.open('/a.txt')).size()).toBe(0);
    expect(SPIFFS.open('/new.txt', 'r+')).toBeNull();
    const both = opened(SPIFFS.open('/new.txt', 'a+'));
    both.write('xy');
    both.seek(0);
    expect(both.readString()).toBe('xy');
  });

  it('removes and renames', () => {
    const { SPIFFS } = mounted();
    expect(SPIFFS.rename('/a.txt', '/docs/b.txt')).toBe(false);
    expect(SPIFFS.rename('/a.txt', '/c.txt')).toBe(true);
    expect(SPIFFS.rename('/a.txt', '/d.txt')).toBe(false);
    expect([SPIFFS.exists('/a.txt'), SPIFFS.exists('/c.txt')]).toEqual([false, true]);
    const used = SPIFFS.usedBytes();
    expect([SPIFFS.remove('/c.txt'), SPIFFS.remove('/c.txt'), SPIFFS.remove('c.txt')]).toEqual([true, false, false]);
    expect(SPIFFS.usedBytes()).toBeLessThan(used);
    expect([SPIFFS.mkdir('/x'), SPIFFS.rmdir('/docs')]).toEqual([false, false]);
  });

  it('lists files below a directory that only names make', () => {
    const { SPIFFS } = mounted();
    const root = opened(SPIFFS.open('/'));
    expect([root.isDirectory(), root.size(), root.read(), root.write('x')]).toEqual([true, 0, -1, 0]);
    const names: string[] = [];
    for (let file = root.openNextFile(); file; file = root.openNextFile()) names.push(file.path());
    expect(names.sort()).toEqual(['/a.txt', '/docs/b.txt']);
    root.rewindDirectory();
    expect(root.openNextFile()?.isOpen()).toBe(true);
    const docs = opened(SPIFFS.open('/docs'));
    expect(docs.openNextFile()?.name()).toBe('b.txt');
    expect(docs.openNextFile()).toBeNull();
    expect(opened(SPIFFS.open('/a.txt')).openNextFile()).toBeNull();
  });

  it('format empties it, mounted or not, and closes what was open', () => {
    const { SPIFFS } = mounted();
    const file = opened(SPIFFS.open('/a.txt'));
    expect(SPIFFS.format()).toBe(true);
    expect([file.isOpen(), file.read(), SPIFFS.exists('/a.txt'), SPIFFS.usedBytes()]).toEqual([false, -1, false, 0]);
    SPIFFS.end();
    expect(SPIFFS.format()).toBe(true);
    expect(SPIFFS.totalBytes()).toBe(0);
  });

  it('has as many descriptors as begin was told', () => {
    const { SPIFFS } = createEsp32();
    SPIFFS.begin(true, '/spiffs', 2);
    const first = opened(SPIFFS.open('/1', 'w'));
    opened(SPIFFS.open('/2', 'w'));
    expect(SPIFFS.open('/3', 'w')).toBeNull();
    first.close();
    expect(opened(SPIFFS.open('/3', 'w')).isOpen()).toBe(true);
  });

  it('writes 0 bytes when the partition is full', () => {
    const { SPIFFS } = createEsp32({ spiffs: new Uint8Array(0x4000).fill(0xff) });
    expect(SPIFFS.begin(true)).toBe(true);
    const file = opened(SPIFFS.open('/big', 'w'));
    const page = new Uint8Array(1024);
    let total = 0;
    for (let count = file.write(page); count > 0; count = file.write(page)) total += count;
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThan(0x4000);
  });

  it('leaves a source that cannot be written as it is', () => {
    const bytes = buildImage([{ name: '/a.txt', content: text('a') }]);
    const before = Uint8Array.from(bytes);
    const source = memorySource(bytes);
    const { SPIFFS } = createEsp32({ spiffs: { size: source.size, read: (at, into) => source.read(at, into) } });
    SPIFFS.begin();
    opened(SPIFFS.open('/a.txt', 'w')).print('changed');
    SPIFFS.end();
    expect(Buffer.compare(bytes, before)).toBe(0);
  });

  it.each(['correct', 'parity'] as const)('%s: a file behaves as bytes with a position', (spiffsBehaviour) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), bytes: fc.uint8Array({ maxLength: 700 }) }),
      fc.record({ kind: fc.constant('read' as const), size: fc.nat(900) }),
      fc.record({ kind: fc.constant('seek' as const), to: fc.integer({ min: -50, max: 4000 }), mode: fc.nat(2) }),
      fc.record({ kind: fc.constant('reopen' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { SPIFFS } = createEsp32({ spiffs: flashDevice(0x2_0000, { blockSize: 4096 }), spiffsBehaviour });
        SPIFFS.begin(true);
        let file = opened(SPIFFS.open('/f', 'w+'));
        let content: number[] = [];
        let position = 0;
        for (const each of steps) {
          if (each.kind === 'write') {
            if (position + each.bytes.length > 20_000) continue;
            expect(file.write(each.bytes)).toBe(each.bytes.length);
            content = [...content.slice(0, position), ...each.bytes, ...content.slice(position + each.bytes.length)];
            position += each.bytes.length;
          } else if (each.kind === 'read') {
            const into = new Uint8Array(each.size);
            const expected = content.slice(position, position + each.size);
            expect(file.read(into)).toBe(expected.length);
            expect([...into.subarray(0, expected.length)]).toEqual(expected);
            position += expected.length;
          } else if (each.kind === 'seek') {
            const target = [0, position, content.length][each.mode] + each.to;
            expect(file.seek(each.to, each.mode)).toBe(target >= 0 && target <= content.length);
            if (target >= 0) position = Math.min(target, content.length);
          } else {
            file.close();
            file = opened(SPIFFS.open('/f', 'r+'));
            position = 0;
          }
          expect([file.position(), file.size(), file.available()]).toEqual([
            position,
            content.length,
            content.length - position,
          ]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(['correct', 'parity'] as const)('%s: a power loss is no return value', (spiffsBehaviour) => {
    const flash: FlashDevice = flashDevice(0x1_0000, { blockSize: 4096 });
    const { SPIFFS, behaviour } = createEsp32({ spiffs: flash, spiffsBehaviour });
    expect(behaviour).toEqual({ spiffs: spiffsBehaviour });
    SPIFFS.begin(true);
    const file = opened(SPIFFS.open('/a', 'w'));
    flash.cutPowerAfter(1);
    expect(() => file.write(new Uint8Array(600))).toThrow(expect.objectContaining({ code: 'POWER_LOST' }));
  });
});

import { describe, expect, test } from 'vitest';
import { FdTable } from './fd-table.js';
import { memorySource } from './memory-source.js';

const code = (wanted: string) => expect.objectContaining({ name: 'SourceError', code: wanted });

describe('FdTable', () => {
  test('gives the lowest free number, and closing closes the source', () => {
    const table = new FdTable();
    const sources = [1, 2, 3].map((byte) => memorySource(Uint8Array.of(byte)));
    expect(sources.map((source) => table.open(source))).toEqual([0, 1, 2]);
    table.close(1);
    expect(() => sources[1].read(0, new Uint8Array(1))).toThrow(code('CLOSED'));
    expect(() => table.source(1)).toThrow(code('BAD_DESCRIPTOR'));
    expect(() => table.close(1)).toThrow(code('BAD_DESCRIPTOR'));
    expect(table.open(sources[0])).toBe(1);
    expect(table.source(2)).toBe(sources[2]);
    expect(new FdTable({ firstFd: 3 }).open(sources[0])).toBe(3);
  });

  test('reads through a descriptor', () => {
    const table = new FdTable();
    const fd = table.open(memorySource(Uint8Array.of(1, 2, 3, 4)));
    const into = new Uint8Array(2);
    expect(table.read(fd, 1, into)).toBe(2);
    expect([...into]).toEqual([2, 3]);
    expect(() => table.read(fd + 1, 0, into)).toThrow(code('BAD_DESCRIPTOR'));
  });

  test('a short read is an error that says what was there', () => {
    const table = new FdTable();
    const fd = table.open(memorySource(Uint8Array.of(1, 2, 3, 4)));
    expect(() => table.read(fd, 3, new Uint8Array(2))).toThrow(code('SHORT_READ'));
    expect(() => table.read(fd, 3, new Uint8Array(2))).toThrow(
      expect.objectContaining({ data: { fd, offset: 3, length: 2, size: 4 } }),
    );
  });

  test('with parity a short read succeeds and leaves the rest of the buffer, as the C function does', () => {
    const table = new FdTable({ shortReads: 'parity' });
    const fd = table.open(memorySource(Uint8Array.of(1, 2, 3, 4)));
    const into = Uint8Array.of(9, 9, 9);
    expect(table.read(fd, 3, into)).toBe(1);
    expect([...into]).toEqual([4, 9, 9]);
    expect(table.read(fd, 100, into)).toBe(0);
  });

  test('the read can be replaced: descriptors that are offsets in raw flash', () => {
    const flash = memorySource(Uint8Array.from({ length: 256 }, (_, i) => i));
    const table = new FdTable({ read: (fd, offset, into) => flash.read([0x00, 0x20, 0x40][fd] + offset, into) });
    const into = new Uint8Array(2);
    table.read(2, 5, into);
    expect([...into]).toEqual([0x45, 0x46]);
    const seen: number[] = [];
    table.read = (fd, offset) => {
      seen.push(fd, offset);
      return 0;
    };
    table.asSource(7).read(3, into);
    expect(seen).toEqual([7, 3]);
    expect(table.asSource(7, 99).size).toBe(99);
  });

  test('asSource has the size of what is open', () => {
    const table = new FdTable();
    const fd = table.open(memorySource(new Uint8Array(42)));
    expect(table.asSource(fd).size).toBe(42);
    expect(table.asSource(fd).read(40, new Uint8Array(2))).toBe(2);
  });
});

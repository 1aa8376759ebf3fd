import { describe, expect, test, vi } from 'vitest';
import { createAddressSpace } from './address-space.js';
import { GuestMemory } from './guest-memory.js';
import { DeviceFault, MemoryError } from './memory-error.js';
import type { Device, Region } from './region.js';

const RAM: Region = { name: 'ram', start: 0x2000_0000, size: 0x100, kind: 'ram', executable: true };
const ROM: Region = { name: 'rom', start: 0x1000, size: 0x100, kind: 'rom', executable: true };
const device: Device = { read: () => 0, write: () => {} };

function refused(act: () => void) {
  try {
    act();
  } catch (error) {
    if (error instanceof MemoryError) return { code: error.code, address: error.address, region: error.region };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('regions that cannot be', () => {
  test.each([
    ['starts before 0', { ...RAM, start: -1 }],
    ['starts behind 32 bits', { ...RAM, start: 2 ** 32 }],
    ['starts between two addresses', { ...RAM, start: 0.5 }],
    ['has no bytes', { ...RAM, size: 0 }],
    ['has less than no bytes', { ...RAM, size: -4 }],
    ['has half a byte', { ...RAM, size: 4.5 }],
    ['wraps around', { ...RAM, start: 0xffff_ff01, size: 0x100 }],
    ['has widths that are none', { ...RAM, widths: 8 }],
    ['is mmio without a device', { ...RAM, kind: 'mmio' }],
    ['is ram with a device', { ...RAM, device }],
    ['is an alias of nothing', { ...RAM, alias: { of: 'nothing', offset: 0 } }],
    ['is an alias of itself', { ...RAM, alias: { of: 'ram', offset: 0 } }],
  ] as [string, Region][])('one that %s', (_what, region) => {
    expect(refused(() => createAddressSpace([region]))).toEqual({
      code: 'BAD_REGION',
      address: region.start,
      region: 'ram',
    });
  });

  test.each([
    ['at its end', { ...RAM, name: 'other', start: 0x2000_00ff, size: 1 }, 'other'],
    ['at its start', { ...RAM, name: 'other', start: 0x1fff_ff01 }, 'ram'],
    ['inside', { ...RAM, name: 'other', start: 0x2000_0010, size: 4 }, 'other'],
    ['all around', { ...RAM, name: 'other', start: 0x1000_0000, size: 0x2000_0000 }, 'ram'],
  ] as [string, Region, string][])('one that overlaps another %s', (_what, region, later) => {
    const address = later === 'ram' ? RAM.start : region.start;
    const expected = { code: 'OVERLAP', address, region: later };
    expect(refused(() => createAddressSpace([RAM, region]))).toEqual(expected);
    const space = createAddressSpace([RAM]);
    expect(refused(() => space.map(region))).toEqual(expected);
    expect(space.regions).toEqual([RAM]);
  });

  test('one with the name of another, and one that does not fit', () => {
    expect(refused(() => createAddressSpace([RAM, { ...RAM, start: 0 }])).code).toBe('BAD_REGION');
    expect(refused(() => createAddressSpace([{ ...RAM, start: 0, size: 2 ** 32 }]))).toEqual({
      code: 'TOO_LARGE',
      address: 0,
      region: 'ram',
    });
  });

  test.each([
    ['reaches outside', { offset: 0x80 }],
    ['starts outside', { offset: -4 }],
    ['is of no whole words', { offset: 2, reversedWords: true }],
  ])('an alias that %s', (_what, alias) => {
    const view: Region = { ...RAM, name: 'view', start: 0, size: 0x84, alias: { of: 'ram', ...alias } };
    expect(refused(() => createAddressSpace([RAM, view]))).toEqual({ code: 'BAD_REGION', address: 0, region: 'view' });
  });

  test('a refused region leaves no trace: the same place can be mapped afterwards', () => {
    const space = createAddressSpace([RAM]);
    refused(() => space.map({ ...ROM, size: 0 }));
    space.map(ROM);
    space.write(ROM.start, Uint8Array.of(7));
    expect(space.load(ROM.start, 1)).toBe(7);
  });
});

describe('guest accesses', () => {
  const space = () =>
    createAddressSpace([
      RAM,
      ROM,
      { name: 'words', start: 0x4000, size: 0x10, kind: 'ram', executable: false, widths: 4, alignedOnly: true },
      { name: 'top', start: 0xffff_fff0, size: 0x10, kind: 'ram', executable: false },
      { name: 'trap', start: 0x8000, size: 0x10, kind: 'trap', executable: true },
    ]);

  test.each([
    [1, 0xef],
    [2, 0xbeef],
    [4, 0xdead_beef],
  ] as const)('a store of %i bytes is read back, little-endian, and nothing beside it changed', (width, value) => {
    for (const offset of [0, 1, 2, 3, 0x100 - width]) {
      const memory = space();
      expect(memory.store(RAM.start + offset, width, 0xdead_beef)).toBeUndefined();
      expect(memory.load(RAM.start + offset, width)).toBe(value);
      const bytes = new Uint8Array(0x100);
      memory.read(RAM.start, bytes);
      const expected = new Uint8Array(0x100);
      expected.set([0xef, 0xbe, 0xad, 0xde].slice(0, width), offset);
      expect(bytes).toEqual(expected);
    }
  });

  test.each([
    ['nothing there', 0x3000, 4, 'read', { kind: 'unmapped' }],
    ['the last byte in nothing', 0x2000_00fd, 4, 'write', { kind: 'unmapped', region: 'ram' }],
    ['the first byte in nothing', 0x0fff, 2, 'read', { kind: 'unmapped', region: 'rom' }],
    ['rom', 0x1010, 1, 'write', { kind: 'read-only', region: 'rom' }],
    ['a byte of word memory', 0x4001, 1, 'read', { kind: 'width', region: 'words' }],
    ['an unaligned word of word memory', 0x4002, 4, 'write', { kind: 'unaligned', region: 'words' }],
    ['a trap region', 0x8004, 4, 'read', { kind: 'unmapped', region: 'trap' }],
    ['over the end of the address space', 0xffff_fffe, 4, 'read', { kind: 'unmapped', region: 'top' }],
    ['over the end, by one byte', 0xffff_ffff, 2, 'write', { kind: 'unmapped', region: 'top' }],
  ] as const)('%s: refused', (_what, address, width, access, fault) => {
    const memory = space();
    const before = new Uint8Array(0x10);
    memory.read(0xffff_fff0, before);
    const got = access === 'read' ? memory.load(address, width) : memory.store(address, width, -1);
    expect(got).toEqual({ access, address, width, ...fault });
    const after = new Uint8Array(0x10);
    memory.read(0xffff_fff0, after);
    expect(after).toEqual(before);
  });

  test('the last bytes of the address space, and addresses as negative numbers', () => {
    const memory = space();
    expect(memory.store(-4, 4, 0x0102_0304)).toBeUndefined();
    expect(memory.load(0xffff_fffc, 4)).toBe(0x0102_0304);
    expect(memory.load(0xffff_ffff, 1)).toBe(0x01);
    expect(memory.regionAt(-1)?.name).toBe('top');
    expect(memory.regionAt(0)).toBeUndefined();
  });

  test('across regions without a gap, when both allow it', () => {
    const next: Region = { ...RAM, name: 'next', start: RAM.start + RAM.size, size: 8 };
    const memory = createAddressSpace([RAM, next]);
    expect(memory.store(next.start - 3, 4, 0x1122_3344)).toBeUndefined();
    expect(memory.load(next.start - 3, 4)).toBe(0x1122_3344);
    expect(memory.load(next.start, 1)).toBe(0x11);
    const guarded = createAddressSpace([RAM, { ...next, kind: 'rom' }]);
    expect(guarded.store(next.start - 1, 2, 0)).toMatchObject({ kind: 'read-only', region: 'next' });
  });
});

describe('devices', () => {
  const mmio = (d: Device) =>
    createAddressSpace([{ name: 'io', start: 0x4000_0000, size: 8, kind: 'mmio', executable: false, device: d }]);

  test('get offsets, widths and unsigned values; what they return is cut to the width', () => {
    const write = vi.fn();
    const memory = mmio({ read: (offset, width) => -1 - offset - width, write });
    expect(memory.load(0x4000_0004, 4)).toBe(0xffff_fff7);
    expect(memory.load(0x4000_0006, 2)).toBe(0xfff7);
    expect(memory.load(0x4000_0007, 1)).toBe(0xf7);
    memory.store(0x4000_0002, 2, -2);
    memory.store(0x4000_0004, 4, -2);
    expect(write.mock.calls).toEqual([
      [2, 2, 0xfffe],
      [4, 4, 0xffff_fffe],
    ]);
  });

  test('may refuse; other errors come out; unaligned accesses never reach them', () => {
    const read = vi.fn(() => {
      throw new DeviceFault('no');
    });
    const memory = mmio({
      read,
      write: () => {
        throw new RangeError('broken');
      },
    });
    expect(memory.load(0x4000_0000, 4)).toMatchObject({ kind: 'device', region: 'io' });
    expect(() => memory.store(0x4000_0000, 4, 1)).toThrow(RangeError);
    expect(memory.load(0x4000_0002, 4)).toMatchObject({ kind: 'unaligned', region: 'io' });
    expect(memory.load(0x4000_0006, 4)).toMatchObject({ kind: 'unaligned' });
    expect(read).toHaveBeenCalledTimes(1);
  });
});

describe('aliases', () => {
  test('show the same bytes, also word by word from the end', () => {
    const memory = createAddressSpace([
      // An alias may be listed before what it is an alias of.
      { ...RAM, name: 'view', start: 0x1000, size: 0x40, alias: { of: 'ram', offset: 0x10 } },
      RAM,
      { ...RAM, name: 'back', start: 0x2000, size: 0x10, alias: { of: 'ram', offset: 0x20, reversedWords: true } },
    ]);
    memory.store(0x1004, 4, 0x1122_3344);
    expect(memory.load(RAM.start + 0x14, 4)).toBe(0x1122_3344);
    for (let word = 0; word < 4; word++) memory.store(RAM.start + 0x20 + 4 * word, 4, 0x0101_0101 * word + 0x100);
    expect([0, 4, 8, 12].map((offset) => memory.load(0x2000 + offset, 4))).toEqual([
      0x0303_0403, 0x0202_0302, 0x0101_0201, 0x100,
    ]);
    expect(memory.load(0x2001, 1)).toBe(0x04);
    const bytes = new Uint8Array(16);
    memory.read(0x2000, bytes);
    expect([...bytes.subarray(0, 4)]).toEqual([0x03, 0x04, 0x03, 0x03]);
    memory.write(0x200c, Uint8Array.of(1, 2, 3, 4));
    expect(memory.load(RAM.start + 0x20, 4)).toBe(0x0403_0201);
  });

  test('have permissions of their own', () => {
    const memory = createAddressSpace([
      RAM,
      { ...RAM, name: 'view', start: 0x1000, size: 0x10, kind: 'rom', alias: { of: 'ram', offset: 0 } },
    ]);
    expect(memory.store(0x1000, 4, 1)).toMatchObject({ kind: 'read-only', region: 'view' });
  });
});

describe('host accesses', () => {
  test('ignore permissions and cross regions', () => {
    const memory = createAddressSpace([ROM, { ...RAM, start: ROM.start + ROM.size, widths: 4 }]);
    memory.write(ROM.start + 0xfe, Uint8Array.of(1, 2, 3, 4));
    const bytes = new Uint8Array(6);
    memory.read(ROM.start + 0xfd, bytes);
    expect([...bytes]).toEqual([0, 1, 2, 3, 4, 0]);
  });

  test('where a byte has no memory, nothing is written', () => {
    const memory = createAddressSpace([RAM]);
    const act = () => memory.write(RAM.start + 0xfe, Uint8Array.of(1, 2, 3));
    expect(refused(act)).toEqual({ code: 'UNMAPPED', address: RAM.start + 0x100, region: undefined });
    expect(memory.load(RAM.start + 0xfc, 4)).toBe(0);
    expect(refused(() => memory.read(0xffff_ffff, new Uint8Array(1))).code).toBe('UNMAPPED');
    memory.write(0, new Uint8Array(0));
  });

  test("tell when they change translated code, the guest's stores too, and only then", () => {
    const memory = createAddressSpace([RAM, { ...RAM, name: 'data', start: 0x3000_0000, size: 0x1000 }]);
    if (!(memory instanceof GuestMemory)) throw new Error('not a GuestMemory');
    const written: [number, number][] = [];
    memory.onCodeWrite = (from, to) => written.push([from, to]);
    const code = memory.hostByte(RAM.start + 0x40);
    memory.markCode(code, code + 4);
    memory.write(RAM.start + 0x40, Uint8Array.of(1, 2));
    memory.store(RAM.start + 0x44, 4, 5);
    memory.store(0x3000_0800, 4, 5);
    memory.write(0x3000_0800, Uint8Array.of(1));
    expect(written).toEqual([
      [code, code + 2],
      [code + 4, code + 8],
    ]);
    memory.clearCodeMarks();
    memory.write(RAM.start + 0x40, Uint8Array.of(1, 2));
    expect(written.length).toBe(2);
  });
});

test('mapping a region leaves the bytes of the others, and the memory grows', () => {
  const space = createAddressSpace([RAM]);
  space.store(RAM.start, 4, 0x1234);
  const pages = space.memory.buffer.byteLength;
  space.map({ name: 'big', start: 0x6000_0000, size: 0x10_0000, kind: 'ram', executable: false });
  expect(space.memory.buffer.byteLength).toBeGreaterThan(pages);
  expect(space.load(RAM.start, 4)).toBe(0x1234);
  expect(space.store(0x600f_fffc, 4, 9)).toBeUndefined();
  expect(space.load(0x600f_fffc, 4)).toBe(9);
  expect(space.regions.map(({ name }) => name)).toEqual(['ram', 'big']);
});

describe('words in a row', () => {
  const ODD: Region = { name: 'odd', start: 0x2000_0100, size: 6, kind: 'ram', executable: false };
  const values = Int32Array.of(0, 0x1111_1111, -2, 0x3333_3333, 0x4444_4444);

  test('are stored and loaded as one by one, over a border too', () => {
    const space = createAddressSpace([RAM, ODD, ROM]);
    for (const address of [RAM.start + 0x20, RAM.start + 0x21, RAM.start + 0xf4]) {
      expect(space.storeWords(address, values, 1, 4)).toBeUndefined();
      const one = [0, 4, 8, 12].map((offset) => space.load(address + offset, 4));
      expect(one).toEqual([0x1111_1111, 0xffff_fffe, 0x3333_3333, 0x4444_4444]);
      const into = new Int32Array(6);
      expect(space.loadWords(address, into, 2, 4)).toBeUndefined();
      expect(into).toEqual(Int32Array.of(0, 0, ...values.subarray(1)));
    }
  });

  test('stop at the first that is refused', () => {
    const space = createAddressSpace([RAM, ODD, ROM]);
    const into = new Int32Array(4);
    expect(space.storeWords(RAM.start + 0xf8, values, 1, 4)).toMatchObject({ address: RAM.start + 0x104 });
    expect(space.load(RAM.start + 0x100, 4)).toBe(0x3333_3333);
    expect(space.loadWords(RAM.start + 0xf8, into, 0, 4)).toMatchObject({
      kind: 'unmapped',
      address: RAM.start + 0x104,
    });
    expect(into).toEqual(Int32Array.of(0x1111_1111, -2, 0x3333_3333, 0));
    expect(space.storeWords(ROM.start, values, 0, 1)).toMatchObject({ kind: 'read-only', address: ROM.start });
    expect(space.loadWords(ROM.start, into, 0, 1)).toBeUndefined();
    expect(space.loadWords(0x5000, into, 0, 1)).toMatchObject({ kind: 'unmapped', address: 0x5000 });
  });

  test('tell of translated code', () => {
    const space = createAddressSpace([RAM]);
    if (!(space instanceof GuestMemory)) throw new Error('not a GuestMemory');
    const written: [number, number][] = [];
    space.onCodeWrite = (from, to) => written.push([from, to]);
    const code = space.hostByte(RAM.start);
    space.markCode(code, code + 4);
    space.storeWords(RAM.start + 0x40, values, 1, 2);
    expect(written).toEqual([[code + 0x40, code + 0x48]]);
  });
});

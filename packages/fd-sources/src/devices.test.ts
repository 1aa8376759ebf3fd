import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockDeviceConformance } from './conformance.js';
import { type FlashDevice, flashDevice } from './flash-device.js';
import { memorySource } from './memory-source.js';
import { blockDevice } from './sector-device.js';

const erased = (size: number) => memorySource(new Uint8Array(size).fill(0xff));
const code = (wanted: string) => expect.objectContaining({ name: 'SourceError', code: wanted });
const read = (device: FlashDevice, address: number, length: number) => {
  const into = new Uint8Array(length);
  device.read(address, into);
  return into;
};

describe('sector device', () => {
  const make = (size: number, blockSize: number) => blockDevice(erased(size), { blockSize });
  test.each(blockDeviceConformance(make, 'sectors'))('$name', ({ run }) => run());

  test('over a source without write is READ_ONLY', () => {
    const device = blockDevice({ size: 512, read: () => 0 }, { blockSize: 512 });
    expect(() => device.program(0, Uint8Array.of(1))).toThrow(code('READ_ONLY'));
    expect(() => device.erase(0)).toThrow(code('READ_ONLY'));
  });

  test('is made of whole blocks', () => {
    expect(() => make(1000, 512)).toThrow(code('BAD_ARGUMENT'));
    expect(() => make(1024, 0)).toThrow(code('BAD_ARGUMENT'));
  });
});

describe('flash', () => {
  test.each(blockDeviceConformance((size, blockSize) => flashDevice(size, { blockSize }), 'flash'))(
    '$name',
    ({ run }) => run(),
  );
  test.each(blockDeviceConformance((size, blockSize) => flashDevice(erased(size), { blockSize }), 'flash'))(
    'over a source: $name',
    ({ run }) => run(),
  );

  test('counts operations, and erases per block', () => {
    const flash = flashDevice(4096, { blockSize: 1024 });
    flash.program(0, new Uint8Array(10));
    flash.erase(1);
    flash.erase(1);
    flash.erase(3);
    flash.read(0, new Uint8Array(7));
    expect([...flash.eraseCounts]).toEqual([0, 2, 0, 1]);
    expect(flash.counters).toEqual({ reads: 1, programs: 1, erases: 3, bytesRead: 7, bytesProgrammed: 10 });
  });

  test('cuts the power in the middle of a program', () => {
    const flash = flashDevice(1024, { blockSize: 1024 });
    flash.cutPowerAfter(1, 2);
    flash.program(0, Uint8Array.of(1, 2, 3));
    expect(() => flash.program(3, Uint8Array.of(4, 5, 6))).toThrow(code('POWER_LOST'));
    expect(flash.powered).toBe(false);
    expect(() => flash.read(0, new Uint8Array(1))).toThrow(code('POWER_LOST'));
    expect(() => flash.program(0, Uint8Array.of(0))).toThrow(code('POWER_LOST'));
    expect(() => flash.erase(0)).toThrow(code('POWER_LOST'));
    flash.restorePower();
    expect([...read(flash, 0, 7)]).toEqual([1, 2, 3, 4, 5, 0xff, 0xff]);
    expect(flash.counters).toMatchObject({ programs: 1, erases: 0 });
  });

  test('cuts the power in the middle of an erase', () => {
    const flash = flashDevice(1024, { blockSize: 512 });
    flash.program(512, new Uint8Array(512));
    flash.cutPowerAfter(0, 100);
    expect(() => flash.erase(1)).toThrow(code('POWER_LOST'));
    flash.restorePower();
    const block = read(flash, 512, 512);
    expect(block.subarray(0, 100).every((byte) => byte === 0xff)).toBe(true);
    expect(block.subarray(100).every((byte) => byte === 0)).toBe(true);
    expect([...flash.eraseCounts]).toEqual([0, 0]);
  });

  test('restoring the power calls off a cut that is still to come', () => {
    const flash = flashDevice(1024, { blockSize: 512 });
    flash.cutPowerAfter(0);
    flash.restorePower();
    flash.program(0, Uint8Array.of(1));
    expect(flash.powered).toBe(true);
  });

  test('after any history a byte is the AND of what was programmed since its erase', () => {
    const operation = fc.oneof(
      fc.record({ block: fc.nat(3) }),
      fc.record({ address: fc.nat(255), bytes: fc.uint8Array({ maxLength: 32 }) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const flash = flashDevice(256 + 32, { blockSize: 72 });
        const model = new Array<number>(288).fill(0xff);
        for (const op of operations) {
          if ('block' in op) {
            flash.erase(op.block);
            model.fill(0xff, op.block * 72, op.block * 72 + 72);
          } else {
            flash.program(op.address, op.bytes);
            op.bytes.forEach((byte, i) => {
              model[op.address + i] &= byte;
            });
          }
        }
        expect([...read(flash, 0, 288)]).toEqual(model);
      }),
    );
  });
});

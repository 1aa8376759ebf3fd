import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspect } from './inspect.js';

const fixtures = fileURLToPath(new URL('../../testkit/fixtures/', import.meta.url));

describe('inspect', () => {
  it('tells what readelf tells of an object', async () => {
    const elf = await inspect(`${fixtures}images/sd.img.gz:/1.o`);
    expect(elf).toMatchObject({
      kind: 'elf',
      header: { class: 32, byteOrder: 'little', type: 'REL', machine: 'ARM' },
      imports: ['f_e_a', 'd_e_a'],
      exports: ['d_g_a', 'f_g_a'],
    });
    // arm-none-eabi-readelf -r 1.o
    expect(elf.kind === 'elf' && elf.relocations).toEqual([
      { section: '.text', offset: 0x1c, type: 'R_ARM_ABS32', symbol: '.data' },
      { section: '.text', offset: 0x4a, type: 'R_ARM_THM_CALL', symbol: 'f_e_a' },
      { section: '.text', offset: 0x54, type: 'R_ARM_ABS32', symbol: 'd_g_a' },
      { section: '.text', offset: 0x58, type: 'R_ARM_ABS32', symbol: '.data' },
      { section: '.text', offset: 0x5c, type: 'R_ARM_ABS32', symbol: 'd_e_a' },
    ]);
  });

  it('finds the dynamic relocations and the segments of a shared object', async () => {
    const elf = await inspect(`${fixtures}images/flash.bin@0`);
    expect(elf).toMatchObject({ kind: 'elf', header: { type: 'DYN' }, imports: ['d_e_a', 'f_e_a'] });
    if (elf.kind !== 'elf') throw new Error(elf.kind);
    // arm-none-eabi-readelf -rl 1.so
    expect(elf.relocations).toEqual([
      { section: '', offset: 0x330, type: 'R_ARM_GLOB_DAT', symbol: 'd_e_a' },
      { section: '', offset: 0x334, type: 'R_ARM_GLOB_DAT', symbol: 'd_g_a' },
      { section: '.got', offset: 0x32c, type: 'R_ARM_JUMP_SLOT', symbol: 'f_e_a' },
    ]);
    expect(elf.segments.filter((segment) => segment.type === 'LOAD').map((segment) => segment.memorySize)).toEqual([
      0x278, 0xc8,
    ]);
  });

  it('reads the metadata of a blob', async () => {
    expect(await inspect(`${fixtures}images/spiffs.img.gz:/task.bin`)).toEqual({
      kind: 'blob',
      size: 72,
      entry: 4,
      text: 'AAAAAAAAAAAAAAA',
    });
  });

  it('lists an image', async () => {
    expect(await inspect(`${fixtures}images/sd.img.gz`)).toMatchObject({ kind: 'image', fileSystem: 'fat32' });
  });

  it('refuses what is nothing it knows', async () => {
    await expect(inspect(`${fixtures}modules/tencentos/1.c`)).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' });
  });
});

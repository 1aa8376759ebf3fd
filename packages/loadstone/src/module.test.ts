import { fileURLToPath } from 'node:url';
import { host, variable } from '@loadstone/emulator-host';
import { describe, expect, it } from 'vitest';
import { createBoard } from './boards.js';
import { loadModule } from './module.js';

const fixtures = fileURLToPath(new URL('../../testkit/fixtures/', import.meta.url));

function firmware() {
  const board = createBoard('tencentos-evb-mx-plus');
  const calls: number[] = [];
  const d_e_a = variable('int d_e_a', 9);
  const f_e_a = host('int f_e_a(int a)', (a: number) => {
    calls.push(a);
    return 0;
  });
  return { board, calls, d_e_a, symbols: { d_e_a, f_e_a } };
}

describe('loadModule', () => {
  it.each([
    'images/sd.img.gz:/1.o',
    'images/sd.img.gz:/1.so',
    'images/sd.img.gz:/1-none-eabi.o',
    'images/sd.img.gz:/1-long-calls.o',
    'images/sd.img.gz:/1-none-eabi.so',
    'images/sd.img.gz:/1-clang.o',
    'images/sd.img.gz:/1-clang.so',
    'images/flash.bin@0',
    'images/flash.bin@0x2000',
    'images/flash.bin@0x4000',
    'modules/tencentos/1.o',
  ])("runs the guide's module from %s", async (location) => {
    const { board, calls, d_e_a, symbols } = firmware();
    const before = board.heap.stats().free;
    const module = await loadModule(fixtures + location, { board, symbols });
    module.call('f_g_a');
    expect(calls).toEqual([24]);
    expect(d_e_a.value).toBe(24);
    module.unload();
    expect(board.heap.stats().free).toBe(before);
  });

  it('reaches firmware in flash from RAM through a veneer', async () => {
    const { board, symbols } = firmware();
    const module = await loadModule(`${fixtures}modules/tencentos/1.o`, { board, symbols });
    expect(module.loaded.veneers).toHaveLength(1);
    expect(module.loaded.veneers[0]?.symbol).toContain('f_e_a');
  });

  it('names a symbol nobody defines', async () => {
    const { board, symbols } = firmware();
    await expect(
      loadModule(`${fixtures}modules/tencentos/1.o`, { board, symbols: { d_e_a: symbols.d_e_a } }),
    ).rejects.toMatchObject({ code: 'UNRESOLVED_SYMBOL', data: { symbol: 'f_e_a' } });
  });

  it('refuses a module for another machine, and a symbol declared under another name', async () => {
    const board = createBoard('esp32');
    await expect(loadModule(`${fixtures}modules/tencentos/1.o`, { board })).rejects.toMatchObject({
      code: 'WRONG_MACHINE',
    });
    const { board: evb, symbols } = firmware();
    await expect(
      loadModule(`${fixtures}modules/tencentos/1.o`, { board: evb, symbols: { other: symbols.d_e_a } }),
    ).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });

  it('names a function the module lacks', async () => {
    const { board, symbols } = firmware();
    const module = await loadModule(`${fixtures}modules/tencentos/1.o`, { board, symbols });
    expect(() => module.call('f_x')).toThrowError(expect.objectContaining({ code: 'SYMBOL_NOT_FOUND' }));
  });
});

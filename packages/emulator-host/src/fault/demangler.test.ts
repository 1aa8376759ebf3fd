import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { CrashBoard } from '../testing/crash.js';
import { loadDemangler } from './demangler.js';
import { locationText } from './locator.js';

describe('loadDemangler', () => {
  it('turns C++ and Rust names into readable ones, also in reports', async () => {
    const file = createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm');
    const demangle = await loadDemangler(readFileSync(file));
    expect(demangle('_ZN5Print7printlnEPKc')).toBe('Print::println(char const*)');
    expect(demangle('_ZN4core3fmt9Formatter3pad17h2f6d8e1c0b9a7f54E')).toBe('core::fmt::Formatter::pad');
    expect(demangle('f_g_a')).toBe('f_g_a');
    const { board } = new CrashBoard('arm');
    board.locator.demangle = demangle;
    board.addModule({
      name: 'sensor.o',
      contains: (address) => address === 0x5000,
      symbolAt: () => ({ name: '_ZN6Sensor4readEi', offset: 4 }),
    });
    expect(locationText(board.locator.locate(0x5000))).toBe('sensor.o: Sensor::read(int)+0x4');
  });

  it('says so when it cannot', async () => {
    await expect(loadDemangler(Uint8Array.of(0, 1, 2, 3))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

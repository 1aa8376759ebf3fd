import { fileURLToPath } from 'node:url';
import { host } from '@loadstone/emulator-host';
import { describe, expect, it } from 'vitest';
import { createBoard } from './boards.js';
import { type ImportGroupName, importGroupNames, importResolver } from './imports.js';
import { loadModule } from './module.js';

const object = fileURLToPath(new URL('../fixtures/imports/imports.o', import.meta.url));

describe('loadModule with ready-made imports', () => {
  it('leaves what nobody defines unresolved unless asked', async () => {
    const board = createBoard('tencentos-evb-mx-plus');
    await expect(loadModule(object, { board })).rejects.toMatchObject({ code: 'UNRESOLVED_SYMBOL' });
    expect(board.symbols.size).toBe(0);
    expect(board.heap.stats().used).toBe(0);
  });

  it('finds the C library on request, and puts only what is used onto the board', async () => {
    const board = createBoard('tencentos-evb-mx-plus');
    const module = await loadModule(object, { board, imports: ['@libc'] });
    expect(module.fn('int greet(const char *name)')('board')).toBe(12);
    expect(board.console.text).toBe('hello board\n');
    expect([...board.symbols.keys()].sort()).toEqual(['free', 'malloc', 'printf', 'rand', 'srand', 'strcpy', 'strlen']);
    module.unload();
    expect(board.heap.stats().used).toBe(0);
  });

  it('takes groups one by one, and a missing one is missed by name', async () => {
    const board = createBoard('generic-cortex-m');
    const imports: ImportGroupName[] = ['@heap', '@string', '@stdlib'];
    await expect(loadModule(object, { board, imports })).rejects.toMatchObject({
      code: 'UNRESOLVED_SYMBOL',
      data: { symbol: 'printf' },
    });
    const module = await loadModule(object, { board, imports: [...imports, '@stdio'] });
    expect(module.fn('int greet(const char *name)')('x')).toBe(8);
  });

  it('prefers what the module or the board is given', async () => {
    const texts: string[] = [];
    const printf = host('int printf(const char *format, ...)', (format: string) => {
      texts.push(format);
      return 77;
    });
    const board = createBoard('tencentos-evb-mx-plus', { symbols: [host('unsigned strlen(const char *s)', () => 3)] });
    const module = await loadModule(object, { board, symbols: { printf }, imports: ['@libc'] });
    expect(module.fn('int greet(const char *name)')('abc')).toBe(77);
    expect(texts).toEqual(['hello %s\n']);
    expect(board.definition('printf')).toBe(printf);
  });

  it('gives all modules of a board the same functions', async () => {
    const board = createBoard('generic-cortex-m');
    const first = await loadModule(object, { board, imports: ['@libc'] });
    const second = await loadModule(object, { board, imports: ['@libc'] });
    const one = first.call('roll', 7);
    const two = second.call('roll', 0);
    expect([first.call('roll', 7), first.call('roll', 0)]).toEqual([one, two]);
  });

  it.each<[ImportGroupName, string]>([
    ['@libc', 'memcpy'],
    ['@memory', 'memset'],
    ['@string', 'strcmp'],
    ['@stdio', 'snprintf'],
    ['@heap', 'calloc'],
    ['@stdlib', 'rand'],
    ['@abort', 'abort'],
    ['@arduino', 'millis'],
  ])('%s has %s, on both boards', (name, symbol) => {
    expect(importGroupNames).toContain(name);
    for (const board of [createBoard('tencentos-evb-mx-plus'), createBoard('esp32')]) {
      const resolve = importResolver(board, [name]);
      expect(resolve(symbol)).toBe(board.resolve(symbol));
      expect(resolve('no_such_function')).toBeUndefined();
    }
  });

  it('refuses an unknown group', async () => {
    const board = createBoard('tencentos-evb-mx-plus');
    const imports = ['@gui' as ImportGroupName];
    await expect(loadModule(object, { board, imports })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });
});

import { describe, expect, test } from 'vitest';
import { FlatMemory } from '../test/flat-memory.js';
import { FUNC, halves, OBJECT, objectSource, STB_GLOBAL, words } from '../test/object-builder.js';
import { ModuleRegistry } from './registry.js';

const RAM = 0x2000_0000;
const ABS32 = 2;

/** A module that defines `name` and holds pointers to other names. */
function moduleOf(name: string, ...imports: string[]) {
  return objectSource(
    [
      { name: '.text', bytes: halves(0x4770, 0xbf00) },
      {
        name: '.data',
        flags: 3,
        bytes: words(0, ...imports.map(() => 0)),
        relocations: imports.map((symbol, i) => [4 + i * 4, ABS32, symbol]),
      },
    ],
    [
      { name, section: '.text', value: 1, info: STB_GLOBAL | FUNC },
      { name: `${name}_data`, section: '.data', info: STB_GLOBAL | OBJECT },
      ...imports.map((symbol) => ({ name: symbol })),
    ],
  );
}

function registry(firmware: Record<string, number> = {}) {
  const memory = new FlatMemory(RAM, 0x1000);
  const called: number[] = [];
  return {
    memory,
    called,
    modules: new ModuleRegistry({ memory, resolve: (name) => firmware[name], call: (address) => called.push(address) }),
  };
}

describe('modules that import from each other', () => {
  test('the firmware comes before other modules, earlier modules before later ones', () => {
    const { memory, modules } = registry({ print: 0x0800_0001 });
    const first = modules.load('first', moduleOf('shared'));
    modules.load('second', moduleOf('shared'));
    const user = modules.load('user', moduleOf('main', 'shared', 'print'));
    const data = user.find('main_data') ?? 0;
    expect([memory.u32(data + 4), memory.u32(data + 8)]).toEqual([first.find('shared'), 0x0800_0001]);
    expect(modules.usersOf('first')).toEqual(['user']);
    expect(modules.usersOf('second')).toEqual([]);
  });

  test('a module in use stays', () => {
    const { modules, memory } = registry();
    modules.load('library', moduleOf('open'));
    modules.load('program', moduleOf('main', 'open'));
    expect(() => modules.unload('library')).toThrowError(
      expect.objectContaining({ code: 'IN_USE', data: { module: 'library', names: ['program'] } }),
    );
    expect(memory.freed).toEqual([]);
    modules.unload('program');
    expect(modules.unload('library').danglingPointers).toEqual([]);
    expect(modules.modules).toEqual([]);
  });

  test('a circle loads and unloads together', () => {
    const { memory, modules } = registry();
    const [left, right] = modules.loadAll([
      { name: 'left', source: moduleOf('ping', 'pong') },
      { name: 'right', source: moduleOf('pong', 'ping') },
    ]);
    expect(memory.u32((left.find('ping_data') ?? 0) + 4)).toBe(right.find('pong'));
    expect(memory.u32((right.find('pong_data') ?? 0) + 4)).toBe(left.find('ping'));
    expect(() => modules.unload('left')).toThrowError(expect.objectContaining({ code: 'IN_USE' }));
    expect(modules.unloadAll(['left', 'right']).map(({ name }) => name)).toEqual(['left', 'right']);
    expect(memory.freed).toHaveLength(2);
  });

  test('unload tells of words that still point into the freed memory', () => {
    const { memory, modules } = registry();
    const gone = modules.load('gone', moduleOf('callback'));
    const other = modules.load('other', moduleOf('main'));
    const place = other.find('main_data') ?? 0;
    memory.write(place, words((gone.find('callback') ?? 0) >>> 0));
    expect(modules.unload('gone').danglingPointers).toEqual([
      { module: 'other', address: place, value: gone.find('callback') },
    ]);
  });

  test('a failed load leaves nothing behind', () => {
    const { memory, modules } = registry();
    expect(() =>
      modules.loadAll([
        { name: 'good', source: moduleOf('a') },
        { name: 'bad', source: moduleOf('b', 'nowhere') },
      ]),
    ).toThrowError(expect.objectContaining({ code: 'UNRESOLVED_SYMBOL' }));
    expect(modules.modules).toEqual([]);
    expect(memory.freed).toHaveLength(memory.requests.length);
  });

  test('names are unique, and unknown ones are errors', () => {
    const { modules } = registry();
    modules.load('one', moduleOf('a'));
    expect(() => modules.load('one', moduleOf('b'))).toThrowError(
      expect.objectContaining({ code: 'DUPLICATE_SYMBOL' }),
    );
    expect(() => modules.unload('two')).toThrowError(expect.objectContaining({ code: 'NOT_LOADED' }));
    expect(modules.get('one')?.name).toBe('one');
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ImageName, loadImage } from '../testing/images.js';

afterEach(() => vi.unstubAllGlobals());

const names: ImageName[] = ['arm-soft', 'xtensa-windowed'];

describe.each(names)('%s: the engine', (name) => {
  it('compiles by default and says nothing about it', () => {
    const { board } = loadImage(name);
    expect([board.engine, board.engineReason]).toEqual(['wasm', undefined]);
  });

  it('says why it does not compile', () => {
    const { board } = loadImage(name, 'abi', { engine: 'interpreter' });
    expect([board.engine, board.engineReason]).toEqual(['interpreter', 'the interpreter was asked for']);
  });

  it('tells what it has done', () => {
    const { board, address } = loadImage(name);
    expect(board.stats()).toMatchObject({ blocks: 0, functions: 0, modules: 0, bytes: 0 });
    board.call(address('spin'), 'int spin(int n)', [200_000]);
    const { blocks, functions, modules, bytes, compileMilliseconds, exits } = board.stats();
    expect(blocks).toBeGreaterThan(0);
    expect(functions).toBeGreaterThanOrEqual(modules);
    expect(modules).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(100);
    expect(compileMilliseconds).toBeGreaterThan(0);
    const before = Object.values(exits).reduce((sum, count) => sum + count, 0);
    board.call(address('sum'), 'int sum(const int *values, int n)', [[1, 2, 3], 3]);
    expect(Object.values(board.stats().exits).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(before);
  });

  it('tells of an interpreter only its blocks', () => {
    const { board, address } = loadImage(name, 'abi', { engine: 'interpreter' });
    board.call(address('spin'), 'int spin(int n)', [20_000]);
    expect(board.stats()).toMatchObject({ functions: 0, modules: 0, bytes: 0, compileMilliseconds: 0 });
    expect(board.stats().blocks).toBeGreaterThan(0);
  });
});

describe('a host that forbids compiling', () => {
  it('is given as the reason, once, and the guest runs all the same', async () => {
    const refuse = class {
      constructor() {
        throw new WebAssembly.CompileError('blocked by the content security policy');
      }
    };
    vi.stubGlobal('WebAssembly', {
      ...WebAssembly,
      Module: refuse,
      Memory: WebAssembly.Memory,
      CompileError: WebAssembly.CompileError,
    });
    vi.resetModules();
    const fresh = await import('../testing/images.js');
    const messages = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
    const { board, address } = fresh.loadImage('arm-soft');
    expect(board.engine).toBe('interpreter');
    expect(board.engineReason).toContain('blocked by the content security policy');
    expect(board.call(address('spin'), 'int spin(int n)', [50])).toMatchObject({
      returnValue: 50,
      engine: 'interpreter',
    });
    for (const message of messages) expect(message).not.toHaveBeenCalled();
    expect(() => fresh.loadImage('arm-soft', 'abi', { engine: 'wasm' })).toThrow(
      'blocked by the content security policy',
    );
  });
});

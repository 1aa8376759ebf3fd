import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { describe, expect, it } from 'vitest';
import { HostError } from '../error.js';
import { GuestFault } from '../fault/report.js';
import { host, variable } from '../host/symbol.js';
import { type ImageBoard, type ImageName, imageNames, loadImage } from '../testing/images.js';
import { createBoard } from './board.js';
import { esp32 } from './esp32.js';
import { tencentosEvbMxPlus } from './tencentos-evb-mx-plus.js';

/** Fills the image's table of host functions. */
function withApi(image: ImageBoard, functions: Record<string, number>): ImageBoard {
  const order = ['printf', 'add', 'fetch', 'visit'];
  order.forEach((name, index) => {
    image.board.memory.write32(image.address('api') + 4 * index, functions[name] ?? 0);
  });
  return image;
}

describe.each(imageNames)('%s: calls', (name: ImageName) => {
  it('passes strings, buffers in and out, arrays and structs', () => {
    const image = loadImage(name);
    const { board } = image;
    expect(board.fn(image.address('length'), 'int length(const char *s)')('hello')).toBe(5);
    const out = new Uint8Array(8);
    board.fn(image.address('fill_with'), 'void fill_with(char *out, int n, char c)')(out, 4, 0x41);
    expect([...out]).toEqual([0x41, 0x41, 0x41, 0x41, 0, 0, 0, 0]);
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    board.fn(image.address('reverse'), 'void reverse(unsigned char *bytes, size_t n)')(bytes, 5);
    expect([...bytes]).toEqual([5, 4, 3, 2, 1]);
    expect(board.fn(image.address('sum'), 'int sum(const int *values, int n)')([10, -20, 33], 3)).toBe(23);
    const values = [5, -3, 9, 0];
    const compare = (a: number, b: number): number => (board.memory.read32(a) | 0) - (board.memory.read32(b) | 0);
    board.fn(image.address('sort'), 'void sort(int *values, int n, int (*compare)(const void *, const void *))')(
      values,
      4,
      compare,
    );
    expect(values).toEqual([-3, 0, 5, 9]);
  });

  it('shows structs by pointer, as objects and as live views', () => {
    const image = loadImage(name);
    const { board } = image;
    board.types.declare('struct point { char tag; int x; short y; long long z; };');
    const move = board.fn(image.address('move_point'), 'void move_point(struct point *p, int dx)');
    const point = { tag: 7, x: 100, y: 12, z: 0n };
    move(point, -150);
    expect(point).toEqual({ tag: 8, x: -50, y: -12, z: -52428800n });
    const address = board.allocate({ size: 24, align: 8 }) ?? 0;
    const view = board.struct(address, 'struct point');
    view['x'] = 1;
    view['y'] = 2;
    move(address, 1);
    expect([view['x'], view['y'], view['z']]).toEqual([2, -2, 2097152n]);
  });

  it('takes guest functions, JavaScript functions and null as function pointers', () => {
    const image = loadImage(name);
    const { board } = image;
    const apply = board.fn(image.address('apply'), 'int apply(int (*f)(int), int n)');
    expect(apply(image.address('twice'), 4)).toBe(8 + 9);
    expect(apply((n: number) => n * 100, 4)).toBe(400 + 9);
    expect(() => apply(null, 1)).toThrow(GuestFault);
  });

  it('nests guest, host and guest calls', () => {
    const image = loadImage(name);
    const { board } = image;
    let deepest = 0;
    withApi(image, {
      visit: board.host('int visit(int value, int (*back)(int))', (value: number, back: (n: number) => number) => {
        deepest = Math.max(deepest, 21 - value);
        return back(value);
      }),
    });
    expect(board.fn(image.address('nested'), 'int nested(int depth)')(20)).toBe(20);
    expect(deepest).toBe(21);
  });

  it('suspends the guest for an asynchronous host function', async () => {
    const image = loadImage(name);
    const { board } = image;
    withApi(image, {
      fetch: board.host('int fetch(int id)', async (id: number) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return id + 1;
      }),
    });
    const target = image.address('fetch_sum');
    const both = await Promise.all([
      board.callAsync(target, 'int (int, int)', [3, 4]),
      board.callAsync(target, 'int (int, int)', [5, 6]),
    ]);
    expect(both.map((result) => result.returnValue)).toEqual([405, 607]);
    expect(await board.fn(target, 'int (int, int)').async(1, 2)).toBe(203);
    const sync = board.call(target, 'int (int, int)', [1, 2]);
    expect(sync.status).toBe('fault');
    expect(sync.fault?.message).toContain('callAsync');
  });

  it('lets an asynchronous host function call the guest', async () => {
    const image = loadImage(name);
    const { board } = image;
    withApi(image, {
      fetch: board.host(
        'int fetch(int id)',
        async (id: number, call: { callAsync: (...args: unknown[]) => Promise<number> }) => {
          await Promise.resolve();
          return call.callAsync(image.address('twice'), 'int (int)', [id]);
        },
      ),
    });
    const result = await board.callAsync(image.address('fetch_sum'), 'int (int, int)', [3, 4]);
    expect(result.returnValue).toBe(608);
  });

  it('stops for fuel exactly, goes on with resume, and starts anew after giving up', () => {
    const image = loadImage(name);
    const { board } = image;
    const whole = board.call(image.address('spin'), 'int spin(int n)', [50]);
    expect(whole.returnValue).toBe(50);
    let result = board.call(image.address('spin'), 'int spin(int n)', [50], { fuel: 100 });
    expect(result.status).toBe('fuel');
    expect(result.instructions).toBe(100);
    let rounds = 0;
    while (result.resume) {
      result = result.resume({ fuel: 70 });
      rounds += 1;
    }
    expect(result).toMatchObject({ status: 'returned', returnValue: 50, instructions: whole.instructions });
    expect(rounds).toBe(Math.ceil((whole.instructions - 100) / 70));
    const endless = board.call(image.address('spin'), 'int spin(int n)', [0], { time: 5 });
    expect(endless.status).toBe('time');
    expect(board.call(image.address('spin'), 'int spin(int n)', [3]).returnValue).toBe(3);
    expect(() => endless.resume?.()).toThrow(HostError);
  });

  it('counts nested calls against the outer fuel', () => {
    const image = loadImage(name);
    const { board } = image;
    withApi(image, {
      add: board.host('int add(int a, int b)', (a: number, b: number) => {
        board.fn(image.address('spin'), 'int spin(int n)')(1000);
        return a + b;
      }),
    });
    const whole = board.call(image.address('add_three'), 'int (int, int, int)', [1, 2, 3]);
    expect(whole.returnValue).toBe(6);
    const short = board.call(image.address('add_three'), 'int (int, int, int)', [1, 2, 3], {
      fuel: whole.instructions - 1,
    });
    expect(short.status).toBe('fuel');
    expect(short.instructions).toBe(whole.instructions - 1);
    const enough = board.call(image.address('add_three'), 'int (int, int, int)', [1, 2, 3], {
      fuel: whole.instructions,
    });
    expect(enough.returnValue).toBe(6);
  });

  it('reports a host exception with its cause', () => {
    const image = loadImage(name);
    const { board } = image;
    const problem = new RangeError('no such sensor');
    withApi(image, {
      add: board.host('int add(int a, int b)', () => {
        throw problem;
      }),
    });
    const result = board.call(image.address('add_three'), 'int (int, int, int)', [1, 2, 3]);
    expect(result.status).toBe('fault');
    expect(result.fault).toMatchObject({ kind: 'host-function', cause: problem });
    expect(result.fault?.message).toContain('add');
  });

  it('refuses wrong arguments before anything runs', () => {
    const image = loadImage(name);
    const { board } = image;
    const call = (prototype: string, ...args: unknown[]) => board.call(image.address('twice'), prototype, args);
    expect(() => call('int (int)')).toThrow('takes 1 arguments, not 0');
    expect(() => call('int (int)', 1, 2)).toThrow('takes 1 arguments, not 2');
    expect(() => call('int (int)', 'x')).toThrow('is no value of type int');
    expect(() => call('int (int)', 2 ** 33)).toThrow('is no value of type int');
    expect(() => call('int (int)', 1.5)).toThrow('is no value of type int');
    expect(() => call('int (struct s)', {})).toThrow(HostError);
    expect(() => board.call('nothing', 'int (int)', [1])).toThrow('defines no nothing');
    expect(call('int (int)', 2).returnValue).toBe(4);
  });
});

describe('boards', () => {
  it('gives functions and variables the addresses of the firmware', () => {
    const calls: number[] = [];
    const d_e_a = variable('int d_e_a', 9);
    const board = createBoard(tencentosEvbMxPlus, {
      architecture: thumb,
      symbols: [host('int f_e_a(int a)', (a: number) => calls.push(a)), d_e_a],
    });
    expect(board.symbols.get('f_e_a')).toBe(0x0803_c005);
    expect(board.symbols.get('d_e_a')).toBe(d_e_a.address);
    expect(d_e_a.value).toBe(9);
    board.memory.write32(d_e_a.address, 24);
    expect(d_e_a.value).toBe(24);
    d_e_a.value = -1;
    expect(board.memory.read32(d_e_a.address)).toBe(0xffff_ffff);
    expect(() => board.host('int f_e_a(int a)', () => 0)).toThrow('already defined');
    const near = createBoard(tencentosEvbMxPlus, { architecture: thumb, firmwareAt: 'near' });
    expect(near.host('void f(void)', () => undefined)).toBe(0x2002_0005);
  });

  it('refuses writes to flash by name, and gives modules their memory', () => {
    const evb = createBoard(tencentosEvbMxPlus, { architecture: thumb });
    const { space } = evb.memory;
    evb.memory.write32(0x0800_0010, 77);
    expect(space.load(0x10, 4)).toBe(77);
    expect(space.load(0x0800_0020, 4)).toBe(0xffff_ffff);
    expect(space.store(0x0800_0010, 4, 1)).toMatchObject({ kind: 'read-only', region: 'flash' });
    expect(space.store(0, 4, 1)).toMatchObject({ kind: 'read-only', region: 'flash alias' });
    expect(evb.allocate({ size: 100, align: 4, purpose: 'module' })).toBe(0x2000_6004);
    expect(evb.allocate({ size: 40000 })).toBeUndefined();
    const esp = createBoard(esp32, { architecture: xtensa });
    expect(esp.allocate({ size: 100, purpose: 'text' })).toBeGreaterThan(0x4008_0000);
    expect(esp.allocate({ size: 100, purpose: 'data' })).toBeLessThan(0x4000_0000);
  });

  it('maps devices written in TypeScript', () => {
    const writes: number[][] = [];
    const image = loadImage('arm-soft', 'abi', {
      regions: [
        {
          name: 'GPIO',
          start: 0x4002_0000,
          size: 0x100,
          kind: 'mmio',
          executable: false,
          device: {
            read: (offset, width) => offset + width,
            write: (offset, width, value) => {
              writes.push([offset, width, value]);
            },
          },
        },
      ],
    });
    const sum = image.board.fn(image.address('sum'), 'int sum(const int *values, int n)');
    expect(sum(0x4002_0010, 3)).toBe(0x14 + 0x18 + 0x1c);
    image.board.fn(image.address('fill_with'), 'void fill_with(char *out, int n, char c)')(0x4002_0000, 1, 9);
    expect(writes).toEqual([
      [0, 1, 9],
      [1, 1, 0],
    ]);
  });

  it('keeps string constants in flash, where writing faults', () => {
    const image = loadImage('arm-soft');
    const write = 'void fill_with(const char *out, int n, char c)';
    const result = image.board.call(image.address('fill_with'), write, ['ESP32', 3, 0x41]);
    expect(result.fault).toMatchObject({ kind: 'memory', access: { kind: 'read-only', access: 'write', width: 1 } });
  });

  it('limits console output', () => {
    const image = loadImage('arm-soft', 'abi', { limits: { consoleBytes: 10 } });
    const { board } = image;
    withApi(image, {
      add: board.host('int add(int a, int b)', (a: number, b: number) => {
        board.print('12345678');
        return a + b;
      }),
    });
    const result = board.call(image.address('add_three'), 'int (int, int, int)', [1, 2, 3]);
    expect(result.status).toBe('console');
    expect(board.console.text).toBe('12345678');
    board.console.clear();
    expect(result.resume?.()).toMatchObject({ status: 'returned', returnValue: 6 });
  });

  it('limits the stack, and lets the call go on', () => {
    const image = loadImage('arm-soft', 'abi', { limits: { stackBytes: 256 } });
    const { board } = image;
    withApi(image, {
      visit: board.host('int visit(int value, int (*back)(int))', (value: number, back: (n: number) => number) =>
        back(value),
      ),
    });
    const nested = image.address('nested');
    expect(board.call(nested, 'int nested(int depth)', [3]).returnValue).toBe(3);
    const deep = board.call(nested, 'int nested(int depth)', [100]);
    expect(deep.status).toBe('stack');
    expect(deep.fault?.message).toContain('in the lowest 32 bytes of the stack');
    const crash = loadImage('arm-soft', 'abi', { limits: { stackBytes: 128 } });
    const flat = crash.board.call(crash.address('sort'), 'void sort(int *, int, int (*)(int, int))', [0, 0, null]);
    expect(flat.status).toBe('returned');
    expect(() => loadImage('arm-soft', 'abi', { limits: { stackBytes: 16 } })).toThrow(HostError);
  });

  it('faults like the CPU when a function address has no Thumb bit', () => {
    const image = loadImage('arm-soft');
    const result = image.board.call(image.address('twice') - 1, 'int twice(int n)', [4]);
    expect(result.fault).toMatchObject({ kind: 'exception', pc: image.address('twice') - 1 });
    expect(result.fault?.message).toContain('has bit 0 clear: this CPU runs Thumb code only');
    expect(result.instructions).toBe(0);
    expect(image.board.call(image.address('twice'), 'int twice(int n)', [4]).returnValue).toBe(8);
  });

  it('takes a window elsewhere and refuses impossible ones', () => {
    expect(
      createBoard(tencentosEvbMxPlus, { architecture: thumb, firmwareAt: 0x3000_0000 }).host('int f(void)', () => 0),
    ).toBe(0x3000_0005);
    expect(() => createBoard(tencentosEvbMxPlus, { architecture: thumb, firmwareAt: 3 })).toThrow(HostError);
    expect(() => createBoard(esp32, { architecture: thumb })).toThrow('has no register a0');
  });
});

describe('a call after a fault inside an IT block', () => {
  it('starts outside the block', () => {
    const board = createBoard(tencentosEvbMxPlus, { architecture: thumb });
    const address = board.allocate({ size: 0x20 }) ?? 0;
    // movs r1, #0; cmp r1, #0; ite eq; ldreq r0, [r0]; movne r0, #1; bx lr
    board.write(address, Uint8Array.of(0x00, 0x21, 0x00, 0x29, 0x0c, 0xbf, 0x00, 0x68, 0x01, 0x20, 0x70, 0x47));
    // movs r0, #7; bx lr
    board.write(address + 0x10, Uint8Array.of(0x07, 0x20, 0x70, 0x47));
    expect(board.call(address | 1, 'int f(int)', [0x6000_0000]).status).toBe('fault');
    expect(board.call((address + 0x10) | 1, 'int f(void)')).toMatchObject({ status: 'returned', returnValue: 7 });
  });
});

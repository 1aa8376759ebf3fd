import { describe, expect, it } from 'vitest';
import { HostError } from '../error.js';
import { type ImageBoard, type ImageName, loadImage } from '../testing/images.js';

const TYPES = `
  typedef struct { char c; } one;
  typedef struct { char a, b, c; } three;
  typedef struct { short x; char y; } four;
  typedef struct { int x, y; } pair;
  typedef struct { int x, y, z; } triple;
  typedef struct { long long big; int small; } wide;
  typedef struct { int v[5]; } five;
  typedef struct { int v[10]; } ten;
  typedef struct { float x, y; } vec2;
  typedef struct { float x, y, z, w; } vec4;
  typedef struct { double re, im; } complex;
  typedef struct { float x; int n; } mixed;
  typedef struct { vec2 a; float b[1]; } nested;
  typedef union { int i; float f; } either;
  struct bag {
    one o; three t3; four f4; pair p; triple t; wide w; five v; vec2 v2; vec4 v4; complex z; mixed m; nested n; either e;
    int i, j, k; double d; float f;
  };`;

interface StructImage extends ImageBoard {
  readonly bag: Record<string, unknown>;
  call(prototype: string, ...args: unknown[]): unknown;
}

function load(name: ImageName): StructImage {
  const image = loadImage(name);
  const { board } = image;
  board.types.declare(TYPES);
  return {
    ...image,
    bag: board.struct(image.address('bag'), 'struct bag'),
    call: (prototype, ...args) => {
      const result = board.call(image.address(/(\w+)\(/.exec(prototype)?.[1] ?? ''), prototype, args);
      expect(result.fault?.message).toBeUndefined();
      return result.returnValue;
    },
  };
}

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)));

// The functions are compiled by arm-none-eabi-gcc and xtensa-lx106-elf-gcc (call0): fixtures/abi/structs.c.
const compiled: ImageName[] = ['arm-soft', 'arm-hard', 'xtensa-call0'];

describe.each(compiled)('%s: structs by value', (name) => {
  it('are passed to compiled functions', () => {
    const { bag, call } = load(name);
    call('void take_small(one, three, four)', { c: 7 }, { a: 1, b: 2, c: 3 }, { x: -300, y: 9 });
    expect(plain([bag['o'], bag['t3'], bag['f4']])).toEqual([{ c: 7 }, { a: 1, b: 2, c: 3 }, { x: -300, y: 9 }]);
    call('void take_pairs(int, pair, triple)', 1, { x: 2, y: 3 }, { x: 4, y: 5, z: 6 });
    expect(plain([bag['i'], bag['p'], bag['t']])).toEqual([1, { x: 2, y: 3 }, { x: 4, y: 5, z: 6 }]);
    call('void take_wide(int, wide)', 8, { big: -1234567890123n, small: 44 });
    expect(plain([bag['i'], bag['w']])).toEqual([8, { big: '-1234567890123n', small: 44 }]);
    call('void take_five(five)', { v: [1, 2, 3, 4, 5] });
    expect(plain(bag['v'])).toEqual({ v: [1, 2, 3, 4, 5] });
    call('void take_odd(mixed, either, nested)', { x: 1.5, n: -2 }, { i: 77 }, { a: { x: 1, y: 2 }, b: [3] });
    expect(plain([bag['m'], bag['n']])).toEqual([
      { x: 1.5, n: -2 },
      { a: { x: 1, y: 2 }, b: [3] },
    ]);
    expect(plain(bag['e'])).toMatchObject({ i: 77 });
    expect(call('int sum_two(pair, pair)', { x: 1, y: 2 }, { x: 3, y: 4 })).toBe(4321);
  });

  it('of floats are passed to compiled functions', () => {
    const { bag, call } = load(name);
    call('void take_vecs(vec2, int, vec4)', { x: 1, y: 2 }, 6, { x: 3, y: 4, z: 5, w: 6 });
    expect(plain([bag['v2'], bag['i'], bag['v4']])).toEqual([{ x: 1, y: 2 }, 6, { x: 3, y: 4, z: 5, w: 6 }]);
    call('void take_complex(float, complex)', 0.25, { re: 1.5, im: -2.5 });
    expect(plain([bag['f'], bag['z']])).toEqual([0.25, { re: 1.5, im: -2.5 }]);
  });

  it('are results of compiled functions', () => {
    const { bag, call } = load(name);
    const values: Record<string, unknown> = {
      one: { c: 200 },
      three: { a: 4, b: 5, c: 6 },
      four: { x: -1, y: 3 },
      wide: { big: 0x1234_5678_9abcn, small: -5 },
      vec2: { x: 0.5, y: -0.5 },
      vec4: { x: 1, y: 2, z: 3, w: 4 },
      complex: { re: 0.1, im: 0.2 },
      mixed: { x: 2.5, n: 9 },
      nested: { a: { x: 7, y: 8 }, b: [9] },
    };
    const fields = {
      one: 'o',
      three: 't3',
      four: 'f4',
      wide: 'w',
      vec2: 'v2',
      vec4: 'v4',
      complex: 'z',
      mixed: 'm',
      nested: 'n',
    };
    for (const [type, field] of Object.entries(fields)) {
      const { board, address } = load(name);
      const struct = board.struct(address('bag'), 'struct bag');
      Object.assign(struct[field] as object, values[type]);
      const result = board.call(address(`give_${type}`), `${type} give_${type}(void)`);
      expect([type, plain(result.returnValue)]).toEqual([type, plain(values[type])]);
    }
    Object.assign(bag['p'] as object, { x: 1, y: 2 });
    Object.assign(bag['t'] as object, { x: 3, y: 4, z: 5 });
    Object.assign(bag['v'] as object, { v: [1, 2, 3, 4, 5] });
    expect(call('pair give_pair(int)', 10)).toEqual({ x: 11, y: 2 });
    expect(call('triple give_triple(int)', 20)).toEqual({ x: 3, y: 4, z: 25 });
    expect(call('five give_five(int, int)', 30, 40)).toEqual({ v: [31, 2, 3, 4, 45] });
  });

  it('come to host functions and go back from them', () => {
    const { board, bag, call, address } = load(name);
    const seen: unknown[] = [];
    const definitions: [string, (...args: never[]) => unknown][] = [
      ['pair h0(pair p, int n)', (p: { x: number; y: number }, n: number) => ({ x: p.y + n, y: p.x })],
      ['triple h1(int n, triple t)', (n: number, t: { x: number; y: number; z: number }) => ({ x: t.z, y: n, z: t.x })],
      ['vec4 h2(vec4 v)', (v: Record<'x' | 'y' | 'z' | 'w', number>) => ({ x: v.w, y: v.z, z: v.y, w: v.x })],
      [
        'wide h3(int n, wide w)',
        (n: number, w: { big: bigint; small: number }) => ({ big: w.big * 2n, small: w.small + n }),
      ],
      ['three h4(three t)', (t: Record<'a' | 'b' | 'c', number>) => ({ a: t.c, b: t.a, c: t.b })],
      ['five h5(five f)', (f: { v: number[] }) => ({ v: [...f.v].reverse() })],
    ];
    definitions.forEach(([prototype, implementation], index) => {
      const pointer = board.host(prototype, (...args: never[]) => {
        seen.push(args[0]);
        return implementation(...args);
      });
      board.memory.write32(address('hosts') + 4 * index, pointer);
    });
    Object.assign(bag['p'] as object, { x: 1, y: 2 });
    call('void call_pair(void)');
    expect(plain(bag['p'])).toEqual({ x: 7, y: 1 });
    Object.assign(bag['t'] as object, { x: 3, y: 4, z: 5 });
    call('void call_triple(void)');
    expect(plain(bag['t'])).toEqual({ x: 5, y: 7, z: 3 });
    Object.assign(bag['v4'] as object, { x: 1, y: 2, z: 3, w: 4 });
    call('void call_vec4(void)');
    expect(plain(bag['v4'])).toEqual({ x: 4, y: 3, z: 2, w: 1 });
    Object.assign(bag['w'] as object, { big: 5_000_000_000n, small: 1 });
    call('void call_wide(void)');
    expect(plain(bag['w'])).toEqual({ big: '10000000000n', small: 4 });
    Object.assign(bag['t3'] as object, { a: 1, b: 2, c: 3 });
    call('void call_three(void)');
    expect(plain(bag['t3'])).toEqual({ a: 3, b: 1, c: 2 });
    Object.assign(bag['v'] as object, { v: [1, 2, 3, 4, 5] });
    call('void call_five(void)');
    expect(plain(bag['v'])).toEqual({ v: [5, 4, 3, 2, 1] });
    expect(seen).toHaveLength(6);
  });

  it('go on on the stack', () => {
    const { board, bag, call, address } = load(name);
    call('void take_many(int, five, int, pair, int)', 1, { v: [2, 3, 4, 5, 6] }, 7, { x: 8, y: 9 }, 10);
    expect(plain([bag['i'], bag['v'], bag['j'], bag['p'], bag['k']])).toEqual([
      1,
      { v: [2, 3, 4, 5, 6] },
      7,
      { x: 8, y: 9 },
      10,
    ]);
    call('void take_stack(int, int, int, wide, int)', 1, 2, 3, { big: -7n, small: 8 }, 9);
    expect(plain([bag['i'], bag['j'], bag['w'], bag['k']])).toEqual([1, 2, { big: '-7n', small: 8 }, 12]);
    expect(call('int sum_ten(ten, int)', { v: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, 1000)).toBe(1385);
    const vec4 = (x: number): unknown => ({ x, y: x + 1, z: x + 2, w: x + 3 });
    call(
      'void take_floats(vec4, vec4, vec4, vec2, vec4, float)',
      vec4(1),
      vec4(11),
      vec4(21),
      { x: 31, y: 32 },
      vec4(41),
      51,
    );
    expect(plain([bag['v4'], bag['v2'], bag['f'], bag['n']])).toEqual([
      { x: 41, y: 42, z: 43, w: 44 },
      { x: 31, y: 32 },
      51,
      { a: { x: 1, y: 12 }, b: [24] },
    ]);
    const many = board.host(
      'five h6(int a, five v, int b, pair p, int c)',
      (a: number, v: { v: number[] }, b: number, p: { x: number; y: number }, c: number) => ({
        v: [a, b, c, p.x + p.y, v.v[4]],
      }),
    );
    board.memory.write32(address('hosts') + 24, many);
    Object.assign(bag['v'] as object, { v: [1, 2, 3, 4, 5] });
    Object.assign(bag['p'] as object, { x: 40, y: 2 });
    call('void call_many(void)');
    expect(plain(bag['v'])).toEqual({ v: [1, 2, 3, 42, 5] });
  });

  it('are refused without definition, and with values that do not fit', () => {
    const { board, address } = load(name);
    const take =
      (prototype: string, ...args: unknown[]) =>
      () =>
        board.call(address('take_five'), prototype, args);
    expect(take('void f(struct unknown)', {})).toThrow('struct unknown has no known size');
    expect(take('struct unknown f(void)')).toThrow('struct unknown has no known size');
    expect(take('void f(pair)', { z: 1 })).toThrow('has no field z');
    expect(take('void f(pair)', 5)).toThrow(HostError);
    expect(() => board.types.declare('struct tight { char a; int b; } __attribute__((packed));')).toThrow(
      'the attribute packed is not supported',
    );
  });
});

// No compiler here passes structs to windowed functions as ESP-IDF's GCC does; a struct in registers is the same as its words.
describe('xtensa-windowed: structs by value', () => {
  it('lie in the registers of their words', () => {
    const { board, address } = loadImage('xtensa-windowed');
    board.types.declare(TYPES);
    const add = board.host('int add(pair p)', ({ x, y }: { x: number; y: number }) => x + 2 * y);
    board.memory.write32(address('api') + 4, add);
    // int add_three(int a, int b, int c) { return api.add(api.add(a, b), c); }
    expect(board.call(address('add_three'), 'int f(triple)', [{ x: 1, y: 10, z: 100 }]).returnValue).toBe(221);
    expect(board.call(address('add_three'), 'int f(int, pair)', [1, { x: 10, y: 100 }]).returnValue).toBe(221);
    expect(board.call(address('add_three'), 'one f(pair, int)', [{ x: 1, y: 10 }, 100]).returnValue).toEqual({
      c: 221,
    });
  });
});

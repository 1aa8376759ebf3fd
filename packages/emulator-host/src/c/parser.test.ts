import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostError } from '../error.js';
import { typeText } from './c-type.js';
import { sizeOf } from './layout.js';
import { parseDeclaration, parsePrototype, parseType, TypeScope } from './parser.js';

/** Declaration, and how the parsed type prints. */
const texts: [string, string][] = [
  ['int f_e_a(int a)', 'int f_e_a(int a)'],
  ['void taskFunction(const char *input, char *output)', 'void taskFunction(const char *input, char *output)'],
  ['void (const char *input, char *output)', 'void (const char *input, char *output)'],
  ['void f(void)', 'void f(void)'],
  ['void f()', 'void f(void)'],
  ['unsigned long long int f(long unsigned x, short y)', 'unsigned long long int f(long unsigned x, short y)'],
  ['int printf(const char *format, ...);', 'int printf(const char *format, ...)'],
  [
    'void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))',
    'void qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))',
  ],
  ['void (*signal(int sig, void (*func)(int)))(int)', 'void (*signal(int sig, void (*func)(int)))(int)'],
  ['char *const *argv', 'char *const *argv'],
  ['int (*table[4])(uint8_t, float)', 'int (*table[4])(uint8_t, float)'],
  ['int matrix[2][3]', 'int matrix[2][3]'],
  ['int (*row)[3]', 'int (*row)[3]'],
  ['int f(int values[], char text[16])', 'int f(int *values, char *text)'],
  ['int f(int callback(int))', 'int f(int (*callback)(int))'],
  ['extern volatile uint32_t flags', 'uint32_t flags'],
  ['static inline bool ready(void) __attribute__((noinline))', 'bool ready(void)'],
  ['double f(struct point *p, const union u *q)', 'double f(struct point *p, const union u *q)'],
  ['signed char c', 'signed char c'],
  ['int/* a */ f(int // b\n)', 'int f(int)'],
];

describe('parseDeclaration', () => {
  it.each(texts)('%s', (text, expected) => {
    const { name, type } = parseDeclaration(text);
    expect(typeText(type, name)).toBe(expected);
  });

  it.each([
    ['int f(int a', 11, '")" or ","'],
    ['foo f(void)', 0, 'unknown type name "foo"'],
    ['int f(void, int)', 6, 'void'],
    ['short long x', 11, 'is no type'],
    ['int x y', 6, 'unexpected "y"'],
    ['int f(int)[3]', 13, 'cannot return'],
    ['int @', 4, 'unexpected "@"'],
    ['', 0, 'a type is expected'],
    ['int a[99999999999]', 6, 'too large'],
    ['int f(..., int)', 9, '")" is expected'],
  ])('refuses %j at character %i', (text, offset, message) => {
    const error = thrown(() => parseDeclaration(text));
    expect(error.code).toBe('PROTOTYPE');
    if (!message.includes('or')) expect(error.message).toContain(message);
    expect(error.data['offset']).toBe(offset);
  });

  it('never fails otherwise than with a typed error', () => {
    const words = [
      'int',
      'void',
      '(',
      ')',
      '*',
      ',',
      '[',
      ']',
      '3',
      'f',
      'const',
      'struct',
      '{',
      '}',
      ';',
      '...',
      'unsigned',
      'long',
      ':',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (tokens) => {
        try {
          parseDeclaration(tokens.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(HostError);
        }
      }),
    );
  });

  it('stops at 64 levels of nesting', () => {
    expect(thrown(() => parseDeclaration(`int ${'('.repeat(100)}x${')'.repeat(100)}`)).code).toBe('PROTOTYPE');
  });

  it('tells functions from types', () => {
    expect(parsePrototype('int (int)').name).toBe('');
    expect(() => parsePrototype('int x')).toThrow('does not declare a function');
    expect(typeText(parseType('const char *'))).toBe('const char *');
    expect(() => parseType('int x')).toThrow('a type alone is wanted');
  });

  it('parses back what it prints', () => {
    for (const [text] of texts) {
      const { name, type } = parseDeclaration(text);
      const again = parseDeclaration(typeText(type, name));
      expect(typeText(again.type, again.name)).toBe(typeText(type, name));
    }
  });
});

describe('TypeScope', () => {
  it('lays structs out as arm-none-eabi-gcc does', () => {
    const scope = new TypeScope();
    scope.declare(`
      typedef struct point { char tag; int x; short y; long long z; } point_t;
      struct flags { uint8_t type : 2; uint8_t refs : 6; unsigned wide : 20; unsigned more : 20; };
      typedef enum { A, B = 3 } kind_t;
      union either { double d; char text[12]; };
      struct b1 { unsigned a : 3; int : 0; unsigned b : 4; char c; unsigned d : 30; };
      struct b2 { char c; unsigned a : 20; unsigned b : 12; unsigned short s : 9; unsigned short t : 9; long long w : 40; };
      typedef struct node { struct node *next; kind_t kind; union either value; } node_t;
    `);
    // offsetof/sizeof printed by arm-none-eabi-gcc 12.2 for the same text
    expect(fields(scope, 'point_t')).toEqual({ tag: 0, x: 4, y: 8, z: 16, size: 24 });
    expect(fields(scope, 'node_t')).toEqual({ next: 0, kind: 4, value: 8, size: 24 });
    expect(fields(scope, 'struct b1')).toMatchObject({ c: 5, size: 12 });
    expect(sizeOf(parseType('struct b2', scope))).toBe(16);
    expect(sizeOf(parseType('union either', scope))).toBe(16);
    expect(sizeOf(parseType('struct flags', scope))).toBe(8);
  });

  it('knows a struct by a pointer before its definition', () => {
    const scope = new TypeScope();
    const { type } = parsePrototype('int f(const struct later *p)', scope);
    scope.declare('struct later { int a[4]; };');
    const pointer = type.parameters[0].type;
    expect(pointer.kind === 'pointer' && sizeOf(pointer.to)).toBe(16);
  });

  it('refuses sizes of what is only declared', () => {
    expect(thrown(() => sizeOf(parseType('struct nothing'))).code).toBe('UNSUPPORTED');
    expect(thrown(() => new TypeScope().declare('int x;')).code).toBe('PROTOTYPE');
  });
});

function fields(scope: TypeScope, name: string): Record<string, number> {
  const type = parseType(name, scope);
  if (type.kind !== 'struct' || !type.definition.layout) throw new Error(`${name} is no struct`);
  const { fields: list, size } = type.definition.layout;
  return Object.fromEntries([...list.map((field) => [field.name, field.offset]), ['size', size]]);
}

function thrown(run: () => unknown): HostError {
  try {
    run();
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

import type { CType, IntegerType } from './c-type.js';

function integer(name: string, size: 1 | 2 | 4 | 8, signed: boolean): IntegerType {
  return { kind: 'integer', name, size, signed };
}

const fixed: [string, 1 | 2 | 4 | 8, boolean][] = [
  ['int8_t', 1, true],
  ['int16_t', 2, true],
  ['int32_t', 4, true],
  ['int64_t', 8, true],
  ['uint8_t', 1, false],
  ['uint16_t', 2, false],
  ['uint32_t', 4, false],
  ['uint64_t', 8, false],
  ['intptr_t', 4, true],
  ['uintptr_t', 4, false],
  ['size_t', 4, false],
  ['ssize_t', 4, true],
  ['ptrdiff_t', 4, true],
  ['off_t', 4, true],
  ['wchar_t', 4, false],
  ['wint_t', 4, false],
  ['char16_t', 2, false],
  ['char32_t', 4, false],
  ['uint', 4, false],
  ['ulong', 4, false],
  ['ushort', 2, false],
  ['intmax_t', 8, true],
  ['uintmax_t', 8, false],
];

/** Type names known without a declaration: stdint.h, stddef.h, stdbool.h. */
export const STANDARD_TYPES: ReadonlyMap<string, CType> = new Map<string, CType>([
  ...fixed.map(([name, size, signed]): [string, CType] => [name, integer(name, size, signed)]),
  ['bool', { kind: 'integer', name: 'bool', size: 1, signed: false, boolean: true }],
  ['_Bool', { kind: 'integer', name: '_Bool', size: 1, signed: false, boolean: true }],
  ['va_list', { kind: 'pointer', to: { kind: 'void' } }],
]);

/**
 * The type of a list of C keywords, in any order (`long unsigned int`), or undefined when they make none. Plain `char` is
 * unsigned on both ARM (AAPCS32 section 8.1) and the ESP32's Xtensa compiler.
 */
export function keywordType(words: readonly string[]): CType | undefined {
  const count = new Map<string, number>();
  for (const word of words) count.set(word, (count.get(word) ?? 0) + 1);
  const take = (word: string): number => {
    const times = count.get(word) ?? 0;
    count.delete(word);
    return times;
  };
  const unsigned = take('unsigned');
  const signed = take('signed') + take('__signed__') + take('__signed');
  const long = take('long');
  const short = take('short');
  const int = take('int');
  const rest = [...count.entries()];
  if (unsigned + signed > 1 || int > 1 || short > 1 || long > 2 || rest.length > 1) return undefined;
  const name = words.join(' ');
  const isSigned = unsigned === 0;
  if (rest.length === 1) {
    const [word, times] = rest[0];
    const plain = unsigned + signed + short + int === 0;
    if (times !== 1) return undefined;
    if (word === 'char')
      return long + short + int > 0 ? undefined : { ...integer(name, 1, signed === 1), character: true };
    if (word === 'void') return plain && long === 0 ? { kind: 'void' } : undefined;
    if (word === 'float') return plain && long === 0 ? { kind: 'float', name, size: 4 } : undefined;
    if (word === 'double') return plain && long <= 1 ? { kind: 'float', name, size: 8 } : undefined;
    return undefined;
  }
  if (short > 0) return long > 0 ? undefined : integer(name, 2, isSigned);
  if (long === 2) return integer(name, 8, isSigned);
  if (long === 1 || int === 1 || unsigned + signed === 1) return integer(name, 4, isSigned);
  return undefined;
}

export const TYPE_KEYWORDS: ReadonlySet<string> = new Set([
  'unsigned',
  'signed',
  '__signed__',
  '__signed',
  'long',
  'short',
  'int',
  'char',
  'void',
  'float',
  'double',
]);

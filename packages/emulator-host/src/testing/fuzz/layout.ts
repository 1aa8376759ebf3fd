import type { Region } from '@loadstone/cpu-core';
import type { BoardDescription } from '../../board/description.js';
import { MALLOC_CAP_8BIT, MALLOC_CAP_32BIT, MALLOC_CAP_DEFAULT, MALLOC_CAP_EXEC } from '../../heap/caps.js';
import { HeapCaps } from '../../heap/heap-caps.js';
import { TosMmheap } from '../../heap/tos-mmheap.js';
import type { Random } from './random.js';

/** Where random programs live: small regions, some side by side, so that accesses cross borders. All in one quarter of the address space. */
export const CODE = 0x4010_0000;
export const CODE_SIZE = 0x2000;
export const DATA = 0x4020_0000;
export const DATA_SIZE = 0x2000;
export const DEVICE = 0x4030_0000;
const WORDS = DATA + DATA_SIZE;
const HEAP = 0x4040_0000;
const POOL = HEAP + 0x1000;
const POOL_SIZE = 0x3000;
const STACK = 0x4050_0000;
const STACK_SIZE = 0x1000;
const FUNCTIONS = 0x4060_0000;
const CONSTANTS = 0x4070_0000;
const VARIABLES = 0x4080_0000;

const CAPABILITIES = [MALLOC_CAP_DEFAULT | MALLOC_CAP_8BIT, MALLOC_CAP_32BIT | MALLOC_CAP_EXEC, 0] as const;

const regions: readonly Region[] = [
  { name: 'code', start: CODE, size: CODE_SIZE, kind: 'ram', executable: true },
  { name: 'rom', start: CODE + CODE_SIZE, size: 0x400, kind: 'rom', executable: true },
  { name: 'data', start: DATA, size: DATA_SIZE, kind: 'ram', executable: false },
  { name: 'words', start: WORDS, size: 0x400, kind: 'ram', executable: true, widths: 4, alignedOnly: true },
  { name: 'heap', start: HEAP, size: 0x4000, kind: 'ram', executable: false },
  { name: 'stack', start: STACK, size: STACK_SIZE, kind: 'ram', executable: false },
  { name: 'constants', start: CONSTANTS, size: 0x1000, kind: 'rom', executable: false },
  { name: 'variables', start: VARIABLES, size: 0x100, kind: 'ram', executable: false },
];

/** A board of these regions. */
export function fuzzBoard(abi: BoardDescription['abi']): BoardDescription {
  return {
    name: 'fuzz',
    regions,
    abi,
    stack: { start: STACK, size: STACK_SIZE },
    data: { start: VARIABLES, size: 0x100 },
    constants: { start: CONSTANTS, size: 0x1000 },
    functions: { firmware: FUNCTIONS, size: 0x1000 },
    heap: (memory) =>
      abi.startsWith('xtensa')
        ? new HeapCaps(memory, { regions: [{ name: 'heap', start: HEAP, size: 0x4000, capabilities: CAPABILITIES }] })
        : new TosMmheap(memory, { control: HEAP, pool: { start: POOL, size: POOL_SIZE } }),
  };
}

const BORDERS = [
  0,
  CODE,
  CODE + CODE_SIZE,
  CODE + CODE_SIZE + 0x400,
  DATA,
  WORDS,
  WORDS + 0x400,
  DEVICE,
  DEVICE + 0x100,
  HEAP,
  POOL,
  POOL + POOL_SIZE,
  STACK,
  STACK + STACK_SIZE,
  FUNCTIONS,
  CONSTANTS,
  CONSTANTS + 0x1000,
];

/** An address worth an access: mostly inside data, often around a border, seldom anywhere. */
export function wildAddress(random: Random): number {
  return (
    random.weighted<() => number>([
      [10, () => DATA + random.below(DATA_SIZE)],
      [6, () => DATA + 4 * random.below(DATA_SIZE / 4)],
      [4, () => random.pick(BORDERS) - 8 + random.below(17)],
      [2, () => STACK + random.below(STACK_SIZE)],
      [2, () => POOL + random.below(POOL_SIZE)],
      [2, () => DEVICE + random.below(0x100)],
      [1, () => WORDS + 4 * random.below(0x100)],
      [1, () => CODE + random.below(CODE_SIZE)],
      [1, () => random.bits()],
    ])() >>> 0
  );
}

/** An argument for a host function: pointers, strings, lengths good and bad. */
export function wildArgument(random: Random): number {
  return (
    random.weighted<() => number>([
      [6, () => wildAddress(random)],
      [6, () => STRINGS + 64 * random.below(STRING_COUNT)],
      [6, () => random.below(64)],
      [2, () => random.below(0x4000)],
      [1, () => random.pick([0xffff_ffff, 0x7fff_ffff, 0x8000_0000, 0x1000_0000, 0x0100_0000, 0xffff_fff0])],
      [1, () => random.bits()],
    ])() >>> 0
  );
}

/** Strings and printf formats in the data, 64 bytes apart. */
export const STRINGS = DATA + 0x1000;
const TEXTS = [
  '%d %u %x\n',
  '%s',
  '%s %s',
  '%n',
  '%65536d',
  '%.65536f %.9999e',
  '%*.*lld|%-*d',
  '%c%c%c %p',
  '%hhd %hd %lld %zu %jd',
  '%g %a %G %A',
  '%1$d %y %',
  '%.0s%.*s',
  '12345',
  '-0x7fffffffffffffffff',
  'a long line without anything to convert in it, as firmware prints',
  '\u00ff\u00fe%\u0080',
];
export const STRING_COUNT = TEXTS.length;

/** Fills data with random words, small numbers, addresses and the strings. */
export function fillData(random: Random): Uint8Array {
  const words = new Uint32Array(DATA_SIZE / 4);
  for (let index = 0; index < words.length; index += 1) {
    words[index] = random.weighted<() => number>([
      [3, () => random.below(256)],
      [2, () => wildAddress(random)],
      [2, () => random.bits()],
    ])();
  }
  const bytes = new Uint8Array(words.buffer);
  TEXTS.forEach((text, index) => {
    const start = STRINGS - DATA + 64 * index;
    for (let at = 0; at <= text.length && at < 64; at += 1) bytes[start + at] = text.charCodeAt(at) & 0xff;
    if (text.length > 62) bytes[start + 63] = 0;
  });
  return bytes;
}

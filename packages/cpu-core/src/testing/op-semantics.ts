import { Cc, Op } from '../ir.js';

/**
 * What the value micro-ops mean, written with big integers and without a look at the engines: the oracle of the engine tests.
 * Operands and results are unsigned 32-bit numbers.
 */
export type Meaning = (a: number, b: number, c: number) => number;

const MOD = 1n << 32n;
const u = (x: bigint): number => Number(((x % MOD) + MOD) % MOD);
const s = (x: number): bigint => (x >= 2 ** 31 ? BigInt(x) - MOD : BigInt(x));
const n = BigInt;
const bits = (x: number): string => x.toString(2).padStart(32, '0');
const fromBits = (text: string): number => Number.parseInt(text, 2);
const bytes = (x: number): string[] => x.toString(16).padStart(8, '0').match(/../g) ?? [];
const fromBytes = (list: string[]): number => Number.parseInt(list.join(''), 16);
const extend = (x: bigint, width: bigint): number => u(x >= 1n << (width - 1n) ? x - (1n << width) : x);

export const meanings: { readonly [op: number]: Meaning } = {
  [Op.Mov]: (a) => a,
  [Op.Add]: (a, b) => u(n(a) + n(b)),
  [Op.Sub]: (a, b) => u(n(a) - n(b)),
  [Op.And]: (a, b) => u(n(a) & n(b)),
  [Op.Or]: (a, b) => u(n(a) | n(b)),
  [Op.Xor]: (a, b) => u(n(a) ^ n(b)),
  [Op.AndNot]: (a, b) => u(n(a) & (MOD - 1n - n(b))),
  [Op.Shl]: (a, b) => u(n(a) << (n(b) & 31n)),
  [Op.Shr]: (a, b) => u(n(a) >> (n(b) & 31n)),
  [Op.Sar]: (a, b) => u(s(a) >> (n(b) & 31n)),
  [Op.Ror]: (a, b) => {
    const text = bits(a);
    const by = 32 - (b % 32);
    return fromBits(text.slice(by) + text.slice(0, by));
  },
  [Op.ShlWide]: (a, b) => u(n(a) << (n(b) & 255n)),
  [Op.ShrWide]: (a, b) => u(n(a) >> (n(b) & 255n)),
  [Op.SarWide]: (a, b) => u(s(a) >> (n(b) & 255n)),
  [Op.Funnel]: (a, b, c) => u(((n(a) << 32n) | n(b)) >> (n(c) & 63n)),
  [Op.Mul]: (a, b) => u(n(a) * n(b)),
  [Op.MulHighS]: (a, b) => u((s(a) * s(b)) >> 32n),
  [Op.MulHighU]: (a, b) => u((n(a) * n(b)) >> 32n),
  [Op.DivS]: (a, b) => (b === 0 ? 0 : u(s(a) / s(b))),
  [Op.DivU]: (a, b) => (b === 0 ? 0 : u(n(a) / n(b))),
  [Op.RemS]: (a, b) => (b === 0 ? a : u(s(a) % s(b))),
  [Op.RemU]: (a, b) => (b === 0 ? a : u(n(a) % n(b))),
  [Op.MinS]: (a, b) => (s(a) < s(b) ? a : b),
  [Op.MaxS]: (a, b) => (s(a) > s(b) ? a : b),
  [Op.MinU]: (a, b) => Math.min(a, b),
  [Op.MaxU]: (a, b) => Math.max(a, b),
  [Op.Clz]: (a) => (a === 0 ? 32 : bits(a).indexOf('1')),
  [Op.ReverseBits]: (a) => fromBits([...bits(a)].reverse().join('')),
  [Op.ReverseBytes]: (a) => fromBytes(bytes(a).reverse()),
  [Op.ReverseBytes16]: (a) => {
    const [b3, b2, b1, b0] = bytes(a);
    return fromBytes([b2, b3, b0, b1]);
  },
  [Op.SignExtend8]: (a) => extend(n(a) & 0xffn, 8n),
  [Op.SignExtend16]: (a) => extend(n(a) & 0xffffn, 16n),
  [Op.ZeroExtend8]: (a) => a % 256,
  [Op.ZeroExtend16]: (a) => a % 65536,
  [Op.Select]: (a, b, c) => (c !== 0 ? a : b),
};

/** Operands each op reads. */
export const operandCount: { readonly [op: number]: 1 | 2 | 3 } = {
  [Op.Mov]: 1,
  [Op.Clz]: 1,
  [Op.ReverseBits]: 1,
  [Op.ReverseBytes]: 1,
  [Op.ReverseBytes16]: 1,
  [Op.SignExtend8]: 1,
  [Op.SignExtend16]: 1,
  [Op.ZeroExtend8]: 1,
  [Op.ZeroExtend16]: 1,
  [Op.Funnel]: 3,
  [Op.Select]: 3,
};

export const conditions: { readonly [cc: number]: (a: number, b: number) => boolean } = {
  [Cc.Eq]: (a, b) => a === b,
  [Cc.Ne]: (a, b) => a !== b,
  [Cc.LtS]: (a, b) => s(a) < s(b),
  [Cc.GeS]: (a, b) => s(a) >= s(b),
  [Cc.LtU]: (a, b) => a < b,
  [Cc.GeU]: (a, b) => a >= b,
  [Cc.LeS]: (a, b) => s(a) <= s(b),
  [Cc.GtS]: (a, b) => s(a) > s(b),
  [Cc.LeU]: (a, b) => a <= b,
  [Cc.GtU]: (a, b) => a > b,
};

/** NZCV as four bits of 8, 4, 2, 1 of a + b + carry. A subtraction adds the complement (ARM ARM, AddWithCarry). */
export function addWithCarry(a: number, b: number, carry: number): number {
  const unsigned = n(a) + n(b) + n(carry);
  const signed = s(a) + s(b) + n(carry);
  const result = u(unsigned);
  return (
    (result >= 2 ** 31 ? 8 : 0) + (result === 0 ? 4 : 0) + (unsigned >= MOD ? 2 : 0) + (signed !== s(result) ? 1 : 0)
  );
}

/** Whether flag condition `condition` (order of the ARM condition field) holds for NZCV bits (ARM ARM A7.3, table A7-1). */
export function flagsHold(condition: number, nzcv: number): boolean {
  const [N, Z, C, V] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0);
  const base = [Z, C, N, V, C && !Z, N === V, N === V && !Z][condition >> 1];
  return (condition & 1) === 0 ? base : !base;
}

/** Values that reach the edges of the ops. */
export const edgeValues: readonly number[] = [
  0, 1, 2, 7, 31, 32, 33, 63, 0xff, 0x100, 0x1234_5678, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xdead_beef, 0xffff_fffe,
  0xffff_ffff,
];

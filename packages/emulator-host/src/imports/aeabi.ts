import { type HostFunction, host } from '../host/symbol.js';

/*
 * The arithmetic helpers of the run-time ABI for Arm (RTABI32 sections 4.1 to 4.3), which compilers call for soft floats, 64-bit
 * integers and division. Floats travel as their bits in core registers: the helpers keep the base standard on hard-float boards too
 * (section 4.1.2). Where the ABI leaves a result open (division by 0, floats no integer can hold) libgcc's answer is given.
 * The helpers that answer in the CPU's flags (cdcmp*, cfcmp*) are not offered: compilers do not call them.
 */

const view = new DataView(new ArrayBuffer(8));

function single(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

function singleBits(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function double(bits: bigint): number {
  view.setBigUint64(0, BigInt.asUintN(64, bits));
  return view.getFloat64(0);
}

function doubleBits(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

type Binary = (a: number, b: number) => number;
const ARITHMETIC: Readonly<Record<string, Binary>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  rsub: (a, b) => b - a,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};
const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  cmpeq: (a, b) => a === b,
  cmplt: (a, b) => a < b,
  cmple: (a, b) => a <= b,
  cmpge: (a, b) => a >= b,
  cmpgt: (a, b) => a > b,
  cmpun: (a, b) => Number.isNaN(a) || Number.isNaN(b),
};

/** A float as an integer of [low, high], rounded towards 0; the nearest bound outside of it, 0 for no number. */
function saturated(value: number, low: number, high: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), low), high);
}

/** libgcc's __fixunsdfdi: 2^64 - 1 for what is larger, 0 for negative numbers. */
function unsigned64(value: number): bigint {
  if (!(value >= 1)) return 0n;
  return value >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(Math.trunc(value));
}

/** libgcc's __fixdfdi: the magnitude as an unsigned number, then its sign. */
function signed64(value: number): bigint {
  return BigInt.asIntN(64, value < 0 ? -unsigned64(-value) : unsigned64(value));
}

/** A 64-bit integer as the bits of the nearest float: BigInt's conversion to a double would round twice. */
function singleOfInteger(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const extra = BigInt(Math.max(0, magnitude.toString(2).length - 32));
  // A sticky bit below 32 bits keeps the rounding to 24 bits right.
  const sticky = magnitude & ((1n << extra) - 1n) ? 1n : 0n;
  const rounded = Number((magnitude >> extra) | sticky) * 2 ** Number(extra);
  return singleBits(value < 0n ? -rounded : rounded);
}

function divide32(a: number, b: number, signed: boolean): number {
  if (b !== 0) return Math.trunc(a / b);
  if (a === 0) return 0;
  if (!signed) return 0xffff_ffff;
  return a > 0 ? 0x7fff_ffff : -0x8000_0000;
}

function divide64(a: bigint, b: bigint, signed: boolean): bigint {
  if (b !== 0n) return a / b;
  if (a === 0n) return 0n;
  if (!signed) return 2n ** 64n - 1n;
  return a > 0n ? 2n ** 63n - 1n : -(2n ** 63n);
}

/** Quotient in the first result register, remainder in the second. */
function both32(quotient: number, remainder: number): bigint {
  return (BigInt(remainder >>> 0) << 32n) | BigInt(quotient >>> 0);
}

function integerHelpers(): HostFunction[] {
  const remainder = (a: number, b: number): number => (b === 0 ? 0 : a % b);
  const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  const inRegisters = { resultInRegisters: true };
  return [
    host('int __aeabi_idiv(int a, int b)', (a: number, b: number) => divide32(a, b, true) | 0),
    host('unsigned __aeabi_uidiv(unsigned a, unsigned b)', (a: number, b: number) => divide32(a, b, false)),
    host('unsigned long long __aeabi_idivmod(int a, int b)', (a: number, b: number) =>
      both32(divide32(a, b, true), remainder(a, b)),
    ),
    host('unsigned long long __aeabi_uidivmod(unsigned a, unsigned b)', (a: number, b: number) =>
      both32(divide32(a, b, false), remainder(a, b)),
    ),
    host(
      'struct { long long q, r; } __aeabi_ldivmod(long long a, long long b)',
      (a: bigint, b: bigint) => ({ q: BigInt.asIntN(64, divide64(a, b, true)), r: b === 0n ? 0n : a % b }),
      inRegisters,
    ),
    host(
      'struct { unsigned long long q, r; } __aeabi_uldivmod(unsigned long long a, unsigned long long b)',
      (a: bigint, b: bigint) => ({ q: divide64(a, b, false), r: b === 0n ? 0n : a % b }),
      inRegisters,
    ),
    host('long long __aeabi_lmul(long long a, long long b)', (a: bigint, b: bigint) => BigInt.asIntN(64, a * b)),
    host('long long __aeabi_llsl(long long a, int n)', (a: bigint, n: number) =>
      BigInt.asIntN(64, a << BigInt(n & 255)),
    ),
    host(
      'unsigned long long __aeabi_llsr(unsigned long long a, int n)',
      (a: bigint, n: number) => a >> BigInt(n & 255),
    ),
    host('long long __aeabi_lasr(long long a, int n)', (a: bigint, n: number) => a >> BigInt(n & 255)),
    host('int __aeabi_lcmp(long long a, long long b)', order),
    host('int __aeabi_ulcmp(unsigned long long a, unsigned long long b)', order),
  ];
}

function floatHelpers(): HostFunction[] {
  const arithmetic = Object.entries(ARITHMETIC).flatMap(([name, operation]) => [
    host(`uint32_t __aeabi_f${name}(uint32_t a, uint32_t b)`, (a: number, b: number) =>
      singleBits(operation(single(a), single(b))),
    ),
    host(`uint64_t __aeabi_d${name}(uint64_t a, uint64_t b)`, (a: bigint, b: bigint) =>
      doubleBits(operation(double(a), double(b))),
    ),
  ]);
  const comparisons = Object.entries(COMPARISONS).flatMap(([name, holds]) => [
    host(`int __aeabi_f${name}(uint32_t a, uint32_t b)`, (a: number, b: number) => Number(holds(single(a), single(b)))),
    host(`int __aeabi_d${name}(uint64_t a, uint64_t b)`, (a: bigint, b: bigint) => Number(holds(double(a), double(b)))),
  ]);
  return [...arithmetic, ...comparisons];
}

function conversionHelpers(): HostFunction[] {
  const int = (value: number): number => saturated(value, -0x8000_0000, 0x7fff_ffff);
  const unsigned = (value: number): number => saturated(value, 0, 0xffff_ffff);
  return [
    host('uint64_t __aeabi_f2d(uint32_t a)', (a: number) => doubleBits(single(a))),
    host('uint32_t __aeabi_d2f(uint64_t a)', (a: bigint) => singleBits(double(a))),
    host('int __aeabi_f2iz(uint32_t a)', (a: number) => int(single(a))),
    host('unsigned __aeabi_f2uiz(uint32_t a)', (a: number) => unsigned(single(a))),
    host('long long __aeabi_f2lz(uint32_t a)', (a: number) => signed64(single(a))),
    host('uint64_t __aeabi_f2ulz(uint32_t a)', (a: number) => unsigned64(single(a))),
    host('int __aeabi_d2iz(uint64_t a)', (a: bigint) => int(double(a))),
    host('unsigned __aeabi_d2uiz(uint64_t a)', (a: bigint) => unsigned(double(a))),
    host('long long __aeabi_d2lz(uint64_t a)', (a: bigint) => signed64(double(a))),
    host('uint64_t __aeabi_d2ulz(uint64_t a)', (a: bigint) => unsigned64(double(a))),
    host('uint32_t __aeabi_i2f(int a)', singleBits),
    host('uint32_t __aeabi_ui2f(unsigned a)', singleBits),
    host('uint32_t __aeabi_l2f(long long a)', singleOfInteger),
    host('uint32_t __aeabi_ul2f(uint64_t a)', singleOfInteger),
    host('uint64_t __aeabi_i2d(int a)', doubleBits),
    host('uint64_t __aeabi_ui2d(unsigned a)', doubleBits),
    host('uint64_t __aeabi_l2d(long long a)', (a: bigint) => doubleBits(Number(a))),
    host('uint64_t __aeabi_ul2d(uint64_t a)', (a: bigint) => doubleBits(Number(a))),
  ];
}

/** The `__aeabi_*` arithmetic helpers, for boards with an Arm CPU. Memory helpers are in the group `memory`. */
export function aeabiImports(): HostFunction[] {
  return [...integerHelpers(), ...floatHelpers(), ...conversionHelpers()];
}

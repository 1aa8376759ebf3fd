/**
 * Arguments of hooks. unicorn.js passes 64-bit values as one number or bigint since it uses BigInt, and as low and high words
 * before: (engine, type, address, size, value, data) or (engine, type, low, high, size, low, high, data) for memory hooks.
 */

const SPLIT_MEMORY_ARGUMENTS = 8;

/** @param at index of the address: 1 for code hooks, 2 for memory hooks */
export function hookAddress(args: readonly unknown[], at: 1 | 2): number {
  return Number(BigInt.asUintN(32, BigInt(args[at] as number | bigint)));
}

/** Bytes of a memory access. */
export function hookSize(args: readonly unknown[]): number {
  return Number(args.length >= SPLIT_MEMORY_ARGUMENTS ? args[4] : args[3]);
}

/** 32 bits of a stored value, from byte `at` (0 or 4) on; unsigned. */
export function hookValue(args: readonly unknown[], at: number): number {
  if (args.length >= SPLIT_MEMORY_ARGUMENTS) return Number(at === 0 ? args[5] : args[6]) >>> 0;
  const value = BigInt(args[4] as number | bigint);
  return Number(BigInt.asUintN(32, value >> BigInt(8 * at)));
}

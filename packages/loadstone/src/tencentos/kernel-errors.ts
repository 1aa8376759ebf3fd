import { TOS_MMHEAP_ERRORS } from '@loadstone/emulator-host';

/** The null pointer, where C takes or gives one that is no guest address. */
export const K_NULL = null;

// `k_err_t` (kernel/core/include/tos_kerr.h), as far as heap and VFS give it.
export const K_ERR_NONE = TOS_MMHEAP_ERRORS.K_ERR_NONE;
export const K_ERR_MMHEAP_INVALID_POOL_ADDR = TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_INVALID_POOL_ADDR;
export const K_ERR_MMHEAP_INVALID_POOL_SIZE = TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_INVALID_POOL_SIZE;
export const K_ERR_MMHEAP_POOL_OVERFLOW = TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_POOL_OVERFLOW;
export const K_ERR_MMHEAP_POOL_ALREADY_EXIST = TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_POOL_ALREADY_EXIST;
export const K_ERR_MMHEAP_POOL_NOT_EXIST = TOS_MMHEAP_ERRORS.K_ERR_MMHEAP_POOL_NOT_EXIST;

/** Bytes of the board's default heap pool (TOS-CONFIG/tos_config.h of both loader examples). */
export const TOS_CFG_MMHEAP_DEFAULT_POOL_SIZE = 0x8000;

const NAMES = new Map<number, string>(Object.entries(TOS_MMHEAP_ERRORS).map(([name, number]) => [number, name]));

/** The name of a `k_err_t`; `k_err_t N` for a number that neither heap nor VFS gives. */
export function kErrorName(error: number): string {
  return NAMES.get(error) ?? `k_err_t ${error}`;
}

/**
 * The part of unicorn.js's API that the adapter uses (`@alexaltea/unicorn-js` 2.1.4: what `await MUnicorn()` gives). The
 * constants have the values of Unicorn's C headers, but are read from the object.
 */
export interface UnicornModule {
  readonly ARCH_ARM: number;
  readonly MODE_THUMB: number;
  readonly MODE_MCLASS: number;
  readonly PROT_ALL: number;
  readonly HOOK_CODE: number;
  readonly HOOK_INTR: number;
  readonly HOOK_MEM_READ: number;
  readonly HOOK_MEM_WRITE: number;
  readonly HOOK_MEM_READ_UNMAPPED: number;
  readonly HOOK_MEM_WRITE_UNMAPPED: number;
  readonly HOOK_MEM_FETCH_UNMAPPED: number;
  readonly ARM_REG_R0: number;
  readonly ARM_REG_SP: number;
  readonly ARM_REG_LR: number;
  readonly ARM_REG_PC: number;
  readonly ARM_REG_CPSR: number;
  readonly ARM_REG_FPSCR: number;
  readonly ARM_REG_S0: number;
  readonly ARM_REG_PRIMASK: number;
  readonly ARM_REG_BASEPRI: number;
  readonly ARM_REG_FAULTMASK: number;
  readonly ARM_REG_CONTROL: number;
  readonly ARM_REG_MSP: number;
  readonly ARM_REG_PSP: number;
  readonly Unicorn: new (arch: number, mode: number) => UnicornEngine;
}

/** Called by the engine. Newer versions pass addresses as one number or bigint, older ones as low and high words. */
export type HookCallback = (...args: unknown[]) => unknown;

export interface UnicornEngine {
  reg_write_i32(register: number, value: number): void;
  reg_read_i32(register: number): number;
  mem_map(address: number, size: number, protection: number): void;
  mem_unmap(address: number, size: number): void;
  mem_write(address: number, bytes: Uint8Array | number[]): void;
  mem_read(address: number, size: number): Uint8Array;
  /** Without `begin` and `end` the hook is for every address. */
  hook_add(type: number, callback: HookCallback, userData?: unknown, begin?: number, end?: number): unknown;
  hook_del(hook: unknown): void;
  /** Runs until `until`, for at most `count` instructions (0: no limit). Throws when the CPU stops with an error. */
  emu_start(begin: number, until: number, timeout: number, count: number): void;
  emu_stop(): void;
  close(): void;
}

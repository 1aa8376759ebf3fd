import koffi from 'koffi';
import type { HookCallback, UnicornEngine, UnicornModule } from '../unicorn-api.js';

/** unicorn.js's API over Debian's native libunicorn2: the same engine, for tests on machines that cannot install unicorn.js. */

const constants = {
  ARCH_ARM: 1,
  MODE_THUMB: 1 << 4,
  MODE_MCLASS: 1 << 5,
  PROT_ALL: 7,
  HOOK_INTR: 1,
  HOOK_CODE: 4,
  HOOK_MEM_READ_UNMAPPED: 16,
  HOOK_MEM_WRITE_UNMAPPED: 32,
  HOOK_MEM_FETCH_UNMAPPED: 64,
  HOOK_MEM_READ: 1024,
  HOOK_MEM_WRITE: 2048,
  ARM_REG_R0: 66,
  ARM_REG_SP: 12,
  ARM_REG_LR: 10,
  ARM_REG_PC: 11,
  ARM_REG_CPSR: 3,
  ARM_REG_FPSCR: 6,
  ARM_REG_S0: 79,
  ARM_REG_PRIMASK: 123,
  ARM_REG_BASEPRI: 124,
  ARM_REG_FAULTMASK: 126,
  ARM_REG_CONTROL: 117,
  ARM_REG_MSP: 115,
  ARM_REG_PSP: 116,
} as const;

const FIRST_MEMORY_HOOK = constants.HOOK_MEM_READ_UNMAPPED;

function bind() {
  const library = koffi.load('libunicorn.so.2');
  koffi.opaque('uc_engine');
  koffi.proto('void uc_code_hook(uc_engine *uc, uint64_t address, uint32_t size, void *user)');
  koffi.proto('void uc_interrupt_hook(uc_engine *uc, uint32_t number, void *user)');
  koffi.proto('bool uc_memory_hook(uc_engine *uc, int type, uint64_t address, int size, int64_t value, void *user)');
  return {
    open: library.func('int uc_open(int arch, int mode, _Out_ uc_engine **uc)'),
    close: library.func('int uc_close(uc_engine *uc)'),
    strerror: library.func('const char *uc_strerror(int code)'),
    regWrite: library.func('int uc_reg_write(uc_engine *uc, int register, const int32_t *value)'),
    regRead: library.func('int uc_reg_read(uc_engine *uc, int register, _Out_ int32_t *value)'),
    memMap: library.func('int uc_mem_map(uc_engine *uc, uint64_t address, size_t size, uint32_t protection)'),
    memUnmap: library.func('int uc_mem_unmap(uc_engine *uc, uint64_t address, size_t size)'),
    memWrite: library.func('int uc_mem_write(uc_engine *uc, uint64_t address, const uint8_t *bytes, size_t size)'),
    memRead: library.func('int uc_mem_read(uc_engine *uc, uint64_t address, _Out_ uint8_t *bytes, size_t size)'),
    hookAdd: library.func(
      'int uc_hook_add(uc_engine *uc, _Out_ size_t *hook, int type, void *callback, void *user, uint64_t begin, uint64_t end)',
    ),
    hookDel: library.func('int uc_hook_del(uc_engine *uc, size_t hook)'),
    emuStart: library.func(
      'int uc_emu_start(uc_engine *uc, uint64_t begin, uint64_t until, uint64_t timeout, size_t count)',
    ),
    emuStop: library.func('int uc_emu_stop(uc_engine *uc)'),
    ctl: library.func('int uc_ctl(uc_engine *uc, int control, ...)'),
  };
}

let bound: ReturnType<typeof bind> | undefined;

class NativeEngine implements UnicornEngine {
  readonly #uc = (bound ??= bind());
  readonly #handle: unknown;
  readonly #word = [0];
  readonly #callbacks: unknown[] = [];

  constructor(arch: number, mode: number) {
    const handle: unknown[] = [null];
    this.#check('uc_open', this.#uc.open(arch, mode, handle));
    this.#handle = handle[0];
  }

  reg_write_i32(register: number, value: number): void {
    this.#word[0] = value | 0;
    this.#check('uc_reg_write', this.#uc.regWrite(this.#handle, register, this.#word));
  }

  reg_read_i32(register: number): number {
    this.#check('uc_reg_read', this.#uc.regRead(this.#handle, register, this.#word));
    return this.#word[0];
  }

  mem_map(address: number, size: number, protection: number): void {
    this.#check('uc_mem_map', this.#uc.memMap(this.#handle, address, size, protection));
  }

  mem_unmap(address: number, size: number): void {
    this.#check('uc_mem_unmap', this.#uc.memUnmap(this.#handle, address, size));
  }

  mem_write(address: number, bytes: Uint8Array | number[]): void {
    const data = Uint8Array.from(bytes);
    this.#check('uc_mem_write', this.#uc.memWrite(this.#handle, address, data, data.length));
  }

  mem_read(address: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#check('uc_mem_read', this.#uc.memRead(this.#handle, address, bytes, size));
    return bytes;
  }

  hook_add(type: number, callback: HookCallback, userData: unknown = {}, begin = 1, end = 0): unknown {
    let pointer: unknown;
    if (type === constants.HOOK_CODE) {
      pointer = koffi.register(
        (_uc: unknown, address: unknown, size: unknown) => callback(this, address, size, userData),
        'uc_code_hook *',
      );
    } else if (type === constants.HOOK_INTR) {
      pointer = koffi.register(
        (_uc: unknown, number: unknown) => callback(this, number, userData),
        'uc_interrupt_hook *',
      );
    } else if (type >= FIRST_MEMORY_HOOK) {
      pointer = koffi.register(
        (_uc: unknown, kind: unknown, address: unknown, size: unknown, value: unknown) =>
          Boolean(callback(this, kind, address, size, value, userData)),
        'uc_memory_hook *',
      );
    } else throw new Error(`hook type ${type}`);
    this.#callbacks.push(pointer);
    const hook = [0];
    this.#check('uc_hook_add', this.#uc.hookAdd(this.#handle, hook, type, pointer, null, begin, end));
    return hook[0];
  }

  hook_del(hook: unknown): void {
    this.#check('uc_hook_del', this.#uc.hookDel(this.#handle, hook));
  }

  emu_start(begin: number, until: number, timeout: number, count: number): void {
    this.#check('uc_emu_start', this.#uc.emuStart(this.#handle, begin, until, timeout, count));
  }

  emu_stop(): void {
    this.#check('uc_emu_stop', this.#uc.emuStop(this.#handle));
  }

  close(): void {
    this.#check('uc_close', this.#uc.close(this.#handle));
    for (const pointer of this.#callbacks) koffi.unregister(pointer as Parameters<typeof koffi.unregister>[0]);
  }

  /** As unicorn.js: a thrown string. */
  #check(name: string, code: number): void {
    if (code !== 0) throw `Unicorn.js: Function ${name} failed with code ${code}:\n${this.#uc.strerror(code)}`;
  }
}

export const nativeUnicorn: UnicornModule = { ...constants, Unicorn: NativeEngine };

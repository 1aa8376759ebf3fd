import koffi from 'koffi';
import { type Engine, now } from '../engine.js';
import { loadProgram } from '../workload.js';

const UC_ARCH_ARM = 1;
const UC_MODE_THUMB = 1 << 4;
const UC_MODE_MCLASS = 1 << 5;
const UC_PROT_ALL = 7;
const UC_ARM_REG_R0 = 66;
const UC_ARM_REG_SP = 12;
const UC_ARM_REG_LR = 10;

/** Where the guest's memory lies: the program from 0x10000 on, the stack at the end. */
const BASE = 0;
const SIZE = 0x10_0000;
const RETURN = 0x1000;

function open() {
  const library = koffi.load('libunicorn.so.2');
  koffi.opaque('uc_engine');
  return {
    open: library.func('int uc_open(int arch, int mode, _Out_ uc_engine **uc)'),
    map: library.func('int uc_mem_map(uc_engine *uc, uint64_t address, size_t size, uint32_t perms)'),
    write: library.func('int uc_mem_write(uc_engine *uc, uint64_t address, const void *bytes, size_t size)'),
    setRegister: library.func('int uc_reg_write(uc_engine *uc, int regid, const uint32_t *value)'),
    getRegister: library.func('int uc_reg_read(uc_engine *uc, int regid, _Out_ uint32_t *value)'),
    start: library.func(
      'int uc_emu_start(uc_engine *uc, uint64_t begin, uint64_t until, uint64_t timeout, size_t count)',
    ),
    close: library.func('int uc_close(uc_engine *uc)'),
  };
}

let api: ReturnType<typeof open> | undefined;

/** Native Unicorn 2 through its C interface, Cortex-M class. */
export const unicorn: Engine = {
  name: 'unicorn',
  targets: ['thumb-soft'],
  unavailable() {
    try {
      api ??= open();
      return undefined;
    } catch (error) {
      return `libunicorn.so.2 cannot be loaded (Debian package libunicorn2): ${(error as Error).message}`;
    }
  },
  prepare(workload, target) {
    const program = target && loadProgram(workload, target);
    if (!program) return undefined;
    api ??= open();
    const uc = api;
    const check = (status: number, what: string) => {
      if (status !== 0) throw new Error(`unicorn ${what}: error ${status}`);
    };
    const handle: unknown[] = [null];
    check(uc.open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, handle), 'open');
    const engine = handle[0];
    check(uc.map(engine, BASE, SIZE, UC_PROT_ALL), 'map');
    for (const { address, bytes } of program.segments) check(uc.write(engine, address, bytes, bytes.length), 'write');
    return {
      run(rounds) {
        check(uc.setRegister(engine, UC_ARM_REG_R0, [rounds]), 'r0');
        check(uc.setRegister(engine, UC_ARM_REG_SP, [SIZE - 16]), 'sp');
        check(uc.setRegister(engine, UC_ARM_REG_LR, [RETURN | 1]), 'lr');
        const start = now();
        check(uc.start(engine, program.bench | 1, RETURN, 0, 0), `running ${workload}`);
        const seconds = now() - start;
        const result = [0];
        check(uc.getRegister(engine, UC_ARM_REG_R0, result), 'r0');
        return { checksum: (result[0] as number) >>> 0, seconds };
      },
      close() {
        uc.close(engine);
      },
    };
  },
};

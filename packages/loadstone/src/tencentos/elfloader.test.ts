import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GuestFault } from '@loadstone/emulator-host';
import { describe, expect, it } from 'vitest';
import { createBoard } from '../boards.js';
import {
  createTencentos,
  ELFLOADER_ERR_FD_READ_FAILED,
  ELFLOADER_ERR_HEADER_INVALID,
  ELFLOADER_ERR_NONE,
  ELFLOADER_ERR_OUT_OF_MEMORY,
  ELFLOADER_ERR_PTR_NULL,
  ELFLOADER_ERR_RELOCATE_FAILED,
  ELFLOADER_ERR_SYM_NOT_FOUND,
  ELFLOADER_ERR_TYPE_INVALID,
  el_module_t,
  faultText,
  host,
  K_NULL,
  type LoaderMode,
  type TencentosOptions,
  variable,
} from '../tencentos.js';

const modules = fileURLToPath(new URL('../../../testkit/fixtures/modules/tencentos/', import.meta.url));
const file = (name: string) => new Uint8Array(readFileSync(modules + name));

/** A firmware whose descriptors are the given files. */
async function firmware(loader: LoaderMode, files: readonly Uint8Array[], options: Partial<TencentosOptions> = {}) {
  const calls: number[] = [];
  const d_e_a = variable('int d_e_a', 9);
  const f_e_a = host('int f_e_a(int a)', (a: number) => {
    calls.push(a);
    return 0;
  });
  const tos = await createTencentos({
    board: createBoard('tencentos-evb-mx-plus', { firmwareAt: 'near' }),
    loader,
    el_symbols: { d_e_a, f_e_a },
    elfloader_fd_read(fd, offset, buf) {
      const bytes = files[fd];
      if (bytes === undefined) return -1;
      const part = bytes.subarray(Math.min(offset, bytes.length), offset + buf.length);
      buf.set(part);
      return part.length;
    },
    ...options,
  });
  return { ...tos, report: () => tos.elfloader_report, tos, calls, d_e_a, f_e_a, module: new el_module_t() };
}

describe('tos_elfloader under its C names', () => {
  it.each<[LoaderMode, string]>([
    ['full', '1.o'],
    ['full', '1.so'],
    ['full', '1-clang.o'],
    ['parity-object', '1-clang.o'],
    ['parity-shared', '1.so'],
  ])('%s loads, finds, runs and unloads %s', async (loader, name) => {
    const { tos, module, calls, d_e_a, behaviour } = await firmware(loader, [file(name)]);
    expect(behaviour).toEqual({ loader, vfs: 'correct' });
    expect(tos.elfloader_report.text).toBe(`elfLoader ${loader}, VFS correct: nothing loaded yet`);
    expect(tos.tos_elfloader_load(module, 0)).toBe(ELFLOADER_ERR_NONE);
    expect(tos.elfloader_report).toMatchObject({ loader, vfs: 'correct', error: 0 });
    expect(tos.elfloader_report.text).toBe(`elfLoader ${loader}, VFS correct: ELFLOADER_ERR_NONE`);
    const addr = tos.tos_elfloader_find_symbol(module, 'f_g_a');
    expect(addr).toBeGreaterThan(0x2000_0000);
    expect(tos.tos_elfloader_find_symbol(module, 'f_x')).toBe(K_NULL);
    tos.function_pointer(addr ?? 0, 'int (void)')();
    expect(calls).toEqual([24]);
    expect(d_e_a.value).toBe(24);
    expect(tos.tos_elfloader_unload(module)).toBe(ELFLOADER_ERR_NONE);
    expect(module.base).toBe(0);
    expect(tos.tos_elfloader_unload(module)).toBe(ELFLOADER_ERR_PTR_NULL);
    expect(tos.board.heap.stats().used).toBe(0);
  });

  it.each<[LoaderMode, string]>([
    ['full', '1-clang.o'],
    ['parity-object', '1-clang.o'],
  ])('%s fills el_module_t, field by field', async (loader, name) => {
    const { tos_elfloader_load, module, board } = await firmware(loader, [new Uint8Array(0), file(name)]);
    expect(tos_elfloader_load(module, 1)).toBe(ELFLOADER_ERR_NONE);
    expect(module.fd).toBe(1);
    expect(board.heap.blockAt(module.base)?.address).toBe(module.base);
    const { text, data, bss } = module.info.obj;
    expect(text.address).toBe(module.base);
    expect(text.shndx).toBeGreaterThan(0);
    expect(data.address).toBeGreaterThan(text.address);
    expect(data.shndx).toBeGreaterThan(0);
    // clang wrote no .bss.
    expect(bss).toEqual({ shndx: -1, address: 0 });
    const view = new DataView(file(name).buffer);
    const header = (index: number) => view.getUint32(32, true) + index * 40;
    const sections = Array.from({ length: view.getUint16(48, true) }, (_, index) => header(index));
    const symtab = sections.find((at) => view.getUint32(at + 4, true) === 2) ?? 0;
    expect(module.symtab_offset).toBe(view.getUint32(symtab + 16, true));
    expect(module.symtab_size).toBe(view.getUint32(symtab + 20, true));
    expect(module.symtab_entsize).toBe(16);
    const strtab = header(view.getUint32(symtab + 24, true));
    expect(module.strtab_offset).toBe(view.getUint32(strtab + 16, true));
  });

  it.each<LoaderMode>(['full', 'parity-shared'])('%s tells the load bias of a shared object', async (loader) => {
    const { tos_elfloader_load, module } = await firmware(loader, [file('1.so')]);
    tos_elfloader_load(module, 0);
    expect(module.info.so.load_bias).toBe(module.base);
  });

  const cut = file('1-clang.o').subarray(0, 400);
  it.each<[string, LoaderMode, number, Uint8Array[], number]>([
    ['a descriptor that cannot be read', 'full', 7, [], ELFLOADER_ERR_FD_READ_FAILED],
    ['a descriptor that cannot be read', 'parity-object', 7, [], ELFLOADER_ERR_FD_READ_FAILED],
    ['what is no ELF file', 'full', 0, [new Uint8Array(600)], ELFLOADER_ERR_HEADER_INVALID],
    ['what is no ELF file', 'parity-shared', 0, [new Uint8Array(600)], ELFLOADER_ERR_HEADER_INVALID],
    ['a shared object for the object build', 'parity-object', 0, [file('1.so')], ELFLOADER_ERR_TYPE_INVALID],
    ['an object for the shared-object build', 'parity-shared', 0, [file('1.o')], ELFLOADER_ERR_TYPE_INVALID],
    ['a truncated object', 'full', 0, [cut], ELFLOADER_ERR_FD_READ_FAILED],
  ])('%s, %s: an error number', async (_title, loader, fd, files, error) => {
    const { tos, module } = await firmware(loader, files);
    expect(tos.tos_elfloader_load(module, fd)).toBe(error);
    expect(module).toEqual(new el_module_t());
    expect(tos.elfloader_report).toMatchObject({ loader, error });
    expect(tos.tos_elfloader_find_symbol(module, 'f_g_a')).toBe(K_NULL);
    expect(tos.board.heap.stats().used).toBe(0);
  });

  it('answers a null module with its own number', async () => {
    const { tos_elfloader_load, tos_elfloader_unload } = await firmware('full', [file('1.o')]);
    expect(tos_elfloader_load(K_NULL, 0)).toBe(ELFLOADER_ERR_PTR_NULL);
    expect(tos_elfloader_unload(K_NULL)).toBe(ELFLOADER_ERR_PTR_NULL);
  });

  it('full keeps the typed error behind a number', async () => {
    const { tos, module } = await firmware('full', [file('1.o')], { el_symbols: { d_e_a: 0x2000_0000 } });
    expect(tos.tos_elfloader_load(module, 0)).toBe(ELFLOADER_ERR_SYM_NOT_FOUND);
    expect(tos.elfloader_report.cause).toMatchObject({ code: 'UNRESOLVED_SYMBOL', data: { symbol: 'f_e_a' } });
    expect(tos.elfloader_report.text).toMatch(/^elfLoader full, VFS correct: ELFLOADER_ERR_SYM_NOT_FOUND: .*f_e_a/);
  });

  it('a heap without room is error 8', async () => {
    const { tos_elfloader_load, tos_mmheap_alloc, module } = await firmware('full', [file('1.o')]);
    expect(tos_mmheap_alloc(0x7800)).not.toBe(0);
    while (tos_mmheap_alloc(12) !== 0);
    expect(tos_elfloader_load(module, 0)).toBe(ELFLOADER_ERR_OUT_OF_MEMORY);
  });

  it('parity reports the defect that stopped it, and the far branch as the board does', async () => {
    const { tos, module } = await firmware('parity-object', [file('1.o'), file('1-clang.o')], {
      board: createBoard('tencentos-evb-mx-plus'),
    });
    expect(() => tos.tos_elfloader_load(module, 0)).toThrow(expect.objectContaining({ code: 'RUNOFF' }));
    expect(tos.elfloader_report).toMatchObject({ loader: 'parity-object', cause: { code: 'RUNOFF' } });
    expect(tos.elfloader_report.error).toBeUndefined();
    expect(tos.elfloader_report.text).toMatch(/^elfLoader parity-object, VFS correct: RUNOFF: /);
    expect(tos.tos_elfloader_load(module, 1)).toBe(ELFLOADER_ERR_RELOCATE_FAILED);
    expect(tos.board.console.text).toBe('relocation out of range\n');
  });

  it('takes el_symbols as the rows of the C table', async () => {
    const calls: string[] = [];
    const first = host('int first(int a)', () => {
      calls.push('first');
      return 0;
    });
    const second = host('int second(int a)', () => {
      calls.push('second');
      return 0;
    });
    const el_symbols = [
      { name: 'd_e_a', value: variable('int other_name', 9) },
      { name: 'f_e_a', value: first },
      { name: 'f_e_a', value: second },
      { name: K_NULL, value: K_NULL },
      { name: 'behind the end', value: 1 },
    ];
    for (const loader of ['full', 'parity-object'] as const) {
      const board = createBoard('tencentos-evb-mx-plus', { firmwareAt: 'near' });
      const rows = el_symbols.map((row) => (row.name === 'd_e_a' ? { ...row, value: variable('int d', 9) } : row));
      const { tos, module } = await firmware(loader, [file('1-clang.o')], { board, el_symbols: rows });
      expect(tos.tos_elfloader_load(module, 0)).toBe(ELFLOADER_ERR_NONE);
      tos.function_pointer(tos.tos_elfloader_find_symbol(module, 'f_g_a') ?? 0, 'int (void)')();
    }
    expect(calls).toEqual(['first', 'first']);
  });

  it('refuses a symbol declared under another name, and a row without value', async () => {
    const d_e_a = variable('int d_e_a', 9);
    await expect(createTencentos({ el_symbols: { d_e_b: d_e_a } })).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await expect(createTencentos({ el_symbols: [{ name: 'x', value: K_NULL }] })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
  });

  it.each<[LoaderMode, string]>([
    ['full', '1-clang.o'],
    ['parity-object', '1-clang.o'],
  ])('%s: a fault report says how true to the board the firmware is', async (loader, name) => {
    const f_e_a = host('int f_e_a(int a)', () => {
      throw new Error('no such device');
    });
    const { tos, module } = await firmware(loader, [file(name)], {
      el_symbols: { d_e_a: 0x2000_1000, f_e_a },
    });
    tos.tos_elfloader_load(module, 0);
    const f_g_a = tos.function_pointer(tos.tos_elfloader_find_symbol(module, 'f_g_a') ?? 0, 'int (void)');
    let fault: unknown;
    try {
      f_g_a();
    } catch (error) {
      fault = error;
    }
    if (!(fault instanceof GuestFault)) throw new Error('the call returned');
    expect(fault.report.firmware).toBe(`TencentOS tiny, elfLoader ${loader}, VFS correct`);
    expect(faultText(fault.report)).toContain(`\n  firmware: TencentOS tiny, elfLoader ${loader}, VFS correct\n`);
    expect(fault.report.backtrace?.some(({ location }) => location?.module === 'fd 0')).toBe(true);
  });

  it('printf formats with C conversions, and misses an argument by name', async () => {
    const { printf, board } = await firmware('full', []);
    printf('addr: %x %s %5.2f\n', 0x2000_0001, 'f_g_a', 1.5);
    expect(board.console.text).toBe('addr: 20000001 f_g_a  1.50\n');
    expect(() => printf('%d')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});

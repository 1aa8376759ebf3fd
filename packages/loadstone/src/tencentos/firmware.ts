import type { Board, BoardSymbol, GuestFunction } from '@loadstone/emulator-host';
import { type BlockDevice, type ByteSource, blockDevice, memorySource } from '@loadstone/fd-sources';
import {
  createFatFs,
  sdDevice,
  VFS_SEEK_CUR,
  VFS_SEEK_END,
  VFS_SEEK_SET,
  Vfs,
  type VfsBehaviour,
  type VfsDriver,
  type VfsFileSystemOperations,
} from '@loadstone/vfs-fat';
import { createBoard } from '../boards.js';
import { formatOnHost, type PrintfArgument } from '../c-printf.js';
import { LoadstoneError } from '../error.js';
import { Elfloader, type ElfloaderFdRead, type ElfloaderReport, type ElModule, type LoaderMode } from './elfloader.js';
import { mmheapFunctions } from './mmheap.js';
import type { ElSymbol } from './structures.js';

/** `el_symbols`: what the firmware offers to modules, by name, or as the C table's rows. */
export type ElSymbols = Readonly<Record<string, BoardSymbol | number>> | readonly ElSymbol[];

export interface TencentosOptions {
  /** Default: a `tencentos-evb-mx-plus` of its own. */
  readonly board?: Board;
  /** Default `full`. */
  readonly loader?: LoaderMode;
  /** Default `correct`. */
  readonly vfs?: VfsBehaviour;
  readonly el_symbols?: ElSymbols;
  /** Replaces the weak function that reads a module's file; default: seek and read through the VFS. */
  readonly elfloader_fd_read?: ElfloaderFdRead;
  /** The SD card behind `sd_dev`: an image's bytes, or a device of 512-byte sectors. Default: no card. */
  readonly sdCard?: BlockDevice | ByteSource | Uint8Array;
  /** Told where the board would behave otherwise than the `correct` VFS. */
  readonly onDifference?: (message: string) => void;
  /** Receives what the firmware prints. Default: kept in `board.console`. */
  readonly print?: (text: string) => void;
}

/** Most bytes a file behind a replaced `elfloader_fd_read` is taken to have: more than the flash of any such board. */
const UNKNOWN_FILE_SIZE = 0x100_0000;

/**
 * A firmware with TencentOS tiny's elfLoader, VFS and heap: the C functions under their own names, so that what the
 * firmware's code does can be written down line by line. Everything after this call is synchronous, as in C.
 *
 * @throws LoadstoneError BAD_OPTION, HostError when a symbol cannot be defined
 */
export async function createTencentos(options: TencentosOptions = {}) {
  const board = options.board ?? createBoard('tencentos-evb-mx-plus');
  if (options.print) board.console.onText = options.print;
  const vfs = new Vfs({
    behaviour: options.vfs ?? 'correct',
    ...(options.onDifference ? { onDifference: options.onDifference } : {}),
  });
  const loader = options.loader ?? 'full';
  board.firmware = `TencentOS tiny, elfLoader ${loader}, VFS ${vfs.behaviour}`;
  const fatFs = await createFatFs().catch(withoutFatFs);
  const symbols = defineSymbols(board, options.el_symbols ?? {});
  const elfloader_fd_read = options.elfloader_fd_read ?? throughVfs(vfs);
  const elfloader = new Elfloader({
    board,
    loader,
    vfs: vfs.behaviour,
    symbols,
    read: elfloader_fd_read,
    sizeOf: (fd) => (options.elfloader_fd_read ? UNKNOWN_FILE_SIZE : vfsSize(vfs, fd)),
    log: (line) => board.print(`${line}\n`),
  });

  return {
    board,
    /** How true to the board this firmware is, as chosen; every report says so. */
    behaviour: { loader, vfs: vfs.behaviour } as const,
    vfs,
    /** The block device of the SD card driver; hand it to `tos_vfs_block_device_register`. */
    sd_dev: sdDevice(sdCard(options.sdCard)),
    /**
     * FatFs as a file system; hand it to `tos_vfs_fs_register`, which throws LoadstoneError UNAVAILABLE where FatFs, itself
     * WebAssembly, cannot be compiled or found.
     */
    fatfs_ops: fatFs,
    /** What the last load did beyond its number. */
    get elfloader_report(): ElfloaderReport {
      return elfloader.report;
    },
    /** The loaded module with its placement and symbols, in `full`. */
    elfloader_module: (module: ElModule) => elfloader.loaded(module),
    elfloader_fd_read,

    tos_elfloader_load: (module: ElModule | null, fd: number) => elfloader.load(module, fd),
    tos_elfloader_find_symbol: (module: ElModule, symbol: string) => elfloader.find(module, symbol),
    tos_elfloader_unload: (module: ElModule | null) => elfloader.unload(module),

    tos_vfs_block_device_register: vfs.blockDeviceRegister.bind(vfs),
    tos_vfs_block_device_unregister: vfs.blockDeviceUnregister.bind(vfs),
    tos_vfs_char_device_register: vfs.charDeviceRegister.bind(vfs),
    tos_vfs_char_device_unregister: vfs.charDeviceUnregister.bind(vfs),
    tos_vfs_fs_register: vfs.fsRegister.bind(vfs),
    tos_vfs_fs_unregister: vfs.fsUnregister.bind(vfs),
    tos_vfs_fs_mount: vfs.fsMount.bind(vfs),
    tos_vfs_fs_umount: vfs.fsUmount.bind(vfs),
    tos_vfs_fs_mkfs: vfs.fsMkfs.bind(vfs),
    tos_vfs_open: vfs.open.bind(vfs),
    tos_vfs_close: vfs.close.bind(vfs),
    tos_vfs_read: vfs.read.bind(vfs),
    tos_vfs_write: vfs.write.bind(vfs),
    tos_vfs_lseek: vfs.lseek.bind(vfs),
    tos_vfs_ioctl: vfs.ioctl.bind(vfs),
    tos_vfs_sync: vfs.sync.bind(vfs),
    tos_vfs_dup: vfs.dup.bind(vfs),
    tos_vfs_fstat: vfs.fstat.bind(vfs),
    tos_vfs_ftruncate: vfs.ftruncate.bind(vfs),
    tos_vfs_opendir: vfs.opendir.bind(vfs),
    tos_vfs_closedir: vfs.closedir.bind(vfs),
    tos_vfs_readdir: vfs.readdir.bind(vfs),
    tos_vfs_rewinddir: vfs.rewinddir.bind(vfs),
    tos_vfs_statfs: vfs.statfs.bind(vfs),
    tos_vfs_unlink: vfs.unlink.bind(vfs),
    tos_vfs_mkdir: vfs.mkdir.bind(vfs),
    tos_vfs_rmdir: vfs.rmdir.bind(vfs),
    tos_vfs_rename: vfs.rename.bind(vfs),
    tos_vfs_stat: vfs.stat.bind(vfs),

    ...mmheapFunctions(board),

    /** The firmware's `printf`: C's conversions over numbers (pointers too) and strings. */
    printf: (format: string, ...args: readonly PrintfArgument[]) => board.print(formatOnHost(board, format, args)),
    /**
     * A C function pointer as a function.
     * @param address the pointer, e.g. of `tos_elfloader_find_symbol`
     * @param type its function type, e.g. `int (void)`
     */
    function_pointer: (address: number, type: string): GuestFunction => board.fn(address, type),
  };
}

/** What `createTencentos` gives. */
export type Tencentos = Awaited<ReturnType<typeof createTencentos>>;

/** The symbols as the loader's table, each put onto the board unless it is there. */
function defineSymbols(board: Board, symbols: ElSymbols) {
  return rowsOf(symbols).map(({ name, value }) => {
    if (typeof value === 'number') return { name, address: value >>> 0 };
    if (board.definition(value.name) !== value) board.define(value);
    return { name, address: board.resolve(value.name) };
  });
}

/** The rows before the one that ends the table. @throws LoadstoneError BAD_OPTION */
function rowsOf(symbols: ElSymbols): { readonly name: string; readonly value: BoardSymbol | number }[] {
  const rows: { name: string; value: BoardSymbol | number }[] = [];
  if (isTable(symbols)) {
    for (const { name, value } of symbols) {
      if (name === null) break;
      if (value === null) throw new LoadstoneError('BAD_OPTION', `el_symbols: ${name} has the value NULL`, { name });
      rows.push({ name, value });
    }
    return rows;
  }
  for (const [name, value] of Object.entries(symbols)) {
    if (typeof value !== 'number' && value.name !== name) {
      throw new LoadstoneError('BAD_OPTION', `el_symbols: ${name} is declared as ${value.name}`, { name });
    }
    rows.push({ name, value });
  }
  return rows;
}

function isTable(symbols: ElSymbols): symbols is readonly ElSymbol[] {
  return Array.isArray(symbols);
}

/** The firmware's own `elfloader_fd_read`: seek, then read (components/elfloader/common/tos_elfloader_fd_read-vfs.c). */
function throughVfs(vfs: Vfs): ElfloaderFdRead {
  return (fd, offset, buf) => {
    const position = vfs.lseek(fd, offset, VFS_SEEK_SET);
    return position < 0 ? position : vfs.read(fd, buf, buf.length);
  };
}

/** Size of an open file: the VFS has no call for it on FatFs, so the end is sought; the board's own seek cannot. */
function vfsSize(vfs: Vfs, fd: number): number {
  const here = vfs.lseek(fd, 0, VFS_SEEK_CUR);
  const end = here < 0 ? here : vfs.lseek(fd, 0, VFS_SEEK_END);
  if (end < 0) return UNKNOWN_FILE_SIZE;
  vfs.lseek(fd, here, VFS_SEEK_SET);
  return end > 0 ? end : UNKNOWN_FILE_SIZE;
}

/** What stands for FatFs where it does not load: the firmware works without it until it asks for it. */
function withoutFatFs(cause: unknown): VfsDriver<VfsFileSystemOperations> {
  return {
    operations() {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new LoadstoneError('UNAVAILABLE', `FatFs cannot be used here: ${reason}`, { cause });
    },
  };
}

/** The card behind `sd_dev`; without one, a device of no sectors. */
function sdCard(card: TencentosOptions['sdCard']): BlockDevice {
  if (card === undefined) return blockDevice(memorySource(new Uint8Array(0)), { blockSize: 512 });
  if (card instanceof Uint8Array) return blockDevice(memorySource(card), { blockSize: 512 });
  return 'blockSize' in card ? card : blockDevice(card, { blockSize: 512 });
}

import {
  CTRL_SYNC,
  create,
  type DiskIO,
  type FatFs,
  type FatFsOptions,
  GET_BLOCK_SIZE,
  GET_SECTOR_COUNT,
  GET_SECTOR_SIZE,
} from 'js-fatfs';
import { FatError } from './error.js';
import { FRESULT } from './fresult.js';
import { checkLayout } from './layout.js';

/** `FF_VOLUMES` of the js-fatfs build: drives one WebAssembly instance can serve. */
export const DRIVES_PER_INSTANCE = 10;

/** diskio.h `DRESULT` and `DSTATUS` values. */
const RES_OK = 0;
const RES_ERROR = 1;
const RES_WRPRT = 2;
const RES_PARERR = 4;
const STA_NOINIT = 0x01;
const STA_PROTECT = 0x04;

/** One drive as FatFs' disk layer sees it: whole sectors, synchronous. Callbacks may throw; FatFs then sees a disk error. */
export interface Drive {
  /** Bytes of a sector: 512, 1024, 2048 or 4096. */
  readonly sectorSize: number;
  /** Whole sectors on the device. */
  readonly sectorCount: number;
  /** Sectors of one erase block, 1 when unknown; `f_mkfs` aligns the data area to it. */
  readonly eraseSectors: number;
  readonly readOnly: boolean;
  readSectors(sector: number, into: Uint8Array): void;
  writeSectors(sector: number, from: Uint8Array): void;
  sync(): void;
}

/** The code page TencentOS tiny is built with (`FF_CODE_PAGE` in tos_ffconf.h). */
export const DEFAULT_CODE_PAGE = 936;

/** The code pages `f_setcp` knows (ff.c). */
const CODE_PAGES: readonly number[] = [
  437, 720, 737, 771, 775, 850, 852, 855, 857, 860, 861, 862, 863, 864, 865, 866, 869, 932, 936, 949, 950,
];

/** The instance that volumes without one of their own are mounted in; a full or trapped one is replaced. */
let shared: Promise<FatFsLibrary> | undefined;

/**
 * One instance of FatFs in WebAssembly with its ten drives. It hides what js-fatfs leaves to its user: heap views that
 * die when memory grows, device errors that must not unwind through WebAssembly frames, and a trap after which the
 * instance cannot be trusted any more.
 */
export class FatFsLibrary {
  readonly #drives: (Drive | undefined)[] = new Array(DRIVES_PER_INSTANCE).fill(undefined);
  #fatfs: FatFs | undefined;
  #deviceError: unknown;
  #trap: unknown;

  /**
   * Instantiates FatFs.
   * @param codePage OEM code page of short names, as `f_setcp` takes it; 936 (GBK) is what TencentOS tiny is built with
   * @param wasm the bytes of js-fatfs' `fatfs.wasm`; without them js-fatfs loads the file that lies beside it
   */
  static async load(codePage: number, wasm?: Uint8Array): Promise<FatFsLibrary> {
    checkLayout();
    if (!CODE_PAGES.includes(codePage)) {
      const message = `code page ${codePage} is none of ${CODE_PAGES.join(', ')}`;
      throw new FatError('INVALID_PARAMETER', FRESULT.FR_INVALID_PARAMETER, message);
    }
    const library = new FatFsLibrary();
    const options: FatFsOptions & { wasmBinary?: Uint8Array } = { diskio: library.#diskio(), codepage: codePage };
    if (wasm !== undefined) options.wasmBinary = wasm;
    library.#fatfs = await create(options);
    return library;
  }

  /** Runs `use` with an instance that has room for one more drive, shared by everyone who has no instance of their own. */
  static async withShared<T>(use: (library: FatFsLibrary) => T): Promise<T> {
    for (;;) {
      shared ??= FatFsLibrary.load(DEFAULT_CODE_PAGE);
      const candidate = shared;
      const library = await candidate;
      if (library.usable) return use(library);
      if (shared === candidate) shared = undefined;
    }
  }

  /** js-fatfs itself, for `malloc`, `HEAPU8` (read it anew after every call) and the plain getters. */
  get fatfs(): FatFs {
    if (this.#fatfs === undefined)
      throw new FatError('NOT_READY', FRESULT.FR_NOT_READY, 'FatFs is not instantiated yet');
    return this.#fatfs;
  }

  /** Whether another drive can be attached. */
  get usable(): boolean {
    return this.#trap === undefined && this.#drives.includes(undefined);
  }

  /** Gives the drive a number, 0 to 9. */
  attach(drive: Drive): number {
    const number = this.#drives.indexOf(undefined);
    if (number < 0) {
      throw new FatError(
        'TOO_MANY_OPEN',
        FRESULT.FR_TOO_MANY_OPEN_FILES,
        `one FatFs instance serves ${DRIVES_PER_INSTANCE} volumes; unmount one, or create another instance`,
      );
    }
    this.#drives[number] = drive;
    return number;
  }

  detach(number: number): void {
    this.#drives[number] = undefined;
  }

  /** Allocates in FatFs' memory. */
  allocate(size: number): number {
    const pointer = this.fatfs.malloc(size);
    if (pointer === 0) {
      throw new FatError('OUT_OF_MEMORY', FRESULT.FR_NOT_ENOUGH_CORE, `FatFs has no ${size} bytes of memory left`, {
        size,
      });
    }
    return pointer;
  }

  /** Calls into FatFs and returns its result number; a WebAssembly trap retires this instance. */
  call(operation: string, run: (fatfs: FatFs) => number): number {
    if (this.#trap !== undefined) {
      throw new FatError('FATFS_TRAPPED', FRESULT.FR_INT_ERR, `${operation}: this FatFs instance trapped earlier`, {
        operation,
        cause: this.#trap,
      });
    }
    this.#deviceError = undefined;
    try {
      return run(this.fatfs);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw error;
      this.#trap = error;
      throw new FatError('FATFS_TRAPPED', FRESULT.FR_INT_ERR, `${operation}: FatFs trapped: ${error.message}`, {
        operation,
        cause: error,
      });
    }
  }

  /** What the device threw during the last call, if anything. */
  get deviceError(): unknown {
    return this.#deviceError;
  }

  #diskio(): DiskIO {
    return {
      initialize: (_fatfs, number) => this.#status(number),
      status: (_fatfs, number) => this.#status(number),
      read: (fatfs, number, pointer, sector, count) =>
        this.#guard(number, sector >>> 0, count >>> 0, (drive) => {
          const length = (count >>> 0) * drive.sectorSize;
          drive.readSectors(sector >>> 0, fatfs.HEAPU8.subarray(pointer >>> 0, (pointer >>> 0) + length));
        }),
      write: (fatfs, number, pointer, sector, count) => {
        if (this.#drives[number]?.readOnly) return RES_WRPRT;
        return this.#guard(number, sector >>> 0, count >>> 0, (drive) => {
          const length = (count >>> 0) * drive.sectorSize;
          drive.writeSectors(sector >>> 0, fatfs.HEAPU8.subarray(pointer >>> 0, (pointer >>> 0) + length));
        });
      },
      ioctl: (fatfs, number, command, pointer) => this.#ioctl(fatfs, number, command, pointer),
    };
  }

  #status(number: number): number {
    const drive = this.#drives[number];
    if (drive === undefined) return STA_NOINIT;
    return drive.readOnly ? STA_PROTECT : 0;
  }

  /** Runs one transfer; what it throws is kept for the caller of FatFs, which itself sees a disk error. */
  #guard(number: number, sector: number, count: number, transfer: (drive: Drive) => void): number {
    const drive = this.#drives[number];
    if (drive === undefined) return RES_PARERR;
    if (sector + count > drive.sectorCount) {
      this.#deviceError = new FatError(
        'DISK_ERROR',
        FRESULT.FR_DISK_ERR,
        `sectors ${sector} to ${sector + count - 1} lie outside the device of ${drive.sectorCount} sectors`,
        { sector, sectorCount: count },
      );
      return RES_PARERR;
    }
    try {
      transfer(drive);
      return RES_OK;
    } catch (error) {
      this.#deviceError = error;
      return RES_ERROR;
    }
  }

  #ioctl(fatfs: FatFs, number: number, command: number, pointer: number): number {
    const drive = this.#drives[number];
    if (drive === undefined) return RES_PARERR;
    switch (command) {
      case CTRL_SYNC:
        try {
          drive.sync();
          return RES_OK;
        } catch (error) {
          this.#deviceError = error;
          return RES_ERROR;
        }
      case GET_SECTOR_COUNT:
        fatfs.setValue(pointer, drive.sectorCount, 'i32');
        return RES_OK;
      case GET_SECTOR_SIZE:
        fatfs.setValue(pointer, drive.sectorSize, 'i16');
        return RES_OK;
      case GET_BLOCK_SIZE:
        fatfs.setValue(pointer, drive.eraseSectors, 'i32');
        return RES_OK;
      default:
        return RES_PARERR;
    }
  }
}

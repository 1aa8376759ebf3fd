import type { BlockDevice } from '@loadstone/fd-sources';
import { fatFsOperations } from '../vfs/fatfs-operations.js';
import type { VfsDriver, VfsFileSystemOperations, VfsMode } from '../vfs/operations.js';
import type { VolumeParameters } from './boot-sector.js';
import { type FormatOptions, format, formatRaw, type RawFormatOptions } from './format.js';
import { DEFAULT_CODE_PAGE, FatFsLibrary } from './library.js';
import { FatVolume, type MountOptions } from './volume.js';

/** How FatFs is set up. */
export interface FatFsOptions {
  /** OEM code page of short names, as `f_setcp` takes it; 936 (GBK) unless given, as TencentOS tiny is built. */
  readonly codePage?: number;
  /**
   * The bytes of js-fatfs' `dist/fatfs.wasm`, for bundlers that do not carry along a file named by
   * `new URL('fatfs.wasm', import.meta.url)`.
   */
  readonly wasm?: Uint8Array;
}

/**
 * One instance of FatFs in WebAssembly. Making it is asynchronous, everything after that is synchronous; it serves ten
 * mounted volumes at a time.
 */
export class FatFs implements VfsDriver<VfsFileSystemOperations> {
  readonly #library: FatFsLibrary;

  private constructor(library: FatFsLibrary) {
    this.#library = library;
  }

  /** Loads and instantiates FatFs. */
  static async create(options: FatFsOptions = {}): Promise<FatFs> {
    return new FatFs(await FatFsLibrary.load(options.codePage ?? DEFAULT_CODE_PAGE, options.wasm));
  }

  /** Whether another volume can be mounted. */
  get usable(): boolean {
    return this.#library.usable;
  }

  /**
   * Mounts the device's FAT volume: a super-floppy, or the first FAT partition of an MBR.
   * @throws FatError NO_FILESYSTEM, DISK_ERROR, TOO_MANY_OPEN (ten volumes are mounted), INVALID_PARAMETER (sector size)
   */
  mount(device: BlockDevice, options: MountOptions = {}): FatVolume {
    return new FatVolume(this.#library, device, options);
  }

  /**
   * Makes a FAT volume; everything on the device is lost.
   * @throws FatError FORMAT_ABORTED when the device is too small or too large for the type and cluster size, …
   */
  format(device: BlockDevice, options: FormatOptions): VolumeParameters {
    return format(this.#library, device, options);
  }

  /** `f_mkfs` with its own parameters, as `tos_vfs_fs_mkfs` passes them on. */
  formatRaw(device: BlockDevice, options: RawFormatOptions): void {
    formatRaw(this.#library, device, options);
  }

  /** The table to register as a file system with a `Vfs`, `fatfs_ops` of TencentOS tiny. */
  operations(mode: VfsMode): VfsFileSystemOperations {
    return fatFsOperations(this, mode);
  }
}

/** Loads and instantiates FatFs, see `FatFs`. */
export function createFatFs(options: FatFsOptions = {}): Promise<FatFs> {
  return FatFs.create(options);
}

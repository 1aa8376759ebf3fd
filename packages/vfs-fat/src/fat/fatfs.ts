import type { BlockDevice } from '@loadstone/fd-sources';
import { DEFAULT_CODE_PAGE, FatFsLibrary } from './library.js';
import { FatVolume, type MountOptions } from './volume.js';

/** How FatFs is set up. */
export interface FatFsOptions {
  /** OEM code page of short names, as `f_setcp` takes it; 936 (GBK) unless given, as TencentOS tiny is built. */
  readonly codePage?: number;
}

/**
 * One instance of FatFs in WebAssembly. Making it is asynchronous, everything after that is synchronous; it serves ten
 * mounted volumes at a time.
 */
export class FatFs {
  readonly #library: FatFsLibrary;

  private constructor(library: FatFsLibrary) {
    this.#library = library;
  }

  /** Loads and instantiates FatFs. */
  static async create(options: FatFsOptions = {}): Promise<FatFs> {
    return new FatFs(await FatFsLibrary.load(options.codePage ?? DEFAULT_CODE_PAGE));
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
}

/** Loads and instantiates FatFs, see `FatFs`. */
export function createFatFs(options: FatFsOptions = {}): Promise<FatFs> {
  return FatFs.create(options);
}

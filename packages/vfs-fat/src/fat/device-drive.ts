import type { BlockDevice, ByteSource } from '@loadstone/fd-sources';
import { FatError } from './error.js';
import { FRESULT } from './fresult.js';
import type { Drive } from './library.js';

/** Sector sizes FatFs can work with (`FF_MIN_SS` to `FF_MAX_SS`), in bytes. */
export const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];

/** Most sectors a drive can have: FatFs counts them in 32 bits here. */
const MAX_SECTORS = 0xffff_ffff;

/** @throws FatError INVALID_PARAMETER unless 512, 1024, 2048 or 4096 */
export function checkSectorSize(sectorSize: number): void {
  if (SECTOR_SIZES.includes(sectorSize)) return;
  throw new FatError(
    'INVALID_PARAMETER',
    FRESULT.FR_INVALID_PARAMETER,
    `sector size ${sectorSize} is not 512, 1024, 2048 or 4096`,
    { size: sectorSize },
  );
}

/** A block device as whole sectors. Bytes past the last whole sector are out of reach. */
export function deviceDrive(device: BlockDevice, sectorSize: number, readOnly: boolean): Drive {
  const blockSectors = device.blockSize / sectorSize;
  const aligned = Number.isInteger(blockSectors) && (blockSectors & (blockSectors - 1)) === 0 && blockSectors <= 32768;
  return {
    sectorSize,
    sectorCount: Math.min(MAX_SECTORS, Math.floor(device.size / sectorSize)),
    eraseSectors: aligned ? blockSectors : 1,
    readOnly,
    readSectors: (sector, into) => device.read(sector * sectorSize, into),
    writeSectors: (sector, from) => device.program(sector * sectorSize, from),
    sync: () => device.sync?.(),
  };
}

/** A block device seen as a source of bytes, for readers that only look. */
export function deviceSource(device: BlockDevice): ByteSource {
  return {
    size: device.size,
    read(offset, into) {
      const count = Math.max(0, Math.min(into.length, device.size - offset));
      if (count > 0) device.read(offset, into.subarray(0, count));
      return count;
    },
  };
}

/** Runs an access to the device outside FatFs; what the device throws becomes the cause of a FatError DISK_ERROR. */
export function onDevice<T>(operation: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw cause instanceof FatError ? cause : FatError.fromResult(FRESULT.FR_DISK_ERR, { operation, cause });
  }
}

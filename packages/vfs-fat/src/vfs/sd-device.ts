import { type BlockDevice, SourceError } from '@loadstone/fd-sources';
import { CTRL_SYNC, GET_BLOCK_SIZE, GET_SECTOR_COUNT, GET_SECTOR_SIZE } from './constants.js';
import type { VfsBlockDeviceOperations, VfsDriver, VfsIoctlArgument, VfsMode } from './operations.js';

/** Bytes of an SD card sector; the driver of the board knows no other. */
const SECTOR_SIZE = 512;

/** Sectors below 4 GiB: the board's driver computes byte addresses in 32 bits, and higher sectors wrap around. */
const REACHABLE_SECTORS = 2 ** 32 / SECTOR_SIZE;

/** How an SD card behaves. */
export interface SdDeviceOptions {
  /** Bytes per sector, 512 unless given; cards and the board have 512. */
  readonly sectorSize?: number;
}

/**
 * The block device `sd_dev` (tos_fatfs_drv.c) over any block device: register it as `/dev/sd`.
 * `ioctl` writes little-endian numbers into the given bytes: GET_SECTOR_COUNT and GET_SECTOR_SIZE four bytes, GET_BLOCK_SIZE
 * two; CTRL_SYNC takes none; anything else fails.
 */
export function sdDevice(device: BlockDevice, options: SdDeviceOptions = {}): VfsDriver<VfsBlockDeviceOperations> {
  return { operations: (mode) => sdOperations(device, options.sectorSize ?? SECTOR_SIZE, mode) };
}

function sdOperations(device: BlockDevice, sectorSize: number, mode: VfsMode): VfsBlockDeviceOperations {
  const sectors = Math.floor(device.size / sectorSize);
  const address = (sector: number) => {
    if (sector < REACHABLE_SECTORS) return sector * sectorSize;
    if (mode.behaviour === 'parity') return (sector % REACHABLE_SECTORS) * sectorSize;
    mode.differs('sd_dev: the board reaches only the first 4 GiB of a card; higher sectors wrap around to its start');
    return sector * sectorSize;
  };
  return {
    open: () => 0,
    close: () => 0,
    read: (_dev, buf, startSector, nsectors) =>
      attempt(() => device.read(address(startSector), buf.subarray(0, nsectors * sectorSize))),
    write: (_dev, buf, startSector, nsectors) =>
      attempt(() => device.program(address(startSector), buf.subarray(0, nsectors * sectorSize))),
    geometry(_dev, geo) {
      geo.is_available = 1;
      geo.sector_size = sectorSize;
      geo.nsectors = sectors;
      return 0;
    },
    ioctl(_dev, cmd, arg) {
      switch (cmd) {
        case CTRL_SYNC:
          return attempt(() => device.sync?.());
        case GET_SECTOR_COUNT:
          return writeNumber(arg, sectors, 4);
        case GET_SECTOR_SIZE:
          return writeNumber(arg, sectorSize, 4);
        case GET_BLOCK_SIZE:
          return writeNumber(arg, sectorSize, 2);
        default:
          return -1;
      }
    },
  };
}

/** 0, or -1 when the device refuses; other errors are the program's own and pass through. */
function attempt(run: () => void): number {
  try {
    run();
    return 0;
  } catch (error) {
    if (error instanceof SourceError) return -1;
    throw error;
  }
}

function writeNumber(into: VfsIoctlArgument, value: number, bytes: number): number {
  if (!(into instanceof Uint8Array) || into.length < bytes) return -1;
  for (let index = 0; index < bytes; index++) into[index] = (value / 256 ** index) & 0xff;
  return 0;
}

import type { BlockDevice } from '@loadstone/fd-sources';
import { readVolumeParameters, type VolumeParameters } from './boot-sector.js';
import { checkSectorSize, deviceDrive, deviceSource, onDevice, SECTOR_SIZES } from './device-drive.js';
import { FatError } from './error.js';
import { FRESULT } from './fresult.js';
import { checkLabel, writeLabel, writeSerial } from './label.js';
import type { FatFsLibrary } from './library.js';

/** `FM_*` of ff.h. */
const FM_FAT = 0x01;
const FM_FAT32 = 0x02;
const FM_SFD = 0x08;

/** Work area of `f_mkfs` in bytes; larger ones clear the FAT in fewer writes. */
const WORK_SIZE = 65536;

/** Cluster counts of each type, 16 away from the borders, where implementations disagree by one or two (section 3.5). */
const CLUSTERS = { fat12: [1, 4068], fat16: [4101, 65508], fat32: [65541, 0x0ffffff4] } as const;

const PARTITION_START = 63;
const MAX_SECTORS_PER_CLUSTER = 128;

/** What volume to make. */
export interface FormatOptions {
  readonly type: 'fat12' | 'fat16' | 'fat32';
  /** Bytes: 512, 1024, 2048 or 4096. The device's block size when it is one of these, else 512. */
  readonly sectorSize?: number;
  /** Bytes, a power of two from the sector size to 128 sectors; the smallest that gives the type unless given. */
  readonly clusterSize?: number;
  /** Up to 11 upper-case ASCII characters. */
  readonly label?: string;
  /** Puts an MBR in front, with the volume as its first partition, at sector 63. */
  readonly partition?: boolean;
  /** Copies of the FAT, 2 unless given. */
  readonly fats?: 1 | 2;
  /** Entries of the root directory of FAT12/16, a whole number of sectors; 512 unless given. */
  readonly rootEntries?: number;
  /** 32-bit serial number; from size and time unless given. */
  readonly serial?: number;
}

/** What `f_mkfs` itself takes. */
export interface RawFormatOptions {
  readonly sectorSize: number;
  /** `FM_*` bits: 1 FAT12/16, 2 FAT32, 8 no partition table. */
  readonly format: number;
  /** Bytes, 0 for FatFs' choice. */
  readonly clusterSize: number;
  /** Copies of the FAT; 1 unless given, as FatFs R0.13 makes them. */
  readonly fats?: number;
  readonly rootEntries?: number;
}

/**
 * Makes a FAT volume; everything on the device is lost.
 * @throws FatError FORMAT_ABORTED when the device is too small or too large for the type and cluster size, INVALID_PARAMETER,
 *   INVALID_NAME (label), DISK_ERROR
 */
export function format(library: FatFsLibrary, device: BlockDevice, options: FormatOptions): VolumeParameters {
  const { type, partition = false, fats = 2, rootEntries = 512 } = options;
  const sectorSize =
    options.sectorSize ?? (SECTOR_SIZES.includes(device.blockSize) ? device.blockSize : SECTOR_SIZES[0]);
  checkSectorSize(sectorSize);
  checkLabel(options.label ?? '');
  const clusterSize = chooseClusterSize(device.size, { ...options, sectorSize, fats, rootEntries, partition });
  const family = type === 'fat32' ? FM_FAT32 : FM_FAT;
  const format = family | (partition ? 0 : FM_SFD);
  formatRaw(library, device, { sectorSize, format, clusterSize, fats, rootEntries });
  const parameters = onDevice('format', () => readVolumeParameters(deviceSource(device), sectorSize));
  if (parameters?.type !== type) throw aborted(`the result would be ${parameters?.type ?? 'no volume'}, not ${type}`);
  onDevice('format', () => {
    if (options.label !== undefined) writeLabel(device, parameters, options.label);
    if (options.serial !== undefined) writeSerial(device, parameters, options.serial);
    device.sync?.();
  });
  return parameters;
}

/** `f_mkfs` with its own parameters. */
export function formatRaw(library: FatFsLibrary, device: BlockDevice, options: RawFormatOptions): void {
  checkSectorSize(options.sectorSize);
  const number = library.attach(deviceDrive(device, options.sectorSize, false));
  const work = library.allocate(WORK_SIZE);
  try {
    const parameters = {
      fmt: options.format,
      n_fat: options.fats ?? 1,
      align: 0,
      n_root: options.rootEntries ?? 0,
      au_size: options.clusterSize,
    };
    const result = library.call('format', (fatfs) => fatfs.f_mkfs(`${number}:`, parameters, work, WORK_SIZE));
    if (result !== FRESULT.FR_OK) {
      const cause = library.deviceError;
      throw FatError.fromResult(result, {
        operation: 'format',
        size: device.size,
        ...(cause === undefined ? {} : { cause }),
      });
    }
  } finally {
    library.fatfs.free(work);
    library.detach(number);
  }
}

interface Geometry {
  readonly type: FormatOptions['type'];
  readonly sectorSize: number;
  readonly clusterSize?: number;
  readonly fats: number;
  readonly rootEntries: number;
  readonly partition: boolean;
}

function chooseClusterSize(size: number, geometry: Geometry): number {
  const { type, sectorSize, clusterSize, rootEntries } = geometry;
  if (rootEntries < 1 || rootEntries > 32768 || (rootEntries * 32) % sectorSize !== 0) {
    throw new FatError(
      'INVALID_PARAMETER',
      FRESULT.FR_INVALID_PARAMETER,
      `${rootEntries} root entries do not fill whole sectors`,
    );
  }
  const [least, most] = CLUSTERS[type];
  const given = clusterSize === undefined ? undefined : clusterSize / sectorSize;
  if (given !== undefined && (!Number.isInteger(given) || (given & (given - 1)) !== 0 || given < 1 || given > 128)) {
    throw new FatError(
      'INVALID_PARAMETER',
      FRESULT.FR_INVALID_PARAMETER,
      `cluster size ${clusterSize} is not ${sectorSize} bytes times a power of two up to 128`,
    );
  }
  let clusters = 0;
  for (let sectors = given ?? 1; sectors <= (given ?? MAX_SECTORS_PER_CLUSTER); sectors *= 2) {
    clusters = estimateClusters(size, sectors, geometry);
    if (clusters >= least && clusters <= most) return sectors * sectorSize;
    if (clusters < least) break;
  }
  const limit =
    clusters < least
      ? `small for ${type}, which needs ${least} clusters`
      : `large for ${type}, which has ${most} clusters at most`;
  throw aborted(`a device of ${size} bytes gives ${clusters} clusters, too ${limit}`);
}

/** Data clusters of a volume, as `f_mkfs` lays it out. */
function estimateClusters(size: number, sectorsPerCluster: number, geometry: Geometry): number {
  const { type, sectorSize, fats, rootEntries, partition } = geometry;
  const sectors = Math.floor(size / sectorSize) - (partition ? PARTITION_START : 0);
  const bytesPerEntry = type === 'fat12' ? 1.5 : type === 'fat16' ? 2 : 4;
  const fatSectors = Math.ceil((Math.floor(sectors / sectorsPerCluster) * bytesPerEntry + 8) / sectorSize);
  const overhead = type === 'fat32' ? 32 : 1 + (rootEntries * 32) / sectorSize;
  return Math.max(0, Math.floor((sectors - overhead - fats * fatSectors) / sectorsPerCluster));
}

function aborted(message: string): FatError {
  return new FatError('FORMAT_ABORTED', FRESULT.FR_MKFS_ABORTED, `format: ${message}`, { operation: 'format' });
}

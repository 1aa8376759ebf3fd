import type { ByteSource } from '@loadstone/fd-sources';

/** Geometry of a FAT volume as its boot sector states it (Microsoft FAT specification 1.03, section 3). */
export interface VolumeParameters {
  readonly type: 'fat12' | 'fat16' | 'fat32';
  /** Bytes per sector: 512, 1024, 2048 or 4096. */
  readonly bytesPerSector: number;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  /** Copies of the FAT, 1 or 2. */
  readonly fats: number;
  /** Entries of the fixed root directory; 0 on FAT32. */
  readonly rootEntries: number;
  readonly sectorsPerFat: number;
  readonly totalSectors: number;
  /** Data clusters. */
  readonly clusters: number;
  /** First cluster of the root directory on FAT32, else 0. */
  readonly rootCluster: number;
  /** First byte of the volume on the device; not 0 behind a partition table. */
  readonly partitionOffset: number;
}

const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];

/** Offset of the MBR's four 16-byte partition entries. */
const MBR_TABLE = 446;

/** Offset of the signature 0x55 0xAA in a boot sector, whatever the sector size. */
const SIGNATURE = 510;

/**
 * Reads the parameters of the first FAT volume: a boot sector in sector 0 (super-floppy), else the first partition of an
 * MBR that holds one, in the order and with the checks of FatFs (ff.c `find_volume`, `check_fs`, `mount_volume`).
 * @param sectorSize the device's sector size; without it, the size the boot sector itself names
 * @returns undefined when there is no FAT volume that FatFs would mount
 * @throws SourceError when the source cannot be read
 */
export function readVolumeParameters(source: ByteSource, sectorSize?: number): VolumeParameters | undefined {
  const first = new Uint8Array(512);
  if (source.read(0, first) < first.length) return undefined;
  const sizes = sectorSize === undefined ? SECTOR_SIZES : [sectorSize];
  if (looksLikeBootSector(first)) {
    const found = sizes.map((size) => parseBootSector(first, size, 0)).find((found) => found !== undefined);
    if (found !== undefined) return found;
  }
  if (first[SIGNATURE] !== 0x55 || first[SIGNATURE + 1] !== 0xaa) return undefined;
  const view = new DataView(first.buffer);
  const boot = new Uint8Array(512);
  for (let entry = MBR_TABLE; entry < MBR_TABLE + 64; entry += 16) {
    const start = view.getUint32(entry + 8, true);
    if (start === 0) continue;
    for (const size of sizes) {
      if (source.read(start * size, boot) < boot.length || !looksLikeBootSector(boot)) continue;
      const parameters = parseBootSector(boot, size, start * size);
      if (parameters !== undefined) return parameters;
    }
  }
  return undefined;
}

/**
 * Tells by content whether a source holds a FAT volume, as a super-floppy or in an MBR partition.
 * @throws SourceError when the source cannot be read
 */
export function isFatImage(source: ByteSource): boolean {
  return readVolumeParameters(source) !== undefined;
}

/**
 * What FatFs asks before it reads on (ff.c `check_fs`): a jump instruction, then either the FAT32 name and the signature or,
 * because volumes of early MS-DOS carry neither, plausible FAT12/16 parameters.
 */
function looksLikeBootSector(sector: Uint8Array): boolean {
  if (sector[0] !== 0xeb && sector[0] !== 0xe9 && sector[0] !== 0xe8) return false;
  const signed = sector[SIGNATURE] === 0x55 && sector[SIGNATURE + 1] === 0xaa;
  if (signed && String.fromCharCode(...sector.subarray(82, 90)) === 'FAT32   ') return true;
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  const rootEntries = view.getUint16(17, true);
  const largeEnough = view.getUint16(19, true) >= 128 || view.getUint32(32, true) >= 0x10000;
  return rootEntries !== 0 && largeEnough && view.getUint16(22, true) !== 0;
}

function parseBootSector(
  sector: Uint8Array,
  sectorSize: number,
  partitionOffset: number,
): VolumeParameters | undefined {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  const bytesPerSector = view.getUint16(11, true);
  const sectorsPerCluster = sector[13];
  const reservedSectors = view.getUint16(14, true);
  const fats = sector[16];
  const rootEntries = view.getUint16(17, true);
  const sectorsPerFat = view.getUint16(22, true) || view.getUint32(36, true);
  const totalSectors = view.getUint16(19, true) || view.getUint32(32, true);
  if (bytesPerSector !== sectorSize || reservedSectors === 0 || (fats !== 1 && fats !== 2)) return undefined;
  if (sectorsPerCluster === 0 || (sectorsPerCluster & (sectorsPerCluster - 1)) !== 0) return undefined;
  if (rootEntries % (bytesPerSector / 32) !== 0 || sectorsPerFat === 0) return undefined;
  const dataStart = reservedSectors + fats * sectorsPerFat + (rootEntries * 32) / bytesPerSector;
  if (totalSectors < dataStart) return undefined;
  const clusters = Math.floor((totalSectors - dataStart) / sectorsPerCluster);
  // Section 3.5: the cluster count alone tells the three types apart.
  const type = clusters <= 4085 ? 'fat12' : clusters <= 65525 ? 'fat16' : 'fat32';
  if (clusters === 0 || (type === 'fat32') !== (rootEntries === 0)) return undefined;
  const bits = type === 'fat12' ? 12 : type === 'fat16' ? 16 : 32;
  if (sectorsPerFat * bytesPerSector < Math.ceil(((clusters + 2) * bits) / 8)) return undefined;
  if (type === 'fat32' && view.getUint16(42, true) !== 0) return undefined;
  const rootCluster = type === 'fat32' ? view.getUint32(44, true) : 0;
  return {
    type,
    bytesPerSector,
    sectorsPerCluster,
    reservedSectors,
    fats,
    rootEntries,
    sectorsPerFat,
    totalSectors,
    clusters,
    rootCluster,
    partitionOffset,
  };
}

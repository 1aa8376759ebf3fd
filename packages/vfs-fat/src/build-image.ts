import { blockDevice, memorySource } from '@loadstone/fd-sources';
import type { VolumeParameters } from './fat/boot-sector.js';
import type { FatDateTime } from './fat/entry.js';
import { FatError } from './fat/error.js';
import type { FormatOptions } from './fat/format.js';
import { ATTRIBUTE, FA, FRESULT } from './fat/fresult.js';
import { ENTRY_SIZE, RawVolume } from './fat/raw-volume.js';
import { FatVolume } from './fat/volume.js';

/** What image to build. */
export interface FatImageOptions extends FormatOptions {
  /** Bytes of the image, a whole number of sectors; 1 440 KiB for FAT12, 16 MiB for FAT16, 64 MiB for FAT32 unless given. */
  readonly size?: number;
  /** Time stamp of every entry; 1980-01-01 00:00:00 unless given. */
  readonly timestamp?: FatDateTime;
}

const DEFAULT_SIZE = { fat12: 1440 * 1024, fat16: 16 * 1024 * 1024, fat32: 64 * 1024 * 1024 } as const;
const EPOCH: FatDateTime = { year: 1980, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

/**
 * Builds a FAT image from a tree of files. The same tree and options give the same bytes.
 * @param tree path (`dir/file`, directories made as needed) to content; a path that ends in `/` is an empty directory
 * @throws FatError DISK_FULL or DENIED when the tree does not fit, FORMAT_ABORTED when size and type do not, INVALID_NAME, EXISTS
 */
export async function buildFatImage(
  tree: Readonly<Record<string, Uint8Array>>,
  options: FatImageOptions,
): Promise<Uint8Array> {
  const { size = DEFAULT_SIZE[options.type], timestamp = EPOCH, sectorSize = 512, serial = 0 } = options;
  if (!Number.isSafeInteger(size) || size <= 0 || size % sectorSize !== 0) {
    throw new FatError(
      'INVALID_PARAMETER',
      FRESULT.FR_INVALID_PARAMETER,
      `an image of ${size} bytes is not a whole number of sectors of ${sectorSize} bytes`,
      { operation: 'build', size },
    );
  }
  const image = new Uint8Array(size);
  const device = blockDevice(memorySource(image), { blockSize: sectorSize });
  const parameters = await FatVolume.format(device, { ...options, sectorSize, serial });
  const volume = await FatVolume.mount(device, { sectorSize });
  try {
    const made = new Set<string>();
    for (const [path, content] of sortedFiles(tree)) {
      const names = path.split('/').filter((name) => name !== '');
      makeDirectories(volume, path.endsWith('/') ? names : names.slice(0, -1), made);
      if (!path.endsWith('/')) writeNewFile(volume, names.join('/'), content);
    }
  } finally {
    volume.unmount();
  }
  setTimestamps(new RawVolume(device, parameters), parameters, timestamp);
  return image;
}

/** Names that differ only by case are one name on the volume: refused, not overwritten. */
function writeNewFile(volume: FatVolume, path: string, content: Uint8Array): void {
  const file = volume.open(path, FA.WRITE | FA.CREATE_NEW);
  try {
    file.write(content);
  } finally {
    file.close();
  }
}

/** In the order of the paths without leading slashes, so that the order of the object does not show in the image. */
function sortedFiles(tree: Readonly<Record<string, Uint8Array>>): [string, Uint8Array][] {
  const files = Object.entries(tree).map(([path, content]): [string, Uint8Array] => [
    path.replace(/^\/+/, ''),
    content,
  ]);
  return files.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function makeDirectories(volume: FatVolume, names: readonly string[], made: Set<string>): void {
  let path = '';
  for (const name of names) {
    path += `/${name}`;
    const key = path.toLowerCase();
    if (made.has(key)) continue;
    volume.mkdir(path);
    made.add(key);
  }
}

/** Gives every entry of the volume, `.` and `..` included, one time of creation, access and change (section 6). */
function setTimestamps(volume: RawVolume, parameters: VolumeParameters, at: FatDateTime): void {
  const date = ((at.year - 1980) << 9) | (at.month << 5) | at.day;
  const time = (at.hour << 11) | (at.minute << 5) | (at.second >> 1);
  const sector = new Uint8Array(parameters.bytesPerSector);
  const view = new DataView(sector.buffer);
  const pending = [volume.rootCluster];
  for (let cluster = pending.pop(); cluster !== undefined; cluster = pending.pop()) {
    for (const address of volume.directorySectors(cluster)) {
      volume.device.read(address, sector);
      for (let entry = 0; entry < sector.length; entry += ENTRY_SIZE) {
        const attributes = sector[entry + 11];
        if (sector[entry] === 0 || sector[entry] === 0xe5 || (attributes & 0x3f) === ATTRIBUTE.LONG_NAME) continue;
        sector[entry + 13] = 0;
        for (const offset of [14, 22]) view.setUint16(entry + offset, time, true);
        for (const offset of [16, 18, 24]) view.setUint16(entry + offset, date, true);
        const isDot = sector[entry] === 0x2e;
        const first = view.getUint16(entry + 20, true) * 0x10000 + view.getUint16(entry + 26, true);
        if (attributes & ATTRIBUTE.DIRECTORY && !isDot) pending.push(first);
      }
      volume.device.program(address, sector);
    }
  }
}

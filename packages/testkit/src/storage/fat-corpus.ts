import { createHash } from 'node:crypto';
import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { type FatEntry, FatError, FatVolume, type VolumeParameters } from '@loadstone/vfs-fat';
import { type FatManifestEntry, type FatManifestFile, type FatManifestVolume, isFatManifest } from './fat-manifest.js';

/** Bytes per read call when a damaged file is read, as the reference did. */
const READ_SIZE = 4096;

/** Result of an operation that succeeded. */
const FR_OK = 0;

/**
 * Compares what this project reads from a FAT image with the manifest: the volume's parameters, every name, attribute, size
 * and content of good images, and on damaged ones FatFs' own results, entry by entry.
 * @param manifest the parsed manifest
 * @param image the image, decompressed
 * @returns one line per difference; none when all agrees
 */
export async function runFatManifest(manifest: unknown, image: Uint8Array): Promise<string[]> {
  if (!isFatManifest(manifest)) return ['no FAT manifest'];
  if (sha256(image) !== manifest.imageSha256) return ['the image is not the one the manifest describes'];
  const differences: string[] = [];
  let volume: FatVolume;
  try {
    volume = await FatVolume.mount(blockDevice(memorySource(image), { blockSize: 512 }), { readOnly: true });
  } catch (error) {
    compare(differences, 'mount', fresultOf(error), manifest.fatfs?.mount ?? FR_OK);
    return differences;
  }
  try {
    compare(differences, 'mount', FR_OK, manifest.fatfs?.mount ?? FR_OK);
    if (manifest.files !== undefined) {
      if (manifest.volume !== undefined) compareVolume(differences, volume.parameters, manifest.volume);
      compareTree(differences, volume, manifest.files, manifest.files.length);
      for (const file of manifest.files) if (file.type === 'file') compareGoodFile(differences, volume, file);
    }
    const entries = manifest.fatfs?.entries;
    if (entries !== undefined) {
      compareTree(differences, volume, entries, manifest.fatfs?.entriesSeen ?? entries.length);
      for (const entry of entries) if (entry.type === 'file') compareDamagedFile(differences, volume, entry);
    }
  } finally {
    volume.unmount();
  }
  return differences;
}

function compareVolume(differences: string[], ours: VolumeParameters, expected: FatManifestVolume): void {
  compare(differences, 'volume.fatBits', Number(ours.type.slice(3)), expected.fatBits);
  for (const field of [
    'bytesPerSector',
    'sectorsPerCluster',
    'reservedSectors',
    'fats',
    'rootEntries',
    'sectorsPerFat',
    'totalSectors',
    'clusters',
    'partitionOffset',
  ] as const) {
    compare(differences, `volume.${field}`, ours[field], expected[field]);
  }
}

/** Both ways: everything expected is there as described, and nothing else is, down to the depth the manifest goes. */
function compareTree(
  differences: string[],
  volume: FatVolume,
  expected: readonly (FatManifestFile & FatManifestEntry)[],
  entriesSeen: number,
): void {
  const deepest = Math.max(0, ...expected.map(({ path }) => depthOf(path)));
  const expectedByPath = new Map(expected.map((entry) => [entry.path, entry]));
  const found = new Map<string, FatEntry>();
  const pending = ['/'];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    let result = FR_OK;
    try {
      for (const entry of volume.list(directory)) {
        const path = `${directory === '/' ? '' : directory}/${entry.name}`;
        found.set(path, entry);
        if (entry.type === 'directory' && depthOf(path) < deepest) pending.push(path);
      }
    } catch (error) {
      result = fresultOf(error);
    }
    compare(differences, `${directory} listed`, result, expectedByPath.get(directory)?.code ?? FR_OK);
  }
  for (const entry of expected) {
    const ours = found.get(entry.path);
    if (ours === undefined) {
      differences.push(`${entry.path} is missing`);
      continue;
    }
    compare(differences, `${entry.path} type`, ours.type === 'directory' ? 'dir' : 'file', entry.type);
    if (entry.shortName !== undefined)
      compare(differences, `${entry.path} short name`, ours.shortName, entry.shortName);
    if (entry.attributes !== undefined)
      compare(differences, `${entry.path} attributes`, ours.attributes, entry.attributes);
    if (entry.size !== undefined) compare(differences, `${entry.path} size`, ours.size, entry.size);
  }
  if (entriesSeen > expected.length) return;
  for (const path of found.keys()) if (!expectedByPath.has(path)) differences.push(`${path} is not expected`);
}

function compareGoodFile(differences: string[], volume: FatVolume, file: FatManifestFile): void {
  try {
    const content = volume.readFile(file.path);
    if (file.sha256 !== undefined) compare(differences, `${file.path} content`, sha256(content), file.sha256);
  } catch (error) {
    compare(differences, `${file.path} read`, fresultOf(error), FR_OK);
  }
}

function compareDamagedFile(differences: string[], volume: FatVolume, entry: FatManifestEntry): void {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(READ_SIZE);
  let bytes = 0;
  let code = FR_OK;
  try {
    const file = volume.open(entry.path);
    try {
      for (let count = file.read(buffer); count > 0; count = file.read(buffer)) {
        hash.update(buffer.subarray(0, count));
        bytes += count;
      }
    } finally {
      file.close();
    }
  } catch (error) {
    code = fresultOf(error);
  }
  compare(differences, `${entry.path} result`, code, entry.code ?? FR_OK);
  if (entry.bytes !== undefined) compare(differences, `${entry.path} bytes`, bytes, entry.bytes);
  if (entry.sha256 !== undefined) compare(differences, `${entry.path} content`, hash.digest('hex'), entry.sha256);
}

function depthOf(path: string): number {
  return path.split('/').length - 1;
}

function fresultOf(error: unknown): number {
  if (error instanceof FatError) return error.fresult;
  throw error;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function compare(differences: string[], what: string, ours: string | number, expected: string | number): void {
  if (ours !== expected) differences.push(`${what}: ${ours} instead of ${expected}`);
}

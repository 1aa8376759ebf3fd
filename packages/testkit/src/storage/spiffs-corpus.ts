import { createHash } from 'node:crypto';
import { type BlockDevice, flashDevice, memorySource } from '@loadstone/fd-sources';
import { Spiffs, SpiffsError } from '@loadstone/spiffs';
import { isSpiffsManifest, type SpiffsFile, type SpiffsManifest, type SpiffsStats } from './spiffs-manifest.js';

/**
 * Compares what this project makes of a SPIFFS image with what the C library made of it.
 * @param manifest the parsed manifest
 * @param image the image, decompressed
 * @returns one line per difference; none when all agrees
 */
export function runSpiffsManifest(manifest: unknown, image: Uint8Array): string[] {
  if (!isSpiffsManifest(manifest)) return ['no SPIFFS manifest'];
  const differences: string[] = [];
  if (sha256(image) !== manifest.imageSha256) return ['the image is not the one the manifest describes'];
  compareReading(manifest, image, differences);
  return differences;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A flash as long as the manifest says; bytes the image does not have are erased. */
export function deviceFor(manifest: SpiffsManifest, image: Uint8Array): { device: BlockDevice; bytes: Uint8Array } {
  const { totalSize, eraseSize } = manifest.config;
  const bytes = new Uint8Array(totalSize).fill(0xff);
  bytes.set(image.subarray(0, totalSize));
  return { device: flashDevice(memorySource(bytes), { blockSize: eraseSize }), bytes };
}

/** Runs something, and gives the C library's error number when it fails with one. */
export function resultOf<T>(work: () => T): { value: T; errno: 0 } | { value: undefined; errno: number } {
  try {
    return { value: work(), errno: 0 };
  } catch (error) {
    if (error instanceof SpiffsError) return { value: undefined, errno: error.errno };
    throw error;
  }
}

function compareReading(manifest: SpiffsManifest, image: Uint8Array, differences: string[]): void {
  const { device, bytes } = deviceFor(manifest, image);
  const mounted = resultOf(() => Spiffs.mount(device, manifest.config));
  const reference = manifest.reference;
  if (reference?.mount !== undefined && reference.mount !== mounted.errno) {
    differences.push(`mount gave ${mounted.errno} instead of ${reference.mount}`);
  }
  const fs = mounted.value;
  if (fs === undefined) return;
  if (reference?.files !== undefined) {
    const expected = reference.mountModifiedImage === true ? reference.sha256AfterMount : manifest.imageSha256;
    const padded = image.length < bytes.length || image.length > bytes.length;
    if (!padded && sha256(bytes) !== expected) differences.push('the image after the mount differs');
    compareFiles(fs, reference.files, 'mount', differences);
    if (reference.stats !== undefined) compareStats(fs, reference.stats, 'mount', differences);
  }
  for (const file of manifest.sourceFiles ?? []) {
    if (reference?.files !== undefined) break;
    const read = resultOf(() => fs.readFile(file.name));
    if (read.value === undefined) differences.push(`${file.name}: reading gave ${read.errno}`);
    else if (sha256(read.value) !== file.sha256) differences.push(`${file.name}: other content`);
  }
}

/** Compares the listing, and every file read back. */
export function compareFiles(fs: Spiffs, files: readonly SpiffsFile[], when: string, differences: string[]): void {
  const listed = fs.list();
  if (listed.length !== files.length) {
    differences.push(`after ${when}: ${listed.length} files instead of ${files.length}`);
  }
  for (const [at, file] of files.entries()) {
    const entry = listed[at];
    if (entry === undefined) break;
    const name = hex(entry.nameBytes);
    const wanted = file.nameHex ?? hex(new TextEncoder().encode(file.name ?? ''));
    if (name !== wanted) differences.push(`after ${when}: file ${at} is ${name} instead of ${wanted} (hex)`);
    for (const [field, actual, expected] of [
      ['object id', entry.objectId, file.objId],
      ['type', entry.type, file.type],
      ['size', entry.size, file.size],
      ['header page', entry.page, file.headerPage],
      ['metadata', hex(entry.meta), file.meta ?? ''],
    ] as const) {
      if (actual !== expected)
        differences.push(`after ${when}: ${entry.name}: ${field} ${actual} instead of ${expected}`);
    }
    const read = resultOf(() => fs.readFile(entry.nameBytes));
    const errno = file.openError ?? file.readError ?? 0;
    if (read.errno !== errno)
      differences.push(`after ${when}: ${entry.name}: reading gave ${read.errno} instead of ${errno}`);
    else if (read.value !== undefined && file.sha256 !== undefined && sha256(read.value) !== file.sha256) {
      differences.push(`after ${when}: ${entry.name}: other content`);
    }
  }
}

export function compareStats(fs: Spiffs, expected: SpiffsStats, when: string, differences: string[]): void {
  const { stats } = fs;
  for (const [field, actual, wanted] of [
    ['blocks', stats.blockCount, expected.blockCount],
    ['free blocks', stats.freeBlocks, expected.freeBlocks],
    ['allocated pages', stats.pagesAllocated, expected.pagesAllocated],
    ['deleted pages', stats.pagesDeleted, expected.pagesDeleted],
    ['erase counter', stats.maxEraseCount, expected.maxEraseCount],
  ] as const) {
    if (actual !== wanted) differences.push(`after ${when}: ${actual} ${field} instead of ${wanted}`);
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

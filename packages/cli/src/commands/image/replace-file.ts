import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { OpenedLocation } from 'loadstone';
import { UsageError } from '../../usage-error.js';
import { HostFileError } from './host-file-error.js';

/** Bytes copied at once. */
const CHUNK = 0x10_0000;

/** @throws UsageError when the file exists and may not be overwritten */
export function refuseOverwriting(path: string, force: boolean | undefined): void {
  if (force !== true && existsSync(path)) throw new UsageError(`${path} exists; --force overwrites it`);
}

/**
 * Makes or replaces a file in one step: `fill` writes a temporary file in the same folder, which then takes the file's place.
 * When anything fails the temporary file is removed and the file is as it was.
 * @param path a symbolic link is followed: the file it leads to is replaced
 * @param fill writes the file at the path it is given, which does not exist yet; with a result of false nothing is replaced
 */
export async function replaceFile<Result>(
  path: string,
  fill: (temporary: string) => Result | Promise<Result>,
  isWanted: (result: Result) => boolean = () => true,
): Promise<Result> {
  const target = existsSync(path) ? realpathSync(path) : path;
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const result = await fill(temporary);
    if (isWanted(result)) {
      makeDurable(temporary);
      renameSync(temporary, target);
    }
    return result;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function makeDurable(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a new file. Whole stretches of zeros become holes where the host's file system has them.
 * @param onBytes is told of each part written
 */
export function writeNewFile(path: string, source: OpenedLocation['source'], onBytes: (count: number) => void): void {
  const fd = openSync(path, 'wx');
  try {
    copyInto(fd, source, onBytes);
  } finally {
    closeSync(fd);
  }
}

/**
 * Copies an image to a new file with the same permissions.
 * @throws HostFileError WRONG_KIND when it is no regular file, UsageError when it is packed with gzip
 */
export function copyImage(path: string, to: string, onBytes: (count: number) => void): void {
  const from = openSync(path, 'r');
  try {
    const { size, mode } = fstatSync(from);
    const fd = openSync(to, 'wx');
    try {
      fchmodSync(fd, mode & 0o777);
      copyInto(fd, { size, read: (offset, into) => readFully(from, offset, into, size) }, onBytes);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(from);
  }
}

/**
 * Refuses a file that cannot be changed as an image.
 * @returns its size in bytes
 * @throws HostFileError WRONG_KIND when it is no regular file, UsageError when it is packed with gzip
 */
export function checkChangeable(path: string): number {
  const fd = openSync(path, 'r');
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) throw new HostFileError('WRONG_KIND', path, 'not a regular file');
    const magic = new Uint8Array(2);
    readSync(fd, magic, 0, 2, 0);
    if (magic[0] === 0x1f && magic[1] === 0x8b) {
      throw new UsageError(`${path} is packed with gzip, and such images are only read; unpack it with gunzip first`);
    }
    return status.size;
  } finally {
    closeSync(fd);
  }
}

function readFully(fd: number, offset: number, into: Uint8Array, size: number): number {
  const count = Math.min(into.length, size - offset);
  let done = 0;
  while (done < count) {
    const read = readSync(fd, into, done, count - done, offset + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

function copyInto(fd: number, source: OpenedLocation['source'], onBytes: (count: number) => void): void {
  const chunk = new Uint8Array(Math.min(CHUNK, source.size));
  for (let offset = 0; offset < source.size; offset += chunk.length) {
    const part = chunk.subarray(0, source.read(offset, chunk));
    if (!isZero(part)) writeFully(fd, part, offset);
    onBytes(part.length);
  }
  ftruncateSync(fd, source.size);
}

function writeFully(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
}

function isZero(bytes: Uint8Array): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (let i = words.length * 4; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

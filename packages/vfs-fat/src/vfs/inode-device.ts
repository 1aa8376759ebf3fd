import type { BlockDevice } from '@loadstone/fd-sources';
import { FatError } from '../fat/error.js';
import { FRESULT } from '../fat/fresult.js';
import { CTRL_SYNC } from './constants.js';
import type { VfsBlkdevGeo, VfsBlockDeviceInode, VfsInode } from './structures.js';

/**
 * Opens a registered block device for FatFs, as the disk glue does (tos_diskio.c): `open`, then `geometry`.
 * @throws FatError NOT_READY without those operations, when they fail, or when no card is there
 */
export function openInodeDevice(inode: VfsInode): BlockDevice {
  if (inode.type !== 1) throw notReady(inode, 'it is no block device');
  if (inode.ops.open === undefined || inode.ops.geometry === undefined)
    throw notReady(inode, 'it has no open or geometry');
  if (inode.ops.open(inode) !== 0) throw notReady(inode, 'open failed');
  const geometry: VfsBlkdevGeo = { is_available: 0, sector_size: 0, nsectors: 0 };
  if (inode.ops.geometry(inode, geometry) !== 0) throw notReady(inode, 'geometry failed');
  if (geometry.is_available === 0) throw notReady(inode, 'it is not available');
  return new InodeDevice(inode, geometry);
}

function notReady(inode: VfsInode, reason: string): FatError {
  return new FatError('NOT_READY', FRESULT.FR_NOT_READY, `${inode.name}: ${reason}`);
}

class InodeDevice implements BlockDevice {
  readonly size: number;
  readonly blockSize: number;
  readonly #inode: VfsBlockDeviceInode;

  constructor(inode: VfsBlockDeviceInode, geometry: VfsBlkdevGeo) {
    this.#inode = inode;
    this.blockSize = geometry.sector_size;
    this.size = geometry.nsectors * geometry.sector_size;
  }

  read(address: number, into: Uint8Array): void {
    const { blockSize } = this;
    const start = Math.floor(address / blockSize);
    const end = Math.ceil((address + into.length) / blockSize);
    if (start * blockSize === address && (end - start) * blockSize === into.length) {
      this.#transfer('read', into, start, end - start);
      return;
    }
    const whole = new Uint8Array((end - start) * blockSize);
    this.#transfer('read', whole, start, end - start);
    into.set(whole.subarray(address - start * blockSize, address - start * blockSize + into.length));
  }

  program(address: number, from: Uint8Array): void {
    if (address % this.blockSize !== 0 || from.length % this.blockSize !== 0) {
      throw new FatError(
        'INVALID_PARAMETER',
        FRESULT.FR_INVALID_PARAMETER,
        `${this.#inode.name}: only whole sectors can be written`,
      );
    }
    this.#transfer('write', from, address / this.blockSize, from.length / this.blockSize);
  }

  erase(block: number): void {
    const result = this.#inode.ops.erase?.(this.#inode, block, 1);
    if (result !== 0) throw this.#failed('erase', block, 1);
  }

  sync(): void {
    if (this.#inode.ops.ioctl?.(this.#inode, CTRL_SYNC, null) !== 0) throw this.#failed('sync', 0, 0);
  }

  #transfer(operation: 'read' | 'write', buffer: Uint8Array, start: number, count: number): void {
    if (this.#inode.ops[operation]?.(this.#inode, buffer, start, count) !== 0)
      throw this.#failed(operation, start, count);
  }

  #failed(operation: string, sector: number, sectorCount: number): FatError {
    return new FatError(
      'DISK_ERROR',
      FRESULT.FR_DISK_ERR,
      `${this.#inode.name}: ${operation} failed at sector ${sector}`,
      {
        operation,
        sector,
        sectorCount,
      },
    );
  }
}

import { checkCount, checkRange } from './arguments.js';
import type { BlockDevice } from './block-device.js';
import type { ByteSource } from './byte-source.js';
import { SourceError } from './error.js';
import { isWritable } from './window-source.js';

/**
 * A device of sectors over a source: a program replaces bytes, as on an SD card or in a plain image file. Over a source
 * without `write` the device is read-only.
 * @param source the device's bytes; its size must be a whole number of blocks
 * @param options.blockSize bytes of one sector (or erase block), 1 or more
 * @throws SourceError BAD_ARGUMENT when the sizes do not fit
 */
export function blockDevice(source: ByteSource, options: { readonly blockSize: number }): BlockDevice {
  return new SectorDevice(source, options.blockSize);
}

/** Refuses a device that is not made of whole blocks. */
export function checkGeometry(size: number, blockSize: number): void {
  checkCount(blockSize, 1, 'blockSize');
  checkCount(size, 0, 'device size');
  if (size % blockSize !== 0) {
    throw new SourceError('BAD_ARGUMENT', `${size} bytes are not a whole number of blocks of ${blockSize} bytes`, {
      size,
    });
  }
}

/** Refuses a block number the device does not have. */
export function checkBlock(block: number, device: BlockDevice): void {
  const blocks = device.size / device.blockSize;
  if (!Number.isSafeInteger(block) || block < 0) {
    throw new SourceError('BAD_ARGUMENT', `block ${block} is not a block number`);
  }
  if (block >= blocks) {
    throw new SourceError('OUT_OF_RANGE', `block ${block} of a device with ${blocks} blocks`, {
      offset: block * device.blockSize,
      length: device.blockSize,
      size: device.size,
    });
  }
}

class SectorDevice implements BlockDevice {
  readonly size: number;
  readonly blockSize: number;
  readonly #source: ByteSource;

  constructor(source: ByteSource, blockSize: number) {
    checkGeometry(source.size, blockSize);
    this.#source = source;
    this.size = source.size;
    this.blockSize = blockSize;
  }

  read(address: number, into: Uint8Array): void {
    checkRange(address, into.length, this.size, 'read');
    this.#source.read(address, into);
  }

  program(address: number, from: Uint8Array): void {
    checkRange(address, from.length, this.size, 'program');
    this.#write(address, from);
  }

  erase(block: number): void {
    checkBlock(block, this);
    this.#write(block * this.blockSize, new Uint8Array(this.blockSize).fill(0xff));
  }

  #write(address: number, from: Uint8Array): void {
    if (!isWritable(this.#source)) {
      throw new SourceError('READ_ONLY', 'the source under this device cannot be written', {
        offset: address,
        length: from.length,
      });
    }
    this.#source.write(address, from);
  }
}

import { LoaderError } from '../errors.js';
import type { TargetMemory } from '../target-memory.js';

const CHUNK = 0x10000;

/** Stores `size` zero bytes. */
export function writeZeros(memory: TargetMemory, address: number, size: number): void {
  const zeros = new Uint8Array(Math.min(size, CHUNK));
  for (let done = 0; done < size; done += CHUNK)
    memory.write(address + done, zeros.subarray(0, Math.min(CHUNK, size - done)));
}

/**
 * Compares what memory holds with what the file holds.
 * @throws LoaderError READ_ONLY_PLACE at the first difference
 */
export function verifyInPlace(memory: TargetMemory, address: number, bytes: Uint8Array, name: string): void {
  const found = new Uint8Array(bytes.length);
  memory.read(address, found);
  for (let i = 0; i < bytes.length; i++) {
    if (found[i] !== bytes[i]) {
      throw new LoaderError(
        'READ_ONLY_PLACE',
        `${name} is not in place: 0x${(address + i).toString(16)} holds 0x${found[i].toString(16)}, the file 0x${bytes[i].toString(16)}`,
        { section: name, address: address + i },
      );
    }
  }
}

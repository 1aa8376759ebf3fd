import type { BlockDevice } from '@loadstone/fd-sources';
import { onDevice } from '../fat/device-drive.js';

/** A device's sectors with changes kept aside until they are all to be written. */
export class SectorOverlay {
  readonly device: BlockDevice;
  readonly sectorSize: number;
  readonly #changed = new Map<number, Uint8Array>();

  constructor(device: BlockDevice, sectorSize: number) {
    this.device = device;
    this.sectorSize = sectorSize;
  }

  /** The sector at a byte address; the bytes are the caller's to keep. @throws FatError DISK_ERROR */
  read(address: number): Uint8Array {
    const changed = this.#changed.get(address);
    if (changed !== undefined) return changed.slice();
    const sector = new Uint8Array(this.sectorSize);
    onDevice('check', () => this.device.read(address, sector));
    return sector;
  }

  /** Changes one sector; nothing reaches the device yet. */
  change(address: number, edit: (sector: Uint8Array) => void): void {
    const sector = this.#changed.get(address) ?? this.read(address);
    edit(sector);
    this.#changed.set(address, sector);
  }

  /** Writes every change. @throws FatError DISK_ERROR */
  flush(): void {
    onDevice('repair', () => {
      for (const [address, sector] of this.#changed) this.device.program(address, sector);
      this.device.sync?.();
    });
    this.#changed.clear();
  }
}

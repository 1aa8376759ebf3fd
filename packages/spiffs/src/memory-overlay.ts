import { type BlockDevice, blockDevice, overlaySource } from '@loadstone/fd-sources';

/** A device whose changes stay in memory. */
export function memoryOverlay(device: BlockDevice): BlockDevice {
  const source = overlaySource({
    size: device.size,
    read: (offset, into) => {
      const count = Math.max(0, Math.min(into.length, device.size - offset));
      device.read(offset, into.subarray(0, count));
      return count;
    },
  });
  return blockDevice(source, { blockSize: device.blockSize });
}

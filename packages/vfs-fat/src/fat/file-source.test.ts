import { blockDevice, memorySource, SourceError } from '@loadstone/fd-sources';
import { byteSourceConformance } from '@loadstone/fd-sources/conformance';
import { describe, expect, it } from 'vitest';
import { FatVolume } from './volume.js';

async function formatted(): Promise<FatVolume> {
  const device = blockDevice(memorySource(new Uint8Array(400 * 512)), { blockSize: 512 });
  await FatVolume.format(device, { type: 'fat12' });
  return FatVolume.mount(device);
}

describe('a file as a ByteSource', () => {
  for (const { name, run } of byteSourceConformance(async (bytes) => {
    const volume = await formatted();
    volume.writeFile('/file', bytes);
    const source = volume.fileSource('/file');
    return {
      ...source,
      close() {
        source.close?.();
        volume.unmount();
      },
    };
  })) {
    it(name, run);
  }

  it('turns a failing volume into a SourceError', async () => {
    const volume = await formatted();
    volume.writeFile('/file', new Uint8Array(1000));
    const source = volume.fileSource('/file');
    volume.unmount();
    expect(() => source.read(0, new Uint8Array(1))).toThrow(SourceError);
  });
});

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { blockDevice, memorySource, SourceError } from '@loadstone/fd-sources';
import { byteSourceConformance } from '@loadstone/fd-sources/conformance';
import { describe, expect, it } from 'vitest';
import { FatError } from './error.js';
import { FatVolume } from './volume.js';

async function formatted(): Promise<FatVolume> {
  const device = blockDevice(memorySource(new Uint8Array(400 * 512)), { blockSize: 512 });
  await FatVolume.format(device, { type: 'fat12' });
  return FatVolume.mount(device);
}

function attempt(run: () => number): number | 'failed' {
  try {
    return run();
  } catch (error) {
    if (error instanceof FatError || error instanceof SourceError) return 'failed';
    throw error;
  }
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

  it.each(['fat12-frag', 'fat16-frag', 'fat32-frag', 'bad16-loop', 'bad16-size-huge', 'bad16-short-chain'])(
    'gives what FatFs gives, byte for byte and error for error: %s',
    async (name) => {
      const image = gunzipSync(readFileSync(new URL(`../../../testkit/fixtures/fat/${name}.img.gz`, import.meta.url)));
      const device = blockDevice(memorySource(new Uint8Array(image)), { blockSize: 512 });
      const volume = await FatVolume.mount(device);
      for (const { path, type, size } of volume.walk()) {
        if (type === 'directory') continue;
        const source = volume.fileSource(path);
        const file = volume.open(path);
        const piece = [new Uint8Array(5000), new Uint8Array(5000)];
        for (let offset = Math.min(size, 60_000) - 1; offset > -5000; offset -= 4999) {
          const from = Math.max(0, offset);
          const theirs = attempt(() => {
            file.seek(from);
            return file.read(piece[0]);
          });
          expect(
            attempt(() => source.read(from, piece[1])),
            `${path} at ${from}`,
          ).toBe(theirs);
          if (theirs !== 'failed') expect(Buffer.compare(piece[1], piece[0])).toBe(0);
        }
        file.close();
        source.close?.();
      }
      volume.unmount();
    },
  );

  it('turns a failing volume into a SourceError', async () => {
    const volume = await formatted();
    volume.writeFile('/file', new Uint8Array(1000));
    const source = volume.fileSource('/file');
    volume.unmount();
    expect(() => source.read(0, new Uint8Array(1))).toThrow(SourceError);
  });
});

import { type BlockDevice, blockDevice, memorySource } from '@loadstone/fd-sources';
import { FA, FatVolume } from '@loadstone/vfs-fat';
import { type Measurement, measure, measureAsync } from './measurement.js';

const KIB = 1024;
const MIB = KIB * KIB;
const CARD_SIZE = 64 * MIB;
const SMALL = 300 * KIB;
const LARGE = 8 * MIB;
const PIECE = 4 * KIB;
const PIECES = 256;

function card(): BlockDevice {
  return blockDevice(memorySource(new Uint8Array(CARD_SIZE)), { blockSize: 512 });
}

/** Bytes that no two pieces share. */
function content(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0, state = 1; index < length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Positions of the pieces that the random measurements touch. */
function positions(): number[] {
  const numbers = new Uint32Array(content(PIECES * 4).buffer);
  return [...numbers].map((number) => (number % (LARGE / PIECE)) * PIECE);
}

async function measureType(type: 'fat16' | 'fat32', clusterSize: number): Promise<Measurement[]> {
  const device = card();
  await FatVolume.format(device, { type, clusterSize });
  const volume = await FatVolume.mount(device);
  const label = `${type}, ${clusterSize} byte clusters`;
  const small = content(SMALL);
  const large = content(LARGE);
  volume.writeFile('/small.bin', small);
  volume.writeFile('/large.bin', large);
  const piece = new Uint8Array(PIECE);
  const into = new Uint8Array(LARGE);
  const places = positions();
  const source = volume.fileSource('/large.bin');
  const results = [
    measure(`${label}: read 300 KiB, open to close`, SMALL, () => volume.readFile('/small.bin')),
    measure(`${label}: read 8 MiB in sequence`, LARGE, () => source.read(0, into)),
    measure(`${label}: read 4 KiB at random, 256 times in 8 MiB`, PIECE * PIECES, () => {
      for (const place of places) source.read(place, piece);
    }),
  ];
  source.close?.();
  results.push(
    measure(`${label}: write 300 KiB, open to close`, SMALL, () => volume.writeFile('/small.bin', small)),
    measure(`${label}: write 8 MiB in sequence`, LARGE, () => volume.writeFile('/large.bin', large)),
  );
  const file = volume.open('/large.bin', FA.READ | FA.WRITE);
  results.push(
    measure(`${label}: write 4 KiB at random, 256 times in 8 MiB`, PIECE * PIECES, () => {
      for (const place of places) {
        file.seek(place);
        file.write(piece);
      }
      file.sync();
    }),
  );
  file.close();
  volume.unmount();
  results.push(
    await measureAsync(`${label}: mount 64 MiB, list the root, unmount`, 512, async () => {
      const mounted = await FatVolume.mount(device);
      mounted.list();
      mounted.unmount();
    }),
  );
  return results;
}

/** A 64 MiB card from nothing: formatted, with 40 files of 100 KiB in 4 directories. */
async function buildCard(): Promise<void> {
  const device = card();
  await FatVolume.format(device, { type: 'fat32' });
  const volume = await FatVolume.mount(device);
  const file = new Uint8Array(100 * KIB).fill(0x55);
  for (let directory = 0; directory < 4; directory++) {
    volume.mkdir(`/directory ${directory}`);
    for (let index = 0; index < 10; index++) volume.writeFile(`/directory ${directory}/file ${index}.bin`, file);
  }
  volume.unmount();
}

/** FAT on a card in memory. */
export async function measureFat(): Promise<Measurement[]> {
  return [
    ...(await measureType('fat16', 2048)),
    ...(await measureType('fat32', 512)),
    await measureAsync('fat32: build a 64 MiB card with 40 files of 100 KiB', 40 * 100 * KIB, buildCard),
  ];
}

import { type FlashDevice, flashDevice, memorySource } from '@loadstone/fd-sources';
import { buildImage, ESP_IDF_CONFIG, OpenFlags, Spiffs } from '@loadstone/spiffs';
import { type Measurement, measure } from './measurement.js';

/** The spiffs partition of Arduino-ESP32's default table. */
const PARTITION = 0x160000;
const FILE = 300_000;
/** Bytes of one random read. */
const PIECE = 1000;

/** SPIFFS with ESP-IDF's settings on a flash model in memory: reading, writing, mounting, building. */
export function measureSpiffs(): Measurement[] {
  const content = bytes(FILE);
  const files = Array.from({ length: 42 }, (_, i) => ({ name: `/file${i}.bin`, content: content.subarray(0, 30_000) }));
  const full = buildImage(files, ESP_IDF_CONFIG, { totalSize: PARTITION });
  const image = buildImage([{ name: '/large.bin', content }], ESP_IDF_CONFIG, { totalSize: PARTITION });
  const fs = Spiffs.mount(flash(image));
  const source = fs.fileSource('/large.bin');
  const into = new Uint8Array(FILE);
  const piece = into.subarray(0, PIECE);
  const offsets = Array.from({ length: FILE / PIECE }, (_, i) => (i * 104_729) % (FILE - PIECE));
  const fullFlash = flash(full);
  let empty = Spiffs.mount(flash(image));
  const makeEmpty = (): void => {
    const device = flash(new Uint8Array(PARTITION).fill(0xff));
    Spiffs.format(device);
    empty = Spiffs.mount(device);
  };

  return [
    measure('spiffs read 300 KB, sequential', FILE, () => {
      source.read(0, into);
    }),
    measure('spiffs read 300 KB by name, once', FILE, () => {
      fs.readFile('/large.bin');
    }),
    measure('spiffs read 300 x 1000 bytes, random', FILE, () => {
      for (const offset of offsets) source.read(offset, piece);
    }),
    measure('spiffs write 300 KB file', FILE, () => empty.writeFile('/large.bin', content), makeEmpty),
    measure(
      'spiffs write 300 KB in calls of 1000 bytes',
      FILE,
      () => {
        const fd = empty.open('/large.bin', OpenFlags.CREAT | OpenFlags.RDWR);
        for (let at = 0; at < FILE; at += PIECE) empty.write(fd, content.subarray(at, at + PIECE));
        empty.close(fd);
      },
      makeEmpty,
    ),
    measure('spiffs mount, 0x160000 bytes full', PARTITION, () => {
      Spiffs.mount(fullFlash);
    }),
    measure('spiffs build 0x160000 bytes full', PARTITION, () => {
      buildImage(files, ESP_IDF_CONFIG, { totalSize: PARTITION });
    }),
  ];
}

function flash(image: Uint8Array): FlashDevice {
  return flashDevice(memorySource(image), { blockSize: ESP_IDF_CONFIG.blockSize });
}

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

import { openImage, runBlob } from 'loadstone';

/**
 * The ESP32 runner: `/task.bin` from a SPIFFS image into instruction RAM, run as a task.
 * @param print receives the serial output
 * @param spiffs bytes of the SPIFFS partition
 */
export async function main(print: (text: string) => void, spiffs: Uint8Array): Promise<void> {
  const image = await openImage(spiffs);
  await runBlob(image.fileSource('/task.bin'), { input: 'ESP32', onText: print });
}

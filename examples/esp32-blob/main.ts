import { type Board, type CreateBoardOptions, createBoard, openImage, runBlob } from 'loadstone';

/**
 * The ESP32 runner: `/task.bin` from a SPIFFS image into instruction RAM, run as a task.
 * @param print receives the serial output
 * @param spiffs bytes of the SPIFFS partition
 * @param options engine and other settings of the board
 * @returns the board it ran on
 */
export async function main(
  print: (text: string) => void,
  spiffs: Uint8Array,
  options: CreateBoardOptions = {},
): Promise<Board> {
  const board = createBoard('esp32', options);
  const image = await openImage(spiffs);
  await runBlob(image.fileSource('/task.bin'), { board, input: 'ESP32', onText: print });
  return board;
}

import { type Board, type CreateBoardOptions, createBoard } from 'loadstone';
import { createEsp32, FILE_READ, MALLOC_CAP_8BIT, MALLOC_CAP_EXEC, NULL } from 'loadstone/esp32';

/** `struct TaskMetadata`: the entry's offset, then 16 bytes of text. */
const SIZEOF_TASK_METADATA = 20;

/**
 * The ESP32 runner sketch line by line: `/task-base.bin` from SPIFFS into instruction RAM, called in `setup` with its base address.
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
  const { Serial, SPIFFS, heap_caps_malloc, heap_caps_free, esp_get_free_heap_size, function_pointer } = createEsp32({
    board,
    spiffs,
    print,
  });

  function loadAndExecuteTask(path: string): void {
    Serial.println('Loading from SPIFFS');
    const taskFile = SPIFFS.open(path, FILE_READ);
    if (!taskFile) {
      Serial.println('Failed to open task file');
      return;
    }
    const fileSize = taskFile.size();
    Serial.printf('BIN SIZE: %d\n', fileSize);
    if (esp_get_free_heap_size() < fileSize) {
      Serial.println('Insufficient free heap memory');
      return;
    }
    const program = heap_caps_malloc(fileSize, MALLOC_CAP_EXEC || MALLOC_CAP_8BIT);
    if (program === NULL) {
      Serial.println('Failed to allocate memory');
      return;
    }

    // Instruction RAM takes only whole words.
    const buffer = new Uint8Array(128);
    for (let bytesRead = 0; bytesRead < fileSize; ) {
      const chunk = taskFile.read(buffer);
      for (let i = 0; i < chunk; i += 4) {
        const word = buffer[i] | (buffer[i + 1] << 8) | (buffer[i + 2] << 16) | (buffer[i + 3] << 24);
        board.access.store(program + bytesRead + i, 4, word);
      }
      bytesRead += chunk;
    }
    taskFile.close();

    const entry = board.access.load(program + fileSize - SIZEOF_TASK_METADATA, 4);
    const taskFunction = function_pointer(
      program + entry,
      'void (uintptr_t base, const char *input, uintptr_t *outAddr, char *output)',
    );
    const outAddr = [0];
    const output = new Uint8Array(17);
    taskFunction(program, 'ESP32', outAddr, output);
    Serial.printf('Return value from task: %s\n', new TextDecoder().decode(output.subarray(0, 16)));
    Serial.printf('Offset of hex in taskFunction: 0x%X\n', outAddr[0]);
    heap_caps_free(program);
  }

  Serial.begin(115200);
  if (!SPIFFS.begin(true)) {
    Serial.println('SPIFFS Mount Failed');
    return board;
  }
  loadAndExecuteTask('/task-base.bin');
  return board;
}

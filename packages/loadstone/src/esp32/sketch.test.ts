import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildImage } from '@loadstone/spiffs';
import { describe, expect, it } from 'vitest';
import {
  createEsp32,
  type Esp32,
  GuestFault,
  MALLOC_CAP_8BIT,
  MALLOC_CAP_EXEC,
  NULL,
  pdPASS,
  runBlob,
} from '../esp32.js';

const fixtures = fileURLToPath(new URL('../../../testkit/fixtures/', import.meta.url));
const blob = (name: string) => new Uint8Array(readFileSync(`${fixtures}modules/gp-iot/${name}`));

/** An ESP32 whose SPIFFS holds /task.bin. */
function deviceWith(content: Uint8Array): Esp32 {
  return createEsp32({ spiffs: buildImage([{ name: '/task.bin', content }]) });
}

/** The runner sketch up to the call, as GP-IOT's later version has it; undefined when it gave up. */
function loadTask(esp32: Esp32): { program: number; fileSize: number } | undefined {
  const { Serial, SPIFFS, board, esp_get_free_heap_size, heap_caps_malloc } = esp32;
  Serial.begin(115200);
  if (!SPIFFS.begin(true)) {
    Serial.println('SPIFFS Mount Failed');
    return undefined;
  }
  Serial.println('Loading from SPIFFS');
  const taskFile = SPIFFS.open('/task.bin', 'r');
  if (!taskFile) {
    Serial.println('Failed to open task file');
    return undefined;
  }
  const fileSize = taskFile.size();
  Serial.print('BIN SIZE: ');
  Serial.println(fileSize);
  Serial.print('Free heap size: ');
  Serial.println(esp_get_free_heap_size());
  if (esp_get_free_heap_size() < fileSize) {
    Serial.println('Insufficient free heap memory');
    return undefined;
  }
  const program = heap_caps_malloc(fileSize, MALLOC_CAP_EXEC || MALLOC_CAP_8BIT);
  if (program === NULL) {
    Serial.println('Failed to allocate memory');
    return undefined;
  }
  Serial.println('MALLOC OK');
  const buffer = new Uint8Array(128);
  let bytesRead = 0;
  while (bytesRead < fileSize) {
    const chunk = Math.min(buffer.length, fileSize - bytesRead);
    if (taskFile.read(buffer, chunk) !== chunk) {
      Serial.println('Failed to read chunk from task file');
      return undefined;
    }
    for (let i = 0; i < chunk; i += 4) {
      const word = buffer[i] | (buffer[i + 1] << 8) | (buffer[i + 2] << 16) | (buffer[i + 3] << 24);
      board.access.store(program + bytesRead + i, 4, word);
    }
    bytesRead += chunk;
  }
  taskFile.close();
  return { program, fileSize };
}

const decode = (output: Uint8Array) => new TextDecoder().decode(output.subarray(0, output.indexOf(0)));

describe('the runner sketch, line by line', () => {
  it('prints what runBlob prints as the first version, and runs the task on its own stack', async () => {
    const esp32 = deviceWith(blob('task.bin'));
    const { Serial, board, function_pointer, xTaskCreate, vTaskDelete } = esp32;
    const loaded = loadTask(esp32);
    if (!loaded) throw new Error('not loaded');
    Serial.println('SUBMITTING TASK');

    const taskRunner = ({ program, fileSize }: { program: number; fileSize: number }) => {
      const entry = board.access.load(program + fileSize - 20, 4);
      Serial.printf('Task Function Address           : 0x%X\n', entry);
      Serial.printf('Program buffer address          : 0x%X\n', program);
      Serial.printf('Calculated Task Function Address: 0x%X\n', program + entry);
      const taskFunction = function_pointer(program + entry, 'void (const char *input, char *output)');
      const output = new Uint8Array(100);
      taskFunction('ESP32', output);
      Serial.printf('Return value from task: %s\n', decode(output));
      vTaskDelete(null);
    };
    const handle = { value: 0 };
    expect(xTaskCreate(taskRunner, 'TaskRunner', 8192, loaded, 1, handle)).toBe(pdPASS);

    const run = await runBlob(blob('task.bin'));
    expect(run).toMatchObject({ status: 'returned', generation: 'first', metadata: 'end' });
    expect(board.console.text).toBe(run.serial);
    expect(esp32.finished_task).toMatchObject({ name: 'TaskRunner', status: 'deleted', handle: handle.value });
    expect(esp32.finished_task?.instructions).toBe(run.instructions);
    expect(esp32.finished_task?.stackHighWaterMark).toBeLessThan(8192);
  });

  it.each([
    ['task-base.bin', 'void (uintptr_t base, const char *input, uintptr_t *outAddr, char *output)'],
    ['task-globals.bin', 'void (uintptr_t base, const char *input, char *output)'],
  ])('prints what runBlob prints as the later version, %s', async (name, prototype) => {
    const esp32 = deviceWith(blob(name));
    const { Serial, board, function_pointer, heap_caps_free, heap_caps_get_free_size } = esp32;
    const free = heap_caps_get_free_size(MALLOC_CAP_EXEC);
    const loaded = loadTask(esp32);
    if (!loaded) throw new Error('not loaded');
    const { program, fileSize } = loaded;
    const metadata = program + fileSize - 20;
    const entry = board.access.load(metadata, 4);
    Serial.printf('File Size: %d\n', fileSize);
    Serial.printf('Size of TaskMetadata: %d\n', 20);
    Serial.printf('Program buffer address: 0x%X\n', program);
    Serial.printf('Metadata address: 0x%X\n', metadata);
    Serial.printf('Task Function Address in Metadata: 0x%X\n', entry);
    Serial.printf('Calculated Task Function Address: 0x%X\n', program + entry);
    const taskFunction = function_pointer(program + entry, prototype);
    const outAddr = [0];
    const output = new Uint8Array(17);
    if (name === 'task-base.bin') taskFunction(program, 'ESP32', outAddr, output);
    else taskFunction(program, 'ESP32', output);
    Serial.printf('Return value from task: %s\n', decode(output));
    Serial.printf('Offset of hex in taskFunction: 0x%X\n', outAddr[0]);
    Serial.printf('Absolute Address of hex: 0x%X\n', program + outAddr[0]);
    heap_caps_free(program);
    expect(heap_caps_get_free_size(MALLOC_CAP_EXEC)).toBe(free);

    const run = await runBlob(blob(name), { prototype });
    expect(run).toMatchObject({ status: 'returned', generation: 'head', output: '0123456789ABCDEF' });
    expect(board.console.text).toBe(run.serial);
  });

  it('gives up with the same lines as runBlob', async () => {
    const none = createEsp32();
    expect(loadTask(none)).toBeUndefined();
    expect(none.board.console.text).toBe('Loading from SPIFFS\r\nFailed to open task file\r\n');
    for (const size of [320_000, 250_000]) {
      const large = deviceWith(new Uint8Array(size));
      expect(loadTask(large)).toBeUndefined();
      expect(large.board.console.text).toBe((await runBlob(new Uint8Array(size))).serial);
    }
    const foreign = createEsp32({ spiffs: new Uint8Array(0x1_0000) });
    expect(foreign.SPIFFS.begin(false)).toBe(false);
  });
});

describe('xTaskCreate', () => {
  it('runs a guest function with its parameter; one that returns is a fault, as on the device', () => {
    const esp32 = createEsp32();
    const { board, xTaskCreate, heap_caps_malloc } = esp32;
    // entry a1, 32; movi a3, 7; s32i a3, a2, 0; retw
    const code = heap_caps_malloc(12, MALLOC_CAP_EXEC);
    board.write(code, Uint8Array.of(0x36, 0x41, 0x00, 0x32, 0xa0, 0x07, 0x32, 0x62, 0x00, 0x90, 0x00, 0x00));
    const word = board.variable('uint32_t word', 0);
    expect(() => xTaskCreate(code, 'guest', 2048, word, 5)).toThrow(
      'FreeRTOS Task "guest" should not return, Aborting now!',
    );
    expect(word.value).toBe(7);
    expect(() => xTaskCreate(code, 'guest', 2048, 'text', 5)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('refuses a stack larger than the heap, and gives a finished task its memory back', () => {
    const { xTaskCreate, vTaskDelete, heap_caps_get_free_size, pcTaskGetName } = createEsp32();
    const free = heap_caps_get_free_size(MALLOC_CAP_8BIT);
    const names: string[] = [];
    expect(xTaskCreate(() => vTaskDelete(null), 'big', 400_000, null, 1)).toBe(-1);
    const task = () => {
      names.push(pcTaskGetName(null));
      vTaskDelete(null);
    };
    expect(xTaskCreate(task, 'a name that is cut here', 4096, null, 1)).toBe(pdPASS);
    expect(pcTaskGetName(null)).toBe('loopTask');
    expect(names).toEqual(['a name that is ']);
    expect(heap_caps_get_free_size(MALLOC_CAP_8BIT)).toBe(free);
  });

  it('stops the sketch when a task returns, faults, or deletes itself outside of one', () => {
    const { xTaskCreate, vTaskDelete, function_pointer } = createEsp32();
    expect(() => xTaskCreate(() => undefined, 'short', 2048, null, 1)).toThrow(/should not return/);
    let fault: unknown;
    try {
      xTaskCreate(() => function_pointer(0x3ffb_0000, 'void (void)')(), 'wild', 2048, null, 1);
    } catch (error) {
      fault = error;
    }
    if (!(fault instanceof GuestFault)) throw new Error('no fault');
    expect(fault.report.firmware).toBe('Arduino-ESP32 sketch, SPIFFS correct');
    expect(fault.report.stack?.thread).toBe('task wild');
    expect(() => vTaskDelete(null)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('delays move the clock', () => {
    const { delay, vTaskDelay, millis, micros, xTaskGetTickCount } = createEsp32();
    delay(1500);
    vTaskDelay(10);
    expect([millis(), micros(), xTaskGetTickCount()]).toEqual([1510, 1_510_000, 1510]);
  });
});

import { xtensa } from '@loadstone/cpu-xtensa';
import { type Board, createBoard, ESP32_HEAP_REGIONS, esp32, HeapCaps } from '@loadstone/emulator-host';
import type { BlobRun } from 'loadstone/esp32';
import { type BlobCase, differencesOf, runCase } from './blob-case.js';

/** Bytes of the stack: the oracle's was large, an ESP32's has 8 KiB. */
const STACK_SIZE = 0x1_0000;
const STACK_START = 0x4000_0000 - STACK_SIZE;
const IRAM = { start: 0x4008_0000, end: 0x400a_0000 };

/** An ESP32 whose main stack takes the last 64 KiB of D/IRAM; blobs go to IRAM. */
function deepStackEsp32(): Board {
  const regions = ESP32_HEAP_REGIONS.map((region) =>
    region.start + region.size > STACK_START && region.start < STACK_START
      ? { ...region, size: STACK_START - region.start }
      : region,
  );
  return createBoard(
    {
      ...esp32,
      stack: { start: STACK_START, size: STACK_SIZE },
      heap: (memory) => new HeapCaps(memory, { regions }),
    },
    { architecture: xtensa },
  );
}

/**
 * How a blob fares in instruction RAM, which takes whole words only (ESP-IDF, docs/en/api-guides/memory-types.rst): it runs
 * as in other memory, or its first narrower access to its own bytes faults. Anything else is a difference.
 */
export function inInstructionRam(
  testCase: BlobCase,
  bytes: Uint8Array,
): { readonly isNarrow: boolean; readonly differences: readonly string[] } {
  const board = deepStackEsp32();
  const run = runCase(testCase, bytes, board);
  const base = run.blob?.base ?? 0;
  if (base < IRAM.start || base + bytes.length > IRAM.end) {
    return { isNarrow: false, differences: [`in IRAM: the blob lies at 0x${base.toString(16)}`] };
  }
  const isNarrow = run.status === 'fault';
  const found = isNarrow ? narrowAccessProblems(run, board) : differencesOf(testCase, run);
  return { isNarrow, differences: found.map((difference) => `in IRAM: ${difference}`) };
}

/** What is wrong with taking a fault for that of a narrow access: checked against the instruction's own bytes. */
function narrowAccessProblems(run: BlobRun, board: Board): string[] {
  const { fault, blob } = run;
  const access = fault?.access;
  if (!fault || !access || !blob || access.kind !== 'width') return [`${fault?.message ?? run.status}`];
  const word = new Uint8Array(4);
  board.read(fault.pc & ~3, word);
  const next = new Uint8Array(4);
  board.read((fault.pc & ~3) + 4, next);
  const instruction = Uint8Array.of(...word, ...next).subarray(fault.pc & 3);
  const decoded = narrowInstruction(instruction);
  if (!decoded) return [`${fault.message}, but the instruction there is no narrow load or store`];
  const address = ((fault.registers[`a${decoded.register}`] ?? 0) + decoded.offset) >>> 0;
  const expected = { access: decoded.access, width: decoded.width, address };
  const inside = address >= blob.base && address < blob.base + blob.size;
  const same = access.access === expected.access && access.width === expected.width && access.address === address;
  return inside && same ? [] : [`${fault.message}, but the instruction there makes ${JSON.stringify(expected)}`];
}

/** Load or store narrower than a word, by the `r` field of RRI8 format (Xtensa ISA Reference Manual, chapter 8, op0 = LSAI). */
const NARROW: Readonly<Record<number, { readonly access: 'read' | 'write'; readonly width: 1 | 2 }>> = {
  0: { access: 'read', width: 1 },
  1: { access: 'read', width: 2 },
  4: { access: 'write', width: 1 },
  5: { access: 'write', width: 2 },
  9: { access: 'read', width: 2 },
};

function narrowInstruction([low, middle, immediate]: Uint8Array) {
  if ((low & 15) !== 2) return undefined;
  const narrow = NARROW[middle >> 4];
  return narrow && { ...narrow, register: middle & 15, offset: immediate * narrow.width };
}

import { type Block, BlockBuilder, CONST_A, CONST_B, CONST_C, OP_STRIDE, OPCODE_MASK, Op } from '@loadstone/cpu-core';
import { describe, expect, it } from 'vitest';
import { thumb } from './architecture.js';
import { matches } from './decoder.js';
import type { Row } from './row.js';
import { rows } from './rows/index.js';

const SLOTS = thumb.slots.length;
const SAMPLES = 40;

let seed = 0x1234_5678;
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

/** Words of a row. */
function samples(row: Row): number[] {
  const words: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const free = row.length === 2 ? random() & 0xffff : random();
    // Should-be bits as they should be, so that the meaning is lifted.
    const word = (free & ~row.mask & ~row.shouldBeZero) | row.value | row.shouldBeOne;
    if (matches(row, word)) words.push(word);
  }
  return words;
}

function lift(word: number, length: number, mode: number): { block: Block; next: number } {
  const halves = length === 4 ? [word >>> 16, word & 0xffff] : [word];
  const builder = new BlockBuilder(SLOTS);
  const next = thumb.lift(builder, 0x8000, Uint8Array.from(halves.flatMap((half) => [half, half >>> 8])), mode);
  return { block: builder.finish(), next };
}

/** Outside IT, first of two, last, always; then with the traps of CCR and without FPCA. */
const modes = [0x400, 0x404, 0x408, 0x4e8, 0x700, 0];

const stops = new Set<Op>([
  ...[Op.Load8U, Op.Load8S, Op.Load16U, Op.Load16S, Op.Load32, Op.LoadMany],
  ...[Op.Store8, Op.Store16, Op.Store32, Op.StoreMany, Op.Raise],
]);
const writesNothing = new Set<Op>([
  Op.Store8,
  Op.Store16,
  Op.Store32,
  Op.StoreMany,
  Op.Raise,
  Op.When,
  Op.End,
  Op.JumpIf,
]);
const flagOps = new Set<Op>([Op.FlagsAdd, Op.FlagsAdc, Op.FlagsSub, Op.FlagsSbc, Op.FlagsNz]);
const exits = new Set<Op>([Op.Jump, Op.JumpTo]);

/** Whether a micro-op that can stop follows a write to a named slot. */
function stopsLate({ ops, lists }: Block): boolean {
  let wrote = false;
  let wroteBefore = false;
  let left = false;
  for (let at = 0; at < ops.length; at += OP_STRIDE) {
    const op: Op = ops[at] & OPCODE_MASK;
    if (stops.has(op) && wrote) return true;
    if (op === Op.When) {
      wroteBefore = wrote;
      left = false;
    } else if (op === Op.End) {
      if (left) wrote = wroteBefore;
    } else if (exits.has(op)) left = true;
    else if (op === Op.LoadMany) wrote ||= lists[ops[at + 3]].some((slot) => slot < SLOTS);
    else if (flagOps.has(op)) wrote = true;
    else if (!writesNothing.has(op)) wrote ||= ops[at + 1] < SLOTS;
  }
  return false;
}

/** Slots that micro-ops name beyond those that exist. */
function strangeSlots({ ops, lists, temporaries }: Block): number[] {
  const strange: number[] = [];
  for (let at = 0; at < ops.length; at += OP_STRIDE) {
    const operands = [
      ops[at + 1],
      (ops[at] & CONST_A) === 0 ? ops[at + 2] : 0,
      (ops[at] & CONST_B) === 0 ? ops[at + 3] : 0,
      (ops[at] & CONST_C) === 0 ? ops[at + 4] : 0,
    ];
    strange.push(...operands.filter((slot) => slot < 0 || slot >= SLOTS + temporaries));
  }
  for (const list of lists) strange.push(...list.filter((slot) => slot < 0 || slot >= SLOTS + temporaries));
  return strange;
}

describe('lifting', () => {
  it.each(modes)('gives sound micro-ops for every row, mode %i', (mode) => {
    const late: string[] = [];
    const strange: string[] = [];
    for (const row of rows) {
      for (const word of samples(row)) {
        const { block } = lift(word, row.length, mode);
        const name = `${(word >>> 0).toString(16)} ${row.format}`;
        if (stopsLate(block)) late.push(name);
        if (strangeSlots(block).length > 0) strange.push(name);
      }
    }
    expect(late).toEqual([]);
    expect(strange).toEqual([]);
  });

  it('counts IT blocks down in the mode it returns', () => {
    expect(lift(0xbf06, 2, 0x400).next).toBe(0x406);
    expect(lift(0x2301, 2, 0x406).next).toBe(0x40c);
    expect(lift(0x2301, 2, 0x408).next).toBe(0x400);
  });

  it('marks the use of the FPU', () => {
    expect(lift(0xee30_0a20, 4, 0).next).toBe(0x400);
    expect(lift(0x4408, 2, 0).next).toBe(0);
  });

  it('asks for more bytes', () => {
    const builder = new BlockBuilder(SLOTS);
    expect(thumb.lift(builder, 0, Uint8Array.of(0xf0), 0)).toBe(-1);
    expect(thumb.lift(builder, 0, Uint8Array.of(0x00, 0xf0), 0)).toBe(-1);
    expect(thumb.lift(builder, 0, Uint8Array.of(0x00, 0xf0, 0x00), 0)).toBe(-1);
  });

  it('uses one or two micro-ops for common instructions', () => {
    const count = (word: number, length: number): number => lift(word, length, 0x400).block.ops.length / OP_STRIDE;
    // ldr r0, [r1, #4]; adds r0, #1; cmp r0, r1; mov r0, r1; add.w r0, r1, r2; push {r4, lr}; b
    expect([0x6848, 0x3001, 0x4288, 0x4608, 0xb510, 0xe7fe].map((word) => count(word, 2))).toEqual([1, 2, 1, 1, 3, 1]);
    expect([0xeb01_0002, 0xf8d1_0004, 0xf000_f800].map((word) => count(word, 4))).toEqual([1, 1, 2]);
  });
});

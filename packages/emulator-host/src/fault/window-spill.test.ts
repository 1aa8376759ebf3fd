import { xtensa } from '@loadstone/cpu-xtensa';
import { describe, expect, it } from 'vitest';
import { type Board, createBoard } from '../board/board.js';
import { esp32 } from '../board/esp32.js';

const CODE = 0x4009_0000;

function boardWith(code: readonly number[], engine: 'interpreter' | 'wasm'): Board {
  const board = createBoard(esp32, { architecture: xtensa, engine });
  board.write(CODE, Uint8Array.from([...code, ...new Array(-code.length & 3).fill(0)]));
  return board;
}

describe.each(['interpreter', 'wasm'] as const)('window spills and reloads on the %s', (engine) => {
  it('that overflow the stack are told as such, at the ENTRY that made room', () => {
    // f: entry a1, 32; nop.n; call8 f
    const board = boardWith([0x36, 0x41, 0x00, 0x3d, 0xf0, 0xa5, 0xff, 0xff], engine);
    const { fault, instructions } = board.call(CODE, 'void f(void)', [], { fuel: 100_000 });
    // Frame n has its stack pointer at 0x3ffb2de0 - 32 (n + 1); its a0 to a3 are spilled to the 16 bytes below that of frame n + 1. The
    // first of these below the stack's lowest address 0x3ffb0e00 are those of frame 253, below stack pointer 0x3ffb0e00 of frame 254.
    expect(fault).toMatchObject({
      kind: 'stack-overflow',
      pc: CODE,
      access: { kind: 'unmapped', access: 'write', address: 0x3ffb_0df0, width: 4 },
    });
    expect(fault?.message).toBe(
      'stack overflow of main: write of 4 bytes at 0x3ffb0df0, 16 bytes below the lowest address of the stack (the CPU spills the register window of a caller)',
    );
    expect(instructions % 3).toBe(0);
    expect(fault?.backtrace?.[0].pc).toBe(CODE);
  });

  it('from where no memory is are told as such, at the RETW', () => {
    // WINDOWSTART says that no caller is in the register file, and a1 - 16 is where its registers would lie.
    const f = [
      0x36,
      0x41,
      0x00, // entry a1, 32
      0x20,
      0x48,
      0x03, // rsr.windowbase a2
      0x32,
      0xa0,
      0x01, // movi a3, 1
      0x00,
      0x12,
      0x40, // ssl a2
      0x00,
      0x33,
      0xa1, // sll a3, a3
      0x30,
      0x49,
      0x13, // wsr.windowstart a3
      0x10,
      0x20,
      0x00, // rsync
      0x12,
      0xa0,
      0x40, // movi a1, 64
      0x1d,
      0xf0, // retw.n
    ];
    const { fault } = boardWith(f, engine).call(CODE, 'void f(void)', []);
    expect(fault).toMatchObject({ kind: 'memory', pc: CODE + 24, access: { access: 'read', address: 48 } });
    expect(fault?.message).toBe(
      'read of 4 bytes at 0x00000030 (a null pointer): no memory is there (the CPU reloads the register window of a caller)',
    );
  });

  it('are not told of ordinary stores', () => {
    // entry a1, 32; movi a2, 64; s32i a2, a2, 0
    const { fault } = boardWith([0x36, 0x41, 0x00, 0x22, 0xa0, 0x40, 0x22, 0x62, 0x00], engine).call(
      CODE,
      'void f(void)',
    );
    expect(fault?.message).toBe('write of 4 bytes at 0x00000040 (a null pointer): no memory is there');
  });
});

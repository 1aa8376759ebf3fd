import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { type Board, type BoardDescription, createBoard, TosMmheap } from '@loadstone/emulator-host';
import { type Engine, now } from '../engine.js';
import { loadProgram, type Program, type Target } from '../workload.js';

/** A board for the workloads' link addresses: program from 0x10000 on, stack, data and heap behind it. */
function benchBoard(target: Target): BoardDescription {
  return {
    name: 'bench',
    regions: [{ name: 'RAM', start: 0, size: 0x10_0000, kind: 'ram', executable: true }],
    abi: target === 'xtensa' ? 'xtensa-windowed' : target === 'thumb-hard' ? 'aapcs-vfp' : 'aapcs',
    stack: { start: 0x8_0000, size: 0x1_0000 },
    data: { start: 0x9_0000, size: 0x1000 },
    functions: { firmware: 0x20_0000, size: 0x1000 },
    heap: (memory) => new TosMmheap(memory, { control: 0x9_1000, pool: { start: 0x9_2000, size: 0x1000 } }),
  };
}

/** A board with the program in memory; without `engine`, on the best one. */
export function loadBoard(program: Program, target: Target, engine?: 'interpreter' | 'wasm'): Board {
  const architecture = target === 'xtensa' ? xtensa : thumb;
  const board = createBoard(benchBoard(target), { architecture, ...(engine === undefined ? {} : { engine }) });
  for (const { address, bytes } of program.segments) board.write(address, bytes);
  return board;
}

/** `bench(rounds)` on the board. */
export function callBench(board: Board, program: Program, rounds: number) {
  const result = board.call(program.bench, 'uint32_t bench(uint32_t rounds)', [rounds]);
  if (result.status !== 'returned') throw new Error(`${program.path}: ${result.fault?.message ?? result.status}`);
  return { checksum: Number(result.returnValue) >>> 0, instructions: result.instructions };
}

function loadstone(name: string, engine: 'interpreter' | 'wasm'): Engine {
  return {
    name,
    targets: ['thumb-soft', 'thumb-hard', 'xtensa'],
    unavailable: () => undefined,
    prepare(workload, target) {
      const program = target && loadProgram(workload, target);
      if (!program || !target) return undefined;
      const board = loadBoard(program, target, engine);
      return {
        run(rounds) {
          const start = now();
          const result = callBench(board, program, rounds);
          return { ...result, seconds: now() - start };
        },
      };
    },
  };
}

export const interpreter = loadstone('interpreter', 'interpreter');
export const compiled = loadstone('wasm', 'wasm');

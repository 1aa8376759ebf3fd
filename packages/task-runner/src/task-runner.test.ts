import { readFileSync } from 'node:fs';
import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import {
  type Board,
  createBoard,
  esp32,
  genericCortexM,
  host,
  Snapshot,
  tencentosEvbMxPlus,
} from '@loadstone/emulator-host';
import { describe, expect, it } from 'vitest';
import { TaskError } from './error.js';
import { TaskRunner } from './task-runner.js';

const fixtures = new URL('../fixtures/', import.meta.url);

function setUp(kind: 'arm' | 'xtensa', stackGuard = 32, engine: 'interpreter' | 'wasm' = 'wasm') {
  const arm = kind === 'arm';
  const start = arm ? 0x3000_0000 : 0x4200_0000;
  const board: Board = createBoard(arm ? genericCortexM : esp32, {
    architecture: arm ? thumb : xtensa,
    engine,
    regions: [{ name: 'image', start, size: 0x1000, kind: 'ram', executable: true }],
  });
  board.write(start, new Uint8Array(readFileSync(new URL(`tasks-${kind}.bin`, fixtures))));
  const symbols: Record<string, string> = JSON.parse(readFileSync(new URL(`tasks-${kind}.json`, fixtures), 'utf8'));
  const address = (name: string): number => Number(symbols[name]);
  const code = (name: string): number => address(name) + (arm ? 1 : 0);
  const runner = new TaskRunner(board, { stackGuard });
  const reports: number[] = [];
  board.define(
    ...runner.imports(),
    host('void report(int value)', (value: number) => reports.push(value)),
  );
  ['xTaskCreate', 'vTaskDelete', 'vTaskDelay', 'xTaskGetTickCount', 'uxTaskGetStackHighWaterMark', 'report'].forEach(
    (name, index) => {
      board.memory.write32(address('api') + 4 * index, board.resolve(name));
    },
  );
  return { board, runner, address, code, reports };
}

describe.each(['arm', 'xtensa'] as const)('tasks on %s', (kind) => {
  it('runs a task that deletes itself and gives its memory back', () => {
    const { board, runner, address, code } = setUp(kind);
    const before = board.heap.stats();
    const task = runner.create({
      name: 'worker',
      code: code('worker'),
      stackDepth: 2048,
      parameter: address('results'),
    });
    expect(task?.stackHighWaterMark).toBe(2048);
    expect(board.heap.stats().blocks).toBe(before.blocks + 2);
    const [{ result }] = runner.runAll();
    expect(result.status).toBe('deleted');
    expect(board.memory.read32(address('results'))).toBe(41);
    expect(board.memory.read32(address('results') + 4)).toBe(10);
    expect(result.stackHighWaterMark).toBeGreaterThan(1500);
    expect(result.stackHighWaterMark).toBeLessThan(2048);
    expect(board.heap.stats()).toEqual(before);
    expect(runner.tasks).toEqual([]);
    expect(() => task?.run()).toThrow(TaskError);
  });

  it('reports a task function that returns', () => {
    const { runner, address, code } = setUp(kind);
    runner.create({ name: 'returns', code: code('returns'), stackDepth: 2048, parameter: address('results') });
    const [{ result }] = runner.runAll();
    expect(result.status).toBe('fault');
    expect(result.fault?.message).toBe('FreeRTOS Task "returns" should not return, Aborting now!');
  });

  it('reports stack overflow at the write that does it', () => {
    const { runner, address, code } = setUp(kind);
    runner.create({ name: 'overflows', code: code('overflows'), stackDepth: 2048, parameter: address('results') });
    const [{ result }] = runner.runAll({ fuel: 1_000_000 });
    expect(result.status).toBe('fault');
    expect(result.fault?.kind).toBe('stack-overflow');
    expect(result.fault?.message).toContain('task overflows');
    expect(result.stackHighWaterMark).toBeLessThanOrEqual(32);
  });

  it('finds an overflow at the end of the task without watching writes', () => {
    const { runner, code } = setUp(kind, 0);
    runner.create({ name: 'uses much', code: code('shallow'), stackDepth: 640, parameter: 4 });
    expect(runner.runAll()[0].result.status).toBe('deleted');
    runner.create({
      name: 'too much',
      code: code('shallow'),
      stackDepth: 512,
      parameter: 9,
    });
    const [{ result }] = runner.runAll();
    expect(result.fault).toMatchObject({
      kind: 'stack-overflow',
      message: '***ERROR*** A stack overflow in task too much has been detected.',
    });
  });

  it('goes on after fuel ran out', () => {
    const { board, runner, address, code } = setUp(kind);
    const task = runner.create({
      name: 'forever',
      code: code('forever'),
      stackDepth: 1024,
      parameter: address('results'),
    });
    if (!task) throw new Error('no memory');
    const first = runner.run(task, { fuel: 1000 });
    expect(first).toMatchObject({ status: 'fuel', instructions: 1000 });
    const count = board.memory.read32(address('results'));
    expect(runner.run(task, { fuel: 1000 }).instructions).toBe(2000);
    expect(board.memory.read32(address('results'))).toBeGreaterThan(count + 100);
    runner.delete(task);
    expect(board.heap.stats().blocks).toBe(0);
  });

  it('runs tasks that tasks create, by priority', () => {
    const { board, runner, address, code, reports } = setUp(kind);
    runner.create({ name: 'creator', code: code('creator'), stackDepth: 4096 });
    const results = runner.runAll();
    expect(results.map(({ task }) => task.name)).toEqual(['creator', 'high', 'low']);
    expect(reports).toEqual([2, 1]);
    const words = [0, 1, 2, 3].map((index) => board.memory.read32(address('results') + 4 * index) | 0);
    expect(words).toEqual([1, 1, 1, -1]);
    expect(board.memory.read32(address('results') + 16)).toBeGreaterThan(3000);
    expect(board.heap.stats().blocks).toBe(0);
  });

  it('runs firmware tasks written in TypeScript on the task stack', () => {
    const { board, runner, address, code } = setUp(kind);
    let used = -1;
    runner.create({
      name: 'a name longer than sixteen',
      stackDepth: 8192,
      priority: 99,
      code: (task) => {
        expect(task.name).toBe('a name longer t');
        expect(task.priority).toBe(24);
        expect(task.call(code('returns'), 'void (void *)', [address('results')]).status).toBe('returned');
        used = 8192 - task.stackHighWaterMark;
      },
    });
    const [{ result }] = runner.runAll();
    expect(result.status).toBe('deleted');
    expect(board.memory.read32(address('results'))).toBe(7);
    expect(used >= 0 && used < 200).toBe(true);
  });
});

describe('TaskRunner', () => {
  it('answers as xTaskCreate does when the heap is full', () => {
    const board = createBoard(tencentosEvbMxPlus, { architecture: thumb });
    const runner = new TaskRunner(board);
    expect(runner.create({ name: 'big', code: 0x2000_0001, stackDepth: 40_000 })).toBeUndefined();
    expect(board.heap.stats().blocks).toBe(0);
    expect(() => runner.create({ name: 'small', code: 0x2000_0001, stackDepth: 10 })).toThrow(TaskError);
  });
});

describe.each([
  ['arm', 'interpreter'],
  ['arm', 'wasm'],
  ['xtensa', 'interpreter'],
  ['xtensa', 'wasm'],
] as const)('snapshots with tasks on %s, %s', (kind, engine) => {
  /** A board with a task stopped in its middle, one that has not begun, and a worker that has ended. */
  function half() {
    const set = setUp(kind, 0, engine);
    const { runner, code, address, board } = set;
    runner.create({ name: 'worker', code: code('worker'), stackDepth: 2048, parameter: address('results') });
    expect(runner.runAll()[0].result.status).toBe('deleted');
    const shallow = runner.create({ name: 'shallow', code: code('shallow'), stackDepth: 2048, parameter: 12 });
    const later = runner.create({ name: 'later', code: code('shallow'), stackDepth: 1024, parameter: 3 });
    if (!shallow || !later) throw new Error('no memory');
    expect(runner.run(shallow, { fuel: 700 })).toMatchObject({ status: 'fuel', instructions: 700 });
    return { ...set, shallow, later, snapshot: board.snapshot() };
  }

  /** What is left to run: results, the memory after each task, the clock. */
  function finish({ board, runner, address }: ReturnType<typeof setUp>): unknown[] {
    const all: unknown[] = [];
    while (runner.tasks.length > 0) {
      for (const { task, result } of runner.runAll()) all.push([task.name, result, board.memoryHash()]);
    }
    return [...all, board.memory.read32(address('results') + 32), runner.ticks, board.heap.stats()];
  }

  it('bring suspended tasks back, as often as wanted', () => {
    const set = half();
    const first = finish(set);
    expect(first[0]).toMatchObject(['shallow', { status: 'deleted' }, expect.any(Number)]);
    expect(set.runner.tasks).toEqual([]);
    for (let round = 0; round < 2; round += 1) {
      set.board.restore(set.snapshot);
      expect(set.runner.tasks).toEqual([set.shallow, set.later]);
      expect([set.shallow.state, set.later.state]).toEqual(['stopped', 'ready']);
      expect(finish(set)).toEqual(first);
    }
  });

  it('give the same on every engine and run', () => {
    expect(finish(half())).toEqual(finish(half()));
    const other = setUp(kind, 0, engine === 'wasm' ? 'interpreter' : 'wasm');
    const { runner, code, address } = other;
    runner.create({ name: 'worker', code: code('worker'), stackDepth: 2048, parameter: address('results') });
    runner.runAll();
    const shallow = runner.create({ name: 'shallow', code: code('shallow'), stackDepth: 2048, parameter: 12 });
    runner.create({ name: 'later', code: code('shallow'), stackDepth: 1024, parameter: 3 });
    if (!shallow) throw new Error('no memory');
    runner.run(shallow, { fuel: 700 });
    expect(finish(other)).toEqual(finish(half()));
  });

  it('take away tasks that began later', () => {
    const { board, runner, code, snapshot } = half();
    const late = runner.create({ name: 'late', code: code('shallow'), stackDepth: 1024, parameter: 1 });
    board.restore(snapshot);
    expect(runner.tasks.map(({ name }) => name)).toEqual(['shallow', 'later']);
    expect(() => late?.run()).toThrow(expect.objectContaining({ code: 'STATE' }));
  });

  it('refuse to become bytes while a task is suspended, and say which', () => {
    expect(() => half().snapshot.toBytes()).toThrow(
      expect.objectContaining({
        code: 'STATE',
        message: 'this snapshot cannot leave this process: task shallow is suspended in a call',
      }),
    );
  });

  it('travel as bytes with tasks that have not begun', () => {
    const one = setUp(kind, 0, engine);
    one.runner.create({ name: 'later', code: one.code('shallow'), stackDepth: 1024, parameter: 3, priority: 7 });
    const bytes = one.board.snapshot().toBytes();
    const two = setUp(kind, 0, engine);
    two.board.restore(Snapshot.fromBytes(bytes));
    expect(two.runner.tasks).toMatchObject([{ name: 'later', priority: 7, state: 'ready' }]);
    expect(two.board.snapshot().toBytes()).toEqual(bytes);
    expect(finish(two)).toEqual(finish(one));
  });

  it('refuse damaged tasks', () => {
    const { board, snapshot } = half();
    const { content } = snapshot;
    const damaged = new Snapshot({ ...content, kept: [['tasks', { data: { ticks: 0, tasks: [{ name: 1 }] } }]] });
    expect(() => board.restore(damaged)).toThrow(expect.objectContaining({ code: 'SNAPSHOT' }));
  });
});

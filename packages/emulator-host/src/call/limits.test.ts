import { describe, expect, it } from 'vitest';
import { commonImports } from '../imports/common.js';
import { type ImageBoard, type ImageName, imageNames, loadImage } from '../testing/images.js';

function withImports(name: ImageName): ImageBoard {
  const image = loadImage(name);
  image.board.define(...commonImports(image.board));
  return image;
}

describe.each(imageNames)('%s: what the guest can ask of the host', (name) => {
  it('calls back and forth end before the stack of the host does', () => {
    const { board, address } = loadImage(name);
    const visit = board.host('int visit(int value, int (*back)(int))', (value: number, back: (n: number) => number) =>
      back(value),
    );
    board.memory.write32(address('api') + 12, visit);
    expect(board.call(address('nested'), 'int nested(int depth)', [150]).returnValue).toBe(150);
    const deep = board.call(address('nested'), 'int nested(int depth)', [1000]);
    expect(deep).toMatchObject({
      status: 'stack',
      fault: { message: 'the guest was stopped: guest and host functions call each other more than 200 deep' },
    });
    expect(board.call(address('nested'), 'int nested(int depth)', [3]).returnValue).toBe(3);
  });

  it('slow host functions count against the time limit', () => {
    const { board, address } = loadImage(name);
    let calls = 0;
    const compare = (a: number, b: number): number => {
      calls += 1;
      const end = performance.now() + 2;
      while (performance.now() < end);
      return (board.memory.read32(a) | 0) - (board.memory.read32(b) | 0);
    };
    const values = Array.from({ length: 60 }, (_, index) => 60 - index);
    const prototype = 'void sort(int *values, int n, int (*compare)(const void *, const void *))';
    const result = board.call(address('sort'), prototype, [values, 60, compare], { time: 10 });
    expect(result.status).toBe('time');
    expect(calls).toBeLessThan(60);
  });

  it('blocks larger than memory are refused before they are made', () => {
    const { board } = withImports(name);
    for (const [call, args] of [
      ['void *memset(void *, int, size_t)', [board.description.data.start, 0, 0xf000_0000]],
      ['void bzero(void *, size_t)', [board.description.data.start, 0xffff_ffff]],
      ['char *strncpy(char *, const char *, size_t)', [board.description.data.start, 'x', 0xf000_0000]],
    ] as const) {
      const { status, fault } = board.call(/\w+(?=\()/.exec(call)?.[0] ?? '', call, args);
      expect([status, fault?.kind, fault?.access?.kind]).toEqual(['fault', 'memory', 'unmapped']);
    }
  });

  it('text without end is stopped', () => {
    const { board } = withImports(name);
    const { status, fault } = board.call('printf', 'int printf(const char *, ...)', ['%65536d'.repeat(20)]);
    expect(status).toBe('console');
    expect(fault?.message).toBe('the guest was stopped: one printf made more than 1048576 bytes');
    expect(board.console.text).toBe('');
  });

  it('a missing comparison is a call of a null pointer', () => {
    const { board } = withImports(name);
    const prototype = 'void qsort(void *, size_t, size_t, void *)';
    const { start } = board.description.data;
    const message = 'qsort failed: execution at 0x00000000 (a null pointer): no memory is there';
    expect(board.call('qsort', prototype, [start, 2, 4, 0]).fault?.message).toBe(message);
    expect(board.call('qsort', prototype, [start, 1, 4, 0]).status).toBe('returned');
    expect(board.call('qsort', prototype, [start, 0xffff_ffff, 0, 0]).status).toBe('returned');
  });

  it('a heap it has damaged is its own fault', () => {
    const { board, address } = withImports(name);
    const buffer = new Uint8Array(40_000);
    const prototype = 'void fill_with(char *out, int n, char c)';
    const result = board.call(address('fill_with'), prototype, [buffer, 40_100, 0x41]);
    expect(result).toMatchObject({ status: 'fault', fault: { kind: 'heap' } });
    expect(result.fault?.message).toMatch(/^the heap is damaged: an argument's memory cannot be given back: /);
    const wild = board.call('free', 'void free(void *)', [0x1234_5678]);
    expect(wild.fault?.message).toMatch(
      /^free: free of 0x12345678, which is no allocated block: the heap's words lead nowhere: /,
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostError } from '../error.js';
import { commonImports } from '../imports/common.js';
import { type ImageBoard, type ImageName, loadImage } from '../testing/images.js';
import { Snapshot } from './snapshot.js';

function prepared(name: ImageName): ImageBoard {
  const image = loadImage(name);
  image.board.define(...commonImports(image.board));
  image.board.memory.write32(image.address('api'), image.board.resolve('printf'));
  return image;
}

/** Things that change registers, memory, heap, constants and console. */
function work({ board, address }: ImageBoard): unknown[] {
  return [
    board.fn(address('apply'), 'int apply(int (*f)(int), int n)')(address('twice'), 4),
    board.fn(address('print_mixed'), 'int (int, long long, double, const char *)')(3, 4n, 0.5, 'five'),
    board.fn('malloc', 'void *malloc(size_t)')(100),
    board.constantString('a constant'),
    board.console.text,
    board.heap.stats(),
    board.memoryHash(),
  ];
}

describe.each(['arm-soft', 'xtensa-windowed'] as const)('snapshots of %s', (name) => {
  it('bring everything back', () => {
    const image = prepared(name);
    const { board } = image;
    const before = board.snapshot();
    const first = work(image);
    const between = board.snapshot();
    const second = work(image);
    expect(second).not.toEqual(first);
    board.restore(between);
    expect(work(image)).toEqual(second);
    board.restore(before);
    expect(board.console.text).toBe('');
    expect(board.guestHeap.bytes).toBe(0);
    expect(work(image)).toEqual(first);
  });

  it('share pages that did not change', () => {
    const image = prepared(name);
    const one = image.board.snapshot().content.pages;
    image.board.memory.write8(image.board.description.data.start, 1);
    const two = image.board.snapshot().content.pages;
    const changed = [...two].filter(([address, page]) => one.get(address) !== page);
    expect(changed.map(([address]) => address)).toEqual([image.board.description.data.start]);
  });

  it('travel as bytes to another board, and are the same bytes for the same history', () => {
    const one = prepared(name);
    const two = prepared(name);
    work(one);
    work(two);
    const bytes = one.board.snapshot().toBytes();
    expect(two.board.snapshot().toBytes()).toEqual(bytes);
    const three = prepared(name);
    three.board.restore(Snapshot.fromBytes(bytes));
    expect(work(three)).toEqual(work(one));
  });

  it('keep a stopped call that can be resumed more than once', () => {
    const { board, address } = prepared(name);
    const whole = board.call(address('spin'), 'int spin(int n)', [500]);
    const half = board.call(address('spin'), 'int spin(int n)', [500], { fuel: Math.floor(whole.instructions / 2) });
    const snapshot = board.snapshot();
    const end = half.resume?.();
    expect(end).toMatchObject({ returnValue: 500, instructions: whole.instructions });
    expect(() => half.resume?.()).toThrow(HostError);
    board.restore(snapshot);
    expect(half.resume?.()).toMatchObject({ returnValue: 500, instructions: whole.instructions });
    board.restore(snapshot);
    expect(() => board.snapshot().toBytes()).toThrow('stopped call');
  });
});

describe('Snapshot', () => {
  it('refuses other boards and a running guest', () => {
    const arm = prepared('arm-soft');
    const snapshot = prepared('xtensa-windowed').board.snapshot();
    expect(() => arm.board.restore(snapshot)).toThrow(expect.objectContaining({ code: 'SNAPSHOT' }));
    let inside: unknown;
    const visit = arm.board.host('int peek(int n)', () => {
      try {
        arm.board.snapshot();
      } catch (error) {
        inside = error;
      }
      return 0;
    });
    arm.board.fn(arm.address('apply'), 'int apply(int (*f)(int), int n)')(visit, 1);
    expect(inside).toMatchObject({ code: 'STATE' });
  });

  it('refuses damaged bytes with a typed error', () => {
    const bytes = prepared('arm-soft').board.snapshot().toBytes();
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(2000), fc.nat(255), (length, at, value) => {
        const damaged = bytes.slice(0, length);
        if (at < damaged.length) damaged[at] = value;
        try {
          Snapshot.fromBytes(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(HostError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

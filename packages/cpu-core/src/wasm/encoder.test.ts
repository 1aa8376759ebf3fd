import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bytes, FunctionBody, ModuleBuilder, W } from './encoder.js';

/** The number that LEB128 bytes stand for (WebAssembly core specification, 5.2.2). */
function decoded(bytes: Uint8Array, signed: boolean): bigint {
  let value = 0n;
  bytes.forEach((byte, i) => {
    expect(byte >= 0x80).toBe(i < bytes.length - 1);
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
  });
  return signed ? BigInt.asIntN(7 * bytes.length, value) : value;
}

function written(write: (out: Bytes) => void): Uint8Array {
  const out = new Bytes();
  write(out);
  return out.take();
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('integers', () => {
  it('u32 is the number, in as few bytes as it needs', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), (value) => {
        const bytes = written((out) => out.u32(value));
        expect(decoded(bytes, false)).toBe(BigInt(value));
        expect(bytes).toHaveLength(Math.max(1, Math.ceil((32 - Math.clz32(value)) / 7)));
      }),
    );
  });

  it('s32 and s64 are the number, sign included', () => {
    const edges = [0, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)];
    const halves = fc.oneof(int32, fc.constantFrom(...edges));
    fc.assert(
      fc.property(halves, halves, (low, high) => {
        expect(
          decoded(
            written((out) => out.s32(low)),
            true,
          ),
        ).toBe(BigInt(low));
        const bytes = written((out) => out.s64(low, high));
        expect(decoded(bytes, true)).toBe((BigInt(high) << 32n) | BigInt(low >>> 0));
        expect(bytes.length).toBeLessThanOrEqual(10);
      }),
      { numRuns: 2000 },
    );
  });

  it('constants of every size arrive in a module', () => {
    fc.assert(
      fc.property(int32, (value) => {
        const body = new FunctionBody(0);
        body.i32(value);
        const module = new ModuleBuilder();
        module.add('f', { parameters: [], results: [W.TypeI32] }, body);
        const memory = new WebAssembly.Memory({ initial: 1 });
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { e: { m: memory } });
        expect((exports.f as () => number)()).toBe(value);
      }),
    );
  });
});

it('locals stand in groups of one type, in the order they were asked for', () => {
  const body = new FunctionBody(1);
  const types = [W.TypeI32, W.TypeI32, W.TypeF64, W.TypeI32] as const;
  expect(types.map((type) => body.local(type))).toEqual([1, 2, 3, 4]);
  const section = written((out) => body.finish(out));
  expect([...section]).toEqual([8, 3, 2, W.TypeI32, 1, W.TypeF64, 1, W.TypeI32, W.End]);
});

it('blocks that enclose a body stand in front of it', () => {
  const body = new FunctionBody(0);
  body.op(W.End);
  body.enclose(1);
  expect([...written((out) => body.finish(out))]).toEqual([5, 0, W.Block, W.Void, W.End, W.End]);
});

import { describe, expect, it } from 'vitest';
import { typeText } from '../c/c-type.js';
import { parsePrototype, parseType } from '../c/parser.js';
import { hostFunction } from '../host/symbol.js';
import { readValue, writeValue } from '../memory/value.js';
import { fixtureJson, imageNames, loadImage } from '../testing/images.js';

interface Signature {
  readonly returns: string;
  readonly parameters: readonly string[];
  readonly registersOnly: boolean;
}

const signatures = fixtureJson<Signature[]>('abi/signatures.json');

/** A value of a type that differs from its neighbours', with the sign bit set in half of the cases. */
function sample(type: string, index: number): number | bigint | boolean {
  const negative = index % 2 === 1;
  switch (type) {
    case '_Bool':
      return index % 3 !== 0;
    case 'char':
      return 200 + (index % 50);
    case 'signed char':
      return negative ? -100 - (index % 28) : 100 - index;
    case 'short':
      return negative ? -30000 - index : 30000 + index;
    case 'unsigned short':
      return 60000 + index;
    case 'int':
      return negative ? -2000000000 - index : 1234567 + index;
    case 'unsigned':
    case 'void *':
      return 4000000000 + index;
    case 'long long':
      return negative ? -1234567890123456789n - BigInt(index) : 1111111111111111111n + BigInt(index);
    case 'unsigned long long':
      return 18000000000000000000n + BigInt(index);
    case 'float':
      return Math.fround((negative ? -1.5 : 3.25) * (index + 1));
    default:
      return (negative ? -1.1 : 2.3) * (index + 1) * 1e100;
  }
}

describe.each(imageNames)('%s: arguments and results of compiled functions', (name) => {
  const image = loadImage(name);
  const { board } = image;
  const seen = image.address('seen');
  const result = image.address('result');
  const cases = signatures
    .map((signature, index) => ({
      ...signature,
      index,
      text: `${signature.returns} f(${signature.parameters.join(', ') || 'void'})`,
    }))
    .filter(({ index }) => image.has(`take${index}`));

  it('has its whole share of the matrix', () => {
    expect(cases.length).toBe(
      signatures.filter(({ registersOnly }) => registersOnly || name !== 'xtensa-windowed').length,
    );
  });

  it.each(cases)('host to guest: $index $text', ({ index, returns, parameters, text }) => {
    const args = parameters.map((type, at) => sample(type, at));
    const returned = returns === 'void' ? undefined : sample(returns, index);
    if (returned !== undefined) writeValue(board.memory, result, parseType(returns), returned);
    const outcome = board.call(image.address(`take${index}`), text, args);
    expect(outcome.fault?.message).toBeUndefined();
    expect(outcome.returnValue).toEqual(returned);
    expect(parameters.map((type, at) => readValue(board.memory, seen + 8 * at, parseType(type)))).toEqual(args);
  });

  it.each(cases)('guest to host: $index $text', ({ index, returns, parameters, text }) => {
    const args = parameters.map((type, at) => sample(type, at + 1));
    const returned = returns === 'void' ? undefined : sample(returns, index + 1);
    parameters.forEach((type, at) => {
      writeValue(board.memory, seen + 8 * at, parseType(type), args[at]);
    });
    let received: unknown[] = [];
    const { type } = parsePrototype(text);
    expect(typeText(type.returns)).toBe(returns);
    const definition = hostFunction(`host${index}`, type, (...values: unknown[]) => {
      received = values.slice(0, -1);
      return returned;
    });
    board.define(definition);
    board.memory.write32(image.address('host_table') + 4 * index, board.resolve(`host${index}`));
    const outcome = board.call(image.address(`give${index}`), 'void (void)');
    expect(outcome.fault?.message).toBeUndefined();
    expect(received).toEqual(args);
    if (returned !== undefined) expect(readValue(board.memory, result, parseType(returns))).toEqual(returned);
  });
});

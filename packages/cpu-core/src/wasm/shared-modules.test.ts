import { expect, it } from 'vitest';
import { sharedModule } from './shared-modules.js';

/** An empty module with a custom section that holds `number`. */
function emptyModule(number: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 4, 1, 0x6e, number & 0xff, number >> 8);
}

it('keeps modules with the same bytes as one, and gives up those used least recently', () => {
  const first = sharedModule(emptyModule(0));
  const second = sharedModule(emptyModule(1));
  expect(sharedModule(emptyModule(0))).toBe(first);
  for (let number = 2; number <= 2048; number++) sharedModule(emptyModule(number));
  expect(second.module).toBeUndefined();
  expect(first.module).toBeInstanceOf(WebAssembly.Module);
  sharedModule(emptyModule(2049));
  expect(first.module).toBeUndefined();
});

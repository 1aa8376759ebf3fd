import { PREAMBLE } from './encoder.js';

let isAllowed = false;

/** Why WebAssembly cannot be compiled here; undefined when it can. */
export function compilationRefusal(): string | undefined {
  if (isAllowed) return undefined;
  try {
    new WebAssembly.Module(Uint8Array.from(PREAMBLE));
    isAllowed = true;
    return undefined;
  } catch (error) {
    // A content security policy without 'wasm-unsafe-eval' ends here.
    return `WebAssembly cannot be compiled: ${error instanceof Error ? error.message : error}`;
  }
}

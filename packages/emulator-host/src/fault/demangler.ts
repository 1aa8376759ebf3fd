/// <reference path="./demangler-glue.d.ts" />
import { HostError } from '../error.js';

/** C++ and Rust names as people write them; other names as they are. */
export type Demangle = (name: string) => string;

/**
 * Loads the demangler of the optional package gecko-profiler-demangle 0.4.0: assign the result to `board.locator.demangle`.
 * @param wasm the package's index_bg.wasm: its bytes, or a compiled module
 * @throws HostError UNSUPPORTED when the package is not installed or the bytes are not its own
 */
export async function loadDemangler(wasm: BufferSource | WebAssembly.Module): Promise<Demangle> {
  try {
    const glue = await import('gecko-profiler-demangle/index_bg.js');
    const compiled = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm);
    const { __wbindgen_init_externref_table } = glue;
    const imports = { './index_bg.js': { __wbindgen_init_externref_table } };
    const { exports } = await WebAssembly.instantiate(compiled, imports);
    glue.__wbg_set_wasm(exports);
    const start = exports['__wbindgen_start'];
    if (typeof start === 'function') start();
    return (name) => glue.demangle_any(name);
  } catch (cause) {
    throw new HostError(
      'UNSUPPORTED',
      'gecko-profiler-demangle is not installed, or its wasm file is another one',
      {},
      { cause },
    );
  }
}

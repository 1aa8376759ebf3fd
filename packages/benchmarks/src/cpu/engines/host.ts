import koffi from 'koffi';
import { type Engine, now } from '../engine.js';
import { loadWasm, nativePath } from '../workload.js';

/** The same C compiled to WebAssembly, in this process: the practical limit of a translator to WebAssembly. */
export const wasmEngine: Engine = {
  name: 'c-to-wasm',
  targets: 'host',
  unavailable: () => undefined,
  prepare(workload) {
    const module = new WebAssembly.Module(Uint8Array.from(loadWasm(workload)));
    return {
      run(rounds) {
        const { bench } = new WebAssembly.Instance(module).exports;
        if (typeof bench !== 'function') throw new Error(`${workload}.wasm exports no bench`);
        const start = now();
        const checksum = bench(rounds) >>> 0;
        return { checksum, seconds: now() - start };
      },
    };
  },
};

/** The same C compiled for this machine. */
export const nativeEngine: Engine = {
  name: 'native',
  targets: 'host',
  unavailable: () => (nativePath('crc32') === undefined ? 'the native builds are for Linux on x86-64' : undefined),
  prepare(workload) {
    const path = nativePath(workload);
    if (path === undefined) return undefined;
    const library = koffi.load(path);
    const bench = library.func('uint32_t bench(uint32_t)');
    return {
      run(rounds) {
        const start = now();
        const checksum: number = bench(rounds);
        return { checksum, seconds: now() - start };
      },
    };
  },
};

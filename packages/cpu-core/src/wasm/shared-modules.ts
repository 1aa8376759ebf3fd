/** Most WebAssembly code, in bytes, and most modules that are kept for CPUs to come. */
const MOST_BYTES = 8 << 20;
const MOST_MODULES = 2048;

interface Entry {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
}

/**
 * WebAssembly modules of all CPUs in this process, by their bytes: CPUs that run the same code on boards of the same kind share one
 * module, which V8 compiles and optimises once. The one used least recently goes first; CPUs that use it keep it.
 */
class ModuleCache {
  private readonly entries = new Map<number, Entry>();
  private total = 0;

  /** The module with these bytes, which the cache keeps. */
  module(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
    const key = hash(bytes);
    let entry = this.entries.get(key);
    if (entry !== undefined) this.forget(key, entry);
    // Other bytes with the same hash take the place of the first.
    if (entry === undefined || !isSame(entry.bytes, bytes)) entry = { bytes, module: new WebAssembly.Module(bytes) };
    this.entries.set(key, entry);
    this.total += bytes.length;
    for (const [oldest, other] of this.entries) {
      if (other === entry || (this.total <= MOST_BYTES && this.entries.size <= MOST_MODULES)) break;
      this.forget(oldest, other);
    }
    return entry.module;
  }

  private forget(key: number, { bytes }: Entry): void {
    this.entries.delete(key);
    this.total -= bytes.length;
  }
}

/** FNV-1a. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c_9dc5;
  for (let i = 0; i < bytes.length; i++) value = Math.imul(value ^ bytes[i], 0x0100_0193);
  return value;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const cache = new ModuleCache();

/**
 * The WebAssembly module with the given bytes, compiled unless another CPU has it. The bytes are not copied: they stay as they are.
 * @throws WebAssembly.CompileError
 */
export function sharedModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  return cache.module(bytes);
}

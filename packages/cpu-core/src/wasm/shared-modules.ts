/** Most WebAssembly code, in bytes, and most modules that are kept for CPUs to come. */
const MOST_BYTES = 8 << 20;
const MOST_MODULES = 2048;

/** A module that several CPUs may use. A WeakRef would keep each one until the current job of the host ends, and a run is one job. */
export interface SharedModule {
  /** Undefined when the cache has given it up. */
  readonly module: WebAssembly.Module | undefined;
}

interface Entry extends SharedModule {
  readonly key: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  module: WebAssembly.Module | undefined;
}

/**
 * WebAssembly modules of all CPUs in this process, by their bytes: CPUs that run the same code on boards of the same kind share one
 * module, which V8 compiles and optimises once. The one used least recently goes first; CPUs that use it keep it.
 */
class ModuleCache {
  private readonly entries = new Map<number, Entry>();
  private total = 0;

  /** The module with these bytes, which the cache keeps. */
  take(bytes: Uint8Array<ArrayBuffer>): Entry & { readonly module: WebAssembly.Module } {
    const key = hash(bytes);
    const known = this.entries.get(key);
    if (known !== undefined) this.entries.delete(key);
    // Other bytes with the same hash take the place of the first.
    if (known?.module !== undefined && isSame(known.bytes, bytes)) {
      this.entries.set(key, known);
      return known as Entry & { readonly module: WebAssembly.Module };
    }
    if (known !== undefined) this.forget(known);
    const entry = { key, bytes, module: new WebAssembly.Module(bytes) };
    this.entries.set(key, entry);
    this.total += bytes.length;
    for (const oldest of this.entries.values()) {
      if (oldest === entry || (this.total <= MOST_BYTES && this.entries.size <= MOST_MODULES)) break;
      this.entries.delete(oldest.key);
      this.forget(oldest);
    }
    return entry;
  }

  private forget(entry: Entry): void {
    entry.module = undefined;
    this.total -= entry.bytes.length;
  }
}

/** FNV-1a over words and what is left behind them. */
function hash(bytes: Uint8Array<ArrayBuffer>): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let value = 0x811c_9dc5;
  for (let i = 0; i < words.length; i++) value = Math.imul(value ^ words[i], 0x0100_0193);
  for (let i = words.length * 4; i < bytes.length; i++) value = Math.imul(value ^ bytes[i], 0x0100_0193);
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
export function sharedModule(bytes: Uint8Array<ArrayBuffer>): SharedModule & { readonly module: WebAssembly.Module } {
  return cache.take(bytes);
}

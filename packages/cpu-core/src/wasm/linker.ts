import type { DecodeMode } from '../architecture.js';
import { Bytes, W } from './encoder.js';
import { EXIT } from './layout.js';

const FIRST_SLOTS = 64;

/**
 * Calls between compiled modules. One small module has the function table and calls through it; V8 keeps every instance that imports a
 * table alive as long as the table, so that dropped modules could not be freed if they had it.
 */
export class Linker {
  private instance: LinkExports | undefined;
  private readonly places = new Map<string, Place>();
  /** Slots that were given back. */
  private readonly free: number[] = [];
  private used = 0;

  /** (slot) -> what the function in the slot returns. */
  get call(): CallableFunction {
    return this.exports.call;
  }

  /**
   * The slot of the function at `pc`; until it is linked, calls return EXIT. It stays the function's as long as somebody holds it: each
   * `acquire` needs a `release`.
   */
  acquire(pc: number, mode: DecodeMode): number {
    const key = `${pc}:${mode}`;
    let place = this.places.get(key);
    if (place === undefined) this.places.set(key, (place = { slot: this.take(), holders: 0 }));
    place.holders++;
    return place.slot;
  }

  release(pc: number, mode: DecodeMode): void {
    const key = `${pc}:${mode}`;
    const place = this.places.get(key);
    if (place === undefined || --place.holders > 0) return;
    this.places.delete(key);
    this.unlink(place.slot);
    this.free.push(place.slot);
  }

  link(slot: number, f: () => number): void {
    this.exports.table.set(slot, f);
  }

  unlink(slot: number): void {
    const { table, stub } = this.exports;
    table.set(slot, stub);
  }

  /** Length of the table. */
  get size(): number {
    return this.exports.table.length;
  }

  /** Made when the first slot is taken: most CPUs of a process that makes many run nothing hot. */
  private get exports(): LinkExports {
    if (this.instance === undefined) {
      module ??= new WebAssembly.Module(linkModule());
      const { call, table, stub } = new WebAssembly.Instance(module).exports;
      this.instance = {
        call: call as CallableFunction,
        table: table as WebAssembly.Table,
        stub: stub as () => number,
      };
    }
    return this.instance;
  }

  private take(): number {
    const free = this.free.pop();
    if (free !== undefined) return free;
    const { table } = this.exports;
    if (this.used === table.length) table.grow(this.used);
    this.unlink(this.used);
    return this.used++;
  }
}

interface LinkExports {
  readonly call: CallableFunction;
  readonly table: WebAssembly.Table;
  readonly stub: () => number;
}

/** The slot of a function, and how many hold it. */
interface Place {
  readonly slot: number;
  holders: number;
}

let module: WebAssembly.Module | undefined;

/** The smallest module: magic number and version. */
const EMPTY_MODULE = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0] as const;

let isAllowed = false;

/** Why WebAssembly cannot be compiled here; undefined when it can. */
export function compilationRefusal(): string | undefined {
  if (isAllowed) return undefined;
  try {
    new WebAssembly.Module(Uint8Array.from(EMPTY_MODULE));
    isAllowed = true;
    return undefined;
  } catch (error) {
    // A content security policy without 'wasm-unsafe-eval' ends here.
    return `WebAssembly cannot be compiled: ${error instanceof Error ? error.message : error}`;
  }
}

/** Types () -> i32 and (i32) -> i32; the functions `stub` and `call`; a table. */
function linkModule(): Uint8Array<ArrayBuffer> {
  const out = new Bytes();
  const section = (id: number, ...parts: (number | string)[]) => {
    const content = new Bytes();
    for (const part of parts) typeof part === 'number' ? content.byte(part) : content.name(part);
    out.byte(id);
    out.u32(content.length);
    out.append(content);
  };
  for (const byte of EMPTY_MODULE) out.byte(byte);
  section(1, 2, 0x60, 0, 1, W.TypeI32, 0x60, 1, W.TypeI32, 1, W.TypeI32);
  section(3, 2, 0, 1);
  section(4, 1, 0x70, 0, FIRST_SLOTS);
  section(7, 3, 'stub', 0, 0, 'call', 0, 1, 'table', 1, 0);
  section(10, 2, 4, 0, W.I32Const, EXIT & 0x7f, W.End, 7, 0, W.LocalGet, 0, W.CallIndirect, 0, 0, W.End);
  return out.take();
}

import type { Architecture, DecodeMode } from '../architecture.js';
import { guestFunctionType } from './function-state.js';
import type { StateLayout } from './layout.js';
import { type LinkExports, linkModule } from './link-module.js';

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

  constructor(
    private readonly architecture: Architecture,
    private readonly memory: WebAssembly.Memory,
    private readonly layout: StateLayout,
  ) {}

  /** Takes the arguments of a guest function and a slot: calls the function in the slot. */
  get call(): CallableFunction {
    return this.exports.call;
  }

  /**
   * For the host: runs the function in `slot` with `fuel` instructions, the window at `window` bytes in the physical file (0 where there is
   * none). Returns the pc or EXIT; the fuel that is left goes to memory.
   */
  run(fuel: number, window: number, slot: number): number {
    return this.exports.run(fuel, window, slot);
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

  link(slot: number, f: CallableFunction): void {
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
    this.instance ??= instantiate(this.architecture, this.memory, this.layout);
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

/** The slot of a function, and how many hold it. */
interface Place {
  readonly slot: number;
  holders: number;
}

/** Made once for each shape of architectures. */
const modules = new Map<string, WebAssembly.Module>();

function instantiate(architecture: Architecture, memory: WebAssembly.Memory, { fuel }: StateLayout): LinkExports {
  const type = guestFunctionType(architecture);
  const key = `${type.parameters.length}:${fuel}`;
  let module = modules.get(key);
  if (module === undefined) modules.set(key, (module = new WebAssembly.Module(linkModule(type, fuel))));
  const { call, run, table, stub } = new WebAssembly.Instance(module, { e: { m: memory } }).exports;
  return {
    call: call as CallableFunction,
    run: run as LinkExports['run'],
    table: table as WebAssembly.Table,
    stub: stub as CallableFunction,
  };
}

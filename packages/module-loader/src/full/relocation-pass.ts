import type { RelocationTable } from '@loadstone/elf-reader';
import { LoaderError } from '../errors.js';
import type { TargetMemory } from '../target-memory.js';
import type { Veneer } from './image.js';
import {
  type Machine,
  NEED,
  type RelocationFailure,
  type RelocationJob,
  SYMBOL_KIND,
  type VeneerShape,
} from './machine.js';
import type { BlockAllocator } from './placer.js';
import type { SymbolAddresses } from './symbol-addresses.js';

/** One relocation table with the bytes it patches. */
export interface PatchTarget {
  readonly table: RelocationTable;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Address of `bytes[0]`. */
  readonly address: number;
  /** Subtracted from r_offset: 0 for sections, the lowest p_vaddr for shared objects. */
  readonly start: number;
  readonly sectionName: string;
  /** Offset in `bytes` of the stub for short branches to a symbol. */
  readonly nearStubs?: ReadonlyMap<number, number> | undefined;
}

export interface PassContext {
  readonly machine: Machine;
  readonly symbols: SymbolAddresses;
  readonly gotEntries: ReadonlyMap<number, number>;
  readonly gotOrigin: number;
  readonly loadBias: number;
  readonly veneers: boolean;
}

/** A branch that needs a stub. */
interface FarBranch {
  readonly target: PatchTarget;
  readonly index: number;
  readonly shape: VeneerShape;
  readonly destination: number;
}

const EMPTY = new Uint8Array(0);

function newJob(): RelocationJob {
  return {
    type: 0,
    bytes: EMPTY,
    view: new DataView(EMPTY.buffer),
    offset: 0,
    place: 0,
    symbol: 0,
    symbolKind: SYMBOL_KIND.place,
    addend: 0,
    explicitAddend: false,
    gotEntry: 0,
    gotOrigin: 0,
    loadBias: 0,
  };
}

/** Applies the relocations of a module, keeps the branches that do not reach, and gives those their stubs. */
export class RelocationPass {
  readonly veneers: Veneer[] = [];
  /** Relocations applied. */
  count = 0;
  private readonly context: PassContext;
  private readonly needs: Int16Array;
  private readonly job = newJob();
  private readonly far: FarBranch[] = [];

  constructor(context: PassContext, needs: Int16Array) {
    this.context = context;
    this.needs = needs;
    this.job.gotOrigin = context.gotOrigin | 0;
    this.job.loadBias = context.loadBias | 0;
  }

  /** @throws LoaderError BAD_RELOCATION, RELOCATION_FAILED */
  apply(target: PatchTarget): void {
    const { offsets, types, symbols, addends } = target.table;
    const { machine, symbols: addresses, gotEntries } = this.context;
    const { needs, job } = this;
    job.bytes = target.bytes;
    job.view = target.view;
    job.explicitAddend = target.table.kind === 'RELA';
    for (let i = 0; i < types.length; i++) {
      const need = needs[types[i]];
      if (need === NEED.nothing) continue;
      const symbol = symbols[i];
      job.type = types[i];
      job.offset = offsets[i] - target.start;
      job.place = (target.address + job.offset) | 0;
      job.addend = addends[i];
      job.symbol = addresses.address(symbol);
      job.symbolKind = addresses.kind(symbol);
      if ((need & NEED.gotEntry) !== 0) job.gotEntry = (gotEntries.get(symbol) ?? 0) | 0;
      const failure = machine.apply(job);
      if (failure !== undefined) this.fail(target, i, failure);
      else this.count++;
    }
  }

  private fail(target: PatchTarget, index: number, failure: RelocationFailure): void {
    if (failure.reason === 'far' && this.context.veneers) {
      const shape = this.context.machine.veneer(this.job);
      if (shape !== undefined) {
        this.far.push({ target, index, shape, destination: this.job.symbol >>> 0 });
        return;
      }
    }
    if (failure.reason === 'range' && this.applyNearStub(target, index)) return;
    throw this.error(target, index, failure);
  }

  /** Sends a short branch through the stub behind its section. */
  private applyNearStub(target: PatchTarget, index: number): boolean {
    const { job, context } = this;
    const offset = target.nearStubs?.get(target.table.symbols[index]);
    const shape = context.machine.nearStub(job.type);
    if (offset === undefined || shape === undefined) return false;
    const address = target.address + offset;
    const destination = job.symbol >>> 0;
    shape.write(target.bytes, offset, address, destination);
    job.symbol = (address + shape.entry + (shape.thumb ? 1 : 0)) | 0;
    job.symbolKind = SYMBOL_KIND.function;
    if (context.machine.apply(job) !== undefined) return false;
    const symbol = context.symbols.nameOf(target.table.symbols[index]);
    this.veneers.push({ address, size: shape.size, target: destination, symbol });
    this.count++;
    return true;
  }

  private error(target: PatchTarget, index: number, failure: RelocationFailure): LoaderError {
    const { machine, symbols } = this.context;
    const { type, symbol } = target.table.get(index);
    const name = machine.typeName(type);
    const subject = symbols.nameOf(symbol);
    const place = `0x${(this.job.place >>> 0).toString(16)}`;
    const code =
      failure.reason === 'unknown-type'
        ? 'BAD_RELOCATION'
        : failure.reason === 'unsupported'
          ? 'UNSUPPORTED'
          : 'RELOCATION_FAILED';
    return new LoaderError(
      code,
      `${name}${subject === '' ? '' : ` to ${subject}`} at ${place} (${target.sectionName}+0x${this.job.offset.toString(16)}): ${failure.message}`,
      {
        relocation: name,
        relocationType: type,
        place: this.job.place >>> 0,
        section: target.sectionName,
        offset: this.job.offset,
        symbolIndex: symbol,
        ...(subject === '' ? {} : { symbol: subject, address: this.job.symbol >>> 0 }),
        ...(failure.value === undefined ? {} : { value: failure.value }),
        ...(failure.minimum === undefined ? {} : { minimum: failure.minimum }),
        ...(failure.maximum === undefined ? {} : { maximum: failure.maximum }),
      },
    );
  }

  /**
   * Makes the stubs, one per target, and lets the far branches use them.
   * @throws LoaderError OUT_OF_MEMORY, RELOCATION_FAILED when a branch does not reach its stub either
   */
  placeVeneers(allocator: BlockAllocator, memory: TargetMemory): void {
    const { far, job } = this;
    if (far.length === 0) return;
    const stubs = new Map<string, { shape: VeneerShape; destination: number; offset: number; symbol: string }>();
    let size = 0;
    const keyOf = (branch: FarBranch) => `${branch.shape.key}:${branch.destination}`;
    for (const branch of far) {
      const key = keyOf(branch);
      if (stubs.has(key)) continue;
      const symbol = this.context.symbols.nameOf(branch.target.table.symbols[branch.index]);
      stubs.set(key, { shape: branch.shape, destination: branch.destination, offset: size, symbol });
      size += branch.shape.size;
    }
    const block = allocator.allocate(size, 4, 'veneer');
    const bytes = new Uint8Array(size);
    for (const { shape, destination, offset, symbol } of stubs.values()) {
      const address = block.address + offset;
      shape.write(bytes, offset, address, destination);
      this.veneers.push({ address, size: shape.size, target: destination, symbol });
    }
    memory.write(block.address, bytes);
    for (const branch of far) {
      const { target, index } = branch;
      const stub = stubs.get(keyOf(branch));
      const { offset, type, addend } = target.table.get(index);
      job.bytes = target.bytes;
      job.view = target.view;
      job.explicitAddend = target.table.kind === 'RELA';
      job.type = type;
      job.offset = offset - target.start;
      job.place = (target.address + job.offset) | 0;
      job.addend = addend;
      job.symbol = (block.address + (stub?.offset ?? 0) + branch.shape.entry + (branch.shape.thumb ? 1 : 0)) | 0;
      job.symbolKind = SYMBOL_KIND.function;
      const failure = this.context.machine.apply(job);
      if (failure !== undefined) throw this.error(target, index, failure);
      this.count++;
    }
  }
}

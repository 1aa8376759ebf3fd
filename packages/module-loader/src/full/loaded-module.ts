import { type ElfFile, STT, type SymbolTable } from '@loadstone/elf-reader';
import { LoaderError } from '../errors.js';
import { isExported } from './exported.js';
import type { LinkResult, ModuleImage, PlacedSection, ResolvedImport, Veneer } from './image.js';
import type { MemoryBlock } from './section-plan.js';

/** A symbol the module defines. */
export interface ModuleSymbol {
  readonly name: string;
  /** Bit 0 set for a Thumb function. */
  readonly address: number;
  readonly size: number;
  /** STT_. */
  readonly type: number;
  /** STB_. */
  readonly binding: number;
  /** Other modules may bind to it. */
  readonly exported: boolean;
}

/** Where an address lies in a module. */
export interface SymbolAt {
  readonly name: string;
  /** Bytes from the symbol's first byte. */
  readonly offset: number;
  readonly size: number;
}

/** A relocation of a loaded module. */
export interface RelocationAt {
  readonly place: number;
  readonly type: number;
  /** `R_ARM_THM_CALL`. */
  readonly typeName: string;
  /** Empty for relocations without a named symbol. */
  readonly symbol: string;
  readonly section: string;
}

/** What unloading gave back and what it could not take back. */
export interface UnloadReport {
  readonly name: string;
  readonly freed: readonly MemoryBlock[];
  /** Destructors that were called, in order. */
  readonly destructorsRun: readonly number[];
  /** Destructors left unrun because nobody gave the loader a way to call them. */
  readonly destructorsLeft: readonly number[];
  /** Words elsewhere that still point into the freed blocks; filled by ModuleRegistry. */
  readonly danglingPointers: readonly DanglingPointer[];
}

export interface DanglingPointer {
  /** The module that holds the word. */
  readonly module: string;
  readonly address: number;
  readonly value: number;
}

interface SortedSymbol {
  readonly start: number;
  readonly index: number;
}

/** A module in memory: where everything is, and how to let it go. */
export class LoadedModule {
  readonly name: string;
  readonly kind: 'object' | 'shared';
  readonly machine: 'arm' | 'xtensa';
  readonly elf: ElfFile;
  readonly sections: readonly PlacedSection[];
  readonly blocks: readonly MemoryBlock[];
  readonly imports: readonly ResolvedImport[];
  readonly veneers: readonly Veneer[];
  /** Addresses of the constructors in the order they run. */
  readonly constructors: readonly number[];
  /** Addresses of the destructors in the order they run at unload. */
  readonly destructors: readonly number[];
  /** e_entry of a shared object. */
  readonly entry: number | undefined;
  /** Address that stands for the module in `__cxa_atexit`; undefined when it never asked for one. */
  readonly dsoHandle: number | undefined;
  /** Relocations applied. */
  readonly relocationCount: number;
  /** False after `unload`. */
  loaded = true;
  private readonly image: ModuleImage;
  private readonly call: ((address: number) => void) | undefined;
  private sorted: SortedSymbol[] | undefined;
  private relocations: RelocationAt[] | undefined;

  constructor(image: ModuleImage, linked: LinkResult, call: ((address: number) => void) | undefined) {
    this.name = image.name;
    this.kind = image.kind;
    this.machine = image.machine.name;
    this.elf = image.elf;
    this.sections = image.sections;
    this.blocks = [...image.allocator.blocks];
    this.imports = linked.imports;
    this.veneers = linked.veneers;
    this.constructors = linked.constructors;
    this.destructors = linked.destructors;
    this.relocationCount = linked.relocationCount;
    this.entry = image.entry;
    this.dsoHandle = image.dsoHandle;
    this.image = image;
    this.call = call;
  }

  /**
   * Address of a symbol the module defines: a global definition before a weak one before a local one.
   * @returns undefined when the module does not define it; bit 0 is set for a Thumb function
   */
  find(name: string): number | undefined {
    const { symbols } = this.image;
    const index = symbols?.indexOf(name) ?? -1;
    if (symbols === undefined || index < 0 || symbols.isUndefined(index)) return undefined;
    return this.image.definedAddress(index);
  }

  /** Like `find`, but only what other modules may bind to. */
  findExport(name: string): number | undefined {
    const { symbols } = this.image;
    const index = symbols?.indexOf(name) ?? -1;
    if (symbols === undefined || index < 0 || !isExported(symbols, index)) return undefined;
    return this.image.definedAddress(index);
  }

  /** Every named symbol in loaded sections, without section, file and mapping symbols. */
  get symbols(): ModuleSymbol[] {
    const { symbols: table } = this.image;
    const found: ModuleSymbol[] = [];
    for (const index of namedSymbols(table)) {
      const address = this.image.definedAddress(index);
      if (table === undefined || address === undefined) continue;
      found.push({
        name: table.name(index),
        address,
        size: table.size(index),
        type: table.type(index),
        binding: table.binding(index),
        exported: isExported(table, index),
      });
    }
    return found;
  }

  /** The section an address lies in. */
  sectionAt(address: number): PlacedSection | undefined {
    return this.sections.find((section) => address >= section.address && address < section.address + section.size);
  }

  /** Whether an address lies in the module's memory. */
  contains(address: number): boolean {
    return (
      this.blocks.some((block) => address >= block.address && address < block.address + block.size) ||
      this.sectionAt(address) !== undefined
    );
  }

  /** The symbol at or before an address in the same section; for backtraces and fault reports. */
  symbolAt(address: number): SymbolAt | undefined {
    const table = this.image.symbols;
    if (table === undefined || !this.contains(address)) return undefined;
    const sorted = (this.sorted ??= this.sortSymbols(table));
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const { start, index } = sorted[low - 1];
    if (this.sectionAt(start) !== this.sectionAt(address)) return undefined;
    return { name: table.name(index), offset: address - start, size: table.size(index) };
  }

  private sortSymbols(table: SymbolTable): SortedSymbol[] {
    const sorted: SortedSymbol[] = [];
    for (const index of namedSymbols(table)) {
      const address = this.image.definedAddress(index);
      if (address === undefined || !this.contains(address)) continue;
      const thumb = this.machine === 'arm' && table.type(index) === STT.FUNC ? 1 : 0;
      sorted.push({ start: (address & ~thumb) >>> 0, index });
    }
    return sorted.sort((a, b) => a.start - b.start);
  }

  /** The relocation whose place covers an address; for fault reports. The list is made on the first call. */
  relocationAt(address: number): RelocationAt | undefined {
    const list = (this.relocations ??= this.listRelocations());
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].place <= address) low = middle + 1;
      else high = middle;
    }
    const found = list[low - 1];
    return found !== undefined && address < found.place + 4 ? found : undefined;
  }

  private listRelocations(): RelocationAt[] {
    const { symbols, machine } = this.image;
    const list: RelocationAt[] = [];
    for (const { table, origin, sectionName } of this.image.relocatedRanges) {
      for (const { offset, type, symbol } of table) {
        list.push({
          place: (origin + offset) >>> 0,
          type,
          typeName: machine.typeName(type),
          symbol: symbol === 0 || symbols === undefined ? '' : symbols.name(symbol),
          section: sectionName,
        });
      }
    }
    return list.sort((a, b) => a.place - b.place);
  }

  /**
   * Runs the destructors (when `call` was given) and gives the memory back.
   * @throws LoaderError NOT_LOADED the second time
   */
  unload(): UnloadReport {
    if (!this.loaded) throw new LoaderError('NOT_LOADED', `${this.name} is not loaded`, { module: this.name });
    if (this.call !== undefined) for (const address of this.destructors) this.call(address);
    this.loaded = false;
    const freed = [...this.blocks];
    this.image.allocator.freeAll();
    return {
      name: this.name,
      freed,
      destructorsRun: this.call === undefined ? [] : this.destructors,
      destructorsLeft: this.call === undefined ? this.destructors : [],
      danglingPointers: [],
    };
  }
}

/** Indexes of defined symbols a person would name: no sections, files or `$t` mapping symbols. */
function* namedSymbols(table: SymbolTable | undefined): Generator<number> {
  if (table === undefined) return;
  for (let i = 1; i < table.count; i++) {
    const type = table.type(i);
    if (table.nameOffset(i) === 0 || table.isUndefined(i) || type === STT.SECTION || type === STT.FILE) continue;
    if (/^\$[atdx](\.|$)/.test(table.name(i))) continue;
    yield i;
  }
}

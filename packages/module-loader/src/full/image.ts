import type { ElfFile, RelocationTable, SymbolTable } from '@loadstone/elf-reader';
import type { Machine } from './machine.js';
import type { ContentKind, ImportRequest, Permissions, ResolveSymbol } from './options.js';
import type { BlockAllocator } from './placer.js';

/** A section of a loaded module and where it is. */
export interface PlacedSection {
  readonly name: string;
  /** Index in the file; 0 for what the loader made (COMMON, the GOT) and for segments of a file without section headers. */
  readonly index: number;
  readonly kind: ContentKind;
  readonly address: number;
  readonly size: number;
  readonly align: number;
  readonly permissions: Permissions;
  /** The module runs it from where the file lies; no memory was taken. */
  readonly inPlace: boolean;
}

/** A symbol that came from outside the module. */
export interface ResolvedImport extends ImportRequest {
  /** What `resolve` gave; undefined for an undefined weak symbol, which is 0. */
  readonly address: number | undefined;
}

/** A stub that carries far branches on. */
export interface Veneer {
  readonly address: number;
  readonly size: number;
  readonly target: number;
  readonly symbol: string;
}

/** Relocations of one section or of a whole shared object, and how to turn r_offset into an address. */
export interface RelocatedRange {
  readonly table: RelocationTable;
  /** Added to r_offset. */
  readonly origin: number;
  readonly sectionName: string;
}

/** What linking gave. */
export interface LinkResult {
  readonly imports: readonly ResolvedImport[];
  readonly veneers: readonly Veneer[];
  readonly constructors: readonly number[];
  readonly destructors: readonly number[];
  readonly relocationCount: number;
}

/** A module on its way into memory: first every module is placed, then they are linked, so that cycles work. */
export interface ModuleImage {
  readonly kind: 'object' | 'shared';
  readonly name: string;
  readonly elf: ElfFile;
  readonly machine: Machine;
  readonly allocator: BlockAllocator;
  readonly symbols: SymbolTable | undefined;
  /** Valid after `place`. */
  readonly sections: readonly PlacedSection[];
  /** Address of `__dso_handle`, when the module has one. */
  readonly dsoHandle: number | undefined;
  /** e_entry of a shared object, moved; undefined for none. */
  readonly entry: number | undefined;
  readonly relocatedRanges: readonly RelocatedRange[];
  /** Blocks for everything the file describes. */
  place(): void;
  /** Address of a symbol the module defines, by index; undefined when its section is not loaded. Valid after `place`. */
  definedAddress(index: number): number | undefined;
  /** Resolves, relocates and writes. */
  link(resolve: ResolveSymbol): LinkResult;
}

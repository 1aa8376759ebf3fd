import type { AllocationPurpose, TargetMemory } from '../target-memory.js';

/** What a module asks for when it imports a symbol. */
export interface ImportRequest {
  readonly name: string;
  /** STT_ of the symbol-table entry: 0 where the compiler did not know, as in every ARM object. */
  readonly type: number;
  /** The module can do without: an undefined weak symbol becomes 0, a weak definition of its own is used. */
  readonly weak: boolean;
  /** The module has a weak definition, which a definition from outside replaces (gABI, Symbol Table, STB_WEAK). */
  readonly defined: boolean;
}

/**
 * Gives the address of an imported symbol: 32 bits, bit 0 set for a Thumb function; undefined when nobody provides it.
 */
export type ResolveSymbol = (name: string, request: ImportRequest) => number | undefined;

/** What a loaded section may be used for. */
export interface Permissions {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** What kind of contents a section of a relocatable object has; order of the kinds in one block. */
export type ContentKind = 'literal' | 'text' | 'rodata' | 'data' | 'bss' | 'got';

/** A section (or COMMON, or the GOT) about to be placed. */
export interface SectionToPlace {
  readonly name: string;
  readonly kind: ContentKind;
  readonly size: number;
  readonly align: number;
  readonly permissions: Permissions;
}

/**
 * Which blocks are asked for. `single`: one block of purpose `module`. `split`: text with its literals, read-only data, and
 * writable data apart. A function gives the purpose of each section; sections of one purpose share a block.
 */
export type Placement = 'single' | 'split' | ((section: SectionToPlace) => AllocationPurpose);

/** The file already lies in memory that code can run from, such as memory-mapped flash. */
export interface InPlaceFile {
  /** Address of the file's first byte. */
  readonly address: number;
}

export interface LoadOptions {
  readonly memory: TargetMemory;
  readonly resolve: ResolveSymbol;
  /** For messages; default `module`. */
  readonly name?: string;
  /** The machine the module must be for; default: any this package knows. */
  readonly machine?: 'arm' | 'xtensa';
  /** Default `single` for Arm, `split` for Xtensa. Shared objects are always one block. */
  readonly placement?: Placement;
  /** Read-only sections that need no relocation stay where they are and take no RAM. */
  readonly inPlace?: InPlaceFile;
  /** Whether a branch that cannot reach gets a veneer; default true. */
  readonly veneers?: boolean;
  /** Called with the address of each constructor after loading, and of each destructor at unload, in the right order. */
  readonly call?: (address: number) => void;
  /** Relocations accepted in one module, default 50,000,000; more is LoaderError LIMIT. */
  readonly relocationLimit?: number;
}

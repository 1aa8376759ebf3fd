import type { LineTable } from '../debug-line/line-table.js';

/** A section of a loaded module. */
export interface SectionInfo {
  readonly name: string;
  readonly address: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * What reports want to know of a loaded module; `LoadedModule` of @loadstone/module-loader has this shape. Everything but the
 * name and `contains` may be missing.
 */
export interface ModuleInfo {
  readonly name: string;
  contains(address: number): boolean;
  /** The symbol at or before an address: its name and how many bytes the address lies behind its start. */
  symbolAt?(address: number): { readonly name: string; readonly offset: number } | undefined;
  sectionAt?(address: number): SectionInfo | undefined;
  /** The relocation that was applied to the bytes at an address. */
  relocationAt?(address: number): RelocationInfo | undefined;
  readonly sections?: readonly SectionInfo[];
  /** Source lines; asked for once. */
  lineTable?(): LineTable | undefined;
}

export interface RelocationInfo {
  readonly place: number;
  /** `R_ARM_ABS32`. */
  readonly typeName: string;
  readonly symbol: string;
}

/** What a relocation type needs from the loader before its formula can be worked out. */
export const NEED = {
  /** Nothing: markers for a linker, such as R_ARM_NONE or R_XTENSA_DIFF32. */
  nothing: 0,
  /** The symbol's address. */
  symbol: 1,
  /** An address inside the module moved by the load bias; no symbol. */
  bias: 2,
  /** A GOT entry holding the symbol's address. */
  gotEntry: 4,
  /** The address of the GOT. */
  gotOrigin: 8,
  /** A stub right behind the section, for branches too short to reach another. */
  nearStub: 16,
} as const;

/** Where a symbol's address comes from, which decides what its bit 0 means. */
export const SYMBOL_KIND = {
  /** A place in the module that is no function: bit 0 belongs to the address. */
  place: 0,
  /** A function of the module. */
  function: 1,
  /** Given from outside; nothing is known of its type. */
  external: 2,
  /** An undefined weak symbol that nobody provides. */
  weakUndefined: 3,
} as const;

export type SymbolKind = (typeof SYMBOL_KIND)[keyof typeof SYMBOL_KIND];

/** One relocation, filled in anew for each entry; addresses are 32-bit, as signed numbers, which V8 keeps unboxed. */
export interface RelocationJob {
  type: number;
  /** Bytes of the section being relocated, and where the place is in them. */
  bytes: Uint8Array;
  view: DataView;
  offset: number;
  /** Address of the place. */
  place: number;
  /** Address of the symbol; bit 0 is set for a Thumb function. */
  symbol: number;
  symbolKind: SymbolKind;
  /** r_addend; the entry has one only when `explicitAddend`. */
  addend: number;
  explicitAddend: boolean;
  /** Address of the symbol's GOT entry, where the type needs it. */
  gotEntry: number;
  gotOrigin: number;
  loadBias: number;
}

/** Why a relocation could not be applied. */
export interface RelocationFailure {
  /** `far`: a branch that a veneer can carry on. */
  readonly reason: 'far' | 'range' | 'alignment' | 'instruction' | 'unknown-type' | 'unsupported' | 'bounds';
  readonly message: string;
  readonly value?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The kind of stub that carries a branch on; chosen by the machine from the branch's relocation type. */
export interface VeneerShape {
  /** Distinguishes stubs that cannot be shared: `thumb`, `call8`. */
  readonly key: string;
  /** Bytes of one stub, a multiple of 4. */
  readonly size: number;
  /** Bit 0 of the address a branch to the stub uses. */
  readonly thumb: boolean;
  /** Offset of the first instruction in the stub. */
  readonly entry: number;
  /** Writes the stub that goes to `target` into `bytes` at `offset`; `address` is where the stub will lie. */
  write(bytes: Uint8Array, offset: number, address: number, target: number): void;
}

/** One machine: what its relocation types need and do. */
export interface Machine {
  readonly name: 'arm' | 'xtensa';
  /** e_machine. */
  readonly elfMachine: number;
  readonly defaultPlacement: 'single' | 'split';
  /** Bits of NEED for types 0 to 255; -1 for a type nobody defines. */
  readonly needs: Int16Array;
  typeName(type: number): string;
  /** Applies one relocation; undefined on success, after which the bytes are changed, and otherwise they are not. */
  apply(job: RelocationJob): RelocationFailure | undefined;
  /** The stub for a branch that does not reach; undefined when the type has none. */
  veneer(job: RelocationJob): VeneerShape | undefined;
  /** The stub for a type whose reach is so short that the stub must lie right behind the section; undefined for others. */
  nearStub(type: number): VeneerShape | undefined;
  /** Whether an object's section holds literals that instructions of a text section load. */
  isLiteralSection(name: string): boolean;
}

import { type ElfFile, type RelocationTable, SHN, SHT, type SymbolTable } from '@loadstone/elf-reader';
import { LoaderError } from '../errors.js';
import { arrayRole, FunctionOrder } from './constructors.js';
import type { LinkResult, ModuleImage, PlacedSection, RelocatedRange } from './image.js';
import { type Machine, NEED } from './machine.js';
import type { LoadOptions, ResolveSymbol } from './options.js';
import { BlockAllocator, placeSections } from './placer.js';
import { type PatchTarget, RelocationPass } from './relocation-pass.js';
import { checkAlign, madeSection, orderSections, type PlannedSection, planSections } from './section-plan.js';
import { SymbolAddresses } from './symbol-addresses.js';
import { verifyInPlace, writeZeros } from './target-bytes.js';

const DEFAULT_RELOCATION_LIMIT = 50_000_000;
const WORD = 4;

/** Names that undefined symbols may have and that the loader defines itself. */
const GOT_NAME = '_GLOBAL_OFFSET_TABLE_';
const DSO_HANDLE_NAME = '__dso_handle';

interface RelocatedSection {
  readonly section: PlannedSection;
  readonly table: RelocationTable;
}

/** A relocatable object (ET_REL) on its way into memory. */
export class ObjectImage implements ModuleImage {
  readonly kind = 'object';
  readonly name: string;
  readonly elf: ElfFile;
  readonly machine: Machine;
  readonly allocator: BlockAllocator;
  readonly symbols: SymbolTable | undefined;
  readonly entry = undefined;
  dsoHandle: number | undefined;
  private readonly options: LoadOptions;
  private readonly planned: readonly PlannedSection[];
  private readonly bySection = new Map<number, PlannedSection>();
  private readonly relocated: RelocatedSection[] = [];
  private readonly needs: Int16Array;
  private readonly addresses: SymbolAddresses;
  /** Offset in the GOT of each symbol that has an entry. */
  private readonly gotOffsets = new Map<number, number>();
  private readonly got: PlannedSection;
  /** COMMON symbols: offset in the section the loader makes for them. */
  private readonly commonOffsets = new Map<number, number>();
  private readonly common: PlannedSection;
  private readonly dso: PlannedSection;
  private gotUsed = false;
  /** Offset of the stub behind a section, by symbol, for branches too short for a veneer elsewhere. */
  private readonly nearStubs = new Map<PlannedSection, Map<number, number>>();

  constructor(elf: ElfFile, machine: Machine, options: LoadOptions) {
    this.name = options.name ?? 'module';
    this.elf = elf;
    this.machine = machine;
    this.options = options;
    this.allocator = new BlockAllocator(options.memory);
    this.needs = machine.needs;
    this.symbols = elf.symbols('.symtab');
    this.addresses = new SymbolAddresses(this.symbols);
    const planned = planSections(elf, machine);
    for (const section of planned) this.bySection.set(section.index, section);
    this.collectRelocations();
    this.common = this.planCommon();
    this.got = madeSection('.got', 'got', this.gotOffsets.size * WORD, WORD);
    const wantsDso = this.addresses.undefinedNames().includes(DSO_HANDLE_NAME);
    this.dso = madeSection('.dso_handle', 'bss', wantsDso ? WORD : 0, WORD);
    this.planned = [...planned, this.common, this.got, this.dso].filter(
      (section) => section.index !== 0 || section.size > 0 || (section === this.got && this.gotUsed),
    );
  }

  /** Finds the tables that touch loaded sections, and the symbols and GOT entries they need. */
  private collectRelocations(): void {
    let left = this.options.relocationLimit ?? DEFAULT_RELOCATION_LIMIT;
    for (const section of this.elf.sections) {
      if (section.type !== SHT.REL && section.type !== SHT.RELA) continue;
      const target = this.bySection.get(section.info);
      if (target === undefined) continue;
      const table = this.elf.relocations(section);
      if (this.symbols !== undefined && table.symbolTableIndex !== this.symbols.sectionIndex) {
        throw new LoaderError('BAD_FORMAT', `${section.name} belongs to another symbol table than .symtab`, {
          section: section.name,
        });
      }
      left -= table.count;
      if (left < 0) throw new LoaderError('LIMIT', 'the module has too many relocations', { section: section.name });
      if (this.scan(table, target)) this.relocated.push({ section: target, table });
    }
  }

  /** @returns whether any relocation of the table changes something */
  private scan(table: RelocationTable, target: PlannedSection): boolean {
    const { types, symbols, offsets } = table;
    let effective = false;
    for (let i = 0; i < types.length; i++) {
      const need = types[i] < 256 ? this.needs[types[i]] : -1;
      if (need === NEED.nothing) continue;
      if (need < 0 || target.kind === 'bss') throw this.badRelocation(target, types[i], offsets[i]);
      effective = true;
      this.addresses.use(symbols[i]);
      if (need === NEED.symbol) continue;
      if ((need & NEED.nearStub) !== 0) this.reserveNearStub(target, types[i], symbols[i]);
      if ((need & NEED.gotEntry) !== 0 && !this.gotOffsets.has(symbols[i])) {
        this.gotOffsets.set(symbols[i], this.gotOffsets.size * WORD);
      }
      if ((need & (NEED.gotEntry | NEED.gotOrigin)) !== 0) this.gotUsed = true;
    }
    return effective;
  }

  private badRelocation(target: PlannedSection, type: number, offset: number): LoaderError {
    const name = this.machine.typeName(type);
    const message =
      target.kind === 'bss'
        ? `${name} applies to ${target.name}, which has no bytes in the file`
        : `relocation type ${type} of ${target.name} is not defined for ${this.machine.name}`;
    return new LoaderError('BAD_RELOCATION', message, {
      relocation: name,
      relocationType: type,
      section: target.name,
      offset,
    });
  }

  /** Room behind a section for a stub, when an undefined symbol is reached by a short branch. */
  private reserveNearStub(target: PlannedSection, type: number, symbol: number): void {
    const shape = this.machine.nearStub(type);
    if (shape === undefined || !this.symbols?.isUndefined(symbol)) return;
    const stubs = this.nearStubs.get(target) ?? new Map<number, number>();
    this.nearStubs.set(target, stubs);
    if (stubs.has(symbol)) return;
    const offset = Math.ceil(target.size / WORD) * WORD;
    stubs.set(symbol, offset);
    target.tail += offset + shape.size - target.size;
    target.size = offset + shape.size;
    target.align = Math.max(target.align, WORD);
  }

  /** COMMON symbols (gABI, st_value is the alignment) get room behind .bss. */
  private planCommon(): PlannedSection {
    let size = 0;
    let align = 1;
    const { symbols } = this;
    for (let i = 1; i < (symbols?.count ?? 0); i++) {
      if (!symbols?.isCommon(i)) continue;
      const symbolAlign = checkAlign(symbols.value(i), `COMMON symbol ${symbols.name(i)}`);
      const offset = Math.ceil(size / symbolAlign) * symbolAlign;
      this.commonOffsets.set(i, offset);
      size = offset + symbols.size(i);
      align = Math.max(align, symbolAlign);
    }
    return madeSection('COMMON', 'bss', size, align);
  }

  get sections(): readonly PlacedSection[] {
    return this.planned.map((section) => ({
      name: section.name,
      index: section.index,
      kind: section.kind,
      address: section.address,
      size: section.size,
      align: section.align,
      permissions: section.permissions,
      inPlace: section.block === undefined && section.size > 0,
    }));
  }

  get relocatedRanges(): readonly RelocatedRange[] {
    return this.relocated.map(({ section, table }) => ({ table, origin: section.address, sectionName: section.name }));
  }

  place(): void {
    const patched = new Set(this.relocated.map(({ section }) => section));
    const stays = (section: PlannedSection) =>
      !section.permissions.write && section.kind !== 'bss' && section.size > 0 && !patched.has(section);
    const placement = this.options.placement ?? this.machine.defaultPlacement;
    placeSections(orderSections(this.planned), placement, this.allocator, this.options.inPlace, stays);
    if (this.dso.size > 0) this.dsoHandle = this.dso.address;
  }

  definedAddress(index: number): number | undefined {
    const { symbols } = this;
    if (symbols === undefined) return undefined;
    const stored = symbols.shndx(index);
    const value = symbols.value(index);
    if (stored === SHN.ABS) return value;
    if (stored === SHN.COMMON) {
      const offset = this.commonOffsets.get(index);
      return offset === undefined ? undefined : this.common.address + offset;
    }
    const section = this.bySection.get(symbols.sectionOf(index));
    return section === undefined ? undefined : (section.address + value) >>> 0;
  }

  private madeAddress(name: string): number | undefined {
    if (name === GOT_NAME && this.gotUsed) return this.got.address;
    if (name === DSO_HANDLE_NAME && this.dso.size > 0) return this.dso.address;
    const boundary = /^__(start|stop)_([A-Za-z_]\w*)$/.exec(name);
    if (boundary === null) return undefined;
    // GNU ld: __start_X and __stop_X bound the output section of a name that is a C identifier.
    const parts = this.planned.filter((section) => section.name === boundary[2]);
    if (parts.length === 0) return undefined;
    return boundary[1] === 'start'
      ? Math.min(...parts.map(({ address }) => address))
      : Math.max(...parts.map(({ address, size }) => address + size));
  }

  link(resolve: ResolveSymbol): LinkResult {
    const { memory } = this.options;
    this.addresses.resolveAll(
      { definedAddress: (index) => this.definedAddress(index), madeAddress: (name) => this.madeAddress(name) },
      resolve,
    );
    const gotEntries = new Map<number, number>();
    for (const [symbol, offset] of this.gotOffsets) gotEntries.set(symbol, this.got.address + offset);
    const contents = this.readContents();
    const pass = new RelocationPass(
      {
        machine: this.machine,
        symbols: this.addresses,
        gotEntries,
        gotOrigin: this.got.address,
        loadBias: 0,
        veneers: this.options.veneers ?? true,
      },
      this.needs,
    );
    for (const { section, table } of this.relocated) {
      const bytes = contents.get(section) ?? new Uint8Array(0);
      const target: PatchTarget = {
        table,
        bytes,
        view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        address: section.address,
        start: 0,
        sectionName: section.name,
        nearStubs: this.nearStubs.get(section),
      };
      pass.apply(target);
    }
    pass.placeVeneers(this.allocator, memory);
    this.write(contents);
    const order = new FunctionOrder();
    for (const [section, bytes] of contents) {
      const role = arrayRole(section.name);
      if (role !== undefined) order.add(role, bytes);
    }
    return {
      imports: this.addresses.imports,
      veneers: pass.veneers,
      constructors: order.constructors(),
      destructors: order.destructors(),
      relocationCount: pass.count,
    };
  }

  /** The bytes of every section that has some, in file order; the GOT is filled in. */
  private readContents(): Map<PlannedSection, Uint8Array> {
    const contents = new Map<PlannedSection, Uint8Array>();
    for (const section of this.planned) {
      if (section.kind === 'bss') continue;
      if (section === this.got) {
        const bytes = new Uint8Array(section.size);
        const view = new DataView(bytes.buffer);
        for (const [symbol, offset] of this.gotOffsets) view.setUint32(offset, this.addresses.address(symbol), true);
        contents.set(section, bytes);
        continue;
      }
      const stored = section.section?.data() ?? new Uint8Array(0);
      const fromFile = section.size - section.tail;
      if (stored.length !== fromFile) {
        throw new LoaderError('TRUNCATED', `${section.name} has ${stored.length} of ${fromFile} bytes`, {
          section: section.name,
        });
      }
      const bytes = section.tail === 0 ? stored : new Uint8Array(section.size);
      if (section.tail > 0) bytes.set(stored);
      contents.set(section, bytes);
    }
    return contents;
  }

  private write(contents: ReadonlyMap<PlannedSection, Uint8Array>): void {
    const { memory } = this.options;
    for (const section of this.planned) {
      if (section.size === 0) continue;
      const bytes = contents.get(section);
      if (section.block === undefined) verifyInPlace(memory, section.address, bytes ?? new Uint8Array(0), section.name);
      else if (bytes === undefined) writeZeros(memory, section.address, section.size);
      else memory.write(section.address, bytes);
    }
  }
}

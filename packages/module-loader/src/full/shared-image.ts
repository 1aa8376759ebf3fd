import { DT, type ElfFile, PF, PT, type RelocationTable, SHF, SHN, SHT, type SymbolTable } from '@loadstone/elf-reader';
import { LoaderError } from '../errors.js';
import { functionsIn } from './constructors.js';
import type { LinkResult, ModuleImage, PlacedSection, RelocatedRange } from './image.js';
import { type Machine, NEED } from './machine.js';
import type { ContentKind, LoadOptions, ResolveSymbol } from './options.js';
import { BlockAllocator } from './placer.js';
import { RelocationPass } from './relocation-pass.js';
import { checkAlign } from './section-plan.js';
import { SymbolAddresses } from './symbol-addresses.js';
import { verifyInPlace } from './target-bytes.js';

const DEFAULT_RELOCATION_LIMIT = 50_000_000;

/** A shared object (ET_DYN) on its way into memory: one block for all its PT_LOAD segments. */
export class SharedImage implements ModuleImage {
  readonly kind = 'shared';
  readonly name: string;
  readonly elf: ElfFile;
  readonly machine: Machine;
  readonly allocator: BlockAllocator;
  readonly symbols: SymbolTable | undefined;
  readonly dsoHandle = undefined;
  private readonly options: LoadOptions;
  private readonly tables: readonly RelocationTable[];
  private readonly needs: Int16Array;
  private readonly addresses: SymbolAddresses;
  /** Lowest p_vaddr and the bytes from there to the highest end. */
  private readonly start: number;
  private readonly size: number;
  private readonly align: number;
  private base = 0;
  private inPlace = false;

  constructor(elf: ElfFile, machine: Machine, options: LoadOptions) {
    this.name = options.name ?? 'module';
    this.elf = elf;
    this.machine = machine;
    this.options = options;
    this.allocator = new BlockAllocator(options.memory);
    this.needs = machine.needs;
    const extent = this.measure();
    this.start = extent.start;
    this.size = extent.end - extent.start;
    this.align = extent.align;
    this.symbols = elf.symbols('.dynsym');
    this.addresses = new SymbolAddresses(this.symbols);
    this.tables = elf.dynamicRelocations();
    this.scan();
  }

  private get segments() {
    return this.elf.segments.filter(({ type, memorySize }) => type === PT.LOAD && memorySize > 0);
  }

  private measure(): { start: number; end: number; align: number } {
    const { segments } = this;
    if (segments.length === 0) {
      throw new LoaderError('NO_CONTENT', 'the shared object has no PT_LOAD segment', {});
    }
    let start = 0xffff_ffff;
    let end = 0;
    let align = 4;
    for (const segment of segments) {
      if (segment.fileSize > segment.memorySize) {
        throw new LoaderError('BAD_FORMAT', `segment ${segment.index} has more bytes in the file than in memory`, {
          size: segment.fileSize,
          limit: segment.memorySize,
        });
      }
      start = Math.min(start, segment.address);
      end = Math.max(end, segment.address + segment.memorySize);
      align = Math.max(align, checkAlign(segment.align, `segment ${segment.index}`));
    }
    if (end > 0x1_0000_0000)
      throw new LoaderError('BAD_FORMAT', 'a segment passes the end of the address space', { size: end });
    // p_vaddr is congruent to p_offset modulo p_align: on a heap only the alignment that sections ask for matters.
    const sectionAlign = this.elf.sections
      .filter(({ flags }) => (flags & SHF.ALLOC) !== 0)
      .reduce((most, section) => Math.max(most, checkAlign(section.align, `section ${section.index}`)), 4);
    const needed = this.elf.sections.length > 0 ? Math.min(align, sectionAlign) : align;
    return { start: Math.floor(start / needed) * needed, end, align: needed };
  }

  private scan(): void {
    let left = this.options.relocationLimit ?? DEFAULT_RELOCATION_LIMIT;
    for (const table of this.tables) {
      left -= table.count;
      if (left < 0) throw new LoaderError('LIMIT', 'the module has too many relocations', {});
      const { types, symbols } = table;
      for (let i = 0; i < types.length; i++) {
        const need = types[i] < 256 ? this.needs[types[i]] : -1;
        if (need === NEED.nothing) continue;
        if (need < 0) {
          throw new LoaderError(
            'BAD_RELOCATION',
            `relocation type ${types[i]} is not defined for ${this.machine.name}`,
            {
              relocationType: types[i],
            },
          );
        }
        if ((need & NEED.bias) === 0) this.addresses.use(symbols[i]);
      }
    }
  }

  get entry(): number | undefined {
    const { entry } = this.elf.header;
    return entry === 0 ? undefined : (entry + this.bias) >>> 0;
  }

  private get bias(): number {
    return this.base - this.start;
  }

  get sections(): readonly PlacedSection[] {
    const fromSections = this.elf.sections
      .filter(({ flags }) => (flags & SHF.ALLOC) !== 0)
      .map((section): PlacedSection => {
        const write = (section.flags & SHF.WRITE) !== 0;
        const execute = (section.flags & SHF.EXECINSTR) !== 0;
        const kind: ContentKind = execute ? 'text' : section.type === SHT.NOBITS ? 'bss' : write ? 'data' : 'rodata';
        return {
          name: section.name,
          index: section.index,
          kind,
          address: (section.address + this.bias) >>> 0,
          size: section.size,
          align: checkAlign(section.align, `section ${section.index}`),
          permissions: { read: true, write, execute },
          inPlace: this.inPlace,
        };
      });
    if (fromSections.length > 0) return fromSections;
    return this.segments.map((segment): PlacedSection => {
      const write = (segment.flags & PF.W) !== 0;
      const execute = (segment.flags & PF.X) !== 0;
      return {
        name: `segment ${segment.index}`,
        index: 0,
        kind: execute ? 'text' : write ? 'data' : 'rodata',
        address: (segment.address + this.bias) >>> 0,
        size: segment.memorySize,
        align: checkAlign(segment.align, `segment ${segment.index}`),
        permissions: { read: (segment.flags & PF.R) !== 0, write, execute },
        inPlace: this.inPlace,
      };
    });
  }

  get relocatedRanges(): readonly RelocatedRange[] {
    return this.tables.map((table) => ({ table, origin: this.bias, sectionName: this.name }));
  }

  place(): void {
    const { inPlace } = this.options;
    if (inPlace !== undefined) {
      const first = this.segments[0];
      const fixed =
        this.segments.length === 1 &&
        (first.flags & PF.W) === 0 &&
        first.memorySize === first.fileSize &&
        this.tables.every((table) => table.count === 0);
      if (fixed) {
        this.inPlace = true;
        this.base = inPlace.address + first.offset - (first.address - this.start);
        return;
      }
    }
    this.base = this.allocator.allocate(this.size, this.align, 'module').address;
  }

  definedAddress(index: number): number | undefined {
    const { symbols } = this;
    if (symbols === undefined) return undefined;
    const value = symbols.value(index);
    return symbols.shndx(index) === SHN.ABS ? value : (value + this.bias) >>> 0;
  }

  link(resolve: ResolveSymbol): LinkResult {
    const { memory } = this.options;
    this.addresses.resolveAll(
      { definedAddress: (index) => this.definedAddress(index), madeAddress: () => undefined },
      resolve,
    );
    const bytes = this.readSegments();
    const view = new DataView(bytes.buffer);
    const pass = new RelocationPass(
      {
        machine: this.machine,
        symbols: this.addresses,
        gotEntries: new Map(),
        gotOrigin: this.gotAddress(),
        loadBias: this.bias,
        veneers: this.options.veneers ?? true,
      },
      this.needs,
    );
    for (const table of this.tables) {
      pass.apply({ table, bytes, view, address: this.base, start: this.start, sectionName: this.name });
    }
    pass.placeVeneers(this.allocator, memory);
    if (this.inPlace) {
      const [first] = this.segments;
      verifyInPlace(memory, first.address + this.bias, first.data(), this.name);
    } else {
      memory.write(this.base, bytes);
    }
    return {
      imports: this.addresses.imports,
      veneers: pass.veneers,
      constructors: [...this.single(DT.INIT), ...this.array(bytes, DT.INIT_ARRAY, DT.INIT_ARRAYSZ)],
      destructors: [...this.array(bytes, DT.FINI_ARRAY, DT.FINI_ARRAYSZ).reverse(), ...this.single(DT.FINI)],
      relocationCount: pass.count,
    };
  }

  private readSegments(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    for (const segment of this.segments) bytes.set(segment.data(), segment.address - this.start);
    return bytes;
  }

  private gotAddress(): number {
    const got = this.elf.dynamic?.get(DT.PLTGOT);
    return got === undefined ? 0 : (got + this.bias) >>> 0;
  }

  private single(tag: number): number[] {
    const address = this.elf.dynamic?.get(tag);
    return address === undefined || address === 0 ? [] : [(address + this.bias) >>> 0];
  }

  /** The functions of an array, read after relocation. */
  private array(bytes: Uint8Array, tag: number, sizeTag: number): number[] {
    const address = this.elf.dynamic?.get(tag);
    const size = this.elf.dynamic?.get(sizeTag);
    if (address === undefined || size === undefined || size === 0) return [];
    const offset = address - this.start;
    if (offset < 0 || offset + size > bytes.length) {
      throw new LoaderError('BAD_FORMAT', `function array at 0x${address.toString(16)} lies outside the segments`, {
        address,
        size,
      });
    }
    return functionsIn(bytes.subarray(offset, offset + size));
  }
}

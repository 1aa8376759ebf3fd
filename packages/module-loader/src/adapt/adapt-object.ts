import { ElfFile, EM, ET, type RelocationTable, SHN, SHT, STB, STT, type SymbolTable } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import {
  applyArm,
  armRelocation,
  armRelocationName,
  branchRange,
  type Origins,
  RelocationError,
  readAddend,
  TARGET,
} from '@loadstone/relocator-arm';
import { LoaderError } from '../errors.js';
import { armStubFor } from '../full/arm-machine.js';
import { withFormatErrors } from '../full/load-module.js';
import { symbolLabel } from '../full/symbol-label.js';
import { relTableBytes, StringTableBuilder, symbolTableBytes, writeRelocatable } from './elf-writer.js';
import { OUTPUT_KINDS, type OutputKind, OutputLayout } from './layout.js';
import { AdaptedSymbols } from './symbols.js';

export interface AdaptOptions {
  /** Other names for symbols, old to new; the only way to keep imports of more than 30 bytes. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Whether branches to imports go through stubs that reach any address; default true. */
  readonly veneers?: boolean;
  /** Told what was changed, a line at a time. */
  readonly report?: (line: string) => void;
}

type Patched = 'text' | 'rodata' | 'data';

const R_ARM_ABS32 = 2;
/** Absolute types that elfLoader adds an address to as they are. */
const WORD_TYPES: ReadonlySet<number> = new Set([2, 38]);
const MOVE_TYPES: ReadonlySet<number> = new Set([43, 44, 47, 48]);
/** Types that elfLoader knows for imports. */
const PREL31 = 42;
const GOT_NAME = '_GLOBAL_OFFSET_TABLE_';

/** What a relocation refers to. */
type Reference =
  | {
      readonly to: 'module';
      readonly kind: OutputKind;
      readonly value: number;
      readonly thumb: boolean;
      readonly isFunction: boolean;
    }
  | { readonly to: 'import'; readonly name: string }
  | { readonly to: 'constant'; readonly value: number };

interface OutputRelocation {
  readonly offset: number;
  readonly type: number;
  /** Handle of the symbol. */
  readonly symbol: number;
}

/**
 * Rewrites an Arm object so that elfLoader of TencentOS tiny takes it: one section of each kind, all constants in .rodata,
 * padding for alignment, COMMON in .bss, references inside the module by section or worked out, far calls through stubs,
 * names of at most 30 bytes, and .strtab as the last string table.
 *
 * @param bytes the object
 * @param profile `tencentos-object`; other loaders take nothing that could be rewritten
 * @returns the new object; it loads in `parity` and behaves as the old one does in `full`
 * @throws LoaderError CANNOT_ADAPT with every reason in `data.names`; WRONG_MACHINE, WRONG_TYPE, BAD_FORMAT, TRUNCATED
 */
export function adaptObject(bytes: Uint8Array, profile: string, options: AdaptOptions = {}): Uint8Array {
  if (profile !== 'tencentos-object') {
    throw new LoaderError('CANNOT_ADAPT', `modules for ${profile} cannot be rewritten; compile or link them anew`, {
      names: [`profile ${profile}`],
    });
  }
  return withFormatErrors(() => new Adaptation(ElfFile.open(memorySource(bytes)), options).run());
}

class Adaptation {
  private readonly elf: ElfFile;
  private readonly options: AdaptOptions;
  private readonly input: SymbolTable;
  private readonly layout: OutputLayout;
  private readonly output: AdaptedSymbols;
  private readonly relocations: Record<Patched, OutputRelocation[]> = { text: [], rodata: [], data: [] };
  private readonly refusals: string[] = [];
  /** Offset in .text of the stub for each import. */
  private readonly stubs = new Map<string, number>();
  /** Offset in .data of the GOT entry for each input symbol, and of the GOT. */
  private readonly gotEntries = new Map<number, number>();
  private got = 0;

  constructor(elf: ElfFile, options: AdaptOptions) {
    const { machine, type } = elf.header;
    if (machine !== EM.ARM)
      throw new LoaderError('WRONG_MACHINE', `e_machine is ${machine}, Arm is ${EM.ARM}`, { machine });
    if (type !== ET.REL)
      throw new LoaderError('WRONG_TYPE', `e_type is ${type}; only relocatable objects can be adapted`, { offset: 16 });
    const symbols = elf.symbols('.symtab');
    if (symbols === undefined) throw new LoaderError('BAD_FORMAT', 'the object has no symbol table', {});
    this.elf = elf;
    this.options = options;
    this.input = symbols;
    this.layout = new OutputLayout(elf, symbols);
    this.output = new AdaptedSymbols(options.rename ?? {});
    this.refusals.push(...this.layout.refusals);
  }

  run(): Uint8Array {
    const tables = this.tables();
    this.reserve(tables);
    this.layout.finish();
    this.defineSymbols();
    for (const { table, target } of tables) this.relocate(table, target);
    this.fillStubs();
    this.fillGot();
    this.refusals.push(...this.output.refusals);
    if (this.refusals.length > 0) {
      const names = [...new Set(this.refusals)];
      throw new LoaderError('CANNOT_ADAPT', `the object cannot be adapted: ${names.join('; ')}`, { names });
    }
    for (const line of this.output.changes) this.options.report?.(line);
    return this.write();
  }

  private tables(): { table: RelocationTable; target: number }[] {
    const tables: { table: RelocationTable; target: number }[] = [];
    for (const section of this.elf.sections) {
      if (section.type !== SHT.REL && section.type !== SHT.RELA) continue;
      const place = this.layout.placed.get(section.info);
      if (place === undefined || place.kind === 'bss') continue;
      if (section.type === SHT.RELA) {
        this.refusals.push(`${section.name} has explicit addends (RELA)`);
        continue;
      }
      tables.push({ table: this.elf.relocations(section), target: section.info });
    }
    return tables;
  }

  /** Room for stubs and GOT entries. */
  private reserve(tables: readonly { table: RelocationTable }[]): void {
    const got = new Set<number>();
    let usesGot = false;
    for (const { table } of tables) {
      const { types, symbols } = table;
      for (let i = 0; i < types.length; i++) {
        const row = armRelocation(types[i]);
        if (row === undefined || row.refusal !== undefined) {
          this.refusals.push(`${armRelocationName(types[i])} cannot be loaded`);
          continue;
        }
        if (row.operation.includes('GOT(S)')) got.add(symbols[i]);
        if (/GOT|^B\(S\)/.test(row.operation)) usesGot = true;
        const branch = branchRange(types[i]);
        if (!branch?.takesVeneer || this.options.veneers === false) continue;
        const reference = this.reference(symbols[i]);
        if (reference?.to !== 'import') continue;
        const key = `${branch.instructionSet}:${reference.name}`;
        const stub = armStubFor(this.elf, branch.instructionSet);
        if (!this.stubs.has(key)) this.stubs.set(key, this.layout.reserve('text', stub.size, 4));
      }
    }
    if (!usesGot) return;
    this.got = this.layout.reserve('data', got.size * 4, 4);
    [...got].forEach((symbol, i) => {
      this.gotEntries.set(symbol, this.got + i * 4);
    });
  }

  /** What symbol `index` means in the new object; undefined when it lies in a section that is left out. */
  private reference(index: number): Reference | undefined {
    const { input } = this;
    const type = input.type(index);
    const isFunction = type === STT.FUNC;
    const value = input.value(index);
    const stored = input.shndx(index);
    if (index === 0) return { to: 'constant', value: 0 };
    if (stored === SHN.UNDEF) return { to: 'import', name: input.name(index) };
    if (stored === SHN.ABS) return { to: 'constant', value };
    if (stored === SHN.COMMON) {
      return { to: 'module', kind: 'bss', value: this.layout.common.get(index) ?? 0, thumb: false, isFunction: false };
    }
    const place = this.layout.placed.get(input.sectionOf(index));
    if (place === undefined) return undefined;
    const thumb = isFunction && (value & 1) !== 0;
    return { to: 'module', kind: place.kind, value: place.offset + (thumb ? value - 1 : value), thumb, isFunction };
  }

  private defineSymbols(): void {
    for (let i = 1; i < this.input.count; i++) {
      const type = this.input.type(i);
      if (type === STT.SECTION || type === STT.FILE || this.input.nameOffset(i) === 0) continue;
      const name = this.input.name(i);
      if (/^\$[atdx](\.|$)/.test(name) || this.input.isUndefined(i)) continue;
      const reference = this.reference(i);
      const binding = this.input.binding(i);
      if (reference?.to !== 'module') continue;
      this.output.define(
        {
          name,
          value: reference.value + (reference.thumb ? 1 : 0),
          size: this.input.size(i),
          info: this.input.isCommon(i) ? (binding << 4) | STT.OBJECT : this.input.info(i),
          other: this.input.other(i),
          kind: reference.kind,
        },
        binding === STB.LOCAL,
      );
    }
  }

  private relocate(table: RelocationTable, targetIndex: number): void {
    const place = this.layout.placed.get(targetIndex);
    if (place === undefined || place.kind === 'bss') return;
    const { kind, offset: start } = place;
    const bytes = this.layout.contents(kind);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = this.elf.section(targetIndex).size;
    for (const { offset, type, symbol } of table) {
      const row = armRelocation(type);
      if (row === undefined || row.operation === 'none') continue;
      if (offset + row.size > size) {
        this.refusals.push(
          `${row.name} at ${this.elf.section(targetIndex).name}+0x${offset.toString(16)} lies outside the section`,
        );
        continue;
      }
      const reference = this.reference(symbol);
      if (reference === undefined) {
        this.refusals.push(
          `${row.name} uses ${symbolLabel(this.input, symbol)}, which lies in a section that is not loaded`,
        );
        continue;
      }
      this.relocateOne(kind, view, start + offset, type, symbol, reference);
    }
  }

  private relocateOne(
    kind: Patched,
    view: DataView,
    at: number,
    type: number,
    symbol: number,
    reference: Reference,
  ): void {
    const { operation, name } = armRelocation(type) ?? { operation: 'none', name: '' };
    const addend = readAddend(view, at, type);
    const place = this.layout.start(kind) + at;
    const absolute = operation === '(S + A) | T' || operation === 'S + A';
    if (/GOT|^B\(S\)/.test(operation)) {
      this.relocateGot(view, at, type, symbol, reference, addend, place);
    } else if (reference.to === 'constant') {
      if (absolute) this.fold(view, at, type, place, reference.value, addend, 0);
      else this.refusals.push(`${name} to an absolute address`);
    } else if (reference.to === 'import') {
      this.relocateImport(kind, view, at, type, reference.name, addend, place);
    } else if (!absolute) {
      const target = reference.thumb
        ? TARGET.THUMB
        : reference.isFunction && reference.kind === 'text'
          ? TARGET.ARM
          : TARGET.PLAIN;
      this.fold(view, at, type, place, this.layout.start(reference.kind) + reference.value, addend, target);
    } else if (WORD_TYPES.has(type)) {
      view.setInt32(at, addend + reference.value + (reference.thumb ? 1 : 0), true);
      this.relocations[kind].push({ offset: at, type: R_ARM_ABS32, symbol: this.output.section(reference.kind) });
    } else if (MOVE_TYPES.has(type)) {
      const value = reference.value + (reference.thumb ? 1 : 0);
      this.relocations[kind].push({ offset: at, type, symbol: this.output.label(reference.kind, value) });
    } else {
      this.refusals.push(`${name} needs an address that is known only after loading, and the loader skips this type`);
    }
  }

  private relocateImport(
    kind: Patched,
    view: DataView,
    at: number,
    type: number,
    symbol: string,
    addend: number,
    place: number,
  ): void {
    const branch = branchRange(type);
    if (branch?.takesVeneer && this.options.veneers !== false) {
      const stub = this.stubs.get(`${branch.instructionSet}:${symbol}`);
      if (stub === undefined || addend !== (branch.instructionSet === 'arm' ? -8 : -4)) {
        this.refusals.push(`${armRelocationName(type)} to ${symbol} with an offset`);
        return;
      }
      const target = branch.instructionSet === 'arm' ? TARGET.PLAIN : TARGET.THUMB;
      this.fold(view, at, type, place, this.layout.start('text') + stub, addend, target);
    } else if (WORD_TYPES.has(type) || MOVE_TYPES.has(type) || type === PREL31 || [1, 10, 28, 29, 30].includes(type)) {
      this.relocations[kind].push({ offset: at, type, symbol: this.output.import(symbol) });
    } else {
      this.refusals.push(`${armRelocationName(type)} to the import ${symbol}, and the loader skips this type`);
    }
  }

  private relocateGot(
    view: DataView,
    at: number,
    type: number,
    symbol: number,
    reference: Reference,
    addend: number,
    place: number,
  ): void {
    const data = this.layout.start('data');
    const entry = this.gotEntries.get(symbol);
    const origins: Origins = {
      gotOrigin: data + this.got,
      base: data + this.got,
      ...(entry === undefined ? {} : { got: data + entry }),
    };
    const isGot = reference.to === 'import' && reference.name === GOT_NAME;
    if (reference.to === 'import' && !isGot && entry === undefined) {
      this.refusals.push(`${armRelocationName(type)} to the import ${reference.name}`);
      return;
    }
    const target = reference.to === 'module' && reference.thumb ? TARGET.THUMB : TARGET.PLAIN;
    const value =
      reference.to === 'module' ? this.layout.start(reference.kind) + reference.value : isGot ? data + this.got : 0;
    this.fold(view, at, type, place, value, addend, target, origins);
  }

  /** Works a relocation out now: distances inside the block never change. */
  private fold(
    view: DataView,
    at: number,
    type: number,
    place: number,
    symbol: number,
    addend: number,
    target: 0 | 1 | 2,
    origins?: Origins,
  ): void {
    try {
      applyArm(view, at, type, place, symbol, addend, target, origins);
    } catch (error) {
      if (!(error instanceof RelocationError)) throw error;
      this.refusals.push(error.message);
    }
  }

  private fillStubs(): void {
    const bytes = this.layout.contents('text');
    for (const [key, offset] of this.stubs) {
      const [set, ...rest] = key.split(':');
      const stub = armStubFor(this.elf, set === 'arm' ? 'arm' : 'thumb');
      stub.write(bytes, offset, 0, 0);
      // The target is the last word of every stub.
      this.relocations.text.push({
        offset: offset + stub.size - 4,
        type: R_ARM_ABS32,
        symbol: this.output.import(rest.join(':')),
      });
    }
    if (this.stubs.size > 0) this.options.report?.(`${this.stubs.size} far-call stubs`);
  }

  private fillGot(): void {
    const bytes = this.layout.contents('data');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const [index, offset] of this.gotEntries) {
      const reference = this.reference(index);
      if (reference === undefined || reference.to === 'constant') {
        view.setUint32(offset, reference?.value ?? 0, true);
      } else if (reference.to === 'import') {
        this.relocations.data.push({ offset, type: R_ARM_ABS32, symbol: this.output.import(reference.name) });
      } else {
        view.setUint32(offset, reference.value + (reference.thumb ? 1 : 0), true);
        this.relocations.data.push({ offset, type: R_ARM_ABS32, symbol: this.output.section(reference.kind) });
      }
    }
  }

  private write(): Uint8Array {
    const strings = new StringTableBuilder();
    const { symbols, locals, entryOf } = this.output.finish();
    const symbolBytes = symbolTableBytes(symbols, strings);
    const empty = new Uint8Array(0);
    const relocated = (['text', 'rodata', 'data'] as const).filter((kind) => this.relocations[kind].length > 0);
    // Four contents, the REL tables, .ARM.attributes, .shstrtab, .symtab, .strtab.
    const attributes = this.elf.sectionByName('.ARM.attributes');
    const symtab = OUTPUT_KINDS.length + relocated.length + (attributes === undefined ? 0 : 1) + 2;
    return writeRelocatable(
      { machine: this.elf.header.machine, flags: this.elf.header.flags, osAbi: this.elf.header.osAbi },
      [
        { name: '.text', type: SHT.PROGBITS, flags: 6, align: 4, bytes: this.layout.contents('text') },
        { name: '.rodata', type: SHT.PROGBITS, flags: 2, align: 4, bytes: this.layout.contents('rodata') },
        { name: '.data', type: SHT.PROGBITS, flags: 3, align: 4, bytes: this.layout.contents('data') },
        { name: '.bss', type: SHT.NOBITS, flags: 3, align: 4, bytes: empty, size: this.layout.sizes.bss },
        ...relocated.map((kind) => ({
          name: `.rel.${kind}`,
          type: SHT.REL,
          flags: 0x40,
          align: 4,
          bytes: relTableBytes(this.relocations[kind].map((entry) => ({ ...entry, symbol: entryOf(entry.symbol) }))),
          link: symtab,
          info: OUTPUT_KINDS.indexOf(kind) + 1,
          entrySize: 8,
        })),
        ...(attributes === undefined
          ? []
          : [{ name: '.ARM.attributes', type: attributes.type, flags: 0, align: 1, bytes: attributes.data() }]),
        { name: '.shstrtab', type: SHT.STRTAB, flags: 0, align: 1, bytes: empty },
        {
          name: '.symtab',
          type: SHT.SYMTAB,
          flags: 0,
          align: 4,
          bytes: symbolBytes,
          link: symtab + 1,
          info: locals + 1,
          entrySize: 16,
        },
        { name: '.strtab', type: SHT.STRTAB, flags: 0, align: 1, bytes: strings.bytes() },
      ],
      symtab - 1,
    );
  }
}

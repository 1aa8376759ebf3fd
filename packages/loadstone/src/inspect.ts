import {
  ElfFile,
  EM,
  ET,
  flagNames,
  nameOf,
  PF,
  PT,
  relocationTypeName,
  SHF,
  STB,
  STT,
  sectionTypeName,
} from '@loadstone/elf-reader';
import type { ByteSource } from '@loadstone/fd-sources';
import { LoadstoneError } from './error.js';
import { type ImageFile, openImage, openLocation } from './image.js';
import { parseLocation } from './location.js';

/** One symbol of an inspected ELF file. */
export interface InspectedSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  /** `local`, `global`, `weak` ... */
  readonly binding: string;
  /** `func`, `object`, `section` ... */
  readonly type: string;
  /** Name of the section it is defined in; `undefined`, `absolute` or `common` where it is in none. */
  readonly section: string;
}

/** One relocation of an inspected ELF file. */
export interface InspectedRelocation {
  /** Name of the section it applies to; empty for dynamic relocations. */
  readonly section: string;
  readonly offset: number;
  /** Type by name, e.g. `R_ARM_ABS32`; `type N` for one without. */
  readonly type: string;
  /** Name of the symbol, or of the section a section symbol stands for. */
  readonly symbol: string;
  /** Present for RELA only. */
  readonly addend?: number;
}

export interface InspectedElf {
  readonly kind: 'elf';
  readonly header: {
    readonly class: 32 | 64;
    readonly byteOrder: 'little' | 'big';
    readonly type: string;
    readonly machine: string;
    readonly entry: number;
    readonly flags: number;
  };
  readonly sections: readonly {
    readonly index: number;
    readonly name: string;
    readonly type: string;
    readonly flags: readonly string[];
    readonly address: number;
    readonly offset: number;
    readonly size: number;
    readonly align: number;
  }[];
  readonly segments: readonly {
    readonly type: string;
    readonly flags: readonly string[];
    readonly offset: number;
    readonly address: number;
    readonly fileSize: number;
    readonly memorySize: number;
    readonly align: number;
  }[];
  readonly symbols: readonly InspectedSymbol[];
  readonly relocations: readonly InspectedRelocation[];
  /** Names the module takes from the firmware. */
  readonly imports: readonly string[];
  /** Names it defines for others. */
  readonly exports: readonly string[];
}

export interface InspectedBlob {
  readonly kind: 'blob';
  readonly size: number;
  /** The first metadata word: offset of the task function. */
  readonly entry: number;
  /** The metadata's text up to its NUL. */
  readonly text: string;
}

export interface InspectedImage {
  readonly kind: 'image';
  readonly fileSystem: 'spiffs' | 'fat12' | 'fat16' | 'fat32';
  readonly geometry: Readonly<Record<string, number | string | boolean>>;
  readonly files: readonly ImageFile[];
}

export type Inspection = InspectedElf | InspectedBlob | InspectedImage;

/** Bytes of a blob's metadata: entry word and text. */
const METADATA_SIZE = 20;

/**
 * Tells what lies at a location: an ELF file, a file-system image, or else a flat blob.
 * @throws LoadstoneError UNKNOWN_FORMAT for data that can be none of them; ElfError for a damaged ELF file
 */
export async function inspect(location: string): Promise<Inspection> {
  const opened = await openLocation(location);
  const magic = new Uint8Array(4);
  opened.source.read(0, magic);
  if (magic[0] === 0x7f && magic[1] === 0x45 && magic[2] === 0x4c && magic[3] === 0x46) {
    return inspectElf(ElfFile.open(opened.source));
  }
  const place = parseLocation(location);
  if (place.kind === 'file') {
    try {
      const image = await openImage(opened.source);
      return { kind: 'image', fileSystem: image.kind, geometry: image.geometry, files: image.files() };
    } catch (error) {
      if (!(error instanceof LoadstoneError && error.code === 'UNKNOWN_FORMAT')) throw error;
    }
  }
  return inspectBlob(opened.source, location);
}

function inspectBlob(source: ByteSource, location: string): InspectedBlob {
  if (source.size < METADATA_SIZE) {
    throw new LoadstoneError(
      'UNKNOWN_FORMAT',
      `${location}: ${source.size} bytes are neither ELF nor an image, and too short for a blob's metadata`,
      { size: source.size },
    );
  }
  const metadata = new Uint8Array(METADATA_SIZE);
  source.read(source.size - METADATA_SIZE, metadata);
  const entry = new DataView(metadata.buffer).getUint32(0, true);
  const nul = metadata.indexOf(0, 4);
  const text = new TextDecoder().decode(metadata.subarray(4, nul < 0 ? METADATA_SIZE : nul));
  if (entry >= source.size || /[^\x20-\x7e]/.test(text)) {
    throw new LoadstoneError(
      'UNKNOWN_FORMAT',
      `${location} is no ELF file, no FAT or SPIFFS image, and has no blob metadata at its end`,
      { size: source.size, entry },
    );
  }
  return { kind: 'blob', size: source.size, entry, text };
}

const lower = (name: string | undefined, value: number) => name?.toLowerCase() ?? String(value);

function inspectElf(elf: ElfFile): InspectedElf {
  const { header } = elf;
  const sections = elf.sections.map((section) => ({
    index: section.index,
    name: section.name,
    type: sectionTypeName(section.type, header.machine) ?? `type ${section.type}`,
    flags: flagNames(SHF, section.flags),
    address: section.address,
    offset: section.offset,
    size: section.size,
    align: section.align,
  }));
  const table = elf.symbols('.symtab') ?? elf.symbols('.dynsym');
  const symbols: InspectedSymbol[] = [];
  for (const symbol of table ?? []) {
    if (symbol.index === 0) continue;
    symbols.push({
      name: symbol.name,
      value: symbol.value,
      size: symbol.size,
      binding: lower(nameOf(STB, symbol.binding), symbol.binding),
      type: lower(nameOf(STT, symbol.type), symbol.type),
      section: symbol.isUndefined
        ? 'undefined'
        : symbol.isAbsolute
          ? 'absolute'
          : symbol.isCommon
            ? 'common'
            : (sections[symbol.sectionIndex]?.name ?? `section ${symbol.sectionIndex}`),
    });
  }
  const relocations: InspectedRelocation[] = [];
  for (const relocation of elf.relocationTables()) {
    const linked = relocation.symbolTableIndex;
    const names = linked > 0 ? elf.symbols(elf.section(linked)) : elf.symbols('.dynsym');
    for (const { offset, type, symbol, addend } of relocation) {
      const entry = symbol === 0 ? undefined : names?.get(symbol);
      const named = entry && entry.name === '' ? sections[entry.sectionIndex]?.name : entry?.name;
      relocations.push({
        section: relocation.targetIndex > 0 ? (sections[relocation.targetIndex]?.name ?? '') : '',
        offset,
        type: relocationTypeName(type, header.machine) ?? `type ${type}`,
        symbol: named ?? '',
        ...(relocation.kind === 'RELA' ? { addend } : {}),
      });
    }
  }
  // What a loader sees: the dynamic symbols of a linked file, all of an object's.
  const visible = elf.symbols('.dynsym') ?? table;
  const global = [...(visible ?? [])].filter((symbol) => symbol.name !== '' && symbol.binding !== STB.LOCAL);
  return {
    kind: 'elf',
    header: {
      class: header.class,
      byteOrder: header.littleEndian ? 'little' : 'big',
      type: nameOf(ET, header.type) ?? `type ${header.type}`,
      machine: nameOf(EM, header.machine) ?? `machine ${header.machine}`,
      entry: header.entry,
      flags: header.flags,
    },
    sections,
    segments: elf.segments.map((segment) => ({
      type: nameOf(PT, segment.type) ?? `type ${segment.type}`,
      flags: flagNames(PF, segment.flags),
      offset: segment.offset,
      address: segment.address,
      fileSize: segment.fileSize,
      memorySize: segment.memorySize,
      align: segment.align,
    })),
    symbols,
    relocations,
    imports: global.filter((symbol) => symbol.isUndefined).map((symbol) => symbol.name),
    exports: global.filter((symbol) => !symbol.isUndefined).map((symbol) => symbol.name),
  };
}

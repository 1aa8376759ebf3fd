/** Writes small ELF32 little-endian relocatable files (gABI, chapters 4 and 5). */

const EHDR_SIZE = 52;
const SHDR_SIZE = 40;
const SYM_SIZE = 16;

export interface OutputSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly align: number;
  /** Contents; of a NOBITS section only the size counts. */
  readonly bytes: Uint8Array;
  /** Bytes in memory of a NOBITS section. */
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
  readonly entrySize?: number;
}

export interface OutputSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly info: number;
  readonly other: number;
  readonly sectionIndex: number;
}

const encoder = new TextEncoder();

/** A string table; equal strings share their bytes. */
export class StringTableBuilder {
  private readonly offsets = new Map<string, number>([['', 0]]);
  private readonly parts: Uint8Array[] = [new Uint8Array(1)];
  private size = 1;

  offset(text: string): number {
    const known = this.offsets.get(text);
    if (known !== undefined) return known;
    const bytes = encoder.encode(`${text}\0`);
    const at = this.size;
    this.offsets.set(text, at);
    this.parts.push(bytes);
    this.size += bytes.length;
    return at;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** The bytes of a symbol table, the null symbol first. */
export function symbolTableBytes(symbols: readonly OutputSymbol[], strings: StringTableBuilder): Uint8Array {
  const bytes = new Uint8Array((symbols.length + 1) * SYM_SIZE);
  const view = new DataView(bytes.buffer);
  symbols.forEach((symbol, i) => {
    const at = (i + 1) * SYM_SIZE;
    view.setUint32(at, strings.offset(symbol.name), true);
    view.setUint32(at + 4, symbol.value, true);
    view.setUint32(at + 8, symbol.size, true);
    view.setUint8(at + 12, symbol.info);
    view.setUint8(at + 13, symbol.other);
    view.setUint16(at + 14, symbol.sectionIndex, true);
  });
  return bytes;
}

/** The bytes of a REL table. */
export function relTableBytes(entries: readonly { offset: number; type: number; symbol: number }[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * 8);
  const view = new DataView(bytes.buffer);
  entries.forEach(({ offset, type, symbol }, i) => {
    view.setUint32(i * 8, offset, true);
    view.setUint32(i * 8 + 4, ((symbol << 8) | type) >>> 0, true);
  });
  return bytes;
}

/**
 * A relocatable file of the given sections; the null section is added before them.
 * @param nameTable index of the section-name table in the finished file; its contents are made here
 */
export function writeRelocatable(
  header: { readonly machine: number; readonly flags: number; readonly osAbi: number },
  sections: readonly OutputSection[],
  nameTable: number,
): Uint8Array {
  const names = new StringTableBuilder();
  for (const { name } of sections) names.offset(name);
  const contents = sections.map((section, i) => (i + 1 === nameTable ? names.bytes() : section.bytes));
  let at = EHDR_SIZE;
  const offsets = sections.map((section, i) => {
    at = Math.ceil(at / section.align) * section.align;
    const offset = at;
    if (section.size === undefined) at += contents[i].length;
    return offset;
  });
  const table = Math.ceil(at / 4) * 4;
  const file = new Uint8Array(table + (sections.length + 1) * SHDR_SIZE);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, header.osAbi]);
  view.setUint16(16, 1, true);
  view.setUint16(18, header.machine, true);
  view.setUint32(20, 1, true);
  view.setUint32(32, table, true);
  view.setUint32(36, header.flags, true);
  view.setUint16(40, EHDR_SIZE, true);
  view.setUint16(46, SHDR_SIZE, true);
  view.setUint16(48, sections.length + 1, true);
  view.setUint16(50, nameTable, true);
  sections.forEach((section, i) => {
    if (section.size === undefined) file.set(contents[i], offsets[i]);
    const fields = [
      names.offset(section.name),
      section.type,
      section.flags,
      0,
      offsets[i],
      section.size ?? contents[i].length,
      section.link ?? 0,
      section.info ?? 0,
      section.align,
      section.entrySize ?? 0,
    ];
    fields.forEach((value, field) => {
      view.setUint32(table + (i + 1) * SHDR_SIZE + field * 4, value, true);
    });
  });
  return file;
}

/**
 * Deterministic Arm objects of a given size, in the proportions of compiled code: functions of 32 bytes with a call to an
 * import, an instruction pair and a literal with addresses, data with pointers; 64 functions to a section.
 */

const UNITS_PER_SECTION = 64;
const CODE_SIZE = 32;
const DATA_SIZE = 16;
const IMPORTS = 256;
/** Bytes of file for one function with its data, measured. */
const BYTES_PER_UNIT = 158;

const R_ARM = { ABS32: 2, THM_CALL: 10, THM_MOVW_ABS_NC: 47, THM_MOVT_ABS: 48 } as const;
const SHT = { PROGBITS: 1, SYMTAB: 2, STRTAB: 3, REL: 9 } as const;
const GLOBAL_FUNCTION = 0x12;
const GLOBAL_OBJECT = 0x11;
const GLOBAL_UNDEFINED = 0x10;

export interface BenchmarkObject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sections: number;
  readonly symbols: number;
  readonly relocations: number;
}

interface Part {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

/** A growing buffer of little-endian fields. */
class Bytes {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  length = 0;

  private room(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(this.length * 2);
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  u16(value: number): void {
    const at = this.room(2);
    this.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
  }

  text(value: string): number {
    const at = this.room(value.length + 1);
    for (let i = 0; i < value.length; i++) this.buffer[at + i] = value.charCodeAt(i);
    return at;
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

function symbol(table: Bytes, name: number, value: number, size: number, info: number, section: number): void {
  table.u32(name);
  table.u32(value);
  table.u32(size);
  table.u16(info);
  table.u16(section);
}

function relocation(table: Bytes, offset: number, type: number, index: number): void {
  table.u32(offset);
  table.u32(((index << 8) | type) >>> 0);
}

/** BL with addend -4; MOVW and MOVT R0, #0; LDR R0, [PC, #4]; BX LR and NOPs; a literal. */
const CODE = [
  0xf7ff, 0xfffe, 0xf240, 0x0000, 0xf2c0, 0x0000, 0x4802, 0x4770, 0xbf00, 0xbf00, 0xbf00, 0xbf00, 0, 0, 0, 0,
];

/**
 * @param size bytes of the file, about
 */
export function benchmarkObject(name: string, size: number): BenchmarkObject {
  const units = Math.max(1, Math.round(size / BYTES_PER_UNIT));
  const groups = Math.ceil(units / UNITS_PER_SECTION);
  const imports = Math.min(IMPORTS, units);
  // Symbols: null, imports, then function and object of each unit.
  const functionIndex = (unit: number) => 1 + imports + unit * 2;
  const objectIndex = (unit: number) => functionIndex(unit) + 1;
  const symbolTable = groups * 4 + 2;
  const strings = new Bytes();
  strings.text('');
  const symbols = new Bytes();
  symbol(symbols, 0, 0, 0, 0, 0);
  for (let i = 0; i < imports; i++) symbol(symbols, strings.text(`import_${i}`), 0, 0, GLOBAL_UNDEFINED, 0);
  const parts: Part[] = [];
  let relocations = 0;
  for (let group = 0; group < groups; group++) {
    const [code, data, codeRel, dataRel] = [new Bytes(), new Bytes(), new Bytes(), new Bytes()];
    const first = group * UNITS_PER_SECTION;
    const count = Math.min(UNITS_PER_SECTION, units - first);
    const index = 1 + group * 4;
    for (let i = 0; i < count; i++) {
      const unit = first + i;
      const other = (unit * 7919) % units;
      for (const half of CODE) code.u16(half);
      for (let word = 0; word < DATA_SIZE / 4; word++) data.u32(word);
      const at = i * CODE_SIZE;
      relocation(codeRel, at, R_ARM.THM_CALL, 1 + (unit % imports));
      relocation(codeRel, at + 4, R_ARM.THM_MOVW_ABS_NC, objectIndex(other));
      relocation(codeRel, at + 8, R_ARM.THM_MOVT_ABS, objectIndex(other));
      relocation(codeRel, at + 24, R_ARM.ABS32, functionIndex(other));
      relocation(dataRel, i * DATA_SIZE, R_ARM.ABS32, functionIndex(unit));
      relocation(dataRel, i * DATA_SIZE + 8, R_ARM.ABS32, objectIndex(other));
      relocations += 6;
      symbol(symbols, strings.text(`function_${unit}`), at | 1, CODE_SIZE, GLOBAL_FUNCTION, index);
      symbol(symbols, strings.text(`object_${unit}`), i * DATA_SIZE, DATA_SIZE, GLOBAL_OBJECT, index + 2);
    }
    const rel = { type: SHT.REL, flags: 0x40, link: symbolTable, entrySize: 8 };
    const contents = { type: SHT.PROGBITS, link: 0, info: 0, entrySize: 0 };
    parts.push(
      { ...contents, name: `.text.g${group}`, flags: 6, bytes: code.finish() },
      { ...rel, name: `.rel.text.g${group}`, bytes: codeRel.finish(), info: index },
      { ...contents, name: `.data.g${group}`, flags: 3, bytes: data.finish() },
      { ...rel, name: `.rel.data.g${group}`, bytes: dataRel.finish(), info: index + 2 },
    );
  }
  const none = { flags: 0, link: 0, info: 0, entrySize: 0 };
  const nameBytes = new Bytes();
  nameBytes.text('');
  const names = [...parts.map((part) => part.name), '.shstrtab', '.symtab', '.strtab'].map((text) =>
    nameBytes.text(text),
  );
  parts.push(
    { ...none, name: '.shstrtab', type: SHT.STRTAB, bytes: nameBytes.finish() },
    {
      ...none,
      name: '.symtab',
      type: SHT.SYMTAB,
      bytes: symbols.finish(),
      link: symbolTable + 1,
      info: 1,
      entrySize: 16,
    },
    { ...none, name: '.strtab', type: SHT.STRTAB, bytes: strings.finish() },
  );
  return {
    name,
    bytes: assemble(parts, names),
    sections: parts.length + 1,
    symbols: 1 + imports + units * 2,
    relocations,
  };
}

function assemble(parts: readonly Part[], names: readonly number[]): Uint8Array {
  let at = 52;
  const offsets = parts.map((part) => {
    const offset = at;
    at += Math.ceil(part.bytes.length / 4) * 4;
    return offset;
  });
  const file = new Uint8Array(at + (parts.length + 1) * 40);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 40, true);
  view.setUint32(20, 1, true);
  view.setUint32(32, at, true);
  view.setUint32(36, 0x0500_0000, true);
  view.setUint16(40, 52, true);
  view.setUint16(46, 40, true);
  view.setUint16(48, parts.length + 1, true);
  view.setUint16(50, parts.length - 2, true);
  parts.forEach((part, i) => {
    file.set(part.bytes, offsets[i]);
    const header = [
      names[i],
      part.type,
      part.flags,
      0,
      offsets[i],
      part.bytes.length,
      part.link,
      part.info,
      4,
      part.entrySize,
    ];
    header.forEach((value, field) => {
      view.setUint32(at + (i + 1) * 40 + field * 4, value, true);
    });
  });
  return file;
}

export const OBJECT_SIZES: readonly (readonly [name: string, size: number])[] = [
  ['1 KB', 1 << 10],
  ['10 KB', 10 << 10],
  ['100 KB', 100 << 10],
  ['1 MB', 1 << 20],
  ['10 MB', 10 << 20],
];

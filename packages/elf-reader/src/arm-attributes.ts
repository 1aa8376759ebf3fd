import { nameOf, SHT_ARM, TAG_ARM } from './constants/index.js';
import { Fields } from './elf-bytes.js';
import type { ElfFile } from './elf-file.js';
import { ElfError, hex } from './error.js';

/** One build attribute. A tag this package does not know keeps its number and has no name. */
export interface ArmAttribute {
  readonly tag: number;
  /** `CPU_arch`, without `Tag_`. */
  readonly name?: string;
  readonly value: number | string;
  /** The flag in front of the string of Tag_compatibility. */
  readonly flag?: number;
}

/** What a list of attributes applies to. */
export interface ArmAttributeScope {
  readonly scope: 'file' | 'section' | 'symbol';
  /** The section or symbol indexes; empty for the file. */
  readonly indexes: readonly number[];
  readonly attributes: readonly ArmAttribute[];
}

export interface ArmAttributeVendor {
  /** `aeabi` for the public attributes. */
  readonly vendor: string;
  /** Empty for a vendor whose encoding is private: only `aeabi` and `gnu` are read. */
  readonly scopes: readonly ArmAttributeScope[];
}

/** Tags with a string where the rule below says a number, or the reverse. */
const STRING_TAGS = new Set<number>([
  TAG_ARM.CPU_raw_name,
  TAG_ARM.CPU_name,
  TAG_ARM.also_compatible_with,
  TAG_ARM.conformance,
]);
const SCOPES = ['file', 'section', 'symbol'] as const;

class AttributeReader {
  readonly fields: Fields;
  at = 0;
  end: number;

  constructor(fields: Fields) {
    this.fields = fields;
    this.end = fields.length;
  }

  uleb(field: string): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      this.#inside(field);
      const byte = this.fields.u8(this.at++, field);
      // Bits beyond 2^53 would be lost; no attribute comes near.
      if (shift > 42) throw this.#bad(field);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  string(field: string): string {
    this.#inside(field);
    const text = this.fields.string(this.at, field);
    this.at = this.fields.bytes.indexOf(0, this.at) + 1;
    return text;
  }

  #inside(field: string): void {
    if (this.at >= this.end) throw this.#bad(field);
  }

  #bad(field: string): ElfError {
    const offset = this.fields.base + this.at;
    return new ElfError('BAD_VALUE', `${field} at ${hex(offset)} passes the end of its list`, { offset, field });
  }

  /** A length that counts from `start`, and must stay inside what surrounds it. */
  limit(start: number, length: number, least: number, field: string): number {
    if (length < least || start + length > this.end) throw this.#bad(field);
    return start + length;
  }
}

/**
 * Parses the contents of a build-attribute section (AAELF32, Build Attributes). Unknown tags follow the rule of the ABI: a
 * number for tags below 32 and even ones, a string for odd ones.
 * @throws ElfError BAD_VALUE for lengths that do not fit, UNSUPPORTED for a format version other than 'A'
 */
export function parseArmAttributes(fields: Fields): ArmAttributeVendor[] {
  const vendors: ArmAttributeVendor[] = [];
  if (fields.length === 0) return vendors;
  const version = fields.u8(0, 'format-version');
  if (version !== 0x41) {
    throw new ElfError('UNSUPPORTED', `build attributes of version ${version}`, {
      offset: fields.base,
      field: 'format-version',
      value: version,
    });
  }
  const reader = new AttributeReader(fields);
  reader.at = 1;
  while (reader.at < fields.length) {
    reader.end = fields.length;
    const start = reader.at;
    const end = reader.limit(start, fields.u32(start, 'section-length'), 5, 'section-length');
    reader.at = start + 4;
    reader.end = end;
    const vendor = reader.string('vendor-name');
    const scopes: ArmAttributeScope[] = [];
    if (vendor === 'aeabi' || vendor === 'gnu') while (reader.at < end) scopes.push(readScope(reader, vendor, end));
    vendors.push({ vendor, scopes });
    reader.at = end;
  }
  return vendors;
}

function readScope(reader: AttributeReader, vendor: string, vendorEnd: number): ArmAttributeScope {
  const start = reader.at;
  const tag = reader.uleb('scope tag');
  const scope = SCOPES[tag - 1];
  if (scope === undefined) {
    const offset = reader.fields.base + start;
    throw new ElfError('BAD_VALUE', `scope tag ${tag} at ${hex(offset)}`, { offset, field: 'scope tag', value: tag });
  }
  const head = reader.at - start;
  const end = reader.limit(start, reader.fields.u32(reader.at, 'scope size'), head + 4, 'scope size');
  reader.at += 4;
  reader.end = end;
  const indexes: number[] = [];
  if (scope !== 'file') for (let i = reader.uleb('index'); i !== 0; i = reader.uleb('index')) indexes.push(i);
  const attributes: ArmAttribute[] = [];
  while (reader.at < end) attributes.push(readAttribute(reader, vendor));
  reader.end = vendorEnd;
  return { scope, indexes, attributes };
}

function readAttribute(reader: AttributeReader, vendor: string): ArmAttribute {
  const tag = reader.uleb('tag');
  const name = vendor === 'aeabi' ? nameOf(TAG_ARM, tag) : undefined;
  const head = name === undefined ? { tag } : { tag, name };
  if (tag === TAG_ARM.compatibility) {
    const flag = reader.uleb('compatibility flag');
    return { ...head, flag, value: reader.string('compatibility vendor') };
  }
  const isString = (vendor === 'aeabi' && STRING_TAGS.has(tag)) || (tag > 32 && tag % 2 === 1);
  return { ...head, value: isString ? reader.string('attribute') : reader.uleb('attribute') };
}

/** `.ARM.attributes` (SHT_ARM_ATTRIBUTES); empty when the file has none. */
export function readArmAttributes(file: ElfFile): ArmAttributeVendor[] {
  const section = file.sections.find(({ type }) => type === SHT_ARM.ATTRIBUTES);
  if (section === undefined) return [];
  return parseArmAttributes(new Fields(section.data(), section.offset, file.littleEndian, file.is64));
}

/** The public attributes of the whole file, by tag; names in `TAG_ARM`. */
export function armFileAttributes(file: ElfFile): Map<number, number | string> {
  const values = new Map<number, number | string>();
  for (const { vendor, scopes } of readArmAttributes(file)) {
    if (vendor !== 'aeabi') continue;
    for (const { scope, attributes } of scopes) {
      if (scope === 'file') for (const { tag, value } of attributes) values.set(tag, value);
    }
  }
  return values;
}

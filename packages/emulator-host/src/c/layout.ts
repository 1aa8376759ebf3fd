import { HostError } from '../error.js';
import { type CType, type StructField, type StructLayout, typeText } from './c-type.js';

/** Bytes of a value of `type`. @throws HostError UNSUPPORTED for void, functions, unknown structs and `[]` */
export function sizeOf(type: CType): number {
  switch (type.kind) {
    case 'integer':
    case 'float':
      return type.size;
    case 'pointer':
      return 4;
    case 'array':
      if (type.length !== undefined) return type.length * sizeOf(type.of);
      break;
    case 'struct':
      if (type.definition.layout) return type.definition.layout.size;
      break;
  }
  throw new HostError('UNSUPPORTED', `${typeText(type)} has no known size`, { type: typeText(type) });
}

/** Alignment in bytes: AAPCS32 section 5.1 and the Xtensa ABI agree on natural alignment, 8 for 64-bit types. */
export function alignOf(type: CType): number {
  switch (type.kind) {
    case 'array':
      return alignOf(type.of);
    case 'struct':
      return type.definition.layout?.align ?? 1;
    case 'void':
    case 'function':
      return 1;
    default:
      return sizeOf(type);
  }
}

/** A member before it has an offset. */
export interface Member {
  readonly name: string;
  readonly type: CType;
  /** Width in bits of a bit-field; 0 closes the unit (`int : 0`). */
  readonly bits?: number;
}

/** Lays out members as AAPCS32 section 5.3.4 and 8.1.8 do (bit-fields in containers of their declared type). */
export function layOut(members: readonly Member[], union: boolean): StructLayout {
  const fields: StructField[] = [];
  let bit = 0;
  let size = 0;
  let align = 1;
  for (const { name, type, bits } of members) {
    const bytes = sizeOf(type);
    const alignment = alignOf(type);
    if (union) bit = 0;
    if (bits === undefined) {
      const offset = roundUp(Math.ceil(bit / 8), alignment);
      fields.push({ name, type, offset });
      bit = (offset + bytes) * 8;
      align = Math.max(align, alignment);
    } else if (bits === 0) {
      bit = roundUp(bit, alignment * 8);
    } else {
      const unit = Math.floor(bit / (bytes * 8)) * bytes * 8;
      if (bit + bits > unit + bytes * 8) bit = roundUp(bit, alignment * 8);
      const start = Math.floor(bit / (bytes * 8)) * bytes;
      if (name !== '') {
        fields.push({ name, type, offset: start, bits: { shift: bit - start * 8, width: bits } });
        align = Math.max(align, alignment);
      }
      bit += bits;
    }
    size = Math.max(size, Math.ceil(bit / 8));
  }
  return { fields, size: roundUp(size, align), align };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

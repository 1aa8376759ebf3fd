import type { ArrayType, CType, IntegerType, StructField, StructType } from '../c/c-type.js';
import { typeText } from '../c/c-type.js';
import { sizeOf } from '../c/layout.js';
import { HostError } from '../error.js';
import { BufferMemory } from './buffer-memory.js';
import { cStringOf } from './guest-memory.js';

/**
 * A C value in JavaScript: integers to 32 bits, floats and pointers are numbers, 64-bit integers bigints, `bool` is boolean,
 * arrays are arrays (of characters: strings), structs are objects with a property per field.
 */
export type GuestValue =
  | number
  | bigint
  | boolean
  | string
  | readonly GuestValue[]
  | { readonly [field: string]: GuestValue };

/** Where C values lie: guest memory, or a buffer. */
export interface ValueMemory {
  read(address: number, into: Uint8Array): void;
  write(address: number, from: Uint8Array): void;
  bytes(address: number, length: number): Uint8Array;
  read32(address: number): number;
  /** The text before the first NUL of at most `limit` bytes. */
  cString(address: number, limit: number): string;
}

/** Reads the value of `type` at `address`. @throws HostError MEMORY, UNSUPPORTED */
export function readValue(memory: ValueMemory, address: number, type: CType): GuestValue {
  switch (type.kind) {
    case 'integer':
      return readInteger(memory, address, type);
    case 'float': {
      const view = new DataView(memory.bytes(address, type.size).buffer);
      return type.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
    }
    case 'pointer':
      return memory.read32(address);
    case 'array':
      return readArray(memory, address, type);
    case 'struct':
      return readStruct(memory, address, type);
    default:
      throw new HostError('UNSUPPORTED', `a value of type ${typeText(type)} cannot be read`, { type: typeText(type) });
  }
}

/** Stores a value of `type` at `address`. @throws HostError ARGUMENT when it does not fit the type, MEMORY, UNSUPPORTED */
export function writeValue(memory: ValueMemory, address: number, type: CType, value: unknown): void {
  switch (type.kind) {
    case 'integer':
    case 'float':
    case 'pointer': {
      const words = scalarWords(type, value);
      const bytes = new DataView(new ArrayBuffer(8));
      bytes.setUint32(0, words[0], true);
      bytes.setUint32(4, words[1], true);
      memory.write(address, new Uint8Array(bytes.buffer, 0, sizeOf(type)));
      return;
    }
    case 'array':
      writeArray(memory, address, type, value);
      return;
    case 'struct':
      writeStruct(memory, address, type, value);
      return;
    default:
      throw new HostError('UNSUPPORTED', `a value of type ${typeText(type)} cannot be stored`, {
        type: typeText(type),
      });
  }
}

/**
 * The one or two words (low, high; unsigned) that hold a scalar argument. Integers narrower than a word are extended as
 * their type says (AAPCS32 section 6.5, Xtensa ABI).
 */
export function scalarWords(type: CType, value: unknown): [number, number] {
  const view = new DataView(new ArrayBuffer(8));
  if (type.kind === 'float') {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number') throw mismatch(type, value);
    if (type.size === 4) view.setFloat32(0, number, true);
    else view.setFloat64(0, number, true);
  } else if (type.kind === 'pointer') {
    if (value === null || value === undefined) return [0, 0];
    const address = typeof value === 'bigint' ? Number(value) : value;
    if (typeof address !== 'number' || !Number.isInteger(address) || address < -(2 ** 31) || address >= 2 ** 32) {
      throw mismatch(type, value);
    }
    view.setUint32(0, address, true);
  } else if (type.kind === 'integer') {
    const integer = integerValue(type, value);
    if (type.size === 8) view.setBigUint64(0, BigInt.asUintN(64, integer), true);
    else view.setInt32(0, Number(BigInt.asIntN(32, integer)), true);
  } else {
    throw new HostError('UNSUPPORTED', `${typeText(type)} cannot be passed by value`, { type: typeText(type) });
  }
  return [view.getUint32(0, true), view.getUint32(4, true)];
}

/** The JavaScript value of a scalar in one or two words. */
export function scalarValue(type: CType, low: number, high: number): number | bigint | boolean | undefined {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, low, true);
  view.setUint32(4, high, true);
  switch (type.kind) {
    case 'void':
      return undefined;
    case 'float':
      return type.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
    case 'pointer':
      return low >>> 0;
    case 'integer':
      return integerFrom(view, type);
    default:
      throw new HostError('UNSUPPORTED', `${typeText(type)} cannot be returned by value`, { type: typeText(type) });
  }
}

/** The words of a struct that is passed by value; fields that the value leaves out are 0. @throws HostError ARGUMENT, UNSUPPORTED */
export function structWords(type: StructType, value: unknown): number[] {
  const buffer = new BufferMemory(sizeOf(type));
  writeStruct(buffer, 0, type, value);
  return buffer.words;
}

/** A struct's bytes; fields that the value leaves out are 0. @throws HostError ARGUMENT, UNSUPPORTED */
export function structBytes(type: CType, value: unknown): Uint8Array {
  const buffer = new BufferMemory(sizeOf(type));
  writeValue(buffer, 0, type, value);
  return buffer.bytes(0, sizeOf(type));
}

/** The value of a scalar or struct in words. @throws HostError UNSUPPORTED */
export function valueOfWords(type: CType, words: readonly number[]): GuestValue | undefined {
  if (type.kind !== 'struct') return scalarValue(type, words[0] ?? 0, words[1] ?? 0);
  const buffer = new BufferMemory(sizeOf(type));
  buffer.words = words;
  return readStruct(buffer, 0, type);
}

function integerFrom(view: DataView, type: IntegerType): number | bigint | boolean {
  if (type.boolean) return view.getUint8(0) !== 0;
  switch (type.size) {
    case 1:
      return type.signed ? view.getInt8(0) : view.getUint8(0);
    case 2:
      return type.signed ? view.getInt16(0, true) : view.getUint16(0, true);
    case 4:
      return type.signed ? view.getInt32(0, true) : view.getUint32(0, true);
    case 8:
      return type.signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true);
  }
}

/**
 * The integer a value stands for, extended as the type says. Accepted is every value that some reading of the type holds:
 * -1 and 0xffffffff both fit `int` and `unsigned`, 300 does not fit `char`.
 */
function integerValue(type: IntegerType, value: unknown): bigint {
  if (type.boolean) {
    if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return value ? 1n : 0n;
    throw mismatch(type, value);
  }
  let integer: bigint;
  if (typeof value === 'bigint') integer = value;
  else if (typeof value === 'boolean') integer = value ? 1n : 0n;
  else if (typeof value === 'number' && Number.isInteger(value)) integer = BigInt(value);
  else throw mismatch(type, value);
  const bits = type.size * 8;
  if (BigInt.asUintN(bits, integer) !== integer && BigInt.asIntN(bits, integer) !== integer)
    throw mismatch(type, value);
  return type.signed ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer);
}

function mismatch(type: CType, value: unknown): HostError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new HostError('ARGUMENT', `${shown} is no value of type ${typeText(type)}`, { type: typeText(type), value });
}

function readInteger(memory: ValueMemory, address: number, type: IntegerType): number | bigint | boolean {
  const bytes = new Uint8Array(8);
  memory.read(address, bytes.subarray(0, type.size));
  return integerFrom(new DataView(bytes.buffer), type);
}

function readArray(memory: ValueMemory, address: number, type: ArrayType): GuestValue {
  const length = type.length ?? 0;
  if (type.of.kind === 'integer' && type.of.character) return memory.cString(address, length);
  const step = sizeOf(type.of);
  return Array.from({ length }, (_, index) => readValue(memory, address + index * step, type.of));
}

function writeArray(memory: ValueMemory, address: number, type: ArrayType, value: unknown): void {
  const size = sizeOf(type);
  if (value instanceof Uint8Array || typeof value === 'string') {
    const bytes = typeof value === 'string' ? cStringOf(value) : value;
    // C11 6.7.9: the NUL of a string initialiser may be cut off.
    const kept = typeof value === 'string' && bytes.length === size + 1 ? bytes.subarray(0, size) : bytes;
    if (kept.length > size)
      throw new HostError('ARGUMENT', `${bytes.length} bytes do not fit ${typeText(type)}`, { size });
    memory.write(address, kept);
    return;
  }
  if (!Array.isArray(value)) throw mismatch(type, value);
  if (value.length > (type.length ?? 0))
    throw new HostError('ARGUMENT', `${value.length} elements do not fit ${typeText(type)}`, { size });
  const step = sizeOf(type.of);
  value.forEach((element: unknown, index) => {
    writeValue(memory, address + index * step, type.of, element);
  });
}

function structFields(type: StructType): readonly StructField[] {
  if (type.definition.layout) return type.definition.layout.fields;
  throw new HostError('UNSUPPORTED', `${typeText(type)} is not defined`, { type: typeText(type) });
}

/** Reads one field of a struct at `address`. */
export function readField(memory: ValueMemory, address: number, field: StructField): GuestValue {
  const value = readValue(memory, address + field.offset, field.type);
  if (!field.bits || typeof value === 'boolean') return value;
  const { shift, width } = field.bits;
  const raw = BigInt.asUintN(width, BigInt(value as number | bigint) >> BigInt(shift));
  const signed = field.type.kind === 'integer' && field.type.signed;
  const integer = signed ? BigInt.asIntN(width, raw) : raw;
  return typeof value === 'bigint' ? integer : Number(integer);
}

/** Stores one field of a struct at `address`; a bit-field leaves its neighbours alone. */
export function writeField(memory: ValueMemory, address: number, field: StructField, value: unknown): void {
  if (!field.bits || field.type.kind !== 'integer') {
    writeValue(memory, address + field.offset, field.type, value);
    return;
  }
  const { shift, width } = field.bits;
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
  const plain: IntegerType = { ...field.type, signed: false, boolean: false };
  const unit = BigInt(readValue(memory, address + field.offset, plain) as number | bigint);
  const wanted = integerValue({ ...field.type, boolean: false }, value) << BigInt(shift);
  if (
    BigInt.asUintN(width, wanted >> BigInt(shift)) !== wanted >> BigInt(shift) &&
    BigInt.asIntN(width, wanted >> BigInt(shift)) !== wanted >> BigInt(shift)
  ) {
    throw new HostError('ARGUMENT', `${String(value)} does not fit ${width} bits of ${field.name}`, { width, value });
  }
  writeValue(
    memory,
    address + field.offset,
    plain,
    BigInt.asUintN(field.type.size * 8, (unit & ~mask) | (wanted & mask)),
  );
}

function readStruct(memory: ValueMemory, address: number, type: StructType): GuestValue {
  const object: Record<string, GuestValue> = {};
  for (const field of structFields(type)) {
    const value = readField(memory, address, field);
    if (field.name === '') Object.assign(object, value);
    else object[field.name] = value;
  }
  return object;
}

function writeStruct(memory: ValueMemory, address: number, type: StructType, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw mismatch(type, value);
  const fields = structFields(type);
  for (const [name, fieldValue] of Object.entries(value)) {
    const field = fields.find((candidate) => candidate.name === name);
    if (!field) throw new HostError('ARGUMENT', `${typeText(type)} has no field ${name}`, { field: name });
    writeField(memory, address, field, fieldValue);
  }
}

/** A struct in guest memory as an object: reading a property reads guest memory, assigning one writes it. */
export function structView(memory: ValueMemory, address: number, type: StructType): Record<string, GuestValue> {
  const view: Record<string, GuestValue> = {};
  for (const field of structFields(type)) {
    if (field.name === '' && field.type.kind === 'struct') {
      const inner = structView(memory, address + field.offset, field.type);
      Object.defineProperties(view, Object.getOwnPropertyDescriptors(inner));
      continue;
    }
    const { type: fieldType } = field;
    Object.defineProperty(view, field.name, {
      enumerable: true,
      get: () =>
        fieldType.kind === 'struct'
          ? structView(memory, address + field.offset, fieldType)
          : readField(memory, address, field),
      set: (value: unknown) => writeField(memory, address, field, value),
    });
  }
  return view;
}

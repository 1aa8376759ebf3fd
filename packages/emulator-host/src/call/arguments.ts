import type { CType, FunctionType, PointerType } from '../c/c-type.js';
import { typeText } from '../c/c-type.js';
import { sizeOf } from '../c/layout.js';
import { HostError } from '../error.js';
import { cStringOf, type GuestMemory } from '../memory/guest-memory.js';
import { type GuestValue, readValue, scalarWords, structWords, writeValue } from '../memory/value.js';

/** Room for copies of arguments while a call runs. */
export interface ArgumentRoom {
  /** Writable memory on the caller's stack (or the heap, when large); 8-aligned. */
  writable(size: number): number;
  /** Read-only memory for a constant. */
  constant(bytes: Uint8Array): number;
  /** Guest pointer for a JavaScript function. */
  callback(implementation: (...args: never[]) => unknown, type: FunctionType): number;
}

/** Brings what the guest wrote back into the caller's object. */
export type CopyBack = () => void;

/** What an argument becomes: its words and what is to be done when the call has returned. */
export interface Marshalled {
  readonly words: readonly number[];
  readonly copyBack?: CopyBack;
}

/**
 * Turns a JavaScript value into the words of a C argument.
 * @throws HostError ARGUMENT naming the parameter's type
 */
export function marshal(memory: GuestMemory, room: ArgumentRoom, type: CType, value: unknown): Marshalled {
  if (type.kind === 'struct') return { words: structWords(type, value) };
  if (type.kind !== 'pointer') {
    if (type.kind === 'integer' && type.size === 4 && typeof value === 'number' && (value | 0) === value) {
      return { words: [value >>> 0, 0] };
    }
    return { words: scalarWords(type, value) };
  }
  if (typeof value === 'string') return { words: [stringArgument(memory, room, type, value), 0] };
  if (typeof value === 'function')
    return { words: [callbackArgument(room, type, value as (...args: never[]) => unknown), 0] };
  if (ArrayBuffer.isView(value)) return bufferArgument(memory, room, type, value);
  if (Array.isArray(value)) return arrayArgument(memory, room, type, value);
  if (typeof value === 'object' && value !== null) return objectArgument(memory, room, type, value);
  return { words: scalarWords(type, value) };
}

/** The C type a variable argument is passed with, after default promotions (C11 6.5.2.2). */
export function promotedType(value: unknown): CType {
  if (typeof value === 'bigint') return { kind: 'integer', name: 'long long', size: 8, signed: true };
  if (typeof value === 'number' && !(Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32)) {
    return { kind: 'float', name: 'double', size: 8 };
  }
  if (typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'integer', name: 'int', size: 4, signed: true };
  if (typeof value === 'string') {
    return {
      kind: 'pointer',
      to: { kind: 'integer', name: 'char', size: 1, signed: false, character: true, constant: true },
    };
  }
  return { kind: 'pointer', to: { kind: 'void' } };
}

function stringArgument(memory: GuestMemory, room: ArgumentRoom, type: PointerType, value: string): number {
  const { to } = type;
  if (to.kind !== 'void' && !(to.kind === 'integer' && to.size === 1)) throw wrong(type, value);
  const bytes = cStringOf(value);
  if (to.constant) return room.constant(bytes);
  const address = room.writable(bytes.length);
  memory.write(address, bytes);
  return address;
}

function callbackArgument(room: ArgumentRoom, type: PointerType, value: (...args: never[]) => unknown): number {
  if (type.to.kind !== 'function') throw wrong(type, value);
  return room.callback(value, type.to);
}

function bufferArgument(
  memory: GuestMemory,
  room: ArgumentRoom,
  type: PointerType,
  value: ArrayBufferView,
): Marshalled {
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const address = room.writable(bytes.length);
  memory.write(address, bytes);
  const words: [number, number] = [address, 0];
  return type.to.constant ? { words } : { words, copyBack: () => memory.read(address, bytes) };
}

function arrayArgument(memory: GuestMemory, room: ArgumentRoom, type: PointerType, value: unknown[]): Marshalled {
  const element = type.to;
  const step = sizeOf(element);
  const address = room.writable(step * value.length);
  value.forEach((item, index) => {
    writeValue(memory, address + index * step, element, item);
  });
  const words: [number, number] = [address, 0];
  if (element.constant) return { words };
  return {
    words,
    copyBack: () => {
      for (let index = 0; index < value.length; index += 1)
        value[index] = readValue(memory, address + index * step, element);
    },
  };
}

function objectArgument(memory: GuestMemory, room: ArgumentRoom, type: PointerType, value: object): Marshalled {
  if ('address' in value && typeof value.address === 'number') return { words: [value.address >>> 0, 0] };
  const { to } = type;
  if (to.kind !== 'struct') throw wrong(type, value);
  const size = sizeOf(to);
  const address = room.writable(size);
  memory.fill(address, size, 0);
  writeValue(memory, address, to, value);
  const words: [number, number] = [address, 0];
  if (to.constant) return { words };
  return {
    words,
    copyBack: () => Object.assign(value, readValue(memory, address, to) as { readonly [field: string]: GuestValue }),
  };
}

function wrong(type: CType, value: unknown): HostError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : typeof value;
  return new HostError('ARGUMENT', `${shown} cannot be passed as ${typeText(type)}`, { type: typeText(type), value });
}

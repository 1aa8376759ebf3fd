import type { Cpu } from '@loadstone/cpu-core';
import { type ArgumentPlace, type CallingConvention, type ResultPlace, stackOffset } from '../abi/convention.js';
import type { MemoryRange } from '../board/description.js';
import type { CType, FunctionType, IntegerType, StructType } from '../c/c-type.js';
import { sizeOf } from '../c/layout.js';
import { HostError } from '../error.js';
import type { GuestAccess } from '../memory/guest-access.js';
import { scalarValue, valueOfWords } from '../memory/value.js';
import { type HostFunction, hostFunction } from './symbol.js';

/** Bytes between two host functions' addresses. */
export const FUNCTION_STRIDE = 4;

/** What the first address of the window is called. */
export const RETURN_TO_HOST = 'return to the host';

const WORD: IntegerType = { kind: 'integer', name: 'int', size: 4, signed: true };

/** One fixed parameter: where it is passed and how it becomes a JavaScript value. */
interface ParameterPlan {
  readonly place: ArgumentPlace;
  readonly convert: (low: number, high: number) => unknown;
  /** A struct passed by value, which `convert` does not take. */
  readonly struct: StructType | undefined;
}

/** A host function at its address. */
export interface BoundFunction {
  readonly function: HostFunction;
  /** Address without Thumb bit. */
  readonly address: number;
  readonly parameters: readonly ParameterPlan[];
  readonly result: ResultPlace;
  /** Where the caller gives the address of the result, when it does. */
  readonly resultPointer: ArgumentPlace | undefined;
}

/** Makes a JavaScript function of a guest function pointer. */
export type FunctionPointerCaller = (address: number, type: FunctionType) => unknown;

/**
 * The host functions of a board in their window of guest addresses. The first address is where calls of the host return to.
 */
export class FunctionTable {
  readonly window: MemoryRange;
  readonly #convention: CallingConvention;
  readonly #access: GuestAccess;
  readonly #callable: FunctionPointerCaller;
  readonly #functions: BoundFunction[] = [];
  readonly #callbacks = new WeakMap<object, Map<FunctionType, BoundFunction>>();

  constructor(
    window: MemoryRange,
    convention: CallingConvention,
    access: GuestAccess,
    callable: FunctionPointerCaller,
  ) {
    this.window = window;
    this.#convention = convention;
    this.#access = access;
    this.#callable = callable;
  }

  /** Where functions that the host calls return to. */
  get returnAddress(): number {
    return this.window.start;
  }

  /** The host function at an address (without Thumb bit). */
  at(address: number): BoundFunction | undefined {
    const index = (address - this.window.start) / FUNCTION_STRIDE - 1;
    return Number.isInteger(index) ? this.#functions[index] : undefined;
  }

  /** Gives a function its address. @throws HostError NO_MEMORY when the window is full */
  define(definition: HostFunction): BoundFunction {
    const address = this.window.start + FUNCTION_STRIDE * (this.#functions.length + 1);
    if (address + FUNCTION_STRIDE > this.window.start + this.window.size) {
      throw new HostError('NO_MEMORY', `more than ${this.#functions.length} host functions`, { window: this.window });
    }
    const { returns } = definition.type;
    const inRegisters = definition.resultInRegisters && returns.kind === 'struct';
    // For the places, such a struct is a scalar.
    const type: FunctionType = inRegisters ? { ...definition.type, returns: WORD } : definition.type;
    const assigner = this.#convention.assigner(type);
    const parameters = definition.type.parameters.map(
      ({ type }): ParameterPlan => ({
        place: assigner.next(type),
        convert: this.#converter(type, definition.rawPointers),
        struct: type.kind === 'struct' ? type : undefined,
      }),
    );
    const result: ResultPlace = inRegisters
      ? { kind: 'core', words: sizeOf(returns) / 4 }
      : this.#convention.resultPlace(type);
    const { resultPointer } = assigner;
    const bound: BoundFunction = { function: definition, address, parameters, result, resultPointer };
    this.#functions.push(bound);
    return bound;
  }

  /** The guest pointer (Thumb bit included) of a JavaScript function passed as a callback; the same for the same function. */
  callback(implementation: (...args: never[]) => unknown, type: FunctionType): number {
    let known = this.#callbacks.get(implementation);
    if (!known) {
      known = new Map();
      this.#callbacks.set(implementation, known);
    }
    let bound = known.get(type);
    if (!bound) {
      bound = this.define(hostFunction(implementation.name || 'callback', type, implementation));
      known.set(type, bound);
    }
    return this.pointer(bound);
  }

  /** A function's address as C holds it. */
  pointer(bound: BoundFunction): number {
    return bound.address | this.#convention.codeBit;
  }

  /** One word of an argument of the host function whose first instruction the CPU stands at. */
  word(cpu: Cpu, place: ArgumentPlace, word: number): number {
    const offset = stackOffset(place, word);
    if (offset !== undefined) return this.#access.load(this.#convention.stackArguments(cpu) + offset, 4);
    const register = place.at + word;
    return cpu.get(
      place.kind === 'core' ? this.#convention.argumentSlot(cpu, register) : this.#convention.floatSlot(register),
    );
  }

  /** The JavaScript values of the fixed parameters. */
  arguments(cpu: Cpu, bound: BoundFunction): unknown[] {
    const values: unknown[] = [];
    for (const { place, convert, struct } of bound.parameters) {
      if (struct) values.push(valueOfWords(struct, this.#words(cpu, place)));
      else values.push(convert(this.word(cpu, place, 0), place.words === 2 ? this.word(cpu, place, 1) : 0));
    }
    return values;
  }

  #words(cpu: Cpu, place: ArgumentPlace): number[] {
    return Array.from({ length: place.words }, (_, word) => this.word(cpu, place, word));
  }

  #converter(type: CType, rawPointers: boolean): (low: number, high: number) => unknown {
    if (type.kind === 'integer' && type.size === 4) return type.signed ? (low) => low | 0 : (low) => low >>> 0;
    if (type.kind === 'pointer') {
      const target = type.to;
      if (target.kind === 'integer' && target.character && target.constant && !rawPointers) {
        return (low) => (low === 0 ? null : this.#text(low));
      }
      if (target.kind === 'function' && !rawPointers)
        return (low) => (low === 0 ? null : this.#callable(low >>> 0, target));
      return (low) => low >>> 0;
    }
    return (low, high) => scalarValue(type, low, high);
  }

  #text(address: number): string {
    return new TextDecoder().decode(this.#access.cStringBytes(address));
  }

  /** The name of the function at an address of the window, if one is there. */
  nameAt(address: number): string | undefined {
    return address === this.returnAddress ? RETURN_TO_HOST : this.at(address)?.function.name;
  }
}

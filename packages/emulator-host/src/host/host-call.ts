import type { ArgumentAssigner, ArgumentPlace } from '../abi/convention.js';
import type { CType, FunctionType } from '../c/c-type.js';
import { parseType } from '../c/parser.js';
import type { CallOptions, CallResult } from '../call/result.js';
import type { GuestAccess } from '../memory/guest-access.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { scalarValue } from '../memory/value.js';

/** Variable arguments, taken in order. */
export interface VariableArguments {
  /** The next argument, as the promoted C type it was passed with: `int`, `unsigned`, `long long`, `double`, `void *`. */
  next(type: CType | string): number | bigint;
}

/** Reads one 32-bit word of an argument place. */
export type WordReader = (place: ArgumentPlace, word: number) => number;

/** Takes arguments where a calling convention puts them. */
export class AssignedArguments implements VariableArguments {
  readonly #assigner: ArgumentAssigner;
  readonly #word: WordReader;

  constructor(assigner: ArgumentAssigner, word: WordReader) {
    this.#assigner = assigner;
    this.#word = word;
  }

  next(type: CType | string): number | bigint {
    const wanted = typeof type === 'string' ? parseType(type) : type;
    const place = this.#assigner.next(wanted);
    const value = scalarValue(wanted, this.#word(place, 0), place.words === 2 ? this.#word(place, 1) : 0);
    return typeof value === 'boolean' ? Number(value) : (value ?? 0);
  }
}

/** Takes arguments that lie one behind the other in memory, as an AAPCS `va_list` points to (AAPCS32 section 8.1.4). */
export class MemoryArguments implements VariableArguments {
  readonly #access: GuestAccess;
  #address: number;

  /** @param address what the `va_list` holds */
  constructor(access: GuestAccess, address: number) {
    this.#access = access;
    this.#address = address;
  }

  next(type: CType | string): number | bigint {
    const wanted = typeof type === 'string' ? parseType(type) : type;
    const wide = (wanted.kind === 'integer' || wanted.kind === 'float') && wanted.size === 8;
    const at = wide ? Math.ceil(this.#address / 8) * 8 : this.#address;
    this.#address = at + (wide ? 8 : 4);
    const value = scalarValue(wanted, this.#access.load(at, 4), wide ? this.#access.load(at + 4, 4) : 0);
    return typeof value === 'boolean' ? Number(value) : (value ?? 0);
  }
}

/** One call from the guest to a host function: the last argument of every implementation. */
export interface HostCall {
  readonly name: string;
  readonly type: FunctionType;
  /** Guest memory as a debugger sees it. */
  readonly memory: GuestMemory;
  /** Guest memory as the guest may use it: for functions that read and write what the caller points to. */
  readonly access: GuestAccess;
  /** Address the guest goes on at, as a C pointer. */
  readonly returnAddress: number;
  /** Bit that code pointers carry: 1 for Thumb, else 0. */
  readonly codeBit: number;
  /** The arguments behind the fixed ones; take them before the first `await`. */
  readonly varargs: VariableArguments;
  /** Calls back into the guest, on the calling thread's stack. Throws GuestFault when that does not return. */
  call(
    address: number | string,
    prototype: string | FunctionType,
    args?: readonly unknown[],
    options?: CallOptions,
  ): unknown;
  /** The same with asynchronous host functions allowed; for asynchronous implementations. */
  callAsync(
    address: number | string,
    prototype: string | FunctionType,
    args?: readonly unknown[],
    options?: CallOptions,
  ): Promise<unknown>;
  /** The full result of a call into the guest, which never throws for what the guest does. */
  tryCall(
    address: number | string,
    prototype: string | FunctionType,
    args?: readonly unknown[],
    options?: CallOptions,
  ): CallResult;
}

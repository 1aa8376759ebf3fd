import type { CType, FunctionType } from '../c/c-type.js';
import { parseDeclaration, parsePrototype, type TypeScope } from '../c/parser.js';
import { HostError } from '../error.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { type GuestValue, readValue, writeValue } from '../memory/value.js';

/**
 * The body of a host function. It gets one JavaScript value per parameter, then the call itself: variable arguments,
 * memory, the caller's address. A Promise suspends the guest (asynchronous calls only).
 */
export type HostImplementation = (...args: never[]) => unknown;

/** A function the guest can call. */
export interface HostFunction {
  readonly kind: 'function';
  readonly name: string;
  readonly type: FunctionType;
  readonly implementation: (...args: unknown[]) => unknown;
  /** Pointers to constant characters arrive as addresses too, not as strings. */
  readonly rawPointers: boolean;
  /** A struct result of up to four words is returned in the result registers. */
  readonly resultInRegisters: boolean;
}

export interface HostOptions {
  /** Struct and typedef names the prototype uses. */
  readonly types?: TypeScope;
  /** Give `const char *` parameters as addresses instead of strings. Default false. */
  readonly rawPointers?: boolean;
  /** Return a struct of up to 16 bytes in the result registers (RTABI32's `__value_in_regs`), not in memory. Default false. */
  readonly resultInRegisters?: boolean;
}

/**
 * A host function for the guest to call.
 * @param prototype its C prototype: `int f_e_a(int a)`
 * @param implementation see {@link HostImplementation}
 * @throws HostError PROTOTYPE
 */
export function host(prototype: string, implementation: HostImplementation, options: HostOptions = {}): HostFunction {
  const { name, type } = parsePrototype(prototype, options.types);
  if (name === '')
    throw new HostError('PROTOTYPE', `"${prototype}" has no function name`, { text: prototype, offset: 0 });
  return hostFunction(name, type, implementation, options);
}

/** A host function of an already parsed type. */
export function hostFunction(
  name: string,
  type: FunctionType,
  implementation: HostImplementation,
  options: Omit<HostOptions, 'types'> = {},
): HostFunction {
  const { rawPointers = false, resultInRegisters = false } = options;
  return {
    kind: 'function',
    name,
    type,
    implementation: implementation as (...args: unknown[]) => unknown,
    rawPointers,
    resultInRegisters,
  };
}

/** A variable shared between host and guest. Before a board takes it, `value` is the initial value. */
export class SharedVariable {
  readonly kind = 'variable';
  readonly name: string;
  readonly type: CType;
  #initial: unknown;
  #memory: GuestMemory | undefined;
  #address = 0;

  constructor(name: string, type: CType, initial: unknown) {
    this.name = name;
    this.type = type;
    this.#initial = initial;
  }

  /** Guest address, 0 while no board has taken the variable. */
  get address(): number {
    return this.#address;
  }

  /** The guest's value now. @throws HostError ARGUMENT when assigning what the type cannot hold */
  get value(): GuestValue {
    return this.#memory ? readValue(this.#memory, this.#address, this.type) : (this.#initial as GuestValue);
  }

  set value(value: unknown) {
    if (this.#memory) writeValue(this.#memory, this.#address, this.type, value);
    else this.#initial = value;
  }

  /** Places the variable; a board does this once. */
  bind(memory: GuestMemory, address: number): void {
    if (this.#memory) throw new HostError('SYMBOL', `variable ${this.name} is already on a board`, { name: this.name });
    if (this.#initial !== undefined) writeValue(memory, address, this.type, this.#initial);
    this.#memory = memory;
    this.#address = address;
  }
}

/**
 * A firmware variable for the guest: `variable('int d_e_a', 9)`.
 * @param initial absent: all bytes 0
 * @throws HostError PROTOTYPE
 */
export function variable(
  declaration: string,
  initial?: unknown,
  options: { readonly types?: TypeScope } = {},
): SharedVariable {
  const { name, type } = parseDeclaration(declaration, options.types);
  if (name === '' || type.kind === 'function' || type.kind === 'void') {
    throw new HostError('PROTOTYPE', `"${declaration}" declares no variable`, { text: declaration, offset: 0 });
  }
  const length = type.kind === 'array' && type.length === undefined ? initialLength(initial) : undefined;
  return new SharedVariable(name, length === undefined || type.kind !== 'array' ? type : { ...type, length }, initial);
}

/** Elements of an array declared without a length. */
function initialLength(initial: unknown): number {
  if (typeof initial === 'string') return new TextEncoder().encode(initial).length + 1;
  if (Array.isArray(initial) || initial instanceof Uint8Array) return initial.length;
  throw new HostError('ARGUMENT', 'an array without length needs an initial value');
}

export type BoardSymbol = HostFunction | SharedVariable;

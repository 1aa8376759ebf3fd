import type { Architecture } from '@loadstone/cpu-core';
import type { AbiName, CallingConvention } from '../abi/convention.js';
import { callingConvention } from '../abi/index.js';
import type { FunctionType } from '../c/c-type.js';
import { parsePrototype, type TypeScope } from '../c/parser.js';

/** Prototypes and calling conventions of one board, each made once. */
export class CallTypes {
  readonly #architecture: Architecture;
  readonly #scope: TypeScope;
  readonly #conventions = new Map<AbiName, CallingConvention>();
  readonly #prototypes = new Map<string, FunctionType>();

  constructor(architecture: Architecture, scope: TypeScope) {
    this.#architecture = architecture;
    this.#scope = scope;
  }

  /** @throws HostError PROTOTYPE */
  prototype(text: string | FunctionType): FunctionType {
    if (typeof text !== 'string') return text;
    const known = this.#prototypes.get(text);
    if (known) return known;
    const { type } = parsePrototype(text, this.#scope);
    this.#prototypes.set(text, type);
    return type;
  }

  /** @throws HostError BOARD when the CPU lacks its registers */
  convention(name: AbiName): CallingConvention {
    let convention = this.#conventions.get(name);
    if (!convention) {
      convention = callingConvention(name, this.#architecture);
      this.#conventions.set(name, convention);
    }
    return convention;
  }
}

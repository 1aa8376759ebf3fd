import type { Board } from '../board/board.js';
import type { CType } from '../c/c-type.js';
import { MemoryArguments, type VariableArguments } from '../host/host-call.js';
import type { GuestAccess } from '../memory/guest-access.js';
import { scalarValue } from '../memory/value.js';

/** How a `va_list` parameter is passed, and how its words become arguments. */
export interface VaListPassing {
  /** C text of the parameters that stand for one `va_list`. */
  readonly parameters: string;
  /** Words those parameters had. */
  readonly words: number;
  read(words: readonly number[]): VariableArguments;
}

/** Bytes of arguments in registers. */
const REGISTER_BYTES = 24;

/**
 * Xtensa's va_list {__va_stk, __va_reg, __va_ndx}, passed by value in three words (GCC's xtensa_va_start and
 * xtensa_gimplify_va_arg_expr: register words first; the stack part starts at __va_stk + 32).
 */
class XtensaVaList implements VariableArguments {
  readonly #access: GuestAccess;
  readonly #stack: number;
  readonly #registers: number;
  #index: number;

  constructor(access: GuestAccess, words: readonly number[]) {
    this.#access = access;
    [this.#stack, this.#registers, this.#index] = words;
  }

  next(type: CType | string): number | bigint {
    const wanted: CType = typeof type === 'string' ? { kind: 'integer', name: type, size: 4, signed: true } : type;
    const wide = (wanted.kind === 'integer' || wanted.kind === 'float') && wanted.size === 8;
    const size = wide ? 8 : 4;
    const start = wide ? Math.ceil(this.#index / 8) * 8 : this.#index;
    this.#index = start + size;
    let base = this.#registers;
    if (this.#index > REGISTER_BYTES) {
      if (start <= REGISTER_BYTES) this.#index = 32 + size;
      base = this.#stack;
    }
    const at = base + this.#index - size;
    const value = scalarValue(wanted, this.#access.load(at, 4), wide ? this.#access.load(at + 4, 4) : 0);
    return typeof value === 'boolean' ? Number(value) : (value ?? 0);
  }
}

/** The board's way of passing a `va_list`. */
export function vaListPassing(board: Board): VaListPassing {
  if (board.convention.name.startsWith('xtensa')) {
    return {
      parameters: 'void *stack, void *registers, int index',
      words: 3,
      read: (words) => new XtensaVaList(board.access, words),
    };
  }
  return { parameters: 'void *list', words: 1, read: ([list]) => new MemoryArguments(board.access, list) };
}

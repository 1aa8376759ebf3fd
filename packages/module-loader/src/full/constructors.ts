/**
 * The order of constructors and destructors in a relocatable object, as GNU ld's default script arranges them:
 * `.preinit_array`, then `.init_array.N` and `.ctors.N` by rising priority, then `.init_array` and `.ctors`. `.init_array.N` has
 * priority N, `.ctors.N` priority 65535 - N. An array runs forwards, `.ctors` backwards.
 */

interface FunctionArray {
  readonly priority: number;
  readonly reversed: boolean;
  readonly functions: readonly number[];
}

/** Priority of arrays without a number: after all others. */
const LAST = 65536;

function priorityOf(name: string, prefix: string): number | undefined {
  if (name === prefix) return LAST;
  if (!name.startsWith(`${prefix}.`)) return undefined;
  const digits = name.slice(prefix.length + 1);
  return /^\d{1,5}$/.test(digits) ? Number(digits) : LAST;
}

/** How one section takes part in start and end. */
export interface ArrayRole {
  readonly when: 'start' | 'end';
  readonly priority: number;
  readonly reversed: boolean;
}

/** The role of a section by its name; undefined for one that is no function array. */
export function arrayRole(name: string): ArrayRole | undefined {
  if (name === '.preinit_array') return { when: 'start', priority: -1, reversed: false };
  const init = priorityOf(name, '.init_array');
  if (init !== undefined) return { when: 'start', priority: init, reversed: false };
  const ctors = priorityOf(name, '.ctors');
  if (ctors !== undefined) return { when: 'start', priority: ctors === LAST ? LAST : 65535 - ctors, reversed: true };
  const fini = priorityOf(name, '.fini_array');
  if (fini !== undefined) return { when: 'end', priority: fini, reversed: true };
  const dtors = priorityOf(name, '.dtors');
  if (dtors !== undefined) return { when: 'end', priority: dtors === LAST ? LAST : 65535 - dtors, reversed: false };
  return undefined;
}

/** The words of a function array; 0 and -1 are the sentinels of `.ctors` and are no functions. */
export function functionsIn(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const functions: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const word = view.getUint32(at, true);
    if (word !== 0 && word !== 0xffff_ffff) functions.push(word);
  }
  return functions;
}

/** Collects function arrays and puts the functions in the order they run. */
export class FunctionOrder {
  private readonly start: FunctionArray[] = [];
  private readonly end: FunctionArray[] = [];

  add(role: ArrayRole, bytes: Uint8Array): void {
    const list = role.when === 'start' ? this.start : this.end;
    list.push({ priority: role.priority, reversed: role.reversed, functions: functionsIn(bytes) });
  }

  /** Rising priority. */
  constructors(): number[] {
    return [...this.start].sort((a, b) => a.priority - b.priority).flatMap(inRunOrder);
  }

  /** Falling priority, and arrays of one priority from the last to the first. */
  destructors(): number[] {
    return [...this.end]
      .reverse()
      .sort((a, b) => b.priority - a.priority)
      .flatMap(inRunOrder);
  }
}

function inRunOrder({ functions, reversed }: FunctionArray): readonly number[] {
  return reversed ? [...functions].reverse() : functions;
}

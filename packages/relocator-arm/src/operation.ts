/** Addresses that only some operations need. All are unsigned or signed 32-bit numbers. */
export interface Origins {
  /**
   * B(S): the origin of the segment that defines S (SBREL and BREL types: the static base, what R9 holds); of RELATIVE the
   * distance between load and link address; of BASE_PREL and BASE_ABS with symbol 0 the origin of the GOT.
   */
  base?: number;
  /** GOT_ORG: the address `_GLOBAL_OFFSET_TABLE_`. */
  gotOrigin?: number;
  /** GOT(S): the address of the symbol's GOT entry. */
  got?: number;
  /** PLT(S): the address of the symbol's PLT entry. */
  plt?: number;
}

/** X of S, A, P and T, modulo 2^32 as a signed number; NaN when an origin is missing. */
type Compute = (S: number, A: number, P: number, T: number, origins: Origins | undefined) => number;

function need(value: number | undefined): number {
  return value ?? Number.NaN;
}

/**
 * The formulas of AAELF32 (Relocation codes). Pa is P with its two low bits cleared. Sums of a few 32-bit numbers are exact
 * in doubles; the caller reduces modulo 2^32.
 */
export const operations = {
  none: () => 0,
  'S + A': (S, A) => S + A,
  '(S + A) | T': (S, A, _P, T) => (S + A) | T,
  'S + A - P': (S, A, P) => S + A - P,
  '((S + A) | T) - P': (S, A, P, T) => ((S + A) | T) - P,
  'S + A - Pa': (S, A, P) => S + A - (P & ~3),
  '((S + A) | T) - Pa': (S, A, P, T) => ((S + A) | T) - (P & ~3),
  'S + A - B(S)': (S, A, _P, _T, origins) => S + A - need(origins?.base),
  '((S + A) | T) - B(S)': (S, A, _P, T, origins) => ((S + A) | T) - need(origins?.base),
  'B(S) + A': (_S, A, _P, _T, origins) => need(origins?.base) + A,
  'B(S) + A - P': (_S, A, P, _T, origins) => need(origins?.base) + A - P,
  'GOT(S) + A': (_S, A, _P, _T, origins) => need(origins?.got) + A,
  'GOT(S) + A - P': (_S, A, P, _T, origins) => need(origins?.got) + A - P,
  'GOT(S) + A - GOT_ORG': (_S, A, _P, _T, origins) => need(origins?.got) + A - need(origins?.gotOrigin),
  '((S + A) | T) - GOT_ORG': (S, A, _P, T, origins) => ((S + A) | T) - need(origins?.gotOrigin),
  'S + A - GOT_ORG': (S, A, _P, _T, origins) => S + A - need(origins?.gotOrigin),
  'PLT(S) + A': (_S, A, _P, _T, origins) => need(origins?.plt) + A,
} as const satisfies Record<string, Compute>;

export type Operation = keyof typeof operations;

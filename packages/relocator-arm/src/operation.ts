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

/** The formulas of AAELF32 (Relocation codes). Pa is P with its two low bits cleared. */
const OPERATIONS = [
  'none',
  'S + A',
  '(S + A) | T',
  'S + A - P',
  '((S + A) | T) - P',
  'S + A - Pa',
  '((S + A) | T) - Pa',
  'S + A - B(S)',
  '((S + A) | T) - B(S)',
  'B(S) + A',
  'B(S) + A - P',
  'GOT(S) + A',
  'GOT(S) + A - P',
  'GOT(S) + A - GOT_ORG',
  '((S + A) | T) - GOT_ORG',
  'S + A - GOT_ORG',
  'PLT(S) + A',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The number `compute` and `computeFromOrigin` know an operation by. */
export function operationCode(operation: Operation): number {
  return OPERATIONS.indexOf(operation);
}

/** Operations from this number on need an origin. */
export const FIRST_WITH_ORIGIN = operationCode('S + A - B(S)');

/** X modulo 2^32, signed, of an operation below FIRST_WITH_ORIGIN. */
export function compute(code: number, S: number, A: number, P: number, T: number): number {
  switch (code) {
    case 1: // S + A
      return (S + A) | 0;
    case 2: // (S + A) | T
      return (S + A) | T;
    case 3: // S + A - P
      return (S + A - P) | 0;
    case 4: // ((S + A) | T) - P
      return (((S + A) | T) - P) | 0;
    case 5: // S + A - Pa
      return (S + A - (P & ~3)) | 0;
    case 6: // ((S + A) | T) - Pa
      return (((S + A) | T) - (P & ~3)) | 0;
    default:
      return 0;
  }
}

function need(value: number | undefined): number {
  return value ?? Number.NaN;
}

/** X of the other operations, not yet reduced; NaN when an origin is missing. */
export function computeFromOrigin(
  operation: Operation,
  S: number,
  A: number,
  P: number,
  T: number,
  origins: Origins = {},
): number {
  const { base, got, gotOrigin, plt } = origins;
  switch (operation) {
    case 'S + A - B(S)':
      return S + A - need(base);
    case '((S + A) | T) - B(S)':
      return ((S + A) | T) - need(base);
    case 'B(S) + A':
      return need(base) + A;
    case 'B(S) + A - P':
      return need(base) + A - P;
    case 'GOT(S) + A':
      return need(got) + A;
    case 'GOT(S) + A - P':
      return need(got) + A - P;
    case 'GOT(S) + A - GOT_ORG':
      return need(got) + A - need(gotOrigin);
    case '((S + A) | T) - GOT_ORG':
      return ((S + A) | T) - need(gotOrigin);
    case 'S + A - GOT_ORG':
      return S + A - need(gotOrigin);
    case 'PLT(S) + A':
      return need(plt) + A;
    default:
      return Number.NaN;
  }
}

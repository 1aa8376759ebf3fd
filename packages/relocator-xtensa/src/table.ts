/** How a place changes. A relocation of Xtensa is RELA: A comes from its entry, never from the place. */
export type Action =
  /** Nothing: the type only informs the linker's relaxation, and the place already holds its final value. */
  | 'nothing'
  /** word += S + A; the assembler may leave a part of the value in the place. */
  | 'add S + A'
  /** word = S + A */
  | 'set S + A'
  /** word = S + A - P */
  | 'set S + A - P'
  /** word += B + A, B being load address minus link address; ld leaves the link-time address in the place and A is 0. */
  | 'add B + A'
  /** word = S: the loader's own value (A 1: its resolver, A 2: its record of the module; 0 when nothing binds lazily). */
  | 'set S'
  /** The pc-relative operand of the instruction becomes S + A. */
  | 'operand'
  /** L32R and CALLXn that reach S + A: checked, not changed. */
  | 'check call'
  /** L32R and CALLXn become NOP and CALLn. */
  | 'relax call'
  | 'refuse';

export interface XtensaRelocation {
  /** ELF32_R_TYPE, 0 to 255. */
  readonly type: number;
  /** With its prefix: `R_XTENSA_SLOT0_OP`. */
  readonly name: string;
  readonly kind: 'static' | 'dynamic';
  readonly action: Action;
  /** Why it is refused. */
  readonly refusal?: string;
}

type Row = readonly [type: number, name: string, kind: XtensaRelocation['kind'], action: Action];

/** Numbers and meanings: binutils include/elf/xtensa.h and the Xtensa linker's behaviour. */
const ROWS: readonly Row[] = [
  [0, 'NONE', 'static', 'nothing'],
  [1, '32', 'static', 'add S + A'],
  [2, 'RTLD', 'dynamic', 'set S'],
  [3, 'GLOB_DAT', 'dynamic', 'set S + A'],
  [4, 'JMP_SLOT', 'dynamic', 'set S + A'],
  [5, 'RELATIVE', 'dynamic', 'add B + A'],
  [6, 'PLT', 'static', 'set S + A'],
  [11, 'ASM_EXPAND', 'static', 'check call'],
  [12, 'ASM_SIMPLIFY', 'static', 'relax call'],
  [14, '32_PCREL', 'static', 'set S + A - P'],
  [15, 'GNU_VTINHERIT', 'static', 'nothing'],
  [16, 'GNU_VTENTRY', 'static', 'nothing'],
  [17, 'DIFF8', 'static', 'nothing'],
  [18, 'DIFF16', 'static', 'nothing'],
  [19, 'DIFF32', 'static', 'nothing'],
  [20, 'SLOT0_OP', 'static', 'operand'],
  [57, 'PDIFF8', 'static', 'nothing'],
  [58, 'PDIFF16', 'static', 'nothing'],
  [59, 'PDIFF32', 'static', 'nothing'],
  [60, 'NDIFF8', 'static', 'nothing'],
  [61, 'NDIFF16', 'static', 'nothing'],
  [62, 'NDIFF32', 'static', 'nothing'],
];

const TLS = ['TLSDESC_FN', 'TLSDESC_ARG', 'TLS_DTPOFF', 'TLS_TPOFF', 'TLS_FUNC', 'TLS_ARG', 'TLS_CALL'];

function refused(type: number, name: string, refusal: string): XtensaRelocation {
  return { type, name: `R_XTENSA_${name}`, kind: 'static', action: 'refuse', refusal };
}

/** Every Xtensa relocation type, by number. */
export const xtensaRelocations: readonly XtensaRelocation[] = [
  ...ROWS.map(([type, name, kind, action]): XtensaRelocation => ({ type, name: `R_XTENSA_${name}`, kind, action })),
  ...[0, 1, 2].map((n) => refused(8 + n, `OP${n}`, 'an operand relocation older than SLOT0_OP')),
  ...Array.from({ length: 14 }, (_, n) => refused(21 + n, `SLOT${n + 1}_OP`, 'a FLIX slot; ESP32 has none')),
  ...Array.from({ length: 15 }, (_, n) =>
    refused(35 + n, `SLOT${n}_ALT`, 'CONST16 or an absolute literal; ESP32 has neither'),
  ),
  ...TLS.map((name, n) => refused(50 + n, name, 'thread-local storage')),
].sort((a, b) => a.type - b.type);

const BY_TYPE: readonly (XtensaRelocation | undefined)[] = Array.from({ length: 256 }, (_, type) =>
  xtensaRelocations.find((row) => row.type === type),
);

/** The row of a type; undefined for a number without a meaning. */
export function xtensaRelocation(type: number): XtensaRelocation | undefined {
  return BY_TYPE[type];
}

/** `R_XTENSA_SLOT0_OP`; `R_XTENSA_<number>` for an unknown type. */
export function xtensaRelocationName(type: number): string {
  return BY_TYPE[type]?.name ?? `R_XTENSA_${type}`;
}

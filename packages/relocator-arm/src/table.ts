import { type Field, fields } from './field.js';
import type { Operation } from './operation.js';

/** Why a type has no operation here. */
export type Refusal = 'thread-local storage' | 'copy' | 'obsolete' | 'FDPIC' | 'indirect function' | 'reserved';

/** One relocation type. */
export interface ArmRelocation {
  /** ELF32_R_TYPE, 0 to 255. */
  readonly type: number;
  /** With its prefix: `R_ARM_THM_CALL`. */
  readonly name: string;
  readonly kind: 'static' | 'dynamic' | 'deprecated' | 'obsolete';
  /** What the place holds. */
  readonly place: 'data' | 'arm' | 'thumb16' | 'thumb32' | 'miscellaneous';
  readonly operation: Operation;
  readonly field: Field;
  /** Least and greatest X, signed 32-bit; absent when every value is taken or the rule is not an interval (groups). */
  readonly range?: { readonly min: number; readonly max: number };
  /** True for the group relocations whose overflow is an error: everything but `_NC`. */
  readonly checked: boolean;
  /** X must be a multiple of it. */
  readonly align: 1 | 2 | 4;
  /** Bytes of the place, 0 when nothing is written. */
  readonly size: 0 | 1 | 2 | 4;
  /** Present when the type is known and refused. */
  readonly refusal?: Refusal;
}

type Options = Partial<Pick<ArmRelocation, 'range' | 'checked' | 'align'>>;

function row(
  type: number,
  name: string,
  kind: ArmRelocation['kind'],
  place: ArmRelocation['place'],
  operation: Operation,
  field: Field,
  options: Options = {},
): ArmRelocation {
  return {
    type,
    name: `R_ARM_${name}`,
    kind,
    place,
    operation,
    field,
    checked: true,
    align: 1,
    size: fields[field].size,
    ...options,
  };
}

function refused(type: number, name: string, kind: ArmRelocation['kind'], refusal: Refusal): ArmRelocation {
  return { ...row(type, name, kind, 'miscellaneous', 'none', 'none'), refusal };
}

/** Two's complement in that many bits. */
function signed(bits: number): Options {
  return { range: { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } };
}

/** Magnitude in that many bits, sign elsewhere. */
function magnitude(bits: number): Options {
  return { range: { min: 1 - 2 ** bits, max: 2 ** bits - 1 } };
}

function unsigned(bits: number, step = 1): Options {
  return { range: { min: 0, max: 2 ** bits - step } };
}

const NC: Options = { checked: false };

const ROWS: readonly ArmRelocation[] = [
  row(0, 'NONE', 'static', 'miscellaneous', 'none', 'none'),
  row(1, 'PC24', 'deprecated', 'arm', '((S + A) | T) - P', 'arm-branch', signed(26)),
  row(2, 'ABS32', 'static', 'data', '(S + A) | T', 'word32'),
  row(3, 'REL32', 'static', 'data', '((S + A) | T) - P', 'word32'),
  row(4, 'LDR_PC_G0', 'static', 'arm', 'S + A - P', 'arm-ldr-g0'),
  row(5, 'ABS16', 'static', 'data', 'S + A', 'word16', { range: { min: -32768, max: 65535 } }),
  row(6, 'ABS12', 'static', 'arm', 'S + A', 'arm-ldr12', magnitude(12)),
  row(7, 'THM_ABS5', 'static', 'thumb16', 'S + A', 'thumb-abs5', { ...unsigned(7, 4), align: 4 }),
  row(8, 'ABS8', 'static', 'data', 'S + A', 'word8', { range: { min: -128, max: 255 } }),
  row(9, 'SBREL32', 'static', 'data', '((S + A) | T) - B(S)', 'word32'),
  row(10, 'THM_CALL', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-call', signed(25)),
  row(11, 'THM_PC8', 'static', 'thumb16', 'S + A - Pa', 'thumb-pc8', { ...unsigned(10, 4), align: 4 }),
  row(12, 'BREL_ADJ', 'dynamic', 'data', 'B(S) + A', 'word32'),
  refused(13, 'TLS_DESC', 'dynamic', 'thread-local storage'),
  refused(14, 'THM_SWI8', 'obsolete', 'obsolete'),
  refused(15, 'XPC25', 'obsolete', 'obsolete'),
  refused(16, 'THM_XPC22', 'obsolete', 'obsolete'),
  refused(17, 'TLS_DTPMOD32', 'dynamic', 'thread-local storage'),
  refused(18, 'TLS_DTPOFF32', 'dynamic', 'thread-local storage'),
  refused(19, 'TLS_TPOFF32', 'dynamic', 'thread-local storage'),
  refused(20, 'COPY', 'dynamic', 'copy'),
  row(21, 'GLOB_DAT', 'dynamic', 'data', '(S + A) | T', 'slot32'),
  row(22, 'JUMP_SLOT', 'dynamic', 'data', '(S + A) | T', 'slot32'),
  row(23, 'RELATIVE', 'dynamic', 'data', 'B(S) + A', 'word32'),
  row(24, 'GOTOFF32', 'static', 'data', '((S + A) | T) - GOT_ORG', 'word32'),
  row(25, 'BASE_PREL', 'static', 'data', 'B(S) + A - P', 'word32'),
  row(26, 'GOT_BREL', 'static', 'data', 'GOT(S) + A - GOT_ORG', 'word32'),
  row(27, 'PLT32', 'deprecated', 'arm', '((S + A) | T) - P', 'arm-branch', signed(26)),
  row(28, 'CALL', 'static', 'arm', '((S + A) | T) - P', 'arm-call', signed(26)),
  row(29, 'JUMP24', 'static', 'arm', '((S + A) | T) - P', 'arm-jump24', signed(26)),
  row(30, 'THM_JUMP24', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-jump24', signed(25)),
  row(31, 'BASE_ABS', 'static', 'data', 'B(S) + A', 'word32'),
  refused(32, 'ALU_PCREL_7_0', 'obsolete', 'obsolete'),
  refused(33, 'ALU_PCREL_15_8', 'obsolete', 'obsolete'),
  refused(34, 'ALU_PCREL_23_15', 'obsolete', 'obsolete'),
  row(35, 'LDR_SBREL_11_0_NC', 'deprecated', 'arm', 'S + A - B(S)', 'arm-sbrel-11-0', NC),
  row(36, 'ALU_SBREL_19_12_NC', 'deprecated', 'arm', 'S + A - B(S)', 'arm-sbrel-19-12', NC),
  row(37, 'ALU_SBREL_27_20_CK', 'deprecated', 'arm', 'S + A - B(S)', 'arm-sbrel-27-20', unsigned(28)),
  row(38, 'TARGET1', 'static', 'data', '(S + A) | T', 'word32'),
  row(39, 'SBREL31', 'deprecated', 'data', '((S + A) | T) - B(S)', 'prel31', signed(31)),
  row(40, 'V4BX', 'static', 'miscellaneous', 'none', 'none'),
  row(41, 'TARGET2', 'static', 'data', '((S + A) | T) - P', 'word32'),
  row(42, 'PREL31', 'static', 'data', '((S + A) | T) - P', 'prel31', signed(31)),
  row(43, 'MOVW_ABS_NC', 'static', 'arm', '(S + A) | T', 'arm-movw', NC),
  row(44, 'MOVT_ABS', 'static', 'arm', 'S + A', 'arm-movt'),
  row(45, 'MOVW_PREL_NC', 'static', 'arm', '((S + A) | T) - P', 'arm-movw', NC),
  row(46, 'MOVT_PREL', 'static', 'arm', 'S + A - P', 'arm-movt'),
  row(47, 'THM_MOVW_ABS_NC', 'static', 'thumb32', '(S + A) | T', 'thumb-movw', NC),
  row(48, 'THM_MOVT_ABS', 'static', 'thumb32', 'S + A', 'thumb-movt'),
  row(49, 'THM_MOVW_PREL_NC', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-movw', NC),
  row(50, 'THM_MOVT_PREL', 'static', 'thumb32', 'S + A - P', 'thumb-movt'),
  row(51, 'THM_JUMP19', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-jump19', signed(21)),
  row(52, 'THM_JUMP6', 'static', 'thumb16', 'S + A - P', 'thumb-jump6', unsigned(7)),
  row(53, 'THM_ALU_PREL_11_0', 'static', 'thumb32', '((S + A) | T) - Pa', 'thumb-adr12', magnitude(12)),
  row(54, 'THM_PC12', 'static', 'thumb32', 'S + A - Pa', 'thumb-pc12', magnitude(12)),
  row(55, 'ABS32_NOI', 'static', 'data', 'S + A', 'word32'),
  row(56, 'REL32_NOI', 'static', 'data', 'S + A - P', 'word32'),
  row(57, 'ALU_PC_G0_NC', 'static', 'arm', '((S + A) | T) - P', 'arm-alu-g0', NC),
  row(58, 'ALU_PC_G0', 'static', 'arm', '((S + A) | T) - P', 'arm-alu-g0'),
  row(59, 'ALU_PC_G1_NC', 'static', 'arm', '((S + A) | T) - P', 'arm-alu-g1', NC),
  row(60, 'ALU_PC_G1', 'static', 'arm', '((S + A) | T) - P', 'arm-alu-g1'),
  row(61, 'ALU_PC_G2', 'static', 'arm', '((S + A) | T) - P', 'arm-alu-g2'),
  row(62, 'LDR_PC_G1', 'static', 'arm', 'S + A - P', 'arm-ldr-g1'),
  row(63, 'LDR_PC_G2', 'static', 'arm', 'S + A - P', 'arm-ldr-g2'),
  row(64, 'LDRS_PC_G0', 'static', 'arm', 'S + A - P', 'arm-ldrs-g0'),
  row(65, 'LDRS_PC_G1', 'static', 'arm', 'S + A - P', 'arm-ldrs-g1'),
  row(66, 'LDRS_PC_G2', 'static', 'arm', 'S + A - P', 'arm-ldrs-g2'),
  row(67, 'LDC_PC_G0', 'static', 'arm', 'S + A - P', 'arm-ldc-g0', { align: 4 }),
  row(68, 'LDC_PC_G1', 'static', 'arm', 'S + A - P', 'arm-ldc-g1', { align: 4 }),
  row(69, 'LDC_PC_G2', 'static', 'arm', 'S + A - P', 'arm-ldc-g2', { align: 4 }),
  row(70, 'ALU_SB_G0_NC', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-alu-g0', NC),
  row(71, 'ALU_SB_G0', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-alu-g0'),
  row(72, 'ALU_SB_G1_NC', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-alu-g1', NC),
  row(73, 'ALU_SB_G1', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-alu-g1'),
  row(74, 'ALU_SB_G2', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-alu-g2'),
  row(75, 'LDR_SB_G0', 'static', 'arm', 'S + A - B(S)', 'arm-ldr-g0'),
  row(76, 'LDR_SB_G1', 'static', 'arm', 'S + A - B(S)', 'arm-ldr-g1'),
  row(77, 'LDR_SB_G2', 'static', 'arm', 'S + A - B(S)', 'arm-ldr-g2'),
  row(78, 'LDRS_SB_G0', 'static', 'arm', 'S + A - B(S)', 'arm-ldrs-g0'),
  row(79, 'LDRS_SB_G1', 'static', 'arm', 'S + A - B(S)', 'arm-ldrs-g1'),
  row(80, 'LDRS_SB_G2', 'static', 'arm', 'S + A - B(S)', 'arm-ldrs-g2'),
  row(81, 'LDC_SB_G0', 'static', 'arm', 'S + A - B(S)', 'arm-ldc-g0', { align: 4 }),
  row(82, 'LDC_SB_G1', 'static', 'arm', 'S + A - B(S)', 'arm-ldc-g1', { align: 4 }),
  row(83, 'LDC_SB_G2', 'static', 'arm', 'S + A - B(S)', 'arm-ldc-g2', { align: 4 }),
  row(84, 'MOVW_BREL_NC', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-movw', NC),
  row(85, 'MOVT_BREL', 'static', 'arm', 'S + A - B(S)', 'arm-movt'),
  row(86, 'MOVW_BREL', 'static', 'arm', '((S + A) | T) - B(S)', 'arm-movw', unsigned(16)),
  row(87, 'THM_MOVW_BREL_NC', 'static', 'thumb32', '((S + A) | T) - B(S)', 'thumb-movw', NC),
  row(88, 'THM_MOVT_BREL', 'static', 'thumb32', 'S + A - B(S)', 'thumb-movt'),
  row(89, 'THM_MOVW_BREL', 'static', 'thumb32', '((S + A) | T) - B(S)', 'thumb-movw', unsigned(16)),
  refused(90, 'TLS_GOTDESC', 'static', 'thread-local storage'),
  refused(91, 'TLS_CALL', 'static', 'thread-local storage'),
  refused(92, 'TLS_DESCSEQ', 'static', 'thread-local storage'),
  refused(93, 'THM_TLS_CALL', 'static', 'thread-local storage'),
  row(94, 'PLT32_ABS', 'static', 'data', 'PLT(S) + A', 'word32'),
  row(95, 'GOT_ABS', 'static', 'data', 'GOT(S) + A', 'word32'),
  row(96, 'GOT_PREL', 'static', 'data', 'GOT(S) + A - P', 'word32'),
  row(97, 'GOT_BREL12', 'static', 'arm', 'GOT(S) + A - GOT_ORG', 'arm-ldr12', magnitude(12)),
  row(98, 'GOTOFF12', 'static', 'arm', 'S + A - GOT_ORG', 'arm-ldr12', magnitude(12)),
  row(99, 'GOTRELAX', 'static', 'miscellaneous', 'none', 'none'),
  row(100, 'GNU_VTENTRY', 'deprecated', 'miscellaneous', 'none', 'none'),
  row(101, 'GNU_VTINHERIT', 'deprecated', 'miscellaneous', 'none', 'none'),
  row(102, 'THM_JUMP11', 'static', 'thumb16', 'S + A - P', 'thumb-jump11', signed(12)),
  row(103, 'THM_JUMP8', 'static', 'thumb16', 'S + A - P', 'thumb-jump8', signed(9)),
  refused(104, 'TLS_GD32', 'static', 'thread-local storage'),
  refused(105, 'TLS_LDM32', 'static', 'thread-local storage'),
  refused(106, 'TLS_LDO32', 'static', 'thread-local storage'),
  refused(107, 'TLS_IE32', 'static', 'thread-local storage'),
  refused(108, 'TLS_LE32', 'static', 'thread-local storage'),
  refused(109, 'TLS_LDO12', 'static', 'thread-local storage'),
  refused(110, 'TLS_LE12', 'static', 'thread-local storage'),
  refused(111, 'TLS_IE12GP', 'static', 'thread-local storage'),
  refused(128, 'ME_TOO', 'obsolete', 'obsolete'),
  refused(129, 'THM_TLS_DESCSEQ16', 'static', 'thread-local storage'),
  refused(130, 'THM_TLS_DESCSEQ32', 'static', 'thread-local storage'),
  row(131, 'THM_GOT_BREL12', 'static', 'thumb32', 'GOT(S) + A - GOT_ORG', 'thumb-ldr12', unsigned(12)),
  row(132, 'THM_ALU_ABS_G0_NC', 'static', 'thumb16', '(S + A) | T', 'thumb-imm8-g0', NC),
  row(133, 'THM_ALU_ABS_G1_NC', 'static', 'thumb16', 'S + A', 'thumb-imm8-g1', NC),
  row(134, 'THM_ALU_ABS_G2_NC', 'static', 'thumb16', 'S + A', 'thumb-imm8-g2', NC),
  row(135, 'THM_ALU_ABS_G3', 'static', 'thumb16', 'S + A', 'thumb-imm8-g3'),
  row(136, 'THM_BF16', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-bf16', signed(17)),
  row(137, 'THM_BF12', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-bf12', signed(13)),
  row(138, 'THM_BF18', 'static', 'thumb32', '((S + A) | T) - P', 'thumb-bf18', signed(19)),
  refused(160, 'IRELATIVE', 'dynamic', 'indirect function'),
  refused(161, 'GOTFUNCDESC', 'static', 'FDPIC'),
  refused(162, 'GOTOFFFUNCDESC', 'static', 'FDPIC'),
  refused(163, 'FUNCDESC', 'static', 'FDPIC'),
  refused(164, 'FUNCDESC_VALUE', 'dynamic', 'FDPIC'),
  refused(165, 'TLS_GD32_FDPIC', 'static', 'thread-local storage'),
  refused(166, 'TLS_LDM32_FDPIC', 'static', 'thread-local storage'),
  refused(167, 'TLS_IE32_FDPIC', 'static', 'thread-local storage'),
];

/** Every relocation type of AAELF32 with a meaning, by number. */
export const armRelocations: readonly ArmRelocation[] = ROWS;

const BY_TYPE: readonly (ArmRelocation | undefined)[] = Array.from({ length: 256 }, (_, type) =>
  ROWS.find((candidate) => candidate.type === type),
);

/** The row of a type; undefined for a number AAELF32 gives no meaning. */
export function armRelocation(type: number): ArmRelocation | undefined {
  return BY_TYPE[type];
}

/** `R_ARM_THM_CALL`; `R_ARM_<number>` for an unknown type. */
export function armRelocationName(type: number): string {
  return BY_TYPE[type]?.name ?? `R_ARM_${type}`;
}

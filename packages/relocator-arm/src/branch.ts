import { type ArmRelocation, armRelocation } from './table.js';

/** What a loader must know to decide on a veneer (AAELF32, Call and Jump relocations). */
export interface BranchRange {
  /** Least and greatest X = S + A - P; A holds the PC bias, usually -4 in Thumb and -8 in A32 state. */
  readonly min: number;
  readonly max: number;
  readonly instructionSet: 'thumb' | 'arm';
  /** Bytes of the instruction. */
  readonly size: 2 | 4;
  /** BL or BLX: the branch leaves a return address. */
  readonly isCall: boolean;
  /** A linker may send it through a veneer, which may use R12. */
  readonly takesVeneer: boolean;
  /** BL can become BLX, so that the other instruction set is reached without a veneer (not on Cortex-M). */
  readonly canExchange: boolean;
}

const CALLS = new Set(['R_ARM_THM_CALL', 'R_ARM_CALL']);
const VENEERED = new Set([
  'R_ARM_PC24',
  'R_ARM_PLT32',
  'R_ARM_CALL',
  'R_ARM_JUMP24',
  'R_ARM_THM_CALL',
  'R_ARM_THM_JUMP24',
  'R_ARM_THM_JUMP19',
]);

function isBranch({ field }: ArmRelocation): boolean {
  return /^(thumb|arm)-(call|jump|branch|bf)/.test(field);
}

const RANGES = new Map<number, BranchRange>();

/** The range of a branch type; undefined for a type that relocates no branch. */
export function branchRange(type: number): BranchRange | undefined {
  const known = RANGES.get(type);
  if (known !== undefined) return known;
  const row = armRelocation(type);
  if (row?.range === undefined || !isBranch(row)) return undefined;
  const range: BranchRange = {
    // Bit 0 is the Thumb bit of X and not part of the distance.
    min: row.range.min,
    max: row.range.max & ~1,
    instructionSet: row.place === 'arm' ? 'arm' : 'thumb',
    size: row.size === 2 ? 2 : 4,
    isCall: CALLS.has(row.name),
    takesVeneer: VENEERED.has(row.name),
    canExchange: CALLS.has(row.name),
  };
  RANGES.set(type, range);
  return range;
}

/**
 * Whether a branch at P reaches S + A.
 * @returns true for types that relocate no branch
 */
export function reaches(type: number, P: number, S: number, A: number): boolean {
  const range = branchRange(type);
  if (range === undefined) return true;
  const distance = (S + A - P) | 0;
  return distance >= range.min && (distance & ~1) <= range.max;
}

/**
 * S of an undefined weak symbol (AAELF32, Weak References): 0 for absolute types, the place for pc-relative data, B(S) for
 * base-relative ones; a branch goes to the instruction that follows it, as GNU ld and LLD do.
 * @param base B(S), for the types whose formula names it
 */
export function unresolvedWeak(type: number, P: number, A: number, base = 0): number {
  const row = armRelocation(type);
  if (row === undefined) return 0;
  const range = branchRange(type);
  if (range !== undefined) {
    const bias = range.instructionSet === 'arm' ? 8 : 4;
    return P + range.size - bias - A;
  }
  if (row.operation.endsWith('- P')) return P;
  if (row.operation.endsWith('- Pa')) return P & ~3;
  return row.operation.endsWith('- B(S)') ? base : 0;
}

/** How a platform reads R_ARM_TARGET1 and R_ARM_TARGET2. */
export interface TargetPolicy {
  /** Pointers of .init_array: absolute on every platform of GNU ld and LLD by default. */
  readonly target1?: 'abs' | 'rel';
  /** Type-info pointers of exception tables: `rel` for arm-none-eabi, `got-rel` for Linux and LLD. */
  readonly target2?: 'abs' | 'rel' | 'got-rel';
}

/** The type that TARGET1 or TARGET2 stands for; any other type unchanged. Defaults: abs and rel, as arm-none-eabi-ld. */
export function resolveTarget(type: number, policy: TargetPolicy = {}): number {
  if (type === 38) return policy.target1 === 'rel' ? 3 : 2;
  if (type !== 41) return type;
  return policy.target2 === 'abs' ? 2 : policy.target2 === 'got-rel' ? 96 : 3;
}

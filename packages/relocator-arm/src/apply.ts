import {
  BAD_INSTRUCTION,
  type FieldCodec,
  INTERWORKING,
  MISALIGNED,
  OUT_OF_RANGE,
  TARGET,
  type Target,
  WRITTEN,
} from './codec.js';
import { RelocationError, type RelocationErrorCode, type RelocationErrorData } from './error.js';
import { fields } from './field.js';
import { compute, computeFromOrigin, FIRST_WITH_ORIGIN, type Origins, operationCode } from './operation.js';
import { type ArmRelocation, armRelocationName, armRelocations } from './table.js';

/** A row made ready for the path that runs once per relocation. */
interface Recipe {
  readonly row: ArmRelocation;
  readonly operation: number;
  readonly field: FieldCodec;
  readonly size: number;
  readonly min: number;
  readonly max: number;
  /** Bits of X that must be zero. */
  readonly lowBits: number;
  readonly checked: boolean;
}

function recipe(row: ArmRelocation): Recipe {
  return {
    row,
    operation: operationCode(row.operation),
    field: fields[row.field],
    size: row.size,
    min: row.range?.min ?? -0x80000000,
    max: row.range?.max ?? 0x7fffffff,
    lowBits: row.align - 1,
    checked: row.checked,
  };
}

const RECIPES: (Recipe | undefined)[] = new Array(256).fill(undefined);
for (const row of armRelocations) if (row.refusal === undefined) RECIPES[row.type] = recipe(row);

/**
 * The addend A that a REL relocation keeps in its place (AAELF32, Addends and PC-bias compensation).
 * @param view bytes to relocate, little-endian
 * @param offset where the place starts in `view`
 * @param type ELF32_R_TYPE
 * @returns a signed 32-bit number; 0 for types without a field
 * @throws RelocationError UNKNOWN_TYPE, UNSUPPORTED, OUT_OF_BOUNDS
 */
export function readAddend(view: DataView, offset: number, type: number): number {
  const found = RECIPES[type];
  if (found === undefined) throw refusal(type);
  if (offset < 0 || offset + found.size > view.byteLength) throw outOfBounds(type, offset, view.byteLength);
  return found.field.readAddend(view, offset);
}

/**
 * Applies one relocation: computes X by the row's formula, checks it against the row's range and writes the field. Nothing
 * is written when it throws.
 * @param view bytes to relocate, little-endian
 * @param offset where the place starts in `view`
 * @param type ELF32_R_TYPE; TARGET1 acts as ABS32 and TARGET2 as REL32 (see `resolveTarget`), V4BX does nothing
 * @param P address of the place, 32-bit
 * @param S address of the symbol, 32-bit, WITHOUT the Thumb bit
 * @param A addend: `r_addend` of RELA, else `readAddend`
 * @param target a `TARGET`: THUMB makes T = 1; a branch to THUMB or ARM changes the instruction set where it can
 * @param origins B(S), GOT_ORG, GOT(S), PLT(S), for the types whose formula names them
 * @throws RelocationError
 */
export function applyArm(
  view: DataView,
  offset: number,
  type: number,
  P: number,
  S: number,
  A: number,
  target: Target = 0,
  origins?: Origins,
): void {
  const found = RECIPES[type];
  if (found === undefined) throw refusal(type);
  if (offset < 0 || offset + found.size > view.byteLength) throw outOfBounds(type, offset, view.byteLength);
  write(found, view, offset, P, S, A, target, origins);
}

/** `applyArm` for a REL relocation: A is read from the place. @throws RelocationError */
export function applyArmRel(
  view: DataView,
  offset: number,
  type: number,
  P: number,
  S: number,
  target: Target = 0,
  origins?: Origins,
): void {
  const found = RECIPES[type];
  if (found === undefined) throw refusal(type);
  if (offset < 0 || offset + found.size > view.byteLength) throw outOfBounds(type, offset, view.byteLength);
  write(found, view, offset, P, S, found.field.readAddend(view, offset), target, origins);
}

function write(
  found: Recipe,
  view: DataView,
  offset: number,
  P: number,
  S: number,
  A: number,
  target: Target,
  origins: Origins | undefined,
): void {
  const x =
    found.operation < FIRST_WITH_ORIGIN
      ? compute(found.operation, S, A, P, target & 1)
      : fromOrigin(found.row, offset, S, A, P, target & 1, origins);
  let status = OUT_OF_RANGE;
  if (x >= found.min && x <= found.max) {
    status = (x & found.lowBits) === 0 ? found.field.write(view, offset, x, P, target, found.checked) : MISALIGNED;
  }
  if (status !== WRITTEN) throw failure(status, found, view, offset, P, S, A, x);
}

function fromOrigin(
  row: ArmRelocation,
  offset: number,
  S: number,
  A: number,
  P: number,
  T: number,
  origins: Origins | undefined,
): number {
  const exact = computeFromOrigin(row.operation, S, A, P, T, origins);
  if (Number.isNaN(exact)) {
    throw new RelocationError('MISSING_ORIGIN', `${row.name} needs an origin: ${row.operation}`, {
      type: row.type,
      name: row.name,
      place: P >>> 0,
      offset,
    });
  }
  return exact | 0;
}

/** `applyArm` with its arguments by name, and the REL addend read from the place when none is given. */
export interface ArmApplication extends Origins {
  readonly type: number;
  /** P: address of the place. */
  readonly place: number;
  /** S: address of the symbol without the Thumb bit. */
  readonly symbol: number;
  /** A: `r_addend` of RELA; left out for REL. */
  readonly addend?: number;
  readonly target?: Target;
  /** Bytes to relocate. */
  readonly into: Uint8Array;
  /** Where the place starts in `into`. */
  readonly offset: number;
}

/** @throws RelocationError */
export function apply(application: ArmApplication): void {
  const { type, place, symbol, target = TARGET.PLAIN, into, offset } = application;
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  const addend = application.addend ?? readAddend(view, offset, type);
  applyArm(view, offset, type, place, symbol, addend, target, application);
}

/**
 * Rewrites the BX Rm that R_ARM_V4BX marks as MOV PC, Rm, for a CPU without BX (the linkers do it on request only).
 * @throws RelocationError OUT_OF_BOUNDS, BAD_INSTRUCTION
 */
export function rewriteV4bx(view: DataView, offset: number): void {
  if (offset < 0 || offset + 4 > view.byteLength) throw outOfBounds(40, offset, view.byteLength);
  const instruction = view.getUint32(offset, true);
  if ((instruction & 0x0ffffff0) !== 0x012fff10) {
    throw new RelocationError('BAD_INSTRUCTION', `R_ARM_V4BX: 0x${instruction.toString(16)} is no BX`, {
      type: 40,
      name: 'R_ARM_V4BX',
      offset,
      instruction,
    });
  }
  view.setUint32(offset, (instruction & 0xf000000f) | 0x01a0f000, true);
}

function refusal(type: number): RelocationError {
  const row = armRelocations.find((candidate) => candidate.type === type);
  const name = armRelocationName(type);
  if (row === undefined) return new RelocationError('UNKNOWN_TYPE', `${name}: unknown relocation type`, { type, name });
  return new RelocationError('UNSUPPORTED', `${name}: ${row.refusal} is not supported`, { type, name });
}

function outOfBounds(type: number, offset: number, length: number): RelocationError {
  const name = armRelocationName(type);
  return new RelocationError('OUT_OF_BOUNDS', `${name}: place ${offset} passes the end of ${length} bytes`, {
    type,
    name,
    offset,
  });
}

const CODE_OF = new Map<number, RelocationErrorCode>([
  [OUT_OF_RANGE, 'OUT_OF_RANGE'],
  [MISALIGNED, 'MISALIGNED'],
  [INTERWORKING, 'INTERWORKING'],
  [BAD_INSTRUCTION, 'BAD_INSTRUCTION'],
]);

function failure(
  status: number,
  { row, min, max, size }: Recipe,
  view: DataView,
  offset: number,
  P: number,
  S: number,
  A: number,
  x: number,
): RelocationError {
  const code = CODE_OF.get(status) ?? 'OUT_OF_RANGE';
  const data: RelocationErrorData = {
    type: row.type,
    name: row.name,
    place: P >>> 0,
    offset,
    symbol: S >>> 0,
    addend: A,
    value: x,
    ...(row.range === undefined ? {} : { min, max }),
    ...(size === 4 ? { instruction: view.getUint32(offset, true) } : {}),
  };
  const where = `${row.name} at 0x${(P >>> 0).toString(16)} to 0x${(S >>> 0).toString(16)}`;
  const why = {
    OUT_OF_RANGE: `${x} does not fit${row.range === undefined ? '' : ` ${min} to ${max}`}`,
    MISALIGNED: `${x} is no multiple the field can hold`,
    INTERWORKING: 'the branch cannot change the instruction set without a veneer',
    BAD_INSTRUCTION: 'the place holds another instruction than this type changes',
  }[code as 'OUT_OF_RANGE' | 'MISALIGNED' | 'INTERWORKING' | 'BAD_INSTRUCTION'];
  return new RelocationError(code, `${where}: ${why}`, data);
}

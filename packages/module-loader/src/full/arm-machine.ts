import { armFileAttributes, type ElfFile, TAG_ARM } from '@loadstone/elf-reader';
import {
  type ArmRelocation,
  applyArm,
  applyArmRel,
  armRelocation,
  armRelocationName,
  type BranchRange,
  branchRange,
  type Origins,
  RelocationError,
  type RelocationErrorCode,
  reaches,
  readAddend,
  TARGET,
  type Target,
  unresolvedWeak,
} from '@loadstone/relocator-arm';
import {
  type Machine,
  NEED,
  type RelocationFailure,
  type RelocationJob,
  SYMBOL_KIND,
  type VeneerShape,
} from './machine.js';

const EM_ARM = 40;
const RELATIVE = 23;
/** By type, as looking them up costs as much as applying them. */
const BRANCHES: readonly (BranchRange | undefined)[] = Array.from({ length: 256 }, (_, type) => branchRange(type));
const HAS_ORIGIN = Uint8Array.from({ length: 256 }, (_, type) =>
  /B\(S\)|GOT|PLT/.test(armRelocation(type)?.operation ?? '') ? 1 : 0,
);
/** R_ARM_THM_JUMP11 and R_ARM_THM_JUMP8: B and Bcc of 16 bits, which linkers give no veneer. */
const SHORT_BRANCHES: ReadonlySet<number> = new Set([102, 103]);
const BASE_TYPES: ReadonlySet<number> = new Set([25, 31]);

/** `LDR.W PC, [PC, #0]` and the target (ARMv7-M ARM, A7.7.44): reaches any address, changes no register. */
const THUMB2_STUB: VeneerShape = {
  key: 'thumb',
  size: 8,
  thumb: true,
  entry: 0,
  write(bytes, offset, _address, target) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    view.setUint16(offset, 0xf8df, true);
    view.setUint16(offset + 2, 0xf000, true);
    view.setUint32(offset + 4, target, true);
  },
};

/**
 * For ARMv6-M, which has no LDR to PC: PUSH {R0}; LDR R0, [PC, #8]; MOV IP, R0; POP {R0}; BX IP; NOP; target. Only IP (R12)
 * changes, as the procedure call standard allows a veneer (AAPCS32, Use of IP by the linker).
 */
const THUMB1_STUB: VeneerShape = {
  key: 'thumb',
  size: 16,
  thumb: true,
  entry: 0,
  write(bytes, offset, _address, target) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    [0xb401, 0x4802, 0x4684, 0xbc01, 0x4760, 0x46c0].forEach((half, i) => {
      view.setUint16(offset + i * 2, half, true);
    });
    view.setUint32(offset + 12, target, true);
  },
};

/** `LDR PC, [PC, #-4]` and the target, for A32 code. */
const ARM_STUB: VeneerShape = {
  key: 'arm',
  size: 8,
  thumb: false,
  entry: 0,
  write(bytes, offset, _address, target) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    view.setUint32(offset, 0xe51ff004, true);
    view.setUint32(offset + 4, target, true);
  },
};

/** Tag_CPU_arch of cores without a load to PC (ARM IHI 0045): v6-M, v6S-M, v8-M.baseline (Cortex-M0, M0+, M1, M23). */
const THUMB1_ARCHITECTURES: ReadonlySet<unknown> = new Set([11, 12, 16]);

const REASONS: Partial<Record<RelocationErrorCode, RelocationFailure['reason']>> = {
  UNKNOWN_TYPE: 'unknown-type',
  UNSUPPORTED: 'unsupported',
  MISSING_ORIGIN: 'unsupported',
  MISALIGNED: 'alignment',
  BAD_INSTRUCTION: 'instruction',
  INTERWORKING: 'instruction',
  OUT_OF_BOUNDS: 'bounds',
};

const FAR: RelocationFailure = { reason: 'far', message: 'the branch does not reach' };

function failureOf(error: RelocationError): RelocationFailure {
  const { value, min, max } = error.data;
  return {
    reason: REASONS[error.code] ?? 'range',
    message: error.message,
    ...(value === undefined ? {} : { value }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
}

function needsOf(row: ArmRelocation | undefined): number {
  if (row === undefined) return -1;
  if (row.refusal !== undefined) return NEED.symbol;
  if (row.operation === 'none') return NEED.nothing;
  if (row.type === RELATIVE) return NEED.bias;
  let needs: number = NEED.symbol;
  if (SHORT_BRANCHES.has(row.type)) needs |= NEED.nearStub;
  if (row.operation.includes('GOT(S)')) needs |= NEED.gotEntry;
  if (row.operation.includes('GOT_ORG') || row.operation.startsWith('B(S)')) needs |= NEED.gotOrigin;
  return needs;
}

const NEEDS = Int16Array.from({ length: 256 }, (_, type) => needsOf(armRelocation(type)));

/** The stub for far branches of an instruction set, in instructions the module's core has. */
export function armStubFor(elf: ElfFile, instructionSet: 'thumb' | 'arm'): VeneerShape {
  if (instructionSet === 'arm') return ARM_STUB;
  return THUMB1_ARCHITECTURES.has(armFileAttributes(elf).get(TAG_ARM.CPU_arch)) ? THUMB1_STUB : THUMB2_STUB;
}

/** Arm: relocations by `@loadstone/relocator-arm`, veneers in the instruction set of the branch. */
export function armMachine(elf: ElfFile): Machine {
  const origins: Origins = {};
  let stub: VeneerShape | undefined;

  const applyBranch = (job: RelocationJob, branch: BranchRange): RelocationFailure | undefined => {
    const { type, view, offset, place, symbolKind } = job;
    const addend = job.explicitAddend ? job.addend : readAddend(view, offset, type);
    if (symbolKind === SYMBOL_KIND.weakUndefined) {
      applyArm(view, offset, type, place, unresolvedWeak(type, place, addend), addend, TARGET.PLAIN);
      return undefined;
    }
    let target: Target = TARGET.PLAIN;
    if (symbolKind !== SYMBOL_KIND.place) {
      if ((job.symbol & 1) !== 0) target = TARGET.THUMB;
      else if (symbolKind === SYMBOL_KIND.function) target = TARGET.ARM;
    }
    const symbol = target === TARGET.THUMB ? job.symbol - 1 : job.symbol;
    if (branch.takesVeneer) {
      const crosses = branch.instructionSet === 'arm' && target === TARGET.THUMB && !branch.canExchange;
      if (crosses || !reaches(type, place, symbol, addend)) return FAR;
    }
    applyArm(view, offset, type, place, symbol, addend, target);
    return undefined;
  };

  const applyData = (job: RelocationJob): void => {
    const { type, view, offset, place } = job;
    let symbol = job.symbol;
    let target: Target = TARGET.PLAIN;
    if (job.symbolKind === SYMBOL_KIND.function && (symbol & 1) !== 0) {
      symbol -= 1;
      target = TARGET.THUMB;
    } else if (job.symbolKind === SYMBOL_KIND.weakUndefined) {
      symbol = unresolvedWeak(type, place, 0);
    }
    let from: Origins | undefined;
    if (HAS_ORIGIN[type] !== 0) {
      from = origins;
      origins.gotOrigin = job.gotOrigin;
      origins.got = job.gotEntry;
      // The origin of BASE_PREL and BASE_ABS is the GOT; a static base (SBREL) is not known to a loader of modules.
      origins.base = type === RELATIVE ? job.loadBias : BASE_TYPES.has(type) ? job.gotOrigin : Number.NaN;
    }
    if (job.explicitAddend) applyArm(view, offset, type, place, symbol, job.addend, target, from);
    else applyArmRel(view, offset, type, place, symbol, target, from);
  };

  return {
    name: 'arm',
    elfMachine: EM_ARM,
    defaultPlacement: 'single',
    typeName: armRelocationName,
    needs: NEEDS,
    apply(job) {
      try {
        const branch = BRANCHES[job.type];
        if (branch !== undefined) return applyBranch(job, branch);
        applyData(job);
        return undefined;
      } catch (error) {
        if (error instanceof RelocationError) return failureOf(error);
        throw error;
      }
    },
    veneer(job) {
      const branch = branchRange(job.type);
      if (branch === undefined || !branch.takesVeneer) return undefined;
      const addend = job.explicitAddend ? job.addend : readAddend(job.view, job.offset, job.type);
      // A stub stands for the symbol itself, not for a place behind it.
      if (addend !== (branch.instructionSet === 'arm' ? -8 : -4)) return undefined;
      if (branch.instructionSet === 'arm') return ARM_STUB;
      stub ??= armStubFor(elf, 'thumb');
      return stub;
    },
    nearStub(type) {
      if (!SHORT_BRANCHES.has(type)) return undefined;
      stub ??= armStubFor(elf, 'thumb');
      return stub;
    },
    isLiteralSection: () => false,
  };
}

import {
  applyXtensa,
  type PcOperand,
  pcOperand,
  RelocationError,
  type RelocationErrorCode,
  xtensaRelocation,
  xtensaRelocationName,
} from '@loadstone/relocator-xtensa';
import { type Machine, NEED, type RelocationFailure, type RelocationJob, type VeneerShape } from './machine.js';

const EM_XTENSA = 94;
const RELATIVE = 5;
const SLOT0_OP = 20;

const REASONS: Partial<Record<RelocationErrorCode, RelocationFailure['reason']>> = {
  UNKNOWN_TYPE: 'unknown-type',
  UNSUPPORTED: 'unsupported',
  MISALIGNED: 'alignment',
  BAD_INSTRUCTION: 'instruction',
  CALL_SEGMENT: 'range',
  OUT_OF_BOUNDS: 'bounds',
};

/**
 * `L32R aN, literal; JX aN` behind its literal. aN is free: before ENTRY, the a1 of the function called (a5, a9 or a13 of the
 * caller) has no value yet (Xtensa ISA, ENTRY); after CALL0, a9 is caller-saved.
 */
function stub(window: number): VeneerShape {
  const register = window === 0 ? 9 : window * 4 + 1;
  return {
    key: `call${window * 4}`,
    size: 12,
    thumb: false,
    entry: 4,
    write(bytes, offset, _address, target) {
      new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(offset, target, true);
      bytes.set([(register << 4) | 1, 0xff, 0xff, 0xa0, register, 0x00, 0x00, 0x00], offset + 4);
    },
  };
}

const STUBS: readonly VeneerShape[] = [0, 1, 2, 3].map(stub);

/** The operand of the CALLn at a place; undefined for another instruction. */
function callOperand(job: RelocationJob): PcOperand | undefined {
  const { view, offset } = job;
  if (job.type !== SLOT0_OP || offset + 3 > view.byteLength) return undefined;
  const operand = pcOperand(view.getUint16(offset, true));
  return operand?.kind === 'call' ? operand : undefined;
}

/** A call too far away, in the same gigabyte: RETW takes the two top bits of the return address from its own pc. */
function needsVeneer(job: RelocationJob, error: RelocationError): boolean {
  if (error.code !== 'OUT_OF_RANGE' || callOperand(job) === undefined || job.addend !== 0) return false;
  const windowed = (job.view.getUint8(job.offset) & 0x30) !== 0;
  return !windowed || job.place >>> 30 === job.symbol >>> 30;
}

function failureOf(job: RelocationJob, error: RelocationError): RelocationFailure {
  const { value, min, max } = error.data;
  return {
    reason: needsVeneer(job, error) ? 'far' : (REASONS[error.code] ?? 'range'),
    message: error.message,
    ...(value === undefined ? {} : { value }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
}

const NEEDS = Int16Array.from({ length: 256 }, (_, type) => {
  const row = xtensaRelocation(type);
  if (row === undefined) return -1;
  if (row.action === 'nothing') return NEED.nothing;
  return type === RELATIVE ? NEED.bias : NEED.symbol;
});

/** Xtensa (ESP32): relocations by `@loadstone/relocator-xtensa`, veneers for CALLn. */
export function xtensaMachine(): Machine {
  return {
    name: 'xtensa',
    elfMachine: EM_XTENSA,
    defaultPlacement: 'split',
    typeName: xtensaRelocationName,
    needs: NEEDS,
    apply(job) {
      try {
        applyXtensa(job.view, job.offset, job.type, job.place, job.symbol, job.addend, job.loadBias);
        return undefined;
      } catch (error) {
        if (error instanceof RelocationError) return failureOf(job, error);
        throw error;
      }
    },
    veneer(job) {
      return callOperand(job) === undefined ? undefined : STUBS[(job.view.getUint8(job.offset) >>> 4) & 3];
    },
    nearStub: () => undefined,
    isLiteralSection: (name) => name.startsWith('.literal') || name.endsWith('.literal'),
  };
}

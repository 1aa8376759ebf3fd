import type { Helper } from '@loadstone/cpu-core';
import { SLOT } from '../slots.js';

/* MRS and MSR (ARMv7-M ARM B5.2.2, B5.2.3; registers in B1.4). */

const CONTROL_NPRIV = 1;
const CONTROL_SPSEL = 2;
const CONTROL_FPCA = 4;

/** The APSR word of the flag slots: N Z C V Q in bits 31 to 27, GE in bits 19 to 16. */
export function readApsr(state: Int32Array): number {
  return (
    (state[SLOT.N] & -0x8000_0000) |
    (state[SLOT.Z] === 0 ? 1 << 30 : 0) |
    (state[SLOT.C] << 29) |
    ((state[SLOT.V] >>> 31) << 28) |
    (state[SLOT.Q] << 27) |
    (state[SLOT.GE] << 16)
  );
}

/** Writes N Z C V Q, and GE, from an APSR word. */
export function writeApsr(state: Int32Array, value: number, flags: boolean, ge: boolean): void {
  if (flags) {
    state[SLOT.N] = value;
    state[SLOT.Z] = ~value & (1 << 30);
    state[SLOT.C] = (value >>> 29) & 1;
    state[SLOT.V] = value << 3;
    state[SLOT.Q] = (value >>> 27) & 1;
  }
  if (ge) state[SLOT.GE] = (value >>> 16) & 0xf;
}

/** Whether sp is the process stack pointer: SPSEL, in thread mode only. */
function isProcessStack(state: Int32Array): boolean {
  return state[SLOT.IPSR] === 0 && (state[SLOT.CONTROL] & CONTROL_SPSEL) !== 0;
}

function isPrivileged(state: Int32Array): boolean {
  return state[SLOT.IPSR] !== 0 || (state[SLOT.CONTROL] & CONTROL_NPRIV) === 0;
}

/** Writes CONTROL and exchanges the stack pointers when SPSEL changes. */
function writeControl(state: Int32Array, value: number): void {
  // SPSEL cannot be written in handler mode.
  const writable = state[SLOT.IPSR] === 0 ? CONTROL_NPRIV | CONTROL_SPSEL : CONTROL_NPRIV;
  const before = isProcessStack(state);
  state[SLOT.CONTROL] = (state[SLOT.CONTROL] & ~writable) | (value & writable);
  state[SLOT.FPCA] = (value & CONTROL_FPCA) >>> 2;
  if (isProcessStack(state) === before) return;
  state[before ? SLOT.PSP : SLOT.MSP] = state[SLOT.SP];
  state[SLOT.SP] = state[before ? SLOT.MSP : SLOT.PSP];
}

function readStack(state: Int32Array, process: boolean): number {
  if (isProcessStack(state) === process) return state[SLOT.SP];
  return state[process ? SLOT.PSP : SLOT.MSP];
}

function writeStack(state: Int32Array, process: boolean, value: number): void {
  if (isProcessStack(state) === process) state[SLOT.SP] = value & ~3;
  else state[process ? SLOT.PSP : SLOT.MSP] = value & ~3;
}

/** The special register with SYSm `a`; EPSR and, unprivileged, everything but APSR and CONTROL read as 0. */
export const readSpecial: Helper = {
  name: 'mrs',
  pure: false,
  run: ({ state }, a) => {
    if (a < 4) return ((a & 1) !== 0 && isPrivileged(state) ? state[SLOT.IPSR] : 0) | readApsr(state);
    if (a === 20) return state[SLOT.CONTROL] | (state[SLOT.FPCA] << 2);
    if (!isPrivileged(state)) return 0;
    switch (a) {
      case 5:
      case 7:
        return state[SLOT.IPSR];
      case 8:
        return readStack(state, false);
      case 9:
        return readStack(state, true);
      case 16:
        return state[SLOT.PRIMASK];
      case 17:
      case 18:
        return state[SLOT.BASEPRI];
      case 19:
        return state[SLOT.FAULTMASK];
      default:
        return 0;
    }
  },
};

/** Writes b to the special register with SYSm in a's low byte; bits 9 and 8 of a are the mask (flags, GE). */
export const writeSpecial: Helper = {
  name: 'msr',
  pure: false,
  run: ({ state }, a, b) => {
    const sysm = a & 0xff;
    if (sysm < 4) {
      writeApsr(state, b, (a & 0x200) !== 0, (a & 0x100) !== 0);
      return 0;
    }
    if (!isPrivileged(state)) return 0;
    const priority = b & 0xff;
    switch (sysm) {
      case 8:
        writeStack(state, false, b);
        break;
      case 9:
        writeStack(state, true, b);
        break;
      case 16:
        state[SLOT.PRIMASK] = b & 1;
        break;
      case 17:
        state[SLOT.BASEPRI] = priority;
        break;
      case 18:
        // BASEPRI_MAX only ever raises the priority.
        if (priority !== 0 && (priority < state[SLOT.BASEPRI] || state[SLOT.BASEPRI] === 0))
          state[SLOT.BASEPRI] = priority;
        break;
      case 19:
        state[SLOT.FAULTMASK] = b & 1;
        break;
      case 20:
        writeControl(state, b);
        break;
    }
    return 0;
  },
};

export const specialRegisterHelpers: readonly Helper[] = [readSpecial, writeSpecial];

import type { DecodeMode } from '@loadstone/cpu-core';
import type { LoopEnds } from './loop-ends.js';
import { CPENABLE, LCOUNT, LEND, MODE, PS, PS_EXCM, PS_WOE, WINDOWBASE, WINDOWSTART } from './slots.js';

/**
 * Decoding modes. 0 is the mode of ordinary programs: windows on and the whole window usable, float unit on, no exception being
 * handled. Every bit stands for something rare that instructions must look out for.
 */
export const enum Mode {
  Normal = 0,
  /** PS.EXCM: no loops, no windows. */
  Exception = 1,
  /** PS.WOE is 0. */
  NoWindows = 2,
  /** CPENABLE bit 0 is 0. */
  NoFloat = 4,
  /** LEND was set by the host: it is not announced yet. */
  UnknownLoop = 8,
  /** Bits 4 and 5: how many of the four quads of the window are free of older frames, 1 to 3; 0 when all are. */
  Quads = 0x30,
}

export const QUADS_SHIFT = 4;

/** Usable quads by the bits of WINDOWSTART above the base: nearest in bit 0. */
const USABLE_QUADS = [0, 1, 2, 1, 3, 1, 2, 1];

/**
 * Computes the mode of `state` and stores it in slot MODE. An instruction, helper or exception that changes PS, CPENABLE,
 * WINDOWBASE or WINDOWSTART in a way that matters calls it. Loop ends are announced whenever the guest writes LEND or LCOUNT.
 */
export function refreshMode(state: Int32Array): DecodeMode {
  const ps = state[PS];
  let mode: number = Mode.Normal;
  if ((state[CPENABLE] & 1) === 0) mode |= Mode.NoFloat;
  if ((ps & PS_WOE) === 0) mode |= Mode.NoWindows;
  if ((ps & PS_EXCM) !== 0) mode |= Mode.Exception;
  if ((mode & (Mode.NoWindows | Mode.Exception)) === 0) {
    const start = state[WINDOWSTART];
    mode |= USABLE_QUADS[((start | (start << 16)) >>> (state[WINDOWBASE] + 1)) & 7] << QUADS_SHIFT;
  }
  state[MODE] = mode;
  return mode;
}

/** The mode of a state that the host may have written. */
export function modeOf(state: Int32Array, loopEnds: LoopEnds): DecodeMode {
  const mode = refreshMode(state);
  if ((mode & Mode.Exception) !== 0 || state[LCOUNT] === 0 || loopEnds.has(state[LEND] >>> 0)) return mode;
  state[MODE] = mode | Mode.UnknownLoop;
  return mode | Mode.UnknownLoop;
}

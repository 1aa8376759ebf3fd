import type { Architecture } from '@loadstone/cpu-core';
import { disassembleInstruction } from './disassemble.js';
import { EXCEPTION_NAMES } from './exceptions.js';
import { floatUnit } from './float-unit.js';
import { createHelpers } from './helpers.js';
import { liftInstruction } from './lift.js';
import { LoopEnds } from './loop-ends.js';
import { modeOf } from './mode.js';
import { CPENABLE, DTLB0, ITLB0, MODE, PRID, PS, PS_UM, PS_WOE, SLOT_NAMES, VECBASE, WINDOWSTART } from './slots.js';
import { windows } from './windows.js';

/** VECBASE after reset. */
export const VECBASE_RESET = 0x4000_0000;

/** PRID of the ESP32's first core. */
const PRID_PRO_CPU = 0xcdcd;

/**
 * State in which a program finds a started chip, not the bare reset state: user mode with windows and the float unit on, no
 * exception being handled, interrupts allowed, window 0 live, VECBASE at 40000000.
 */
function reset(state: Int32Array): void {
  state.fill(0, 0, SLOT_NAMES.length);
  state[PS] = PS_WOE | PS_UM;
  state[WINDOWSTART] = 1;
  state[VECBASE] = VECBASE_RESET;
  state[CPENABLE] = 0xff;
  state[PRID] = PRID_PRO_CPU;
  // Attribute 2 after reset: all accesses allowed, no cache.
  state.fill(2, ITLB0, ITLB0 + 8);
  state.fill(2, DTLB0, DTLB0 + 8);
}

/** Every CPU has its own object: it remembers where that CPU's loops end. */
function create(): Architecture {
  const loopEnds = new LoopEnds();
  return {
    name: 'xtensa-lx6',
    slots: SLOT_NAMES,
    stackPointer: 1,
    linkRegister: 0,
    helpers: createHelpers(loopEnds),
    float: floatUnit,
    windows,
    exceptions: EXCEPTION_NAMES,
    minLength: 2,
    maxLength: 3,
    forCpu: create,
    reset,
    mode: (state) => modeOf(state, loopEnds),
    modeSlots: [MODE],
    lift: (builder, address, code, mode) => liftInstruction(builder, address, code, mode, loopEnds),
    disassemble: disassembleInstruction,
  };
}

/** Xtensa LX6 as configured in the ESP32 (esp32_v3_49_prod). */
export const xtensa: Architecture = create();

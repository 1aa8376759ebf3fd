import type { AddressSpace } from './address-space.js';
import { breakpointCases } from './conformance/breakpoints.js';
import type { ConformanceCase } from './conformance/case.js';
import { codeChangeCases } from './conformance/code-changes.js';
import { deviceCases } from './conformance/devices.js';
import { faultCases } from './conformance/faults.js';
import { fuelCases } from './conformance/fuel.js';
import type { ProgramKit } from './conformance/program-kit.js';
import { stateCases } from './conformance/state.js';
import { trapCases } from './conformance/traps.js';
import { watchpointCases } from './conformance/watchpoints.js';
import type { Cpu } from './cpu.js';

export type { ConformanceCase } from './conformance/case.js';
export type { ProgramKit, Register } from './conformance/program-kit.js';

/**
 * What every {@link Cpu} must do, whatever runs its code. Programs are long enough for an engine that compiles hot code to do so.
 * @param kit instructions of the architecture
 * @param make gives a fresh CPU of that architecture over `memory`
 */
export function cpuConformance(kit: ProgramKit, make: (memory: AddressSpace) => Cpu): readonly ConformanceCase[] {
  return [
    stateCases,
    fuelCases,
    breakpointCases,
    watchpointCases,
    trapCases,
    faultCases,
    deviceCases,
    codeChangeCases,
  ].flatMap((cases) => cases({ kit, make }));
}

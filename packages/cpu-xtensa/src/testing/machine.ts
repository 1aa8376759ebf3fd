import { type AddressSpace, type Cpu, createAddressSpace, createCpu, type Region } from '@loadstone/cpu-core';
import { PHYSICAL, SLOT_NAMES, WINDOWBASE } from '../slots.js';
import { xtensa } from '../xtensa.js';
import { assemble } from './assemble.js';

/** Code and stack of a test. */
export const CODE = 0x4008_0000;
export const STACK_TOP = 0x3ffc_8000;
/** Where calls return to. */
export const HOST = 0x4000_0000;

export interface TestMachine {
  readonly cpu: Cpu;
  readonly memory: AddressSpace;
  readonly labels: ReadonlyMap<string, number>;
  /** Address of a label. */
  at(label: string): number;
}

/** A CPU with `source` assembled at CODE, a stack below STACK_TOP and a trap region at HOST. */
export function machineWith(source: string, more: readonly Region[] = []): TestMachine {
  const memory = createAddressSpace([
    { name: 'code', start: CODE, size: 0x8000, kind: 'ram', executable: true },
    { name: 'stack', start: STACK_TOP - 0x8000, size: 0x8000, kind: 'ram', executable: false },
    { name: 'host', start: HOST, size: 0x10, kind: 'trap', executable: true },
    ...more,
  ]);
  const cpu = createCpu(xtensa, memory);
  const { bytes, labels } = assemble(CODE, source);
  memory.write(CODE, bytes);
  cpu.pc = CODE;
  cpu.set(1, STACK_TOP - 64);
  const at = (label: string): number => {
    const address = labels.get(label);
    if (address === undefined) throw new Error(`no label ${label}`);
    return address;
  };
  return { cpu, memory, labels, at };
}

/** All slots, but for the words of the physical file that are visible: they are stale. */
export function visibleState(cpu: Cpu): number[] {
  const state = SLOT_NAMES.map((_, slot) => cpu.get(slot));
  for (let i = 0; i < 16; i++) state[PHYSICAL + ((4 * state[WINDOWBASE] + i) & 63)] = 0;
  return state;
}

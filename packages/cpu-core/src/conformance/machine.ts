import { type AddressSpace, createAddressSpace } from '../address-space.js';
import type { Cpu } from '../cpu.js';
import type { Device, Region } from '../region.js';
import type { Subject } from './case.js';
import type { Register } from './program-kit.js';

/** The memory map of the suite. */
export const CODE = 0x0001_0000;
export const ROM = 0x0002_0000;
export const DATA = 0x2000_0000;
export const DATA_SIZE = 0x1000;
/** Behind DATA comes other memory without a gap. */
export const NEXT = DATA + DATA_SIZE;
export const NEXT_SIZE = 0x100;
/** A second view of DATA. */
export const ALIAS = 0x2200_0000;
/** Memory that takes aligned words only. */
export const WORDS = 0x2400_0000;
export const DEVICE = 0x4000_0000;
export const TRAP = 0x3000_0000;
/** Where nothing is. */
export const NOWHERE = 0x7000_0000;

/** A fresh CPU with the suite's memory and registers by number. */
export interface Machine {
  readonly cpu: Cpu;
  readonly memory: AddressSpace;
  register(register: Register): number;
  setRegister(register: Register, value: number): void;
  /** Everything that a run can change in registers and counters. */
  state(): { readonly pc: number; readonly instructions: number; readonly registers: readonly number[] };
}

const NO_DEVICE: Device = { read: () => 0, write: () => {} };

/** A machine with `program` at CODE and the pc there. */
export function machine({ kit, make }: Subject, program: Program, device: Device = NO_DEVICE): Machine {
  const regions: Region[] = [
    { name: 'code', start: CODE, size: 0x1000, kind: 'ram', executable: true },
    { name: 'rom', start: ROM, size: 0x1000, kind: 'rom', executable: true },
    { name: 'data', start: DATA, size: DATA_SIZE, kind: 'ram', executable: false },
    { name: 'next', start: NEXT, size: NEXT_SIZE, kind: 'ram', executable: false },
    { name: 'alias', start: ALIAS, size: 0x800, kind: 'ram', executable: false, alias: { of: 'data', offset: 0x100 } },
    { name: 'words', start: WORDS, size: 0x1000, kind: 'ram', executable: false, widths: 4, alignedOnly: true },
    { name: 'host', start: TRAP, size: 0x100, kind: 'trap', executable: true },
    { name: 'device', start: DEVICE, size: 0x20, kind: 'mmio', executable: false, device },
  ];
  const memory = createAddressSpace(regions);
  memory.write(CODE, program.bytes());
  const cpu = make(memory);
  cpu.pc = CODE;
  return {
    cpu,
    memory,
    register: (register) => cpu.get(kit.slots[register]),
    setRegister: (register, value) => cpu.set(kit.slots[register], value),
    state: () => ({
      pc: cpu.pc,
      instructions: cpu.instructions,
      registers: kit.slots.map((slot) => cpu.get(slot)),
    }),
  };
}

/** Machine code at CODE, instruction by instruction. */
export class Program {
  /** Address of each instruction, then the address behind the last. */
  readonly at: number[] = [CODE];
  private readonly parts: Uint8Array[] = [];

  constructor(...code: readonly Uint8Array[]) {
    this.add(...code);
  }

  /** Address behind the last instruction. */
  get end(): number {
    return this.at[this.at.length - 1];
  }

  add(...code: readonly Uint8Array[]): this {
    for (const instruction of code) {
      this.parts.push(instruction);
      this.at.push(this.end + instruction.length);
    }
    return this;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.parts.flatMap((part) => [...part]));
  }
}

/** A loop of `body` and a jump back to its start, for ever. */
export function endless({ kit }: Subject, ...body: readonly Uint8Array[]): Program {
  const program = new Program(...body);
  return program.add(kit.jump(program.end, CODE));
}

/** `body` again and again until register 3 is counted down to 0; then the exception of `kit.undefined`. */
export function counted({ kit }: Subject, ...body: readonly Uint8Array[]): Program {
  const program = new Program(...body, kit.decrement(3));
  return program.add(kit.jumpUnlessZero(3, program.end, CODE), kit.undefined.code);
}

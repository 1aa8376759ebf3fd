import type { MemoryFault } from '../stop.js';
import { type Cases, same } from './case.js';
import { CODE, counted, DATA, machine, NEXT, NEXT_SIZE, NOWHERE, Program, ROM, WORDS } from './machine.js';
import type { ProgramKit } from './program-kit.js';

/** An access by register 0 of the address in register 1, and its fault. */
interface Refusal {
  readonly what: string;
  readonly access: 'read' | 'write';
  readonly width: 1 | 2 | 4;
  readonly address: number;
  readonly kind: MemoryFault['kind'];
  readonly region?: string;
}

const LAST = NEXT + NEXT_SIZE;

const REFUSALS: readonly Refusal[] = [
  { what: 'a read where nothing is', access: 'read', width: 4, address: NOWHERE, kind: 'unmapped' },
  { what: 'a write where nothing is', access: 'write', width: 1, address: NOWHERE + 3, kind: 'unmapped' },
  { what: 'a read at address 0', access: 'read', width: 2, address: 0, kind: 'unmapped' },
  { what: 'a write to rom', access: 'write', width: 4, address: ROM + 8, kind: 'read-only', region: 'rom' },
  { what: 'a byte of word memory', access: 'read', width: 1, address: WORDS + 4, kind: 'width', region: 'words' },
  { what: 'a half-word of word memory', access: 'write', width: 2, address: WORDS + 4, kind: 'width', region: 'words' },
  {
    what: 'half a word of word memory',
    access: 'read',
    width: 4,
    address: WORDS + 2,
    kind: 'unaligned',
    region: 'words',
  },
  {
    what: 'a read over the end of memory',
    access: 'read',
    width: 4,
    address: LAST - 2,
    kind: 'unmapped',
    region: 'next',
  },
  {
    what: 'a write over the end of memory',
    access: 'write',
    width: 2,
    address: LAST - 1,
    kind: 'unmapped',
    region: 'next',
  },
  { what: 'a read behind the end of memory', access: 'read', width: 1, address: LAST, kind: 'unmapped' },
];

export const faultCases: Cases = (subject) => {
  const { kit } = subject;
  return [
    ...REFUSALS.map(({ what, access, width, address, kind, region }) => ({
      name: `${what} faults, before anything changed`,
      run: () => {
        const program = new Program(kit.nop(), accessOf(kit, access, width), kit.nop());
        const { cpu, setRegister, state } = machine(subject, program);
        setRegister(0, 0x1234_5678);
        setRegister(1, address);
        const fault = { kind, access, address, width, ...(region !== undefined && { region }) };
        const stop = { kind: 'memory-fault', pc: program.at[1], fault };
        same(cpu.run(), stop, 'stop');
        const registers = [0x1234_5678, address, 0, 0];
        same(state(), { pc: program.at[1], instructions: 1, registers }, 'state');
        same(cpu.step(), stop, 'the same fault again, of a step');
        setRegister(1, DATA);
        same(cpu.step(), undefined, 'it works elsewhere');
      },
    })),
    {
      name: 'a store that is refused changes no byte',
      run: () => {
        const { cpu, memory, setRegister } = machine(subject, new Program(kit.store(4, 0, 1)));
        memory.write(LAST - 4, Uint8Array.of(1, 2, 3, 4));
        setRegister(0, -1);
        setRegister(1, LAST - 2);
        same(cpu.run({ fuel: 1 }).kind, 'memory-fault', 'stop');
        same(memory.load(LAST - 4, 4), 0x0403_0201, 'the last word');
      },
    },
    {
      name: 'accesses from one region into the next work when both allow them',
      run: () => {
        const { cpu, memory, register, setRegister } = machine(
          subject,
          new Program(kit.store(4, 0, 1), kit.load(4, 2, 1), kit.load(2, 3, 1)),
        );
        setRegister(0, 0x8765_4321);
        setRegister(1, NEXT - 1);
        same(cpu.run({ fuel: 3 }).kind, 'fuel', 'stop');
        same([register(2), register(3)], [0x8765_4321, 0x4321], 'what was read');
        same([memory.load(NEXT - 4, 4), memory.load(NEXT, 4)], [0x2100_0000, 0x0087_6543], 'the words');
      },
    },
    {
      name: 'unaligned accesses of ordinary memory work',
      run: () => {
        for (const offset of [1, 2, 3]) {
          const { cpu, register, setRegister } = machine(
            subject,
            new Program(kit.store(4, 0, 1), kit.load(4, 2, 1), kit.store(2, 3, 1), kit.load(2, 3, 1)),
          );
          setRegister(0, 0x8765_4321);
          setRegister(1, DATA + offset);
          setRegister(3, 0xabcd);
          same(cpu.run({ fuel: 4 }).kind, 'fuel', 'stop');
          same([register(2), register(3)], [0x8765_4321, 0xabcd], `offset ${offset}`);
        }
      },
    },
    {
      name: 'an aligned access faults at other addresses',
      run: () => {
        const program = new Program(kit.alignedLoad(0, 1));
        for (const offset of [1, 2, 3]) {
          const { cpu, register, setRegister } = machine(subject, program);
          setRegister(1, DATA + offset);
          const fault = { kind: 'unaligned', access: 'read', address: DATA + offset, width: 4, region: 'data' };
          same(cpu.run(), { kind: 'memory-fault', pc: CODE, fault }, 'stop');
          same(register(1), DATA + offset, 'base register');
        }
      },
    },
    {
      name: 'code in memory that is not executable faults at its first instruction',
      run: () => {
        const { cpu, memory, setRegister } = machine(subject, new Program(kit.callRegister(1)));
        memory.write(DATA, kit.nop());
        setRegister(1, kit.codePointer(DATA));
        const { minLength } = cpu.architecture;
        const fault = { kind: 'not-executable', access: 'fetch', address: DATA, width: minLength, region: 'data' };
        same(cpu.run(), { kind: 'memory-fault', pc: DATA, fault }, 'stop');
        same([cpu.pc, cpu.instructions], [DATA, 1], 'pc and instructions');
      },
    },
    {
      name: 'a pointer that runs off the end of memory in code that ran often faults there',
      run: () => {
        const program = counted(subject, kit.store(1, 3, 1), kit.increment(1));
        const { cpu, setRegister, state } = machine(subject, program);
        setRegister(1, DATA);
        setRegister(3, 0x10_0000);
        const rounds = LAST - DATA;
        const fault = { kind: 'unmapped', access: 'write', address: LAST, width: 1 };
        same(cpu.run(), { kind: 'memory-fault', pc: CODE, fault }, 'stop');
        const registers = [0, LAST, 0, 0x10_0000 - rounds];
        same(state(), { pc: CODE, instructions: 4 * rounds, registers }, 'state');
      },
    },
    {
      name: 'memory mapped after a fault is there',
      run: () => {
        const { cpu, memory, setRegister } = machine(subject, new Program(kit.store(4, 0, 1), kit.nop()));
        setRegister(1, NOWHERE);
        same(cpu.run().kind, 'memory-fault', 'before');
        memory.map({ name: 'new', start: NOWHERE, size: 16, kind: 'ram', executable: false });
        setRegister(0, 99);
        same(cpu.run({ fuel: 2 }).kind, 'fuel', 'after');
        same(memory.load(NOWHERE, 4), 99, 'the word');
      },
    },
  ];
};

function accessOf(kit: ProgramKit, access: 'read' | 'write', width: 1 | 2 | 4): Uint8Array {
  return access === 'read' ? kit.load(width, 0, 1) : kit.store(width, 0, 1);
}

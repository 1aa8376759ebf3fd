import { type Cases, refuses, same } from './case.js';
import { counted, DATA, machine, Program } from './machine.js';

export const watchpointCases: Cases = (subject) => {
  const { kit } = subject;
  return [
    {
      name: 'a watchpoint stops behind the access, with the access',
      run: () => {
        const program = new Program(kit.nop(), kit.store(4, 0, 1), kit.load(2, 2, 1), kit.nop(), kit.undefined.code);
        for (const [access, index, width] of [
          ['write', 1, 4],
          ['read', 2, 2],
        ] as const) {
          const { cpu, memory, setRegister } = machine(subject, program);
          setRegister(0, 0xaabb_ccdd);
          setRegister(1, DATA + 8);
          cpu.addWatchpoint(DATA + 8, 4, access);
          const stop = { kind: 'watchpoint', pc: program.at[index], address: DATA + 8, access, width };
          same(cpu.run(), stop, 'stop');
          same([cpu.pc, cpu.instructions], [program.at[index + 1], index + 1], 'pc and instructions');
          same(memory.load(DATA + 8, 4), 0xaabb_ccdd, 'the store is done');
          same(cpu.run().kind, 'exception', 'the next run goes on');
        }
      },
    },
    {
      name: 'a watchpoint for both stops at reads and writes, of any part of its bytes',
      run: () => {
        const program = new Program(kit.store(4, 0, 1), kit.load(4, 2, 1), kit.load(1, 2, 1), kit.undefined.code);
        const { cpu, setRegister } = machine(subject, program);
        setRegister(1, DATA + 4);
        cpu.addWatchpoint(DATA + 7, 3, 'both');
        const at = (index: number, access: string) => ({
          kind: 'watchpoint',
          pc: program.at[index],
          address: DATA + 4,
          access,
          width: 4,
        });
        same(cpu.run(), at(0, 'write'), 'write');
        same(cpu.run(), at(1, 'read'), 'read');
        same(cpu.run().kind, 'exception', 'the byte before it');
      },
    },
    {
      name: 'a removed watchpoint does not stop; another of the same bytes stays',
      run: () => {
        const program = new Program(kit.store(4, 0, 1), kit.load(4, 2, 1), kit.undefined.code);
        const { cpu, setRegister } = machine(subject, program);
        setRegister(1, DATA);
        cpu.addWatchpoint(DATA, 4, 'write');
        cpu.addWatchpoint(DATA, 1, 'read');
        cpu.removeWatchpoint(DATA, 4);
        cpu.removeWatchpoint(DATA + 1, 4);
        same(cpu.run().kind, 'watchpoint', 'the other one');
        same(cpu.instructions, 2, 'instructions');
      },
    },
    {
      name: 'a watchpoint that is set in code that ran often is seen at once',
      run: () => {
        const program = counted(subject, kit.store(1, 3, 1), kit.increment(1));
        const { cpu, memory, register, setRegister } = machine(subject, program);
        for (const watched of [false, true, true]) {
          cpu.pc = program.at[0];
          setRegister(1, DATA);
          setRegister(3, 0x1000);
          const before = cpu.instructions;
          if (watched) cpu.addWatchpoint(DATA + 0xe01, 1, 'write');
          const stop = cpu.run();
          if (!watched) {
            same(stop.kind, 'exception', 'stop without it');
            continue;
          }
          const expected = { kind: 'watchpoint', pc: program.at[0], address: DATA + 0xe01, access: 'write', width: 1 };
          same(stop, expected, 'stop');
          same(cpu.instructions - before, 4 * 0xe01 + 1, 'instructions');
          same(register(1), DATA + 0xe01, 'address register');
          same(memory.load(DATA + 0xe01, 1), 0xff, 'the byte');
          cpu.removeWatchpoint(DATA + 0xe01, 1);
        }
      },
    },
    {
      name: 'host accesses do not count; a watchpoint of no bytes is refused',
      run: () => {
        const { cpu, memory } = machine(subject, counted(subject, kit.nop()));
        cpu.addWatchpoint(DATA, 4, 'both');
        memory.write(DATA, Uint8Array.of(1, 2, 3, 4));
        memory.load(DATA, 4);
        same(cpu.run({ fuel: 3 }).kind, 'fuel', 'stop');
        for (const length of [0, -4]) {
          refuses('BAD_ARGUMENT', () => cpu.addWatchpoint(DATA, length, 'read'), `${length} bytes`);
        }
      },
    },
  ];
};

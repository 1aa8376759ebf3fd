import { type Cases, refuses, same } from './case.js';
import { CODE, DATA, endless, machine, Program } from './machine.js';

export const stateCases: Cases = (subject) => {
  const { kit } = subject;
  return [
    {
      name: 'a fresh CPU is reset, at pc 0, and has run nothing',
      run: () => {
        const { cpu, memory } = machine(subject, new Program(kit.nop()));
        same(cpu.instructions, 0, 'instructions');
        cpu.reset();
        same(cpu.pc, 0, 'pc');
        same(cpu.memory === memory, true, 'memory is the one given');
      },
    },
    {
      name: 'a slot gives back what was set, as an unsigned word',
      run: () => {
        const { cpu, register, setRegister } = machine(subject, new Program(kit.nop()));
        for (const value of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
          setRegister(1, value);
          same(register(1), value, 'slot');
        }
        setRegister(2, -1);
        same(register(2), 0xffff_ffff, 'a negative value');
        cpu.pc = -2;
        same(cpu.pc, 0xffff_fffe, 'a negative pc');
      },
    },
    {
      name: 'a slot that the architecture does not have is refused',
      run: () => {
        const { cpu } = machine(subject, new Program(kit.nop()));
        const count = cpu.architecture.slots.length;
        for (const slot of [-1, count, 1.5, Number.NaN]) {
          refuses('BAD_ARGUMENT', () => cpu.get(slot), `get(${slot})`);
          refuses('BAD_ARGUMENT', () => cpu.set(slot, 0), `set(${slot})`);
        }
      },
    },
    {
      name: 'reset puts registers back and leaves memory and the count of instructions',
      run: () => {
        const { cpu, memory, setRegister } = machine(subject, endless(subject, kit.increment(0)));
        const fresh = cpu.architecture.slots.map((_, slot) => cpu.get(slot));
        memory.store(DATA, 4, 0x1234_5678);
        for (const register of [0, 1, 2, 3] as const) setRegister(register, 77);
        cpu.run({ fuel: 5 });
        cpu.reset();
        same(
          cpu.architecture.slots.map((_, slot) => cpu.get(slot)),
          fresh,
          'slots',
        );
        same(cpu.pc, 0, 'pc');
        same(cpu.instructions, 5, 'instructions');
        same(memory.load(DATA, 4), 0x1234_5678, 'memory');
        cpu.pc = CODE;
        same(cpu.run({ fuel: 3 }), { kind: 'fuel', pc: cpu.pc }, 'it runs again');
        same(cpu.instructions, 8, 'instructions after the reset');
      },
    },
    {
      name: 'an instruction that is none stops with the exception, before it',
      run: () => {
        const program = new Program(kit.increment(0), kit.undefined.code);
        const { cpu, state } = machine(subject, program);
        const { name, argument } = kit.undefined;
        const stop = { kind: 'exception', pc: program.at[1], name, argument };
        same(cpu.run(), stop, 'stop');
        same(state(), { pc: program.at[1], instructions: 1, registers: [1, 0, 0, 0] }, 'state');
        same(cpu.run(), stop, 'the same stop again');
        same(cpu.step(), stop, 'the same stop of a step');
        same(cpu.instructions, 1, 'instructions');
      },
    },
    {
      name: 'a step runs one instruction',
      run: () => {
        const program = endless(subject, kit.increment(0), kit.increment(1));
        const { cpu, state } = machine(subject, program);
        for (let steps = 1; steps <= 9; steps++) {
          same(cpu.step(), undefined, 'step');
          const registers = [Math.ceil(steps / 3), Math.ceil((steps - 1) / 3), 0, 0];
          same(state(), { pc: program.at[steps % 3], instructions: steps, registers }, `state after ${steps}`);
        }
      },
    },
    {
      name: 'says why it does not compile, unless it does',
      run: () => {
        const { cpu } = machine(subject, endless(subject, kit.increment(0)));
        cpu.run({ fuel: 50_000 });
        same(cpu.engineReason === undefined, cpu.engine === 'wasm', 'engineReason');
        const { functions, modules, bytes } = cpu.stats();
        same(
          [functions > 0, modules > 0, bytes > 0],
          new Array<boolean>(3).fill(cpu.engine === 'wasm'),
          'compiled functions, modules and bytes',
        );
      },
    },
  ];
};

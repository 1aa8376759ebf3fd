import { type Cases, same } from './case.js';
import { CODE, counted, endless, machine } from './machine.js';

export const breakpointCases: Cases = (subject) => {
  const { kit } = subject;
  const loop = () => endless(subject, kit.increment(0), kit.increment(1), kit.nop());
  return [
    {
      name: 'a breakpoint stops before its instruction, and the next run passes it',
      run: () => {
        const program = loop();
        const { cpu, state } = machine(subject, program);
        cpu.addBreakpoint(program.at[1]);
        for (let round = 1; round <= 40; round++) {
          same(cpu.run(), { kind: 'breakpoint', pc: program.at[1] }, 'stop');
          const registers = [round, round - 1, 0, 0];
          same(state(), { pc: program.at[1], instructions: 4 * round - 3, registers }, `state in round ${round}`);
        }
      },
    },
    {
      name: 'a breakpoint at the start of a run stops it, again when the pc was set',
      run: () => {
        const { cpu } = machine(subject, loop());
        cpu.addBreakpoint(CODE);
        same(cpu.run(), { kind: 'breakpoint', pc: CODE }, 'first stop');
        cpu.pc = CODE;
        same(cpu.run(), { kind: 'breakpoint', pc: CODE }, 'stop after the pc was set');
        same(cpu.instructions, 0, 'instructions');
      },
    },
    {
      name: 'a step runs the instruction under a breakpoint',
      run: () => {
        const program = loop();
        const { cpu } = machine(subject, program);
        cpu.addBreakpoint(CODE);
        cpu.addBreakpoint(program.at[1]);
        same(cpu.step(), undefined, 'step');
        same(cpu.pc, program.at[1], 'pc');
        same(cpu.run(), { kind: 'breakpoint', pc: program.at[1] }, 'the one behind it stops a run');
        same(cpu.instructions, 1, 'instructions');
      },
    },
    {
      name: 'a breakpoint that is set or removed in code that ran often is seen at once',
      run: () => {
        const program = loop();
        const { cpu, register } = machine(subject, program);
        cpu.run({ fuel: 40_000 });
        cpu.addBreakpoint(program.at[2]);
        same(cpu.run({ fuel: 100 }), { kind: 'breakpoint', pc: program.at[2] }, 'stop');
        same(cpu.instructions, 40_002, 'instructions');
        cpu.removeBreakpoint(program.at[2]);
        same(cpu.run({ fuel: 40_000 }), { kind: 'fuel', pc: program.at[2] }, 'stop without it');
        same(register(0), 20_001, 'register');
      },
    },
    {
      name: 'a breakpoint that is never reached changes nothing',
      run: () => {
        const program = counted(subject, kit.increment(0));
        const { cpu, setRegister, state } = machine(subject, program);
        setRegister(3, 10_000);
        cpu.addBreakpoint(program.end);
        same(cpu.run().kind, 'exception', 'stop');
        same(state(), { pc: program.at[3], instructions: 30_000, registers: [10_000, 0, 0, 0] }, 'state');
      },
    },
    {
      name: 'fuel that ends at a breakpoint stops for the fuel',
      run: () => {
        const program = loop();
        const { cpu } = machine(subject, program);
        cpu.addBreakpoint(program.at[2]);
        same(cpu.run({ fuel: 2 }), { kind: 'fuel', pc: program.at[2] }, 'stop');
        same(cpu.run({ fuel: 2 }), { kind: 'breakpoint', pc: program.at[2] }, 'stop of the next run');
      },
    },
  ];
};

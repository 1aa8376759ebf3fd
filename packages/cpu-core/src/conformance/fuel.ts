import { type Cases, refuses, same } from './case.js';
import { CODE, counted, endless, machine } from './machine.js';

export const fuelCases: Cases = (subject) => {
  const { kit } = subject;
  return [
    {
      name: 'without fuel nothing runs',
      run: () => {
        const { cpu, state } = machine(subject, endless(subject, kit.increment(0)));
        same(cpu.run({ fuel: 0 }), { kind: 'fuel', pc: CODE }, 'stop');
        same(state(), { pc: CODE, instructions: 0, registers: [0, 0, 0, 0] }, 'state');
      },
    },
    {
      name: 'stops after exactly the fuel, wherever that is',
      run: () => {
        const program = endless(subject, kit.increment(0), kit.nop(), kit.increment(1));
        for (const fuel of [...Array.from({ length: 140 }, (_, i) => i), 9_999, 50_001, 50_002, 50_003, 50_004]) {
          const { cpu, state } = machine(subject, program);
          const pc = program.at[fuel % 4];
          same(cpu.run({ fuel }), { kind: 'fuel', pc }, `stop after ${fuel}`);
          const registers = [Math.floor((fuel + 3) / 4), Math.floor((fuel + 1) / 4), 0, 0];
          same(state(), { pc, instructions: fuel, registers }, `state after ${fuel}`);
        }
      },
    },
    {
      name: 'many runs with little fuel are one run with much',
      run: () => {
        const program = endless(subject, kit.increment(0), kit.nop(), kit.increment(1));
        const { cpu, state } = machine(subject, program);
        let total = 0;
        for (let i = 0; total < 30_000; i++) {
          const fuel = i % 7 === 0 ? 997 : i % 90;
          total += fuel;
          same(cpu.run({ fuel }), { kind: 'fuel', pc: program.at[total % 4] }, `stop after ${total}`);
        }
        const registers = [Math.floor((total + 3) / 4), Math.floor((total + 1) / 4), 0, 0];
        same(state(), { pc: program.at[total % 4], instructions: total, registers }, 'state');
      },
    },
    {
      name: 'a stop of another kind comes first when it takes less than the fuel',
      run: () => {
        const program = counted(subject, kit.increment(0));
        for (const [count, spare] of [
          [1, 1],
          [7, 1],
          [7, 1000],
          [20_000, 1],
        ] as const) {
          const { cpu, setRegister, state } = machine(subject, program);
          setRegister(3, count);
          const pc = program.at[3];
          same(cpu.run({ fuel: 3 * count + spare }).kind, 'exception', `stop after ${count} rounds`);
          same(state(), { pc, instructions: 3 * count, registers: [count, 0, 0, 0] }, `state after ${count} rounds`);
          same(cpu.run({ fuel: 0 }), { kind: 'fuel', pc }, 'no fuel is the reason even there');
        }
      },
    },
    {
      name: 'fuel that is no number of instructions is refused',
      run: () => {
        const { cpu } = machine(subject, endless(subject, kit.nop()));
        for (const fuel of [-1, Number.NaN]) refuses('BAD_ARGUMENT', () => cpu.run({ fuel }), `fuel ${fuel}`);
        same(cpu.instructions, 0, 'instructions');
      },
    },
  ];
};

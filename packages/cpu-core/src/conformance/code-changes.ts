import { type Cases, same } from './case.js';
import { ALIAS, CODE, counted, DATA, endless, machine, Program } from './machine.js';

export const codeChangeCases: Cases = (subject) => {
  const { kit } = subject;
  /** A function far from CODE that increments register 0, called for ever. */
  const FUNCTION = CODE + 0x400;
  const change = { before: kit.increment(0), after: kit.increment(2) };
  const calling = () => {
    const m = machine(subject, endless(subject, kit.callRegister(1)));
    m.memory.write(FUNCTION, change.before);
    m.memory.write(FUNCTION + change.before.length, kit.ret());
    m.setRegister(1, kit.codePointer(FUNCTION));
    return m;
  };
  return [
    {
      name: 'code that the host writes between two runs is what runs',
      run: () => {
        for (const rounds of [1, 5_000]) {
          const { cpu, memory, register } = calling();
          cpu.run({ fuel: 4 * rounds });
          memory.write(FUNCTION, change.after);
          cpu.run({ fuel: 4 * rounds });
          memory.write(FUNCTION, change.before);
          cpu.run({ fuel: 4 });
          same([register(0), register(2)], [rounds + 1, rounds], `after ${rounds} rounds`);
        }
      },
    },
    {
      name: 'code that a host function writes is what runs behind it',
      run: () => {
        const { cpu, memory, register } = calling();
        cpu.addBreakpoint(FUNCTION);
        cpu.run();
        memory.write(FUNCTION, change.after);
        same(cpu.step(), undefined, 'step');
        same([register(0), register(2)], [0, 1], 'registers');
      },
    },
    {
      name: 'code that the guest writes is what runs when it is called next',
      run: () => {
        // Writes register 2 to the function, calls it, and starts again.
        const target = CODE + 0x800;
        const width = change.before.length === 2 ? 2 : 4;
        const program = endless(subject, kit.store(width, 2, 3), kit.callRegister(1));
        const word = (code: Uint8Array) => {
          const bytes = [...code, ...kit.ret()];
          return (bytes[0] | (bytes[1] << 8) | (width === 4 ? (bytes[2] << 16) | (bytes[3] << 24) : 0)) >>> 0;
        };
        for (const rounds of [1, 5_000]) {
          const { cpu, memory, register, setRegister } = machine(subject, program);
          memory.write(target, change.before);
          memory.write(target + change.before.length, kit.ret());
          setRegister(1, kit.codePointer(target));
          setRegister(3, target);
          for (const code of [kit.increment(0), kit.decrement(0), kit.increment(0)]) {
            setRegister(2, word(code));
            cpu.pc = CODE;
            same(cpu.run({ fuel: 5 * rounds }), { kind: 'fuel', pc: CODE }, 'stop');
          }
          same(register(0), rounds, `after ${rounds} rounds`);
        }
      },
    },
    {
      name: 'data beside code can be written, and the code stays what it is',
      run: () => {
        const program = counted(subject, kit.store(4, 3, 1), kit.increment(0));
        const { cpu, memory, register, setRegister } = machine(subject, program);
        setRegister(1, CODE + 0x40);
        setRegister(3, 5_000);
        same(cpu.run().kind, 'exception', 'stop');
        same([register(0), cpu.instructions], [5_000, 20_000], 'register and instructions');
        same(memory.load(CODE + 0x40, 4), 1, 'the word');
      },
    },
    {
      name: 'two views of memory show the same bytes',
      run: () => {
        const program = new Program(kit.store(4, 0, 1), kit.load(2, 2, 3), kit.store(1, 2, 3), kit.load(4, 0, 1));
        const { cpu, register, setRegister } = machine(subject, program);
        setRegister(0, 0x1122_3344);
        setRegister(1, DATA + 0x104);
        setRegister(3, ALIAS + 6);
        same(cpu.run({ fuel: 4 }).kind, 'fuel', 'stop');
        same([register(2), register(0)], [0x1122, 0x1122_3344], 'what was read');
      },
    },
    {
      name: 'the guest sees what the host writes between two runs, and the host what the guest writes',
      run: () => {
        const { cpu, memory, register, setRegister } = machine(
          subject,
          endless(subject, kit.load(4, 0, 1), kit.increment(0), kit.store(4, 0, 1)),
        );
        setRegister(1, DATA + 0x20);
        for (const value of [5, 700, 0xffff_ffff]) {
          memory.store(DATA + 0x20, 4, value);
          cpu.run({ fuel: 4 });
          same(register(0), (value + 1) >>> 0, 'register');
          same(memory.load(DATA + 0x20, 4), (value + 1) >>> 0, 'memory');
        }
      },
    },
  ];
};

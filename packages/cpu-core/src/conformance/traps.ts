import { type Cases, passesOn, same } from './case.js';
import { CODE, endless, type Machine, machine, NOWHERE, Program, TRAP } from './machine.js';

export const trapCases: Cases = (subject) => {
  const { kit } = subject;
  /** Calls the host function whose address register 1 holds, twice. */
  const calls = () =>
    new Program(
      kit.increment(0),
      kit.callRegister(1),
      kit.increment(0),
      kit.callRegister(1),
      kit.nop(),
      kit.undefined.code,
    );
  const withCalls = (program = calls()): Machine => {
    const m = machine(subject, program);
    m.setRegister(1, kit.codePointer(TRAP + 8));
    return m;
  };
  /** What a host function does at its end: returns to its caller. */
  const comeBack = ({ cpu }: Machine): 'continue' => {
    // The lowest bit of a return address is no part of it.
    cpu.pc = cpu.get(cpu.architecture.linkRegister) & ~(kit.codePointer(0) & 1);
    return 'continue';
  };
  return [
    {
      name: 'a host function is called with its address when the pc reaches it, and goes on where it sets the pc',
      run: () => {
        const program = calls();
        const m = withCalls(program);
        const seen: number[] = [];
        m.cpu.onTrap = (address) => {
          seen.push(address, m.cpu.pc, m.cpu.instructions, m.register(0));
          return comeBack(m);
        };
        same(m.cpu.run().kind, 'exception', 'stop');
        same(seen, [TRAP + 8, TRAP + 8, 2, 1, TRAP + 8, TRAP + 8, 4, 2], 'address, pc, instructions, register');
        same([m.cpu.pc, m.cpu.instructions], [program.at[5], 5], 'pc and instructions');
      },
    },
    {
      name: 'without a handler, or with one that leaves the pc, the run stops at the trap',
      run: () => {
        for (const handler of [undefined, () => 'continue' as const, () => 'stop' as const]) {
          const { cpu } = withCalls();
          cpu.onTrap = handler;
          same(cpu.run(), { kind: 'trap', pc: TRAP + 8 }, 'stop');
          same([cpu.pc, cpu.instructions], [TRAP + 8, 2], 'pc and instructions');
          same(cpu.run({ fuel: 10 }), { kind: 'trap', pc: TRAP + 8 }, 'the same stop again');
          same(cpu.instructions, 2, 'instructions');
        }
      },
    },
    {
      name: 'a handler that stops may set the pc; the next run goes on there',
      run: () => {
        const program = calls();
        const m = withCalls(program);
        m.cpu.onTrap = () => {
          comeBack(m);
          return 'stop';
        };
        same(m.cpu.run(), { kind: 'trap', pc: program.at[2] }, 'first stop');
        same(m.cpu.run(), { kind: 'trap', pc: program.at[4] }, 'second stop');
        same(m.cpu.run().kind, 'exception', 'the end');
      },
    },
    {
      name: 'host functions in code that ran often',
      run: () => {
        const program = endless(subject, kit.increment(0), kit.callRegister(1));
        const m = withCalls(program);
        let called = 0;
        m.cpu.onTrap = () => {
          called++;
          same(m.register(0), called, 'register of the call');
          same(m.cpu.instructions, 3 * called - 1, 'instructions at the call');
          return called === 9000 ? 'stop' : comeBack(m);
        };
        same(m.cpu.run(), { kind: 'trap', pc: TRAP + 8 }, 'stop');
        same(called, 9000, 'calls');
      },
    },
    {
      name: 'a host function runs guest code in between: its instructions count for both runs',
      run: () => {
        const program = calls();
        const m = withCalls(program);
        // A function at the end of the program: increment register 2, return.
        const inner = program.add(kit.increment(2), kit.ret());
        const start = inner.at[6];
        m.memory.write(CODE, inner.bytes());
        m.cpu.onTrap = (address) => {
          if (address === TRAP + 0x10) return 'stop';
          const { linkRegister } = m.cpu.architecture;
          const back = m.cpu.get(linkRegister);
          m.cpu.set(linkRegister, kit.codePointer(TRAP + 0x10));
          m.cpu.pc = start;
          same(m.cpu.run({ fuel: 100 }), { kind: 'trap', pc: TRAP + 0x10 }, 'inner stop');
          m.cpu.set(linkRegister, back);
          return comeBack(m);
        };
        same(m.cpu.run({ fuel: 9 }), { kind: 'fuel', pc: program.at[5] }, 'outer stop for 5 + 2 * 2 instructions');
        same(m.cpu.instructions, 9, 'instructions');
        same([m.register(0), m.register(2)], [2, 2], 'registers');
      },
    },
    {
      name: 'an inner run ends with the fuel of the outer one',
      run: () => {
        const m = withCalls(endless(subject, kit.callRegister(1)));
        m.cpu.onTrap = () => {
          m.cpu.pc = CODE + 0x200;
          same(m.cpu.run({ fuel: 100 }), { kind: 'fuel', pc: m.cpu.pc }, 'inner stop');
          return 'continue';
        };
        m.memory.write(CODE + 0x200, kit.increment(0));
        const length = kit.increment(0).length;
        m.memory.write(CODE + 0x200 + length, kit.jump(CODE + 0x200 + length, CODE + 0x200));
        same(m.cpu.run({ fuel: 21 }).kind, 'fuel', 'outer stop');
        same([m.cpu.instructions, m.register(0)], [21, 10], 'instructions and register');
      },
    },
    {
      name: 'requestStop ends the innermost run, behind the host function',
      run: () => {
        const program = calls();
        const m = withCalls(program);
        m.cpu.onTrap = () => {
          m.cpu.requestStop();
          return comeBack(m);
        };
        same(m.cpu.run(), { kind: 'requested', pc: program.at[2] }, 'stop');
        same(m.cpu.instructions, 2, 'instructions');
        const nested = withCalls(program);
        nested.cpu.onTrap = () => {
          const { cpu } = nested;
          cpu.onTrap = () => {
            cpu.requestStop();
            cpu.pc = CODE;
            return 'continue';
          };
          same(cpu.run(), { kind: 'requested', pc: CODE }, 'inner stop');
          cpu.pc = program.at[4];
          return 'continue';
        };
        same(nested.cpu.run().kind, 'exception', 'outer stop');
      },
    },
    {
      name: 'requestStop outside of a run does nothing',
      run: () => {
        const { cpu } = machine(subject, endless(subject, kit.nop()));
        cpu.requestStop();
        same(cpu.run({ fuel: 4 }), { kind: 'fuel', pc: CODE }, 'stop');
      },
    },
    {
      name: "a host function's own error comes out of run, and the CPU can go on",
      run: () => {
        const problem = new Error('of the host function');
        for (const warm of [0, 9_000]) {
          const program = endless(subject, kit.increment(0), kit.callRegister(1));
          const m = withCalls(program);
          let called = 0;
          m.cpu.onTrap = () => {
            if (called++ === warm) throw problem;
            return comeBack(m);
          };
          passesOn(problem, () => m.cpu.run());
          same([m.cpu.pc, m.cpu.instructions], [TRAP + 8, 3 * warm + 2], 'pc and instructions');
          same(m.cpu.run({ fuel: 4 }), { kind: 'fuel', pc: program.at[0] }, 'it goes on');
        }
      },
    },
    {
      name: 'the bytes of a trap region cannot be read or written',
      run: () => {
        for (const [code, access] of [
          [kit.load(4, 0, 1), 'read'],
          [kit.store(4, 0, 1), 'write'],
        ] as const) {
          const { cpu, setRegister } = machine(subject, new Program(code));
          setRegister(1, TRAP);
          const fault = { kind: 'unmapped', access, address: TRAP, width: 4, region: 'host' };
          same(cpu.run({ fuel: 1 }), { kind: 'memory-fault', pc: CODE, fault }, 'stop');
        }
      },
    },
    {
      name: 'a jump to where nothing is faults there, after the jump',
      run: () => {
        const { cpu, setRegister } = machine(subject, new Program(kit.nop(), kit.callRegister(1)));
        setRegister(1, kit.codePointer(NOWHERE));
        const { minLength } = cpu.architecture;
        const fault = { kind: 'unmapped', access: 'fetch', address: NOWHERE, width: minLength };
        same(cpu.run(), { kind: 'memory-fault', pc: NOWHERE, fault }, 'stop');
        same([cpu.pc, cpu.instructions], [NOWHERE, 2], 'pc and instructions');
      },
    },
  ];
};

import type { Cpu } from '../cpu.js';
import { DeviceFault } from '../memory-error.js';
import type { Device } from '../region.js';
import { type Cases, passesOn, refuses, same } from './case.js';
import { CODE, DEVICE, endless, machine, Program } from './machine.js';

/** A device that logs what happens to it. */
class Recorder implements Device {
  readonly log: (string | number)[][] = [];
  cpu: Cpu | undefined;
  onAccess: ((cpu: Cpu) => void) | undefined;

  read(offset: number, width: number): number {
    this.log.push(['read', offset, width]);
    this.note();
    return 0xffff_ff00 + this.log.length;
  }

  write(offset: number, width: number, value: number): void {
    this.log.push(['write', offset, width, value]);
    this.note();
  }

  private note(): void {
    if (this.cpu !== undefined) this.onAccess?.(this.cpu);
  }
}

export const deviceCases: Cases = (subject) => {
  const { kit } = subject;
  const withRecorder = (program: Program) => {
    const device = new Recorder();
    const m = machine(subject, program, device);
    device.cpu = m.cpu;
    m.setRegister(1, DEVICE + 4);
    return { ...m, device };
  };
  return [
    {
      name: 'a device sees every access once, in order, with offset, width and unsigned value',
      run: () => {
        const program = new Program(
          kit.load(4, 0, 1),
          kit.store(4, 0, 1),
          kit.load(1, 2, 1),
          kit.store(2, 0, 1),
          kit.store(1, 0, 1),
          kit.load(2, 3, 1),
        );
        const { cpu, device, register } = withRecorder(program);
        same(cpu.run({ fuel: 6 }).kind, 'fuel', 'stop');
        const log = [
          ['read', 4, 4],
          ['write', 4, 4, 0xffff_ff01],
          ['read', 4, 1],
          ['write', 4, 2, 0xff01],
          ['write', 4, 1, 0x01],
          ['read', 4, 2],
        ];
        same(device.log, log, 'accesses');
        same([register(0), register(2), register(3)], [0xffff_ff01, 0x03, 0xff06], 'what was read');
      },
    },
    {
      name: 'devices in code that ran often, with the count of instructions at each access',
      run: () => {
        const { cpu, device, register } = withRecorder(endless(subject, kit.increment(2), kit.store(4, 2, 1)));
        let wrong = 0;
        device.onAccess = ({ instructions, pc }) => {
          const [, , , value] = device.log[device.log.length - 1];
          if (instructions !== 3 * Number(value) - 2 || pc !== cpu.pc) wrong++;
        };
        same(cpu.run({ fuel: 30_000 }).kind, 'fuel', 'stop');
        same(device.log.length, 10_000, 'accesses');
        same(register(2), 10_000, 'register');
        same(wrong, 0, 'accesses with another count');
      },
    },
    {
      name: 'an unaligned access of a device faults',
      run: () => {
        const { cpu, device, setRegister } = withRecorder(new Program(kit.load(4, 0, 1)));
        setRegister(1, DEVICE + 2);
        const fault = { kind: 'unaligned', access: 'read', address: DEVICE + 2, width: 4, region: 'device' };
        same(cpu.run({ fuel: 1 }), { kind: 'memory-fault', pc: CODE, fault }, 'stop');
        same(device.log, [], 'accesses');
      },
    },
    {
      name: 'a device may refuse: a fault of the guest',
      run: () => {
        for (const [code, access] of [
          [kit.load(2, 0, 1), 'read'],
          [kit.store(2, 0, 1), 'write'],
        ] as const) {
          const { cpu, device, register } = withRecorder(new Program(kit.nop(), code));
          device.onAccess = () => {
            throw new DeviceFault('no');
          };
          const pc = CODE + kit.nop().length;
          const fault = { kind: 'device', access, address: DEVICE + 4, width: 2, region: 'device' };
          same(cpu.run(), { kind: 'memory-fault', pc, fault }, 'stop');
          same([cpu.instructions, register(0)], [1, 0], 'instructions and register');
        }
      },
    },
    {
      name: "a device's own error comes out of run, with the pc at the access",
      run: () => {
        const problem = new Error('of the device');
        const program = new Program(kit.nop(), kit.load(4, 0, 1), kit.nop());
        const { cpu, device, register } = withRecorder(program);
        device.onAccess = () => {
          device.onAccess = undefined;
          throw problem;
        };
        passesOn(problem, () => cpu.run());
        same([cpu.pc, cpu.instructions, register(0)], [program.at[1], 1, 0], 'pc, instructions and register');
        same(cpu.run({ fuel: 2 }).kind, 'fuel', 'it can be repeated');
        same(register(0), 0xffff_ff02, 'register');
      },
    },
    {
      name: 'requestStop of a device ends the run behind the access',
      run: () => {
        const program = endless(subject, kit.nop(), kit.load(4, 0, 1), kit.nop());
        const { cpu, device, register } = withRecorder(program);
        device.onAccess = () => cpu.requestStop();
        same(cpu.run().kind, 'requested', 'stop');
        same(cpu.instructions >= 2 && cpu.instructions <= 4, true, 'at the next block boundary at the latest');
        same([device.log.length, register(0)], [1, 0xffff_ff01], 'accesses and register');
        const { instructions } = cpu;
        device.onAccess = undefined;
        same(cpu.run({ fuel: 4 }).kind, 'fuel', 'it goes on');
        same(cpu.instructions, instructions + 4, 'instructions');
      },
    },
    {
      name: 'a device cannot run or move the CPU in the middle of an instruction',
      run: () => {
        const program = new Program(kit.load(4, 0, 1), kit.undefined.code);
        const { cpu, device } = withRecorder(program);
        device.onAccess = () => {
          refuses('BUSY', () => cpu.run({ fuel: 1 }), 'run');
          refuses('BUSY', () => cpu.step(), 'step');
          refuses('BUSY', () => cpu.reset(), 'reset');
          refuses(
            'BUSY',
            () => {
              cpu.pc = 0;
            },
            'pc',
          );
        };
        same(cpu.run().kind, 'exception', 'stop');
        same([device.log.length, cpu.instructions], [1, 1], 'accesses and instructions');
      },
    },
  ];
};

import {
  type AddressSpace,
  type Cpu,
  createAddressSpace,
  createCpu,
  DeviceFault,
  type Region,
  type StopReason,
} from '@loadstone/cpu-core';
import { thumb } from '@loadstone/cpu-thumb';
import { describe, expect, it } from 'vitest';
import { UnicornError } from './error.js';
import { nativeUnicorn } from './testing/native-unicorn.js';
import { createUnicornCpu } from './unicorn-cpu.js';

const CODE = 0x0001_0000;
const RAM = 0x2000_0000;
const TRAP = 0x3000_0000;
const DEVICE = 0x4000_0100;

interface Machine {
  readonly cpu: Cpu;
  readonly memory: AddressSpace;
  readonly log: string[];
}

const kinds = {
  interpreter: (memory: AddressSpace) => createCpu(thumb, memory, { engine: 'interpreter' }),
  unicorn: (memory: AddressSpace) => createUnicornCpu(nativeUnicorn, thumb, memory),
} as const;

type Kind = keyof typeof kinds;

function machine(kind: Kind, code: readonly number[]): Machine {
  const log: string[] = [];
  const regions: Region[] = [
    { name: 'code', start: CODE, size: 0x1000, kind: 'rom', executable: true },
    { name: 'ram', start: RAM, size: 0x2010, kind: 'ram', executable: true },
    {
      name: 'ram alias',
      start: 0x1000_0000,
      size: 0x1000,
      kind: 'ram',
      executable: false,
      alias: { of: 'ram', offset: 0x100 },
    },
    { name: 'words', start: 0x5000_0000, size: 0x1000, kind: 'ram', executable: false, widths: 4, alignedOnly: true },
    { name: 'host', start: TRAP, size: 0x100, kind: 'trap', executable: true },
    {
      name: 'device',
      start: DEVICE,
      size: 0x20,
      kind: 'mmio',
      executable: false,
      device: {
        read: (offset, width) => {
          if (offset === 0x10) throw new DeviceFault('no');
          log.push(`read ${offset}/${width}`);
          return 0xaabb_ccdd + offset;
        },
        write: (offset, width, value) => {
          log.push(`write ${offset}/${width} ${value}`);
        },
      },
    },
  ];
  const memory = createAddressSpace(regions);
  memory.write(CODE, Uint8Array.from(code.flatMap((half) => [half & 0xff, half >> 8])));
  const cpu = kinds[kind](memory);
  cpu.pc = CODE;
  cpu.set(13, RAM + 0x1000);
  cpu.set(14, TRAP | 1);
  return { cpu, memory, log };
}

/** Everything of a machine that a program can change. */
function state({ cpu, memory, log }: Machine, stop: StopReason | undefined) {
  const ram = new Uint8Array(0x2010);
  memory.read(RAM, ram);
  const words = new Uint8Array(64);
  memory.read(0x5000_0000, words);
  const registers = thumb.slots.slice(0, 23).map((name, slot) => {
    const value = cpu.get(slot);
    // N and V are bit 31 of their words, Z is set when its word is 0.
    return [name, name === 'n' || name === 'v' ? value >>> 31 : name === 'z' ? Number(value === 0) : value];
  });
  return { stop, pc: cpu.pc, instructions: cpu.instructions, registers, ram: [...ram], words: [...words], log };
}

/** Runs the same thing on both CPUs; they must agree about everything. Returns how it ended. */
function both(code: readonly number[], run: (machine: Machine) => StopReason | undefined): ReturnType<typeof state> {
  const reference = machine('interpreter', code);
  const expected = state(reference, run(reference));
  const subject = machine('unicorn', code);
  const got = state(subject, run(subject));
  expect(got).toEqual(expected);
  return got;
}

const setUp =
  (registers: Record<number, number>, fuel = 100) =>
  ({ cpu }: Machine): StopReason => {
    for (const [slot, value] of Object.entries(registers)) cpu.set(Number(slot), value);
    return cpu.run({ fuel });
  };

// Encodings by arm-none-eabi-as.
const BX_LR = 0x4770;
const SPIN = 0xe7fe;
const NOP = 0xbf00;

describe('the adapter stops as the interpreter does', () => {
  it('at a host function', () => {
    expect(both([0x3001, BX_LR], setUp({ 0: 41 })).stop).toEqual({ kind: 'trap', pc: TRAP });
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('after %i instructions, in the middle of an IT block too', (fuel) => {
    // cmp r0, r0; ite-t-e eq: moveq r1, #1; movne r2, #2; moveq r3, #3; str r1, [r4]; b .
    const code = [0x4280, 0xbf0a, 0x2101, 0x2202, 0x2303, 0x6021, SPIN];
    for (const other of [0, 7]) {
      const end = both(code, ({ cpu }) => {
        cpu.set(4, RAM);
        cpu.set(1, other);
        let stop = cpu.run({ fuel });
        stop = cpu.run({ fuel: 2 });
        return stop;
      });
      expect(end.instructions).toBe(fuel + 2);
    }
  });

  it('one step at a time, through an IT block', () => {
    const code = [0x4288, 0xbf14, 0x2101, 0x2202, 0xbf18, 0x2305, BX_LR];
    for (const value of [0, 9]) {
      both(code, ({ cpu }) => {
        cpu.set(0, 9);
        cpu.set(1, value);
        for (let count = 0; count < 7; count += 1) expect(cpu.step()).toBeUndefined();
        return cpu.run();
      });
    }
  });

  it('at breakpoints, and behind them when it goes on', () => {
    const end = both([NOP, NOP, 0x3001, BX_LR], ({ cpu }) => {
      cpu.addBreakpoint(CODE + 4);
      expect(cpu.run()).toEqual({ kind: 'breakpoint', pc: CODE + 4 });
      expect(cpu.instructions).toBe(2);
      return cpu.run();
    });
    expect(end.stop?.kind).toBe('trap');
  });

  it('behind accesses to watched bytes', () => {
    const end = both([0x6801, 0x7041, 0x6002, BX_LR], ({ cpu }) => {
      cpu.set(0, RAM + 0x40);
      cpu.addWatchpoint(RAM + 0x41, 1, 'write');
      const first = cpu.run();
      expect(first).toEqual({ kind: 'watchpoint', pc: CODE + 2, address: RAM + 0x41, access: 'write', width: 1 });
      cpu.removeWatchpoint(RAM + 0x41, 1);
      return cpu.run();
    });
    expect(end.stop?.kind).toBe('trap');
    both([0x6801, BX_LR], ({ cpu }) => {
      cpu.set(0, RAM + 0x40);
      cpu.addWatchpoint(RAM + 0x42, 1, 'read');
      return cpu.run();
    });
  });

  it.each([
    ['a read where nothing is', [0x6801], { 0: 0x7000_0000 }],
    ['a read across the end of memory', [0x6801], { 0: RAM + 0x200e }],
    ['a write across the end of memory', [0x6001], { 0: RAM + 0x200e, 1: 0x11223344 }],
    ['a read behind the end, in the same page', [0x6801], { 0: RAM + 0x2010 }],
    ['a write to rom', [0x6001], { 0: CODE, 1: 5 }],
    ['a byte read of word memory', [0x7801], { 0: 0x5000_0000 }],
    ['a half-word write of word memory', [0x8001], { 0: 0x5000_0000, 1: 3 }],
    ['an unaligned word of word memory', [0x6801], { 0: 0x5000_0002 }],
    ['an access to a host function', [0x6801], { 0: TRAP }],
    ['a refusal of a device', [0x6801], { 0: DEVICE + 0x10 }],
    ['ldm half out of memory', [0xc807], { 0: RAM + 0x2008, 1: 1, 2: 2 }],
    ['stm half out of memory', [0xc106], { 1: RAM + 0x200c, 2: 2 }],
    ['an unaligned ldm', [0xc806], { 0: RAM + 2 }],
    ['an unaligned ldrd', [0xe9d0, 0x1200], { 0: RAM + 2 }],
    ['an unaligned strd with write-back', [0xe8e0, 0x1202], { 0: RAM + 1 }],
    ['pop of an even pc', [0xbd02], { 13: RAM + 0x20 }],
    ['bx to an even address', [0x4700], { 0: CODE }],
    ['blx to an even address', [0x4780], { 0: CODE }],
    ['a jump where nothing is', [0x4700], { 0: 0x7000_0001 }],
    ['a jump into memory that is not executable', [0x4700], { 0: 0x5000_0001 }],
    ['svc', [0xdf07], {}],
    ['bkpt', [0xbe03], {}],
    ['udf', [0xde09], {}],
    ['udf.w', [0xf7f0, 0xa001], {}],
    ['vldr of an unaligned address', [0xed90, 0x0a00], { 0: RAM + 2 }],
    ['vldm half out of memory', [0xec90, 0x0a04], { 0: RAM + 0x2008 }],
  ] as [string, number[], Record<number, number>][])('at %s', (_name, code, registers) => {
    const end = both([NOP, ...code, BX_LR], setUp(registers));
    expect(['memory-fault', 'exception']).toContain(end.stop?.kind);
    expect(end.instructions).toBeLessThanOrEqual(2);
  });

  it('when somebody asks it to, from a device and from outside', () => {
    const { cpu } = machine('unicorn', [SPIN]);
    cpu.onTrap = () => 'continue';
    cpu.requestStop();
    expect(cpu.run({ fuel: 10 }).kind).toBe('fuel');
    const asked = machine('unicorn', [0x6801, SPIN]);
    asked.cpu.set(0, DEVICE);
    const { push } = asked.log;
    asked.log.push = (...items: string[]) => {
      asked.cpu.requestStop();
      return push.apply(asked.log, items);
    };
    expect(asked.cpu.run({ fuel: 10 })).toEqual({ kind: 'requested', pc: CODE + 2 });
  });
});

describe('the adapter runs as the interpreter does', () => {
  it('with devices', () => {
    // ldr r1, [r0]; ldrb r2, [r0, #4]; ldrh r3, [r0, #6]; str r1, [r0, #8]; strb r2, [r0, #12]
    const end = both([0x6801, 0x7902, 0x88c3, 0x6081, 0x7302, BX_LR], setUp({ 0: DEVICE }));
    expect(end.log).toEqual(['read 0/4', 'read 4/1', 'read 6/2', 'write 8/4 2864434397', 'write 12/1 225']);
  });

  it('with two views of the same memory', () => {
    both([0x6001, 0x6812, 0x6053, 0x6844, BX_LR], setUp({ 0: RAM + 0x180, 1: 0x1234_5678, 2: 0x1000_0080, 3: 77 }));
    both([0x6011, 0x6802, BX_LR], setUp({ 0: RAM + 0x180, 1: 0x1234_5678, 2: 0x1000_0080 }));
  });

  it('code that it writes itself', () => {
    // strh r1, [r0]; dsb; isb; blx r2; bx r5 - the word written is "adds r3, #1" before a "bx lr"
    const code = [0x4675, 0x8001, 0xf3bf, 0x8f4f, 0xf3bf, 0x8f6f, 0x4790, 0x8004, 0x4790, 0x4728];
    both(code, ({ cpu, memory }) => {
      memory.write(RAM + 0x102, Uint8Array.of(0x70, 0x47));
      for (const [slot, value] of [
        [0, RAM + 0x100],
        [1, 0x3301],
        [2, RAM + 0x101],
        [4, 0x3307],
      ])
        cpu.set(slot, value);
      return cpu.run({ fuel: 100 });
    });
  });

  it('code and data that the host changes between runs', () => {
    both([NOP, SPIN], ({ cpu, memory }) => {
      cpu.run({ fuel: 3 });
      memory.write(CODE, Uint8Array.of(0x01, 0x68, 0x70, 0x47));
      memory.write(RAM + 4, Uint8Array.of(1, 2, 3, 4));
      cpu.pc = CODE;
      cpu.set(0, RAM + 4);
      return cpu.run({ fuel: 10 });
    });
  });

  it('code in a page that was not touched before', () => {
    both([0x4700], ({ cpu, memory }) => {
      memory.write(RAM + 0x1100, Uint8Array.of(0x01, 0x30, 0x70, 0x47));
      cpu.set(0, RAM + 0x1101);
      return cpu.run({ fuel: 10 });
    });
  });

  it('host functions that call back', () => {
    // push {r4, lr}; blx r0; adds r0, #1; pop {r4, pc} and at +0x20: adds r0, #5; bx lr
    const code = [0xb510, 0x4780, 0x3001, 0xbd10, ...Array.from({ length: 12 }, () => NOP), 0x3005, BX_LR];
    const end = both(code, ({ cpu }) => {
      cpu.set(0, (TRAP + 0x10) | 1);
      cpu.onTrap = (address) => {
        if (address !== TRAP + 0x10) return 'stop';
        const back = cpu.get(14);
        cpu.set(0, 10);
        cpu.set(14, (TRAP + 0x20) | 1);
        cpu.pc = CODE + 0x20;
        expect(cpu.run().kind).toBe('trap');
        cpu.pc = (back & ~1) >>> 0;
        return 'continue';
      };
      return cpu.run();
    });
    expect(end.registers[0]).toEqual(['r0', 16]);
  });

  it('memory that is mapped while it runs', () => {
    const { cpu, memory } = machine('unicorn', [0x6801, BX_LR]);
    cpu.set(0, 0x6000_0004);
    expect(cpu.run()).toMatchObject({ kind: 'memory-fault' });
    memory.map({ name: 'late', start: 0x6000_0000, size: 8, kind: 'ram', executable: false });
    memory.write(0x6000_0004, Uint8Array.of(9, 0, 0, 0));
    expect(cpu.run()).toEqual({ kind: 'trap', pc: TRAP });
    expect(cpu.get(1)).toBe(9);
  });

  it('refuses Xtensa and reports what unicorn.js throws', () => {
    const memory = createAddressSpace([{ name: 'ram', start: 0, size: 16, kind: 'ram', executable: true }]);
    expect(() => createUnicornCpu(nativeUnicorn, { ...thumb, name: 'xtensa', slots: ['a0'] }, memory)).toThrow(
      expect.objectContaining({ code: 'ARCHITECTURE' }),
    );
    expect(() => createUnicornCpu({ ...nativeUnicorn, ARCH_ARM: 99 }, thumb, memory)).toThrow(UnicornError);
  });

  it('lets a device exception out of run', () => {
    const problem = new Error('broken device');
    const memory = createAddressSpace([
      { name: 'code', start: CODE, size: 16, kind: 'rom', executable: true },
      {
        name: 'device',
        start: DEVICE,
        size: 4,
        kind: 'mmio',
        executable: false,
        device: {
          read: () => {
            throw problem;
          },
          write: () => undefined,
        },
      },
    ]);
    memory.write(CODE, Uint8Array.of(0x01, 0x68, 0xfe, 0xe7));
    const cpu = createUnicornCpu(nativeUnicorn, thumb, memory);
    cpu.pc = CODE;
    cpu.set(0, DEVICE);
    expect(() => cpu.run({ fuel: 5 })).toThrow(problem);
    expect(cpu.pc).toBe(CODE);
  });
});

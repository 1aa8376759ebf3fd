import { describe, expect, it } from 'vitest';
import { LBEG, LCOUNT, LEND, PS } from './slots.js';
import { CODE, machineWith } from './testing/machine.js';

describe('zero-overhead loops', () => {
  it('runs the body count times and leaves LCOUNT 0', () => {
    const { cpu, at } = machineWith(`
  movi a2, 1000
  loop a2, end
  addi a3, a3, 3
  nop.n
end:
  ill
`);
    expect(cpu.run()).toMatchObject({ kind: 'exception', pc: at('end') });
    expect(cpu.get(3)).toBe(3000);
    expect(cpu.get(LCOUNT)).toBe(0);
    expect(cpu.get(LEND)).toBe(at('end'));
    expect(cpu.get(LBEG)).toBe(CODE + 6);
    expect(cpu.instructions).toBe(2 + 2000);
  });

  it('knows a loop end that was translated before its loop', () => {
    const { cpu, at } = machineWith(`
  movi a2, 5
  j body
start:
  loop a2, end
body:
  addi a3, a3, 1
end:
  bnez a4, stop
  movi a4, 1
  j start
stop:
  ill
`);
    expect(cpu.run()).toMatchObject({ pc: at('stop') });
    expect(cpu.get(3)).toBe(6);
  });

  it('obeys LBEG, LEND and LCOUNT written by the guest', () => {
    const { cpu, at } = machineWith(
      `
  l32r a2, begin_at
  wsr a2, lbeg
  l32r a2, end_at
  wsr a2, lend
  movi a2, 6
  wsr a2, lcount
  isync
  j body
  .align 4
body:
  addi.n a3, a3, 1
  addx2 a4, a4, a3
end:
  ill
`
        .replace('begin_at', '0x4007fff0')
        .replace('end_at', '0x4007fff4'),
      [{ name: 'literals', start: 0x4007_fff0, size: 16, kind: 'ram', executable: true }],
    );
    cpu.memory.write(0x4007_fff0, new Uint8Array(Uint32Array.of(at('body'), at('end')).buffer));
    expect(cpu.run()).toMatchObject({ kind: 'exception', pc: at('end') });
    expect(cpu.get(3)).toBe(7);
  });

  it('obeys LBEG, LEND and LCOUNT written by the host', () => {
    const { cpu, at } = machineWith(`
body:
  addi a3, a3, 1
  addi.n a4, a4, 2
end:
  ill
`);
    // Translate the body without a loop first.
    expect(cpu.run()).toMatchObject({ kind: 'exception' });
    cpu.set(LBEG, at('body'));
    cpu.set(LEND, at('end'));
    cpu.set(LCOUNT, 10);
    cpu.set(3, 0);
    cpu.pc = at('body');
    expect(cpu.run()).toMatchObject({ kind: 'exception', pc: at('end') });
    expect(cpu.get(3)).toBe(11);
    expect(cpu.get(LCOUNT)).toBe(0);
  });

  it('lets taken branches pass the end and counts those not taken', () => {
    const { cpu, at } = machineWith(`
  movi a2, 8
  loop a2, end
  addi a3, a3, 1
  beqi a3, 5, end
  bnez a4, end
end:
  ill
`);
    expect(cpu.run()).toMatchObject({ pc: at('end') });
    expect(cpu.get(3)).toBe(5);
    expect(cpu.get(LCOUNT)).toBe(3);
  });

  it('does not loop while PS.EXCM is set', () => {
    const { cpu, at } = machineWith(`
  movi a2, 8
  loop a2, end
  addi a3, a3, 1
end:
  ill
`);
    cpu.set(PS, cpu.get(PS) | 0x10);
    expect(cpu.run()).toMatchObject({ pc: at('end') });
    expect(cpu.get(3)).toBe(1);
    expect(cpu.get(LCOUNT)).toBe(7);
  });

  it('runs two loops that share an end', () => {
    const { cpu, at } = machineWith(`
  movi a2, 4
  beqz a5, second
  loop a2, end
  addi a3, a3, 16
  j body
second:
  loop a2, end
  addi a3, a3, 1
body:
  addi a4, a4, 1
end:
  bnez a5, stop
  movi a5, 1
  movi a2, 4
  j 0x40080003
stop:
  ill
`);
    expect(cpu.run()).toMatchObject({ pc: at('stop') });
    expect(cpu.get(3)).toBe(4 + 64);
    expect(cpu.get(4)).toBe(8);
  });

  it('loops through code that changes itself', () => {
    const { cpu, at } = machineWith(
      `
  movi a2, 3
  l32r a6, 0x4007fff0
  l32r a7, 0x4007fff4
  loop a2, end
body:
  addi a3, a3, 1
  s32i a7, a6, 0
end:
  ill
`,
      [{ name: 'literals', start: 0x4007_fff0, size: 16, kind: 'ram', executable: true }],
    );
    // addi a3, a3, 100 with the byte behind it.
    const body = at('body');
    expect(body % 4).toBe(0);
    const word = new Uint8Array(4);
    cpu.memory.read(body, word);
    word[2] = 100;
    cpu.memory.write(0x4007_fff0, new Uint8Array(Uint32Array.of(body).buffer));
    cpu.memory.write(0x4007_fff4, word);
    expect(cpu.run()).toMatchObject({ kind: 'exception' });
    expect(cpu.get(3)).toBe(1 + 100 + 100);
  });

  it('knows the decoding mode behind an instruction that changes it and ends a loop', () => {
    // The loop ends behind WSR, which leaves an older frame in a4 to a7: the next instruction that names a5 must spill that frame first.
    const { cpu, at } = machineWith(`
  movi a4, 2
  loop a4, end
  movi a2, 3
  wsr a2, windowstart
end:
  movi a5, 7
  ill
`);
    cpu.set(1, 0x100);
    const stop = cpu.run();
    expect(stop).toMatchObject({ kind: 'memory-fault', pc: at('end') });
    expect(cpu.instructions).toBe(2 + 4);
  });
});

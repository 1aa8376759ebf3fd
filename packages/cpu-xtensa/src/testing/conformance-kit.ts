import type { ProgramKit } from '@loadstone/cpu-core/conformance';

/** Xtensa instructions for the shared suite; registers are a2 to a5. Encodings: Xtensa Instruction Set Architecture chapter 7. */

function word(code: number): Uint8Array {
  return Uint8Array.of(code & 0xff, (code >>> 8) & 0xff, (code >>> 16) & 0xff);
}

/** Format RRI8: imm8, r, s, t, op0. */
function rri8(r: number, s: number, t: number, immediate: number): Uint8Array {
  return word(((immediate & 0xff) << 16) | (r << 12) | ((s + 2) << 8) | ((t + 2) << 4) | 2);
}

const LOADS = { 1: 0, 2: 1, 4: 2 } as const;
const STORES = { 1: 4, 2: 5, 4: 6 } as const;
const ADDI = 12;
const L32AI = 11;

export const xtensaKit: ProgramKit = {
  slots: [2, 3, 4, 5],
  codePointer: (address) => address,
  nop: () => word(0x0020f0),
  increment: (register) => rri8(ADDI, register, register, 1),
  decrement: (register) => rri8(ADDI, register, register, -1),
  // bnez
  jumpUnlessZero: (register, from, to) => word((((to - from - 4) & 0xfff) << 12) | ((register + 2) << 8) | 0x56),
  jump: (from, to) => word((((to - from - 4) & 0x3_ffff) << 6) | 6),
  // callx0
  callRegister: (register) => word(0xc0 | ((register + 2) << 8)),
  ret: () => word(0x80),
  load: (width, into, base) => rri8(LOADS[width], base, into, 0),
  store: (width, value, base) => rri8(STORES[width], base, value, 0),
  // l32ai
  alignedLoad: (into, base) => rri8(L32AI, base, into, 0),
  // ill
  undefined: { code: word(0), name: 'illegal-instruction', argument: 0 },
};

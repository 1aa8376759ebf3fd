import type { Machine } from './machine.js';

/**
 * Operations of the pre-decoded program. Each takes its words from the program: `d`, `a`, `b`, `c` are slots, `k` a constant,
 * `count` the instructions of the block completed when the exit is taken, `ip` a position in the program.
 * SS: both operands are slots; SK: the second is a constant.
 *
 * It stands in this file because esbuild and oxc put numbers in the place of its members only in the file that declares it,
 * and V8 makes a jump table only of a switch whose cases are number literals.
 */
export const enum I {
  /** Leaves in the middle of a block (written over an instruction that must not run now). */
  Leave = 0,
  /** pc mode position: finds the block for pc and writes its ip at `position`. */
  Link,
  /** pc is in a trap region. */
  Trap,
  /** pc has a breakpoint. */
  Break,
  /** The first instruction cannot be fetched. */
  NoFetch,
  /** There is compiled code for pc. */
  Gate,

  MovS,
  MovK,
  AddSS,
  AddSK,
  SubSS,
  SubKS,
  AndSS,
  AndSK,
  OrSS,
  OrSK,
  XorSS,
  XorSK,
  AndNotSS,
  ShlSS,
  ShlSK,
  ShrSS,
  ShrSK,
  SarSS,
  SarSK,
  RorSS,
  RorSK,
  ShlWide,
  ShrWide,
  SarWide,
  Funnel,
  MulSS,
  MulHighS,
  MulHighU,
  DivS,
  DivU,
  RemS,
  RemU,
  MinS,
  MaxS,
  MinU,
  MaxU,
  Clz,
  ReverseBits,
  ReverseBytes,
  ReverseBytes16,
  SignExtend8,
  SignExtend16,
  ZeroExtend8,
  ZeroExtend16,
  SetEqSS,
  SetNeSS,
  SetLtSSS,
  SetGeSSS,
  SetLtUSS,
  SetGeUSS,
  SetEqSK,
  SetNeSK,
  SetLtSSK,
  SetGeSSK,
  SetLtUSK,
  SetGeUSK,
  Select,

  /** d a k strict low limit delta: memory[a + k] */
  Load8U,
  Load8S,
  Load16U,
  Load16S,
  Load32,
  /** d a b strict low limit delta: memory[a + b] */
  Load8UIndexed,
  Load8SIndexed,
  Load16UIndexed,
  Load16SIndexed,
  Load32Indexed,
  /** d index: word `index` of the linear memory */
  Load32At,
  /** c a k strict low limit delta */
  Store8,
  Store16,
  Store32,
  /** c a b strict low limit delta */
  Store8Indexed,
  Store16Indexed,
  Store32Indexed,
  /** a n low limit delta slot1 ... slotn */
  LoadMany,
  StoreMany,

  FlagsAddSS,
  FlagsAdcSS,
  FlagsSubSS,
  FlagsSubSK,
  FlagsSbcSS,
  FlagsNz,
  FlagTestEq,
  FlagTestNe,
  FlagTestCs,
  FlagTestCc,
  FlagTestMi,
  FlagTestPl,
  FlagTestVs,
  FlagTestVc,
  FlagTestHi,
  FlagTestLs,
  FlagTestGe,
  FlagTestLt,
  FlagTestGt,
  FlagTestLe,

  FloatAdd,
  FloatSub,
  FloatMul,
  FloatDiv,
  FloatSqrt,
  FloatMulAdd,
  FloatMulSub,
  /** d helper a b c */
  Helper,
  /** As Helper, for one that is pure. */
  PureHelper,

  /** a b ip: goes on at ip unless a CC b */
  WhenEqSS,
  WhenNeSS,
  WhenLtSSS,
  WhenGeSSS,
  WhenLtUSS,
  WhenGeUSS,
  WhenEqSK,
  WhenNeSK,
  WhenLtSSK,
  WhenGeSSK,
  WhenLtUSK,
  WhenGeUSK,

  /** count ip */
  Jump,
  /** a b count ip */
  JumpEqSS,
  JumpNeSS,
  JumpLtSSS,
  JumpGeSSS,
  JumpLtUSS,
  JumpGeUSS,
  JumpEqSK,
  JumpNeSK,
  JumpLtSSK,
  JumpGeSSK,
  JumpLtUSK,
  JumpGeUSK,
  /** a count */
  JumpTo,
  /** a count pc: as JumpTo; the compiler wants to know the targets of the instruction at pc */
  JumpToNoted,
  /** count pc: as JumpTo for a constant pc whose mode is not known */
  Redecode,
  /** exception a */
  Raise,
  /** a count pc: goes on behind the operation when the window unit says pc */
  WindowEnter,
  /** count */
  WindowLeave,
  Count,
}

/** Instructions that must be left for a block to start: MAX_BLOCK_INSTRUCTIONS. A switch of ten kilobytes folds it as a literal. */
const MOST = 64;

/** Why `execute` returned. */
export const enum Exit {
  None = 0,
  /** The fuel of this slice is used up, or somebody asked to leave; at the start of a block. */
  Boundary,
  /** In the middle of a block, before the instruction at `ip`. */
  Middle,
  Trap,
  Break,
  /** `machine.fault` */
  Fault,
  /** The fetch of the first instruction: `machine.fault` */
  Fetch,
  /** Compiled code goes on here. */
  Gate,
  /** `machine.exception`, `machine.argument` */
  Exception,
}

/** Bits of the product's high word: a * b >> 32 of signed operands. */
function highS(a: number, b: number): number {
  return (highU(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
}

function highU(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const low = (middle & 0xffff) + a0 * b1;
  return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(low / 0x10000)) | 0;
}

function reverseBits(value: number): number {
  let v = value;
  v = ((v >>> 1) & 0x5555_5555) | ((v & 0x5555_5555) << 1);
  v = ((v >>> 2) & 0x3333_3333) | ((v & 0x3333_3333) << 2);
  v = ((v >>> 4) & 0x0f0f_0f0f) | ((v & 0x0f0f_0f0f) << 4);
  return reverseBytes(v);
}

function reverseBytes(v: number): number {
  return (v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
}

/**
 * Runs the program from `start`, the first word of a block, until something ends it; the reason is in `machine.exit`, the
 * position in `machine.ip`. Before a block is entered at least MOST instructions of fuel are left, else it returns; with no
 * fuel it runs exactly the one block at `start`.
 */
export function execute(machine: Machine, start: number, budget: number): void {
  let ip = start;
  let fuel = budget;
  let code = machine.code;
  let i32 = machine.memory.i32;
  let u8 = machine.memory.u8;
  let u16 = machine.memory.u16;
  const { n, z, c, v } = machine.flags;

  for (;;) {
    switch (code[ip]) {
      case I.Leave:
        machine.ip = ip;
        machine.fuel = fuel;
        machine.exit = Exit.Middle;
        return;
      case I.Link:
        ip = machine.link(ip);
        code = machine.code;
        continue;
      case I.Trap:
        machine.ip = ip;
        machine.fuel = fuel;
        machine.exit = Exit.Trap;
        return;
      case I.Break:
        machine.ip = ip;
        machine.fuel = fuel;
        machine.exit = Exit.Break;
        return;
      case I.NoFetch:
        machine.ip = ip;
        machine.fuel = fuel;
        machine.exit = Exit.Fetch;
        return;
      case I.Gate:
        machine.ip = ip;
        machine.fuel = fuel;
        machine.exit = Exit.Gate;
        return;

      case I.MovS:
        i32[code[ip + 1]] = i32[code[ip + 2]];
        ip += 3;
        continue;
      case I.MovK:
        i32[code[ip + 1]] = code[ip + 2];
        ip += 3;
        continue;
      case I.AddSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] + i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.AddSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] + code[ip + 3];
        ip += 4;
        continue;
      case I.SubSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] - i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.SubKS:
        i32[code[ip + 1]] = code[ip + 2] - i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.AndSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] & i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.AndSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] & code[ip + 3];
        ip += 4;
        continue;
      case I.OrSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] | i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.OrSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] | code[ip + 3];
        ip += 4;
        continue;
      case I.XorSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] ^ i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.XorSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] ^ code[ip + 3];
        ip += 4;
        continue;
      case I.AndNotSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] & ~i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.ShlSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] << i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.ShlSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] << code[ip + 3];
        ip += 4;
        continue;
      case I.ShrSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] >>> i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.ShrSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] >>> code[ip + 3];
        ip += 4;
        continue;
      case I.SarSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] >> i32[code[ip + 3]];
        ip += 4;
        continue;
      case I.SarSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] >> code[ip + 3];
        ip += 4;
        continue;
      case I.RorSS: {
        const value = i32[code[ip + 2]];
        const amount = i32[code[ip + 3]];
        i32[code[ip + 1]] = (value >>> amount) | (value << -amount);
        ip += 4;
        continue;
      }
      case I.RorSK: {
        const value = i32[code[ip + 2]];
        const amount = code[ip + 3];
        i32[code[ip + 1]] = (value >>> amount) | (value << -amount);
        ip += 4;
        continue;
      }
      case I.ShlWide: {
        const amount = i32[code[ip + 3]] & 0xff;
        i32[code[ip + 1]] = amount > 31 ? 0 : i32[code[ip + 2]] << amount;
        ip += 4;
        continue;
      }
      case I.ShrWide: {
        const amount = i32[code[ip + 3]] & 0xff;
        i32[code[ip + 1]] = amount > 31 ? 0 : i32[code[ip + 2]] >>> amount;
        ip += 4;
        continue;
      }
      case I.SarWide: {
        const amount = i32[code[ip + 3]] & 0xff;
        i32[code[ip + 1]] = i32[code[ip + 2]] >> Math.min(amount, 31);
        ip += 4;
        continue;
      }
      case I.Funnel: {
        const high = i32[code[ip + 2]];
        const amount = i32[code[ip + 4]] & 0x3f;
        if (amount === 0) i32[code[ip + 1]] = i32[code[ip + 3]];
        else if (amount < 32) i32[code[ip + 1]] = (i32[code[ip + 3]] >>> amount) | (high << (32 - amount));
        else i32[code[ip + 1]] = high >>> (amount - 32);
        ip += 5;
        continue;
      }
      case I.MulSS:
        i32[code[ip + 1]] = Math.imul(i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.MulHighS:
        i32[code[ip + 1]] = highS(i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.MulHighU:
        i32[code[ip + 1]] = highU(i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.DivS:
        i32[code[ip + 1]] = (i32[code[ip + 2]] / i32[code[ip + 3]]) | 0;
        ip += 4;
        continue;
      case I.DivU:
        i32[code[ip + 1]] = ((i32[code[ip + 2]] >>> 0) / (i32[code[ip + 3]] >>> 0)) | 0;
        ip += 4;
        continue;
      case I.RemS: {
        const divisor = i32[code[ip + 3]];
        const dividend = i32[code[ip + 2]];
        i32[code[ip + 1]] = divisor === 0 ? dividend : (dividend % divisor) | 0;
        ip += 4;
        continue;
      }
      case I.RemU: {
        const divisor = i32[code[ip + 3]] >>> 0;
        const dividend = i32[code[ip + 2]] >>> 0;
        i32[code[ip + 1]] = divisor === 0 ? dividend : (dividend % divisor) | 0;
        ip += 4;
        continue;
      }
      case I.MinS: {
        const a = i32[code[ip + 2]];
        const b = i32[code[ip + 3]];
        i32[code[ip + 1]] = Math.min(a, b);
        ip += 4;
        continue;
      }
      case I.MaxS: {
        const a = i32[code[ip + 2]];
        const b = i32[code[ip + 3]];
        i32[code[ip + 1]] = Math.max(a, b);
        ip += 4;
        continue;
      }
      case I.MinU: {
        const a = i32[code[ip + 2]];
        const b = i32[code[ip + 3]];
        i32[code[ip + 1]] = a >>> 0 < b >>> 0 ? a : b;
        ip += 4;
        continue;
      }
      case I.MaxU: {
        const a = i32[code[ip + 2]];
        const b = i32[code[ip + 3]];
        i32[code[ip + 1]] = a >>> 0 > b >>> 0 ? a : b;
        ip += 4;
        continue;
      }
      case I.Clz:
        i32[code[ip + 1]] = Math.clz32(i32[code[ip + 2]]);
        ip += 3;
        continue;
      case I.ReverseBits:
        i32[code[ip + 1]] = reverseBits(i32[code[ip + 2]]);
        ip += 3;
        continue;
      case I.ReverseBytes:
        i32[code[ip + 1]] = reverseBytes(i32[code[ip + 2]]);
        ip += 3;
        continue;
      case I.ReverseBytes16: {
        const a = i32[code[ip + 2]];
        i32[code[ip + 1]] = ((a & 0x00ff_00ff) << 8) | ((a >>> 8) & 0x00ff_00ff);
        ip += 3;
        continue;
      }
      case I.SignExtend8:
        i32[code[ip + 1]] = (i32[code[ip + 2]] << 24) >> 24;
        ip += 3;
        continue;
      case I.SignExtend16:
        i32[code[ip + 1]] = (i32[code[ip + 2]] << 16) >> 16;
        ip += 3;
        continue;
      case I.ZeroExtend8:
        i32[code[ip + 1]] = i32[code[ip + 2]] & 0xff;
        ip += 3;
        continue;
      case I.ZeroExtend16:
        i32[code[ip + 1]] = i32[code[ip + 2]] & 0xffff;
        ip += 3;
        continue;
      case I.SetEqSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] === i32[code[ip + 3]] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetNeSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] !== i32[code[ip + 3]] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetLtSSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] < i32[code[ip + 3]] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetGeSSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] >= i32[code[ip + 3]] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetLtUSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] >>> 0 < i32[code[ip + 3]] >>> 0 ? 1 : 0;
        ip += 4;
        continue;
      case I.SetGeUSS:
        i32[code[ip + 1]] = i32[code[ip + 2]] >>> 0 >= i32[code[ip + 3]] >>> 0 ? 1 : 0;
        ip += 4;
        continue;
      case I.SetEqSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] === code[ip + 3] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetNeSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] !== code[ip + 3] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetLtSSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] < code[ip + 3] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetGeSSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] >= code[ip + 3] ? 1 : 0;
        ip += 4;
        continue;
      case I.SetLtUSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] >>> 0 < code[ip + 3] >>> 0 ? 1 : 0;
        ip += 4;
        continue;
      case I.SetGeUSK:
        i32[code[ip + 1]] = i32[code[ip + 2]] >>> 0 >= code[ip + 3] >>> 0 ? 1 : 0;
        ip += 4;
        continue;
      case I.Select:
        i32[code[ip + 1]] = i32[code[ip + 4]] !== 0 ? i32[code[ip + 2]] : i32[code[ip + 3]];
        ip += 5;
        continue;

      case I.Load32At:
        i32[code[ip + 1]] = i32[code[ip + 2]];
        ip += 3;
        continue;
      case I.Load8U: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0) {
          i32[code[ip + 1]] = u8[(at + code[ip + 7]) | 0];
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 1);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = value;
        }
        ip += 8;
        continue;
      }
      case I.Load8UIndexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0) {
          i32[code[ip + 1]] = u8[(at + code[ip + 7]) | 0];
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 1);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = value;
        }
        ip += 8;
        continue;
      }
      case I.Load8S: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0) {
          i32[code[ip + 1]] = (u8[(at + code[ip + 7]) | 0] << 24) >> 24;
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 1);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = (value << 24) >> 24;
        }
        ip += 8;
        continue;
      }
      case I.Load8SIndexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0) {
          i32[code[ip + 1]] = (u8[(at + code[ip + 7]) | 0] << 24) >> 24;
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 1);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = (value << 24) >> 24;
        }
        ip += 8;
        continue;
      }
      case I.Load16U: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 1) === 0) {
          i32[code[ip + 1]] = u16[(at + code[ip + 7]) >> 1];
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 2);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = value;
        }
        ip += 8;
        continue;
      }
      case I.Load16UIndexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 1) === 0) {
          i32[code[ip + 1]] = u16[(at + code[ip + 7]) >> 1];
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 2);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = value;
        }
        ip += 8;
        continue;
      }
      case I.Load16S: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 1) === 0) {
          i32[code[ip + 1]] = (u16[(at + code[ip + 7]) >> 1] << 16) >> 16;
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 2);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = (value << 16) >> 16;
        }
        ip += 8;
        continue;
      }
      case I.Load16SIndexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 1) === 0) {
          i32[code[ip + 1]] = (u16[(at + code[ip + 7]) >> 1] << 16) >> 16;
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 2);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = (value << 16) >> 16;
        }
        ip += 8;
        continue;
      }
      case I.Load32: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 3) === 0) {
          i32[code[ip + 1]] = i32[(at + code[ip + 7]) >> 2];
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 4);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = value;
        }
        ip += 8;
        continue;
      }
      case I.Load32Indexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 3) === 0) {
          i32[code[ip + 1]] = i32[(at + code[ip + 7]) >> 2];
        } else {
          machine.fuel = fuel;
          const value = machine.slowLoad(ip, at, 4);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
          i32[code[ip + 1]] = value;
        }
        ip += 8;
        continue;
      }
      case I.Store8: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0) {
          u8[(at + code[ip + 7]) | 0] = i32[code[ip + 1]];
        } else {
          machine.fuel = fuel;
          machine.slowStore(ip, at, 1, i32[code[ip + 1]]);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 8;
        continue;
      }
      case I.Store8Indexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0) {
          u8[(at + code[ip + 7]) | 0] = i32[code[ip + 1]];
        } else {
          machine.fuel = fuel;
          machine.slowStore(ip, at, 1, i32[code[ip + 1]]);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 8;
        continue;
      }
      case I.Store16: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 1) === 0) {
          u16[(at + code[ip + 7]) >> 1] = i32[code[ip + 1]];
        } else {
          machine.fuel = fuel;
          machine.slowStore(ip, at, 2, i32[code[ip + 1]]);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 8;
        continue;
      }
      case I.Store16Indexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 1) === 0) {
          u16[(at + code[ip + 7]) >> 1] = i32[code[ip + 1]];
        } else {
          machine.fuel = fuel;
          machine.slowStore(ip, at, 2, i32[code[ip + 1]]);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 8;
        continue;
      }
      case I.Store32: {
        const at = (i32[code[ip + 2]] + code[ip + 3]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 3) === 0) {
          i32[(at + code[ip + 7]) >> 2] = i32[code[ip + 1]];
        } else {
          machine.fuel = fuel;
          machine.slowStore(ip, at, 4, i32[code[ip + 1]]);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 8;
        continue;
      }
      case I.Store32Indexed: {
        const at = (i32[code[ip + 2]] + i32[code[ip + 3]]) | 0;
        if ((at - code[ip + 5]) >>> 0 < code[ip + 6] >>> 0 && (at & 3) === 0) {
          i32[(at + code[ip + 7]) >> 2] = i32[code[ip + 1]];
        } else {
          machine.fuel = fuel;
          machine.slowStore(ip, at, 4, i32[code[ip + 1]]);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 8;
        continue;
      }
      case I.LoadMany: {
        const at = i32[code[ip + 1]];
        const words = code[ip + 2];
        const offset = (at - code[ip + 3]) >>> 0;
        if ((at & 3) === 0 && offset + 4 * words - 4 < code[ip + 4] >>> 0) {
          let index = (at + code[ip + 5]) >> 2;
          const first = ip + 6;
          const end = first + words;
          for (let i = first; i < end; i++) i32[code[i]] = i32[index++];
        } else {
          machine.fuel = fuel;
          machine.slowLoadMany(ip, at, words);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 6 + words;
        continue;
      }
      case I.StoreMany: {
        const at = i32[code[ip + 1]];
        const words = code[ip + 2];
        const offset = (at - code[ip + 3]) >>> 0;
        if ((at & 3) === 0 && offset + 4 * words - 4 < code[ip + 4] >>> 0) {
          let index = (at + code[ip + 5]) >> 2;
          const first = ip + 6;
          const end = first + words;
          for (let i = first; i < end; i++) i32[index++] = i32[code[i]];
        } else {
          machine.fuel = fuel;
          machine.slowStoreMany(ip, at, words);
          if (machine.exit !== Exit.None) return;
          i32 = machine.memory.i32;
          u8 = machine.memory.u8;
          u16 = machine.memory.u16;
          fuel = machine.fuel;
        }
        ip += 6 + words;
        continue;
      }

      case I.FlagsAddSS: {
        const a = i32[code[ip + 1]];
        const b = i32[code[ip + 2]];
        const sum = (a + b) | 0;
        i32[n] = sum;
        i32[z] = sum;
        i32[c] = sum >>> 0 < a >>> 0 ? 1 : 0;
        i32[v] = (a ^ sum) & (b ^ sum);
        ip += 3;
        continue;
      }
      case I.FlagsAdcSS: {
        const a = i32[code[ip + 1]];
        const b = i32[code[ip + 2]];
        const carry = i32[c];
        const sum = (a + b + carry) | 0;
        i32[n] = sum;
        i32[z] = sum;
        i32[c] = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
        i32[v] = (a ^ sum) & (b ^ sum);
        ip += 3;
        continue;
      }
      case I.FlagsSubSS: {
        const a = i32[code[ip + 1]];
        const b = i32[code[ip + 2]];
        const difference = (a - b) | 0;
        i32[n] = difference;
        i32[z] = difference;
        i32[c] = a >>> 0 >= b >>> 0 ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ difference);
        ip += 3;
        continue;
      }
      case I.FlagsSubSK: {
        const a = i32[code[ip + 1]];
        const b = code[ip + 2];
        const difference = (a - b) | 0;
        i32[n] = difference;
        i32[z] = difference;
        i32[c] = a >>> 0 >= b >>> 0 ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ difference);
        ip += 3;
        continue;
      }
      case I.FlagsSbcSS: {
        const a = i32[code[ip + 1]];
        const b = i32[code[ip + 2]];
        const borrow = 1 - i32[c];
        const difference = (a - b - borrow) | 0;
        i32[n] = difference;
        i32[z] = difference;
        i32[c] = a >>> 0 >= (b >>> 0) + borrow ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ difference);
        ip += 3;
        continue;
      }
      case I.FlagsNz: {
        const a = i32[code[ip + 1]];
        i32[n] = a;
        i32[z] = a;
        ip += 2;
        continue;
      }
      case I.FlagTestEq:
        i32[code[ip + 1]] = i32[z] === 0 ? 1 : 0;
        ip += 2;
        continue;
      case I.FlagTestNe:
        i32[code[ip + 1]] = i32[z] !== 0 ? 1 : 0;
        ip += 2;
        continue;
      case I.FlagTestCs:
        i32[code[ip + 1]] = i32[c];
        ip += 2;
        continue;
      case I.FlagTestCc:
        i32[code[ip + 1]] = i32[c] ^ 1;
        ip += 2;
        continue;
      case I.FlagTestMi:
        i32[code[ip + 1]] = i32[n] >>> 31;
        ip += 2;
        continue;
      case I.FlagTestPl:
        i32[code[ip + 1]] = (i32[n] >>> 31) ^ 1;
        ip += 2;
        continue;
      case I.FlagTestVs:
        i32[code[ip + 1]] = i32[v] >>> 31;
        ip += 2;
        continue;
      case I.FlagTestVc:
        i32[code[ip + 1]] = (i32[v] >>> 31) ^ 1;
        ip += 2;
        continue;
      case I.FlagTestHi:
        i32[code[ip + 1]] = i32[c] !== 0 && i32[z] !== 0 ? 1 : 0;
        ip += 2;
        continue;
      case I.FlagTestLs:
        i32[code[ip + 1]] = i32[c] !== 0 && i32[z] !== 0 ? 0 : 1;
        ip += 2;
        continue;
      case I.FlagTestGe:
        i32[code[ip + 1]] = ((i32[n] ^ i32[v]) >>> 31) ^ 1;
        ip += 2;
        continue;
      case I.FlagTestLt:
        i32[code[ip + 1]] = (i32[n] ^ i32[v]) >>> 31;
        ip += 2;
        continue;
      case I.FlagTestGt:
        i32[code[ip + 1]] = i32[z] !== 0 && (i32[n] ^ i32[v]) >= 0 ? 1 : 0;
        ip += 2;
        continue;
      case I.FlagTestLe:
        i32[code[ip + 1]] = i32[z] !== 0 && (i32[n] ^ i32[v]) >= 0 ? 0 : 1;
        ip += 2;
        continue;

      case I.FloatAdd:
        i32[code[ip + 1]] = machine.float.add(machine.state, i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.FloatSub:
        i32[code[ip + 1]] = machine.float.sub(machine.state, i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.FloatMul:
        i32[code[ip + 1]] = machine.float.mul(machine.state, i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.FloatDiv:
        i32[code[ip + 1]] = machine.float.div(machine.state, i32[code[ip + 2]], i32[code[ip + 3]]);
        ip += 4;
        continue;
      case I.FloatSqrt:
        i32[code[ip + 1]] = machine.float.sqrt(machine.state, i32[code[ip + 2]]);
        ip += 3;
        continue;
      case I.FloatMulAdd:
        i32[code[ip + 1]] = machine.float.mulAdd(
          machine.state,
          i32[code[ip + 2]],
          i32[code[ip + 3]],
          i32[code[ip + 4]],
        );
        ip += 5;
        continue;
      case I.FloatMulSub:
        i32[code[ip + 1]] = machine.float.mulSub(
          machine.state,
          i32[code[ip + 2]],
          i32[code[ip + 3]],
          i32[code[ip + 4]],
        );
        ip += 5;
        continue;
      case I.PureHelper:
        i32[code[ip + 1]] = machine.helpers[code[ip + 2]].run(
          machine.context,
          i32[code[ip + 3]],
          i32[code[ip + 4]],
          i32[code[ip + 5]],
        );
        ip += 6;
        continue;
      case I.Helper: {
        machine.ip = ip;
        machine.fuel = fuel;
        const value = machine.helpers[code[ip + 2]].run(
          machine.context,
          i32[code[ip + 3]],
          i32[code[ip + 4]],
          i32[code[ip + 5]],
        );
        if (machine.exit !== Exit.None) return;
        i32 = machine.memory.i32;
        u8 = machine.memory.u8;
        u16 = machine.memory.u16;
        fuel = machine.fuel;
        i32[code[ip + 1]] = value;
        ip += 6;
        continue;
      }

      case I.WhenEqSS:
        ip = i32[code[ip + 1]] === i32[code[ip + 2]] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenNeSS:
        ip = i32[code[ip + 1]] !== i32[code[ip + 2]] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenLtSSS:
        ip = i32[code[ip + 1]] < i32[code[ip + 2]] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenGeSSS:
        ip = i32[code[ip + 1]] >= i32[code[ip + 2]] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenLtUSS:
        ip = i32[code[ip + 1]] >>> 0 < i32[code[ip + 2]] >>> 0 ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenGeUSS:
        ip = i32[code[ip + 1]] >>> 0 >= i32[code[ip + 2]] >>> 0 ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenEqSK:
        ip = i32[code[ip + 1]] === code[ip + 2] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenNeSK:
        ip = i32[code[ip + 1]] !== code[ip + 2] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenLtSSK:
        ip = i32[code[ip + 1]] < code[ip + 2] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenGeSSK:
        ip = i32[code[ip + 1]] >= code[ip + 2] ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenLtUSK:
        ip = i32[code[ip + 1]] >>> 0 < code[ip + 2] >>> 0 ? ip + 4 : code[ip + 3];
        continue;
      case I.WhenGeUSK:
        ip = i32[code[ip + 1]] >>> 0 >= code[ip + 2] >>> 0 ? ip + 4 : code[ip + 3];
        continue;
      case I.Jump:
        fuel -= code[ip + 1];
        ip = code[ip + 2];
        break;
      case I.JumpEqSS:
        if (i32[code[ip + 1]] === i32[code[ip + 2]]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpNeSS:
        if (i32[code[ip + 1]] !== i32[code[ip + 2]]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpLtSSS:
        if (i32[code[ip + 1]] < i32[code[ip + 2]]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpGeSSS:
        if (i32[code[ip + 1]] >= i32[code[ip + 2]]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpLtUSS:
        if (i32[code[ip + 1]] >>> 0 < i32[code[ip + 2]] >>> 0) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpGeUSS:
        if (i32[code[ip + 1]] >>> 0 >= i32[code[ip + 2]] >>> 0) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpEqSK:
        if (i32[code[ip + 1]] === code[ip + 2]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpNeSK:
        if (i32[code[ip + 1]] !== code[ip + 2]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpLtSSK:
        if (i32[code[ip + 1]] < code[ip + 2]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpGeSSK:
        if (i32[code[ip + 1]] >= code[ip + 2]) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpLtUSK:
        if (i32[code[ip + 1]] >>> 0 < code[ip + 2] >>> 0) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpGeUSK:
        if (i32[code[ip + 1]] >>> 0 >= code[ip + 2] >>> 0) {
          fuel -= code[ip + 3];
          ip = code[ip + 4];
          break;
        }
        ip += 5;
        continue;
      case I.JumpTo: {
        const pc = i32[code[ip + 1]];
        fuel -= code[ip + 2];
        ip = machine.find(pc);
        code = machine.code;
        break;
      }
      case I.JumpToNoted: {
        const pc = i32[code[ip + 1]];
        fuel -= code[ip + 2];
        machine.noteJump(code[ip + 3], pc);
        ip = machine.find(pc);
        code = machine.code;
        break;
      }
      case I.Redecode: {
        const pc = code[ip + 2];
        fuel -= code[ip + 1];
        ip = machine.find(pc);
        code = machine.code;
        break;
      }
      case I.Raise:
        machine.ip = ip;
        machine.fuel = fuel;
        machine.exception = code[ip + 1];
        machine.argument = i32[code[ip + 2]] >>> 0;
        machine.exit = Exit.Exception;
        return;
      case I.WindowEnter: {
        machine.ip = ip;
        machine.fuel = fuel;
        const pc = machine.enterWindow(i32[code[ip + 1]]);
        if (machine.exit !== Exit.None) return;
        i32 = machine.memory.i32;
        u8 = machine.memory.u8;
        u16 = machine.memory.u16;
        fuel = machine.fuel;
        if (pc === code[ip + 3]) {
          ip += 4;
          continue;
        }
        fuel -= code[ip + 2];
        ip = machine.find(pc);
        code = machine.code;
        break;
      }
      case I.WindowLeave: {
        machine.ip = ip;
        machine.fuel = fuel;
        const pc = machine.leaveWindow();
        if (machine.exit !== Exit.None) return;
        i32 = machine.memory.i32;
        u8 = machine.memory.u8;
        u16 = machine.memory.u16;
        fuel = machine.fuel - code[ip + 1];
        ip = machine.find(pc);
        code = machine.code;
        break;
      }
      default:
        throw new Error(`operation ${code[ip]} at ${ip}`);
    }

    // A block was left for another.
    if (fuel < MOST) {
      machine.ip = ip;
      machine.fuel = fuel;
      machine.exit = Exit.Boundary;
      return;
    }
  }
}

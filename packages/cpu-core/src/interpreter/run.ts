import type { Machine } from './machine.js';

/**
 * Operations of the pre-decoded program. Each has four half-words: the opcode, D, A and B, which are byte offsets of slots (slot
 * number times 4) unless said otherwise; further words follow. SS: both operands are slots; SK: the second is the constant in the next
 * word. `count` is the number of instructions of the block that are complete when the exit is taken, times 4; `ip` a byte position
 * in the program.
 *
 * It stands in this file because esbuild and oxc put numbers in the place of its members only in the file that declares it,
 * and V8 makes a jump table only of a switch whose cases are number literals.
 */
export const enum I {
  /** Leaves in the middle of a block (written over an instruction that must not run now). */
  Leave = 0,
  /** pc mode position: finds the block for pc and writes its ip at `position`. */
  Link,
  /** The pc is in a trap region. */
  Trap,
  /** The pc has a breakpoint. */
  Break,
  /** The first instruction cannot be fetched. */
  NoFetch,
  /** There is compiled code for the pc. */
  Gate,

  MovS,
  MovK,
  AddSS,
  AddSK,
  SubSS,
  /** d = k - b */
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
  /** The next word is the byte offset of the amount. */
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
  /** The next word is the byte offset of the condition. */
  Select,

  /** offset low limit delta: memory[a + offset]; B is 1 when it must be aligned */
  Load8U,
  Load8S,
  Load16U,
  Load16S,
  Load32,
  /** strict low limit delta: memory[a + b] */
  Load8UIndexed,
  Load8SIndexed,
  Load16UIndexed,
  Load16SIndexed,
  Load32Indexed,
  /** index: the word at byte offset `index` of the linear memory */
  Load32At,
  /** As the loads; D is the slot of the value. */
  Store8,
  Store16,
  Store32,
  Store8Indexed,
  Store16Indexed,
  Store32Indexed,
  /** low limit delta slot1 ... slotn; D is n, A the address */
  LoadMany,
  StoreMany,

  FlagsAddSS,
  FlagsAddSK,
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
  /** The next word is the byte offset of the addend. */
  FloatMulAdd,
  FloatMulSub,
  /** helper c */
  Helper,
  /** As Helper, for one that is pure. */
  PureHelper,

  /** [k] ip: goes on at ip unless a CC b */
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

  /** ip; D is the count */
  Jump,
  /** [k] ip; D is the count */
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
  /** D is the count */
  JumpTo,
  /** pc: as JumpTo; the compiler wants to know the targets of the instruction at pc */
  JumpToNoted,
  /** pc: as JumpTo for a constant pc whose mode is not known; D is the count */
  Redecode,
  /** exception; B is the argument */
  Raise,
  /** pc: goes on behind the operation when the window unit says pc; D is the count */
  WindowEnter,
  /** D is the count */
  WindowLeave,
  Count,
}

/** Instructions that must be left for a block to start: MAX_BLOCK_INSTRUCTIONS. */
const MOST = 64;

/** Smallest and largest normal single-precision number. */
const SMALLEST = 2 ** -126;
const LARGEST = 2 ** 128 - 2 ** 104;

/** Bytes of an entry of the cache of computed jumps: pc, ip, and what the mode slots held. */
export const JUMP_CACHE_STRIDE = 32;
export const JUMP_CACHE_MASK = 0x7f;

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
  /** The operation at `ip` is one that `Machine.slow` does. */
  Slow,
}

/**
 * The interpreter for hosts that forbid WebAssembly; `wasm-interpreter.ts` is the other one, over the same program.
 *
 * Runs the program from `start` on, until something ends it; the reason is in `machine.exit`, the position in `machine.ip`. A block
 * is left for another only with MOST instructions of fuel left.
 *
 * It calls nothing: V8 compiles a loop without calls twice as well.
 */
export function execute(machine: Machine, start: number, budget: number): void {
  let ip = start >> 2;
  let fuel = budget | 0;
  const { flags, jumpCachePlace: jumpCache, modeSlotA, modeSlotB, modeSlotC } = machine;
  const { i32, u8, u16, f32 } = machine.memory;
  const { slot: control, mask, value: plain } = machine.plainFloat;
  const { n, z, c, v } = flags;

  for (;;) {
    const head = i32[ip];
    const operands = i32[(ip + 1) | 0];
    switch (head & 0xffff) {
      case I.Leave:
        machine.ip = ip << 2;
        machine.fuel = fuel;
        machine.exit = Exit.Middle;
        return;
      case I.Trap:
        machine.ip = ip << 2;
        machine.fuel = fuel;
        machine.exit = Exit.Trap;
        return;
      case I.Break:
        machine.ip = ip << 2;
        machine.fuel = fuel;
        machine.exit = Exit.Break;
        return;
      case I.NoFetch:
        machine.ip = ip << 2;
        machine.fuel = fuel;
        machine.exit = Exit.Fetch;
        return;
      case I.Gate:
        machine.ip = ip << 2;
        machine.fuel = fuel;
        machine.exit = Exit.Gate;
        return;

      case I.MovS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2];
        ip = (ip + 2) | 0;
        continue;
      case I.MovK:
        i32[head >>> 18] = i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.AddSS:
        i32[head >>> 18] = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.AddSK:
        i32[head >>> 18] = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SubSS:
        i32[head >>> 18] = (i32[(operands & 0xffff) >> 2] - i32[operands >>> 18]) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SubKS:
        i32[head >>> 18] = (i32[(ip + 2) | 0] - i32[operands >>> 18]) | 0;
        ip = (ip + 3) | 0;
        continue;
      case I.AndSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] & i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.AndSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] & i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.OrSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] | i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.OrSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] | i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.XorSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] ^ i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.XorSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] ^ i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.ShlSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] << i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.ShlSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] << i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.ShrSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >>> i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.ShrSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >>> i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.SarSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >> i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.SarSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >> i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.AndNotSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] & ~i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.RorSS: {
        const value = i32[(operands & 0xffff) >> 2];
        const amount = i32[operands >>> 18];
        i32[head >>> 18] = (value >>> amount) | (value << -amount);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.RorSK: {
        const value = i32[(operands & 0xffff) >> 2];
        const amount = i32[(ip + 2) | 0];
        i32[head >>> 18] = (value >>> amount) | (value << -amount);
        ip = (ip + 3) | 0;
        continue;
      }
      case I.ShlWide: {
        const amount = i32[operands >>> 18] & 0xff;
        i32[head >>> 18] = amount > 31 ? 0 : i32[(operands & 0xffff) >> 2] << amount;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.ShrWide: {
        const amount = i32[operands >>> 18] & 0xff;
        i32[head >>> 18] = amount > 31 ? 0 : i32[(operands & 0xffff) >> 2] >>> amount;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.SarWide: {
        const amount = i32[operands >>> 18] & 0xff;
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >> Math.min(amount, 31);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.Funnel: {
        const high = i32[(operands & 0xffff) >> 2];
        const low = i32[operands >>> 18];
        const amount = i32[i32[(ip + 2) | 0] >> 2] & 0x3f;
        if (amount === 0) i32[head >>> 18] = low;
        else if (amount < 32) i32[head >>> 18] = (low >>> amount) | (high << (32 - amount));
        else i32[head >>> 18] = high >>> (amount - 32);
        ip = (ip + 3) | 0;
        continue;
      }
      case I.MulSS:
        i32[head >>> 18] = Math.imul(i32[(operands & 0xffff) >> 2], i32[operands >>> 18]);
        ip = (ip + 2) | 0;
        continue;
      case I.MulHighS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        // Four 16-bit products; the high halves keep the sign.
        const low = Math.imul(a & 0xffff, b & 0xffff) >>> 16;
        const middle = (Math.imul(a >> 16, b & 0xffff) + low) | 0;
        const other = (Math.imul(a & 0xffff, b >> 16) + (middle & 0xffff)) | 0;
        i32[head >>> 18] = (Math.imul(a >> 16, b >> 16) + (middle >> 16) + (other >> 16)) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MulHighU: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        const low = Math.imul(a & 0xffff, b & 0xffff) >>> 16;
        const middle = (Math.imul(a >>> 16, b & 0xffff) + low) | 0;
        const other = (Math.imul(a & 0xffff, b >>> 16) + (middle & 0xffff)) | 0;
        i32[head >>> 18] = (Math.imul(a >>> 16, b >>> 16) + (middle >>> 16) + (other >>> 16)) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.DivS:
        i32[head >>> 18] = (i32[(operands & 0xffff) >> 2] / i32[operands >>> 18]) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.DivU:
        i32[head >>> 18] = ((i32[(operands & 0xffff) >> 2] >>> 0) / (i32[operands >>> 18] >>> 0)) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.RemS: {
        const divisor = i32[operands >>> 18];
        const dividend = i32[(operands & 0xffff) >> 2];
        i32[head >>> 18] = divisor === 0 ? dividend : (dividend % divisor) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.RemU: {
        const divisor = i32[operands >>> 18] >>> 0;
        const dividend = i32[(operands & 0xffff) >> 2] >>> 0;
        i32[head >>> 18] = divisor === 0 ? dividend : (dividend % divisor) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MinS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        i32[head >>> 18] = Math.min(a, b);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MaxS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        i32[head >>> 18] = Math.max(a, b);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MinU: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        i32[head >>> 18] = a >>> 0 < b >>> 0 ? a : b;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MaxU: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        i32[head >>> 18] = a >>> 0 > b >>> 0 ? a : b;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.Clz:
        i32[head >>> 18] = Math.clz32(i32[(operands & 0xffff) >> 2]);
        ip = (ip + 2) | 0;
        continue;
      case I.ReverseBits: {
        let x = i32[(operands & 0xffff) >> 2];
        x = ((x >>> 1) & 0x5555_5555) | ((x & 0x5555_5555) << 1);
        x = ((x >>> 2) & 0x3333_3333) | ((x & 0x3333_3333) << 2);
        x = ((x >>> 4) & 0x0f0f_0f0f) | ((x & 0x0f0f_0f0f) << 4);
        i32[head >>> 18] = (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.ReverseBytes: {
        const x = i32[(operands & 0xffff) >> 2];
        i32[head >>> 18] = (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.ReverseBytes16: {
        const a = i32[(operands & 0xffff) >> 2];
        i32[head >>> 18] = ((a & 0x00ff_00ff) << 8) | ((a >>> 8) & 0x00ff_00ff);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.SignExtend8:
        i32[head >>> 18] = (i32[(operands & 0xffff) >> 2] << 24) >> 24;
        ip = (ip + 2) | 0;
        continue;
      case I.SignExtend16:
        i32[head >>> 18] = (i32[(operands & 0xffff) >> 2] << 16) >> 16;
        ip = (ip + 2) | 0;
        continue;
      case I.ZeroExtend8:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] & 0xff;
        ip = (ip + 2) | 0;
        continue;
      case I.ZeroExtend16:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] & 0xffff;
        ip = (ip + 2) | 0;
        continue;
      case I.SetEqSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] === i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetNeSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] !== i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetLtSSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] < i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetGeSSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >= i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetLtUSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >>> 0 < i32[operands >>> 18] >>> 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetGeUSS:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >>> 0 >= i32[operands >>> 18] >>> 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetEqSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] === i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetNeSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] !== i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetLtSSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] < i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetGeSSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >= i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetLtUSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >>> 0 < i32[(ip + 2) | 0] >>> 0 ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetGeUSK:
        i32[head >>> 18] = i32[(operands & 0xffff) >> 2] >>> 0 >= i32[(ip + 2) | 0] >>> 0 ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.Select:
        i32[head >>> 18] = i32[i32[(ip + 2) | 0] >> 2] !== 0 ? i32[(operands & 0xffff) >> 2] : i32[operands >>> 18];
        ip = (ip + 3) | 0;
        continue;
      case I.Load32At:
        i32[head >>> 18] = i32[i32[(ip + 2) | 0] >> 2];
        ip = (ip + 3) | 0;
        continue;

      case I.Load8U: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0) {
          i32[head >>> 18] = u8[(at + i32[(ip + 5) | 0]) | 0];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load8UIndexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0) {
          i32[head >>> 18] = u8[(at + i32[(ip + 5) | 0]) | 0];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load8S: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0) {
          i32[head >>> 18] = (u8[(at + i32[(ip + 5) | 0]) | 0] << 24) >> 24;
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load8SIndexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0) {
          i32[head >>> 18] = (u8[(at + i32[(ip + 5) | 0]) | 0] << 24) >> 24;
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load16U: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 1) === 0) {
          i32[head >>> 18] = u16[(at + i32[(ip + 5) | 0]) >> 1];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load16UIndexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 1) === 0) {
          i32[head >>> 18] = u16[(at + i32[(ip + 5) | 0]) >> 1];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load16S: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 1) === 0) {
          i32[head >>> 18] = (u16[(at + i32[(ip + 5) | 0]) >> 1] << 16) >> 16;
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load16SIndexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 1) === 0) {
          i32[head >>> 18] = (u16[(at + i32[(ip + 5) | 0]) >> 1] << 16) >> 16;
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load32: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 3) === 0) {
          i32[head >>> 18] = i32[(at + i32[(ip + 5) | 0]) >> 2];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Load32Indexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 3) === 0) {
          i32[head >>> 18] = i32[(at + i32[(ip + 5) | 0]) >> 2];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Store8: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0) {
          u8[(at + i32[(ip + 5) | 0]) | 0] = i32[head >>> 18];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Store8Indexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0) {
          u8[(at + i32[(ip + 5) | 0]) | 0] = i32[head >>> 18];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Store16: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 1) === 0) {
          u16[(at + i32[(ip + 5) | 0]) >> 1] = i32[head >>> 18];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Store16Indexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 1) === 0) {
          u16[(at + i32[(ip + 5) | 0]) >> 1] = i32[head >>> 18];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Store32: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 3) === 0) {
          i32[(at + i32[(ip + 5) | 0]) >> 2] = i32[head >>> 18];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.Store32Indexed: {
        const at = (i32[(operands & 0xffff) >> 2] + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 < i32[(ip + 4) | 0] >>> 0 && (at & 3) === 0) {
          i32[(at + i32[(ip + 5) | 0]) >> 2] = i32[head >>> 18];
          ip = (ip + 6) | 0;
          continue;
        }
        break;
      }
      case I.LoadMany: {
        const at = i32[(operands & 0xffff) >> 2];
        const words = head >>> 18;
        const offset = (at - i32[(ip + 2) | 0]) >>> 0;
        if ((at & 3) === 0 && offset + 4 * words - 4 < i32[(ip + 3) | 0] >>> 0) {
          let index = (at + i32[(ip + 4) | 0]) >> 2;
          const end = (ip + 5 + words) | 0;
          for (let i = (ip + 5) | 0; i < end; i = (i + 1) | 0) {
            i32[i32[i] >> 2] = i32[index];
            index = (index + 1) | 0;
          }
          ip = end;
          continue;
        }
        break;
      }
      case I.StoreMany: {
        const at = i32[(operands & 0xffff) >> 2];
        const words = head >>> 18;
        const offset = (at - i32[(ip + 2) | 0]) >>> 0;
        if ((at & 3) === 0 && offset + 4 * words - 4 < i32[(ip + 3) | 0] >>> 0) {
          let index = (at + i32[(ip + 4) | 0]) >> 2;
          const end = (ip + 5 + words) | 0;
          for (let i = (ip + 5) | 0; i < end; i = (i + 1) | 0) {
            i32[index] = i32[i32[i] >> 2];
            index = (index + 1) | 0;
          }
          ip = end;
          continue;
        }
        break;
      }

      case I.FlagsAddSS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        const result = (a + b) | 0;
        i32[c] = result >>> 0 < a >>> 0 ? 1 : 0;
        i32[v] = (a ^ result) & (b ^ result);
        i32[n] = result;
        i32[z] = result;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsAddSK: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[(ip + 2) | 0];
        const result = (a + b) | 0;
        i32[c] = result >>> 0 < a >>> 0 ? 1 : 0;
        i32[v] = (a ^ result) & (b ^ result);
        i32[n] = result;
        i32[z] = result;
        ip = (ip + 3) | 0;
        continue;
      }
      case I.FlagsAdcSS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        const carry = i32[c];
        const result = (a + b + carry) | 0;
        i32[c] = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
        i32[v] = (a ^ result) & (b ^ result);
        i32[n] = result;
        i32[z] = result;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsSubSS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        const result = (a - b) | 0;
        i32[c] = a >>> 0 >= b >>> 0 ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ result);
        i32[n] = result;
        i32[z] = result;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsSubSK: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[(ip + 2) | 0];
        const result = (a - b) | 0;
        i32[c] = a >>> 0 >= b >>> 0 ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ result);
        i32[n] = result;
        i32[z] = result;
        ip = (ip + 3) | 0;
        continue;
      }
      case I.FlagsSbcSS: {
        const a = i32[(operands & 0xffff) >> 2];
        const b = i32[operands >>> 18];
        const borrow = (1 - i32[c]) | 0;
        const result = (a - b - borrow) | 0;
        i32[c] = a >>> 0 >= (b >>> 0) + borrow ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ result);
        i32[n] = result;
        i32[z] = result;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsNz: {
        const a = i32[(operands & 0xffff) >> 2];
        i32[n] = a;
        i32[z] = a;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagTestEq:
        i32[head >>> 18] = i32[z] === 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestNe:
        i32[head >>> 18] = i32[z] !== 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestCs:
        i32[head >>> 18] = i32[c];
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestCc:
        i32[head >>> 18] = i32[c] ^ 1;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestMi:
        i32[head >>> 18] = i32[n] >>> 31;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestPl:
        i32[head >>> 18] = (i32[n] >>> 31) ^ 1;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestVs:
        i32[head >>> 18] = i32[v] >>> 31;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestVc:
        i32[head >>> 18] = (i32[v] >>> 31) ^ 1;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestHi:
        i32[head >>> 18] = i32[c] !== 0 && i32[z] !== 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestLs:
        i32[head >>> 18] = i32[c] !== 0 && i32[z] !== 0 ? 0 : 1;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestGe:
        i32[head >>> 18] = ((i32[n] ^ i32[v]) >>> 31) ^ 1;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestLt:
        i32[head >>> 18] = (i32[n] ^ i32[v]) >>> 31;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestGt:
        i32[head >>> 18] = i32[z] !== 0 && (i32[n] ^ i32[v]) >= 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.FlagTestLe:
        i32[head >>> 18] = i32[z] !== 0 && (i32[n] ^ i32[v]) >= 0 ? 0 : 1;
        ip = (ip + 2) | 0;
        continue;

      case I.FloatAdd: {
        const result = Math.fround(f32[(operands & 0xffff) >> 2] + f32[operands >>> 18]);
        const size = Math.abs(result);
        if (size >= SMALLEST && size <= LARGEST && (i32[control] & mask) === plain) {
          f32[head >>> 18] = result;
          ip = (ip + 2) | 0;
          continue;
        }
        break;
      }
      case I.FloatSub: {
        const result = Math.fround(f32[(operands & 0xffff) >> 2] - f32[operands >>> 18]);
        const size = Math.abs(result);
        if (size >= SMALLEST && size <= LARGEST && (i32[control] & mask) === plain) {
          f32[head >>> 18] = result;
          ip = (ip + 2) | 0;
          continue;
        }
        break;
      }
      case I.FloatMul: {
        const result = Math.fround(f32[(operands & 0xffff) >> 2] * f32[operands >>> 18]);
        const size = Math.abs(result);
        if (size >= SMALLEST && size <= LARGEST && (i32[control] & mask) === plain) {
          f32[head >>> 18] = result;
          ip = (ip + 2) | 0;
          continue;
        }
        break;
      }
      case I.FloatDiv: {
        const result = Math.fround(f32[(operands & 0xffff) >> 2] / f32[operands >>> 18]);
        const size = Math.abs(result);
        if (size >= SMALLEST && size <= LARGEST && (i32[control] & mask) === plain) {
          f32[head >>> 18] = result;
          ip = (ip + 2) | 0;
          continue;
        }
        break;
      }

      case I.WhenEqSS:
        ip = i32[(operands & 0xffff) >> 2] === i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenNeSS:
        ip = i32[(operands & 0xffff) >> 2] !== i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenLtSSS:
        ip = i32[(operands & 0xffff) >> 2] < i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenGeSSS:
        ip = i32[(operands & 0xffff) >> 2] >= i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenLtUSS:
        ip = i32[(operands & 0xffff) >> 2] >>> 0 < i32[operands >>> 18] >>> 0 ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenGeUSS:
        ip = i32[(operands & 0xffff) >> 2] >>> 0 >= i32[operands >>> 18] >>> 0 ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenEqSK:
        ip = i32[(operands & 0xffff) >> 2] === i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenNeSK:
        ip = i32[(operands & 0xffff) >> 2] !== i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenLtSSK:
        ip = i32[(operands & 0xffff) >> 2] < i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenGeSSK:
        ip = i32[(operands & 0xffff) >> 2] >= i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenLtUSK:
        ip = i32[(operands & 0xffff) >> 2] >>> 0 < i32[(ip + 2) | 0] >>> 0 ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenGeUSK:
        ip = i32[(operands & 0xffff) >> 2] >>> 0 >= i32[(ip + 2) | 0] >>> 0 ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.Jump:
        fuel = (fuel - (head >>> 18)) | 0;
        ip = i32[(ip + 2) | 0] >> 2;
        if (fuel < MOST) {
          machine.ip = ip << 2;
          machine.fuel = fuel;
          machine.exit = Exit.Boundary;
          return;
        }
        continue;
      case I.JumpEqSS:
        if (i32[(operands & 0xffff) >> 2] === i32[operands >>> 18]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 2) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 3) | 0;
        continue;
      case I.JumpNeSS:
        if (i32[(operands & 0xffff) >> 2] !== i32[operands >>> 18]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 2) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 3) | 0;
        continue;
      case I.JumpLtSSS:
        if (i32[(operands & 0xffff) >> 2] < i32[operands >>> 18]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 2) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 3) | 0;
        continue;
      case I.JumpGeSSS:
        if (i32[(operands & 0xffff) >> 2] >= i32[operands >>> 18]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 2) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 3) | 0;
        continue;
      case I.JumpLtUSS:
        if (i32[(operands & 0xffff) >> 2] >>> 0 < i32[operands >>> 18] >>> 0) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 2) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 3) | 0;
        continue;
      case I.JumpGeUSS:
        if (i32[(operands & 0xffff) >> 2] >>> 0 >= i32[operands >>> 18] >>> 0) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 2) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 3) | 0;
        continue;
      case I.JumpEqSK:
        if (i32[(operands & 0xffff) >> 2] === i32[(ip + 2) | 0]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 3) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 4) | 0;
        continue;
      case I.JumpNeSK:
        if (i32[(operands & 0xffff) >> 2] !== i32[(ip + 2) | 0]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 3) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 4) | 0;
        continue;
      case I.JumpLtSSK:
        if (i32[(operands & 0xffff) >> 2] < i32[(ip + 2) | 0]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 3) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 4) | 0;
        continue;
      case I.JumpGeSSK:
        if (i32[(operands & 0xffff) >> 2] >= i32[(ip + 2) | 0]) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 3) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 4) | 0;
        continue;
      case I.JumpLtUSK:
        if (i32[(operands & 0xffff) >> 2] >>> 0 < i32[(ip + 2) | 0] >>> 0) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 3) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 4) | 0;
        continue;
      case I.JumpGeUSK:
        if (i32[(operands & 0xffff) >> 2] >>> 0 >= i32[(ip + 2) | 0] >>> 0) {
          fuel = (fuel - (head >>> 18)) | 0;
          ip = i32[(ip + 3) | 0] >> 2;
          if (fuel < MOST) {
            machine.ip = ip << 2;
            machine.fuel = fuel;
            machine.exit = Exit.Boundary;
            return;
          }
          continue;
        }
        ip = (ip + 4) | 0;
        continue;
      case I.JumpTo: {
        const pc = i32[(operands & 0xffff) >> 2];
        const entry = (jumpCache + ((pc >>> 1) & JUMP_CACHE_MASK) * JUMP_CACHE_STRIDE) >> 2;
        const left = (fuel - (head >>> 18)) | 0;
        if (
          i32[entry] === pc &&
          i32[(entry + 2) | 0] === i32[modeSlotA] &&
          i32[(entry + 3) | 0] === i32[modeSlotB] &&
          i32[(entry + 4) | 0] === i32[modeSlotC] &&
          left >= MOST
        ) {
          fuel = left;
          ip = i32[(entry + 1) | 0] >> 2;
          continue;
        }
        break;
      }
      default:
    }

    machine.ip = ip << 2;
    machine.fuel = fuel;
    machine.exit = Exit.Slow;
    return;
  }
}

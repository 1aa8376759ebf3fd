import type { Machine } from './machine.js';
import { Exit, I, JUMP_CACHE_MASK, JUMP_CACHE_STRIDE } from './operations.js';

export { Exit } from './operations.js';

/** Instructions that must be left for a block to start: MAX_BLOCK_INSTRUCTIONS. */
const MOST = 64;

/** Smallest and largest normal single-precision number. */
const SMALLEST = 2 ** -126;
const LARGEST = 2 ** 128 - 2 ** 104;

/**
 * The interpreter that every CPU begins with; `wasm-interpreter.ts` writes the other one, over the same program.
 *
 * Runs the program from `start` on, until something ends it; the reason is in `machine.exit`, the position in `machine.ip`. A block
 * is left for another only with MOST instructions of fuel left.
 *
 * It calls nothing but at its end: V8 compiles a loop without calls twice as well.
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
    const op = head & 0xffff;
    const operands = i32[(ip + 1) | 0];
    const a = i32[(operands & 0xffff) >> 2];
    /** Index of the word with the ip of the jump that is taken. */
    let target = (ip + 2) | 0;
    switch (op) {
      case I.Leave:
        return machine.leave(ip << 2, fuel, Exit.Middle);
      case I.Trap:
        return machine.leave(ip << 2, fuel, Exit.Trap);
      case I.Break:
        return machine.leave(ip << 2, fuel, Exit.Break);
      case I.NoFetch:
        return machine.leave(ip << 2, fuel, Exit.Fetch);
      case I.Gate:
        return machine.leave(ip << 2, fuel, Exit.Gate);

      case I.MovS:
        i32[head >>> 18] = a;
        ip = (ip + 2) | 0;
        continue;
      case I.MovK:
        i32[head >>> 18] = i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.AddSS:
        i32[head >>> 18] = (a + i32[operands >>> 18]) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.AddSK:
        i32[head >>> 18] = (a + i32[(ip + 2) | 0]) | 0;
        ip = (ip + 3) | 0;
        continue;
      case I.AndSS:
        i32[head >>> 18] = a & i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.AndSK:
        i32[head >>> 18] = a & i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.OrSS:
        i32[head >>> 18] = a | i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.OrSK:
        i32[head >>> 18] = a | i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.XorSS:
        i32[head >>> 18] = a ^ i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.XorSK:
        i32[head >>> 18] = a ^ i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.SubSS:
        i32[head >>> 18] = (a - i32[operands >>> 18]) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SubKS:
        i32[head >>> 18] = (i32[(ip + 2) | 0] - i32[operands >>> 18]) | 0;
        ip = (ip + 3) | 0;
        continue;
      case I.AndNotSS:
        i32[head >>> 18] = a & ~i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.ShlSS:
        i32[head >>> 18] = a << i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.ShlSK:
        i32[head >>> 18] = a << i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.ShrSS:
        i32[head >>> 18] = a >>> i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.ShrSK:
        i32[head >>> 18] = a >>> i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.SarSS:
        i32[head >>> 18] = a >> i32[operands >>> 18];
        ip = (ip + 2) | 0;
        continue;
      case I.SarSK:
        i32[head >>> 18] = a >> i32[(ip + 2) | 0];
        ip = (ip + 3) | 0;
        continue;
      case I.RorSS: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = (a >>> b) | (a << -b);
        ip = (ip + 2) | 0;
        continue;
      }
      case I.RorSK: {
        const k = i32[(ip + 2) | 0];
        i32[head >>> 18] = (a >>> k) | (a << -k);
        ip = (ip + 3) | 0;
        continue;
      }
      case I.ShlWide: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = (b & 0xff) > 31 ? 0 : a << b;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.ShrWide: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = (b & 0xff) > 31 ? 0 : a >>> b;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.SarWide:
        i32[head >>> 18] = a >> Math.min(i32[operands >>> 18] & 0xff, 31);
        ip = (ip + 2) | 0;
        continue;
      case I.Funnel: {
        const b = i32[operands >>> 18];
        const amount = i32[i32[(ip + 2) | 0] >> 2] & 0x3f;
        if (amount === 0) i32[head >>> 18] = b;
        else if (amount < 32) i32[head >>> 18] = (b >>> amount) | (a << (32 - amount));
        else i32[head >>> 18] = a >>> (amount - 32);
        ip = (ip + 3) | 0;
        continue;
      }
      case I.MulSS:
        i32[head >>> 18] = Math.imul(a, i32[operands >>> 18]);
        ip = (ip + 2) | 0;
        continue;
      case I.MulHighS: {
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
        const b = i32[operands >>> 18];
        const low = Math.imul(a & 0xffff, b & 0xffff) >>> 16;
        const middle = (Math.imul(a >>> 16, b & 0xffff) + low) | 0;
        const other = (Math.imul(a & 0xffff, b >>> 16) + (middle & 0xffff)) | 0;
        i32[head >>> 18] = (Math.imul(a >>> 16, b >>> 16) + (middle >>> 16) + (other >>> 16)) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.DivS:
        i32[head >>> 18] = (a / i32[operands >>> 18]) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.DivU:
        i32[head >>> 18] = ((a >>> 0) / (i32[operands >>> 18] >>> 0)) | 0;
        ip = (ip + 2) | 0;
        continue;
      case I.RemS: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = b === 0 ? a : (a % b) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.RemU: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MinS:
        i32[head >>> 18] = Math.min(a, i32[operands >>> 18]);
        ip = (ip + 2) | 0;
        continue;
      case I.MaxS:
        i32[head >>> 18] = Math.max(a, i32[operands >>> 18]);
        ip = (ip + 2) | 0;
        continue;
      case I.MinU: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = a >>> 0 < b >>> 0 ? a : b;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.MaxU: {
        const b = i32[operands >>> 18];
        i32[head >>> 18] = a >>> 0 > b >>> 0 ? a : b;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.Clz:
        i32[head >>> 18] = Math.clz32(a);
        ip = (ip + 2) | 0;
        continue;
      case I.ReverseBits: {
        let value = ((a >>> 1) & 0x5555_5555) | ((a & 0x5555_5555) << 1);
        value = ((value >>> 2) & 0x3333_3333) | ((value & 0x3333_3333) << 2);
        value = ((value >>> 4) & 0x0f0f_0f0f) | ((value & 0x0f0f_0f0f) << 4);
        value = (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
        i32[head >>> 18] = value;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.ReverseBytes:
        i32[head >>> 18] = (a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24);
        ip = (ip + 2) | 0;
        continue;
      case I.ReverseBytes16:
        i32[head >>> 18] = ((a & 0x00ff_00ff) << 8) | ((a >>> 8) & 0x00ff_00ff);
        ip = (ip + 2) | 0;
        continue;
      case I.SignExtend8:
        i32[head >>> 18] = (a << 24) >> 24;
        ip = (ip + 2) | 0;
        continue;
      case I.SignExtend16:
        i32[head >>> 18] = (a << 16) >> 16;
        ip = (ip + 2) | 0;
        continue;
      case I.ZeroExtend8:
        i32[head >>> 18] = a & 0xff;
        ip = (ip + 2) | 0;
        continue;
      case I.ZeroExtend16:
        i32[head >>> 18] = a & 0xffff;
        ip = (ip + 2) | 0;
        continue;
      case I.SetEqSS:
        i32[head >>> 18] = a === i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetNeSS:
        i32[head >>> 18] = a !== i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetLtSSS:
        i32[head >>> 18] = a < i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetGeSSS:
        i32[head >>> 18] = a >= i32[operands >>> 18] ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetLtUSS:
        i32[head >>> 18] = a >>> 0 < i32[operands >>> 18] >>> 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetGeUSS:
        i32[head >>> 18] = a >>> 0 >= i32[operands >>> 18] >>> 0 ? 1 : 0;
        ip = (ip + 2) | 0;
        continue;
      case I.SetEqSK:
        i32[head >>> 18] = a === i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetNeSK:
        i32[head >>> 18] = a !== i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetLtSSK:
        i32[head >>> 18] = a < i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetGeSSK:
        i32[head >>> 18] = a >= i32[(ip + 2) | 0] ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetLtUSK:
        i32[head >>> 18] = a >>> 0 < i32[(ip + 2) | 0] >>> 0 ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.SetGeUSK:
        i32[head >>> 18] = a >>> 0 >= i32[(ip + 2) | 0] >>> 0 ? 1 : 0;
        ip = (ip + 3) | 0;
        continue;
      case I.Select:
        i32[head >>> 18] = i32[i32[(ip + 2) | 0] >> 2] !== 0 ? a : i32[operands >>> 18];
        ip = (ip + 3) | 0;
        continue;
      case I.Load32At:
        i32[head >>> 18] = i32[i32[(ip + 2) | 0] >> 2];
        ip = (ip + 3) | 0;
        continue;

      case I.Load8U: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0) return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = u8[(at + i32[(ip + 5) | 0]) | 0];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load8UIndexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0) return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = u8[(at + i32[(ip + 5) | 0]) | 0];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load8S: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0) return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = (u8[(at + i32[(ip + 5) | 0]) | 0] << 24) >> 24;
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load8SIndexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0) return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = (u8[(at + i32[(ip + 5) | 0]) | 0] << 24) >> 24;
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load16U: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 1) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = u16[(at + i32[(ip + 5) | 0]) >> 1];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load16UIndexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 1) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = u16[(at + i32[(ip + 5) | 0]) >> 1];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load16S: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 1) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = (u16[(at + i32[(ip + 5) | 0]) >> 1] << 16) >> 16;
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load16SIndexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 1) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = (u16[(at + i32[(ip + 5) | 0]) >> 1] << 16) >> 16;
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load32: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 3) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = i32[(at + i32[(ip + 5) | 0]) >> 2];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Load32Indexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 3) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[head >>> 18] = i32[(at + i32[(ip + 5) | 0]) >> 2];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Store8: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0) return machine.leave(ip << 2, fuel, Exit.Slow);
        u8[(at + i32[(ip + 5) | 0]) | 0] = i32[head >>> 18];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Store8Indexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0) return machine.leave(ip << 2, fuel, Exit.Slow);
        u8[(at + i32[(ip + 5) | 0]) | 0] = i32[head >>> 18];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Store16: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 1) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        u16[(at + i32[(ip + 5) | 0]) >> 1] = i32[head >>> 18];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Store16Indexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 1) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        u16[(at + i32[(ip + 5) | 0]) >> 1] = i32[head >>> 18];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Store32: {
        const at = (a + i32[(ip + 2) | 0]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 3) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[(at + i32[(ip + 5) | 0]) >> 2] = i32[head >>> 18];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.Store32Indexed: {
        const at = (a + i32[operands >>> 18]) | 0;
        if ((at - i32[(ip + 3) | 0]) >>> 0 >= i32[(ip + 4) | 0] >>> 0 || (at & 3) !== 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        i32[(at + i32[(ip + 5) | 0]) >> 2] = i32[head >>> 18];
        ip = (ip + 6) | 0;
        continue;
      }
      case I.LoadMany:
      case I.StoreMany: {
        const words = head >>> 18;
        const offset = (a - i32[(ip + 2) | 0]) >>> 0;
        if ((a & 3) !== 0 || offset + 4 * words - 4 >= i32[(ip + 3) | 0] >>> 0)
          return machine.leave(ip << 2, fuel, Exit.Slow);
        let index = (a + i32[(ip + 4) | 0]) >> 2;
        const end = (ip + 5 + words) | 0;
        for (let i = (ip + 5) | 0; i < end; i = (i + 1) | 0) {
          if (op === I.LoadMany) i32[i32[i] >> 2] = i32[index];
          else i32[index] = i32[i32[i] >> 2];
          index = (index + 1) | 0;
        }
        ip = end;
        continue;
      }

      case I.FlagsAddSS: {
        const b = i32[operands >>> 18];
        const value = (a + b) | 0;
        i32[c] = value >>> 0 < a >>> 0 ? 1 : 0;
        i32[v] = (a ^ value) & (b ^ value);
        i32[n] = value;
        i32[z] = value;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsAddSK: {
        const k = i32[(ip + 2) | 0];
        const value = (a + k) | 0;
        i32[c] = value >>> 0 < a >>> 0 ? 1 : 0;
        i32[v] = (a ^ value) & (k ^ value);
        i32[n] = value;
        i32[z] = value;
        ip = (ip + 3) | 0;
        continue;
      }
      case I.FlagsAdcSS: {
        const b = i32[operands >>> 18];
        const carry = i32[c];
        const value = (a + b + carry) | 0;
        i32[c] = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
        i32[v] = (a ^ value) & (b ^ value);
        i32[n] = value;
        i32[z] = value;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsSubSS: {
        const b = i32[operands >>> 18];
        const value = (a - b) | 0;
        i32[c] = a >>> 0 >= b >>> 0 ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ value);
        i32[n] = value;
        i32[z] = value;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsSubSK: {
        const k = i32[(ip + 2) | 0];
        const value = (a - k) | 0;
        i32[c] = a >>> 0 >= k >>> 0 ? 1 : 0;
        i32[v] = (a ^ k) & (a ^ value);
        i32[n] = value;
        i32[z] = value;
        ip = (ip + 3) | 0;
        continue;
      }
      case I.FlagsSbcSS: {
        const b = i32[operands >>> 18];
        const borrow = (1 - i32[c]) | 0;
        const value = (a - b - borrow) | 0;
        i32[c] = a >>> 0 >= (b >>> 0) + borrow ? 1 : 0;
        i32[v] = (a ^ b) & (a ^ value);
        i32[n] = value;
        i32[z] = value;
        ip = (ip + 2) | 0;
        continue;
      }
      case I.FlagsNz:
        i32[n] = a;
        i32[z] = a;
        ip = (ip + 2) | 0;
        continue;
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

      case I.FloatAdd:
      case I.FloatSub:
      case I.FloatMul:
      case I.FloatDiv: {
        const x = f32[(operands & 0xffff) >> 2];
        const y = f32[operands >>> 18];
        const exact = op === I.FloatAdd ? x + y : op === I.FloatSub ? x - y : op === I.FloatMul ? x * y : x / y;
        const single = Math.fround(exact);
        const size = Math.abs(single);
        if (!(size > SMALLEST && size <= LARGEST) || (i32[control] & mask) !== plain) {
          return machine.leave(ip << 2, fuel, Exit.Slow);
        }
        f32[head >>> 18] = single;
        ip = (ip + 2) | 0;
        continue;
      }

      case I.WhenEqSS:
        ip = a === i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenNeSS:
        ip = a !== i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenLtSSS:
        ip = a < i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenGeSSS:
        ip = a >= i32[operands >>> 18] ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenLtUSS:
        ip = a >>> 0 < i32[operands >>> 18] >>> 0 ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenGeUSS:
        ip = a >>> 0 >= i32[operands >>> 18] >>> 0 ? (ip + 3) | 0 : i32[(ip + 2) | 0] >> 2;
        continue;
      case I.WhenEqSK:
        ip = a === i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenNeSK:
        ip = a !== i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenLtSSK:
        ip = a < i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenGeSSK:
        ip = a >= i32[(ip + 2) | 0] ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenLtUSK:
        ip = a >>> 0 < i32[(ip + 2) | 0] >>> 0 ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.WhenGeUSK:
        ip = a >>> 0 >= i32[(ip + 2) | 0] >>> 0 ? (ip + 4) | 0 : i32[(ip + 3) | 0] >> 2;
        continue;
      case I.Jump:
        break;
      case I.JumpEqSS:
        if (a === i32[operands >>> 18]) break;
        ip = (ip + 3) | 0;
        continue;
      case I.JumpNeSS:
        if (a !== i32[operands >>> 18]) break;
        ip = (ip + 3) | 0;
        continue;
      case I.JumpLtSSS:
        if (a < i32[operands >>> 18]) break;
        ip = (ip + 3) | 0;
        continue;
      case I.JumpGeSSS:
        if (a >= i32[operands >>> 18]) break;
        ip = (ip + 3) | 0;
        continue;
      case I.JumpLtUSS:
        if (a >>> 0 < i32[operands >>> 18] >>> 0) break;
        ip = (ip + 3) | 0;
        continue;
      case I.JumpGeUSS:
        if (a >>> 0 >= i32[operands >>> 18] >>> 0) break;
        ip = (ip + 3) | 0;
        continue;
      case I.JumpEqSK:
        target = (ip + 3) | 0;
        if (a === i32[(ip + 2) | 0]) break;
        ip = (ip + 4) | 0;
        continue;
      case I.JumpNeSK:
        target = (ip + 3) | 0;
        if (a !== i32[(ip + 2) | 0]) break;
        ip = (ip + 4) | 0;
        continue;
      case I.JumpLtSSK:
        target = (ip + 3) | 0;
        if (a < i32[(ip + 2) | 0]) break;
        ip = (ip + 4) | 0;
        continue;
      case I.JumpGeSSK:
        target = (ip + 3) | 0;
        if (a >= i32[(ip + 2) | 0]) break;
        ip = (ip + 4) | 0;
        continue;
      case I.JumpLtUSK:
        target = (ip + 3) | 0;
        if (a >>> 0 < i32[(ip + 2) | 0] >>> 0) break;
        ip = (ip + 4) | 0;
        continue;
      case I.JumpGeUSK:
        target = (ip + 3) | 0;
        if (a >>> 0 >= i32[(ip + 2) | 0] >>> 0) break;
        ip = (ip + 4) | 0;
        continue;
      case I.JumpTo: {
        const entry = (jumpCache + ((a >>> 1) & JUMP_CACHE_MASK) * JUMP_CACHE_STRIDE) >> 2;
        const left = (fuel - (head >>> 18)) | 0;
        const isKnown =
          i32[entry] === a &&
          i32[(entry + 2) | 0] === i32[modeSlotA] &&
          i32[(entry + 3) | 0] === i32[modeSlotB] &&
          i32[(entry + 4) | 0] === i32[modeSlotC];
        if (!isKnown || left < MOST) return machine.leave(ip << 2, fuel, Exit.Slow);
        fuel = left;
        ip = i32[(entry + 1) | 0] >> 2;
        continue;
      }
      default:
        return machine.leave(ip << 2, fuel, Exit.Slow);
    }
    fuel = (fuel - (head >>> 18)) | 0;
    ip = i32[target] >> 2;
    if (fuel < MOST) return machine.leave(ip << 2, fuel, Exit.Boundary);
  }
}

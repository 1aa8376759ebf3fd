import type { Device } from '@loadstone/cpu-core';
import { SLOT } from '../slots.js';
import type { ExceptionModel } from './exception-model.js';
import { EXCEPTION, EXCEPTION_COUNT } from './exception-numbers.js';

/** The System Control Space's place (ARMv7-M ARM B3.2.1). */
export const SYSTEM_CONTROL_SPACE = { start: 0xe000_e000, size: 0x1000 } as const;

/** Register offsets, B3.2.2, B3.3.2, B3.4.3. */
const SYST = 0x010;
const SYST_END = 0x020;
const ISER = 0x100;
const ISPR = 0x200;
const IABR = 0x300;
const IPR = 0x400;
const IPR_END = 0x4f0;
const CPUID = 0xd00;
const ICSR = 0xd04;
const VTOR = 0xd08;
const AIRCR = 0xd0c;
const CCR = 0xd14;
const SHPR1 = 0xd18;
const SHPR_END = 0xd24;
const SHCSR = 0xd24;
const CFSR = 0xd28;
const HFSR = 0xd2c;
const MMFAR = 0xd34;
const BFAR = 0xd38;
const CPACR = 0xd88;
const STIR = 0xf00;

/** Cortex-M4 r0p1. */
const CORTEX_M4 = 0x410f_c241;
const VECTKEY = 0x05fa;
const VECTKEYSTAT = 0xfa05;
/** SHCSR's enable bits of MemManage, BusFault, UsageFault. */
const FAULT_ENABLES = 16;
/** CCR bits that can be written: UNALIGN_TRP, DIV_0_TRP and three that have no effect here. STKALIGN reads as 1. */
const CCR_WRITABLE = 0x11b;
const CCR_STKALIGN = 0x200;
const CCR_TRAPS = 0x18;

/** The registers of SysTick, NVIC and SCB. Registers that are not modelled read as 0 and ignore writes. */
export class SystemControlSpace implements Device {
  private control = CCR_STKALIGN;
  private coprocessors = 0x00f0_0000;

  constructor(private readonly model: ExceptionModel) {}

  read(offset: number, width: number): number {
    if (offset >= IPR && offset < IPR_END) return this.readPriorities(offset - IPR + EXCEPTION.FIRST_INTERRUPT, width);
    if (offset >= SHPR1 && offset < SHPR_END) return this.readPriorities(offset - SHPR1 + 4, width);
    const word = this.readWord(offset & ~3) >>> ((offset & 3) * 8);
    return width === 4 ? word >>> 0 : word & (2 ** (width * 8) - 1);
  }

  write(offset: number, width: number, value: number): void {
    if (offset >= IPR && offset < IPR_END) this.writePriorities(offset - IPR + EXCEPTION.FIRST_INTERRUPT, width, value);
    else if (offset >= SHPR1 && offset < SHPR_END) this.writePriorities(offset - SHPR1 + 4, width, value);
    else this.writeWord(offset & ~3, (value << ((offset & 3) * 8)) >>> 0);
    this.model.recheck();
  }

  private readWord(offset: number): number {
    const { model } = this;
    const { priorities } = model;
    if (offset >= SYST && offset < SYST_END) return model.sysTick.read(offset - SYST);
    if (offset >= ISER && offset < IPR) {
      const kind = offset & ~0x7f;
      const bits = kind < ISPR ? priorities.enabled : kind < IABR ? priorities.pending : priorities.active;
      return this.readBits(bits, offset & 0x7f);
    }
    switch (offset) {
      case CPUID:
        return CORTEX_M4;
      case ICSR:
        return this.readIcsr();
      case VTOR:
        return model.vectorTable;
      case AIRCR:
        return (VECTKEYSTAT << 16) | (priorities.group << 8);
      case CCR:
        return this.control;
      case SHCSR:
        return this.readShcsr();
      case CFSR:
        return model.faultStatus;
      case HFSR:
        return model.hardFaultStatus;
      case MMFAR:
        return model.memManageAddress;
      case BFAR:
        return model.busFaultAddress;
      case CPACR:
        return this.coprocessors;
      default:
        return 0;
    }
  }

  private writeWord(offset: number, value: number): void {
    const { model } = this;
    const { priorities } = model;
    if (offset >= SYST && offset < SYST_END) {
      model.sysTick.write(offset - SYST, value);
      return;
    }
    if (offset >= ISER && offset < IABR) {
      const bits = offset < ISPR ? priorities.enabled : priorities.pending;
      this.writeBits(bits, offset & 0x7f, value, (offset & 0x80) === 0 ? 1 : 0);
      return;
    }
    switch (offset) {
      case ICSR:
        this.writeIcsr(value);
        break;
      case VTOR:
        model.vectorTable = (value & ~0x7f) >>> 0;
        break;
      case AIRCR:
        if (value >>> 16 === VECTKEY) priorities.group = (value >>> 8) & 7;
        break;
      case CCR:
        this.control = (value & CCR_WRITABLE) | CCR_STKALIGN;
        model.cpu.set(SLOT.CCR, value & CCR_TRAPS);
        break;
      case SHCSR:
        for (let n = EXCEPTION.MEM_MANAGE; n <= EXCEPTION.USAGE_FAULT; n++) {
          priorities.enabled[n] = (value >>> (FAULT_ENABLES + n - EXCEPTION.MEM_MANAGE)) & 1;
        }
        break;
      case CFSR:
        model.faultStatus = (model.faultStatus & ~value) >>> 0;
        break;
      case HFSR:
        model.hardFaultStatus = (model.hardFaultStatus & ~value) >>> 0;
        break;
      case CPACR:
        this.coprocessors = value;
        break;
      case STIR:
        model.pend(EXCEPTION.FIRST_INTERRUPT + (value & 0x1ff));
        break;
    }
  }

  /** 32 interrupts' bits; `place` is the word's offset in its bank. */
  private readBits(bits: Uint8Array, place: number): number {
    let word = 0;
    for (let i = 0; i < 32; i++) word |= (bits[EXCEPTION.FIRST_INTERRUPT + place * 8 + i] ?? 0) << i;
    return word >>> 0;
  }

  private writeBits(bits: Uint8Array, place: number, value: number, to: number): void {
    for (let i = 0; i < 32; i++) {
      const number = EXCEPTION.FIRST_INTERRUPT + place * 8 + i;
      if ((value >>> i) & 1 && number < EXCEPTION_COUNT) bits[number] = to;
    }
  }

  private readPriorities(first: number, width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) value |= (this.model.priorities.priority[first + i] ?? 0) << (i * 8);
    return value >>> 0;
  }

  private writePriorities(first: number, width: number, value: number): void {
    const { priorities } = this.model;
    for (let i = 0; i < width; i++) {
      if (first + i < EXCEPTION_COUNT) priorities.priority[first + i] = (value >>> (i * 8)) & priorities.mask;
    }
  }

  /** NMI 31, PendSV 28, SysTick 26, interrupt pending 22, VECTPENDING, RETTOBASE 11, VECTACTIVE. */
  private readIcsr(): number {
    const { pending, active } = this.model.priorities;
    const firstPending = pending.indexOf(1);
    const activeCount = active.reduce((sum, bit) => sum + bit, 0);
    return (
      ((pending[EXCEPTION.NMI] << 31) |
        (pending[EXCEPTION.PENDSV] << 28) |
        (pending[EXCEPTION.SYSTICK] << 26) |
        (pending.indexOf(1, EXCEPTION.FIRST_INTERRUPT) >= 0 ? 1 << 22 : 0) |
        (Math.max(firstPending, 0) << 12) |
        (activeCount <= 1 ? 1 << 11 : 0) |
        this.model.cpu.get(SLOT.IPSR)) >>>
      0
    );
  }

  private writeIcsr(value: number): void {
    const { pending } = this.model.priorities;
    if (value & (1 << 31)) pending[EXCEPTION.NMI] = 1;
    if (value & (1 << 28)) pending[EXCEPTION.PENDSV] = 1;
    if (value & (1 << 27)) pending[EXCEPTION.PENDSV] = 0;
    if (value & (1 << 26)) pending[EXCEPTION.SYSTICK] = 1;
    if (value & (1 << 25)) pending[EXCEPTION.SYSTICK] = 0;
  }

  /** Active bits 0, 1, 3, 7, 8, 10, 11; pending SVCall 15 and faults 12 to 14; enables 16 to 18. */
  private readShcsr(): number {
    const { active, pending, enabled } = this.model.priorities;
    const { MEM_MANAGE, BUS_FAULT, USAGE_FAULT, SVCALL, DEBUG_MONITOR, PENDSV, SYSTICK } = EXCEPTION;
    return (
      active[MEM_MANAGE] |
      (active[BUS_FAULT] << 1) |
      (active[USAGE_FAULT] << 3) |
      (active[SVCALL] << 7) |
      (active[DEBUG_MONITOR] << 8) |
      (active[PENDSV] << 10) |
      (active[SYSTICK] << 11) |
      (pending[USAGE_FAULT] << 12) |
      (pending[MEM_MANAGE] << 13) |
      (pending[BUS_FAULT] << 14) |
      (pending[SVCALL] << 15) |
      (enabled[MEM_MANAGE] << 16) |
      (enabled[BUS_FAULT] << 17) |
      (enabled[USAGE_FAULT] << 18)
    );
  }
}

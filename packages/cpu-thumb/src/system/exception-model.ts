import type { Cpu, RunOptions, StopReason } from '@loadstone/cpu-core';
import { isWide } from '../decoder.js';
import { advance } from '../it-state.js';
import { SLOT } from '../slots.js';
import { isExceptionReturn, stack, unstack } from './exception-frame.js';
import { EXCEPTION, EXCEPTION_COUNT } from './exception-numbers.js';
import { faultOf, INVPC } from './fault-status.js';
import { Priorities } from './priorities.js';
import { SysTick } from './sys-tick.js';
import { SYSTEM_CONTROL_SPACE, SystemControlSpace } from './system-control-space.js';

export interface ExceptionModelOptions {
  /** Address of the vector table: 128-byte aligned. The guest may move it by VTOR. */
  readonly vectorTable: number;
  /** Priority bits that exist, 3 to 8. Default 4, as on STM32. */
  readonly priorityBits?: number;
}

const FORCED = 1 << 30;
const VECTTBL = 1 << 1;

/**
 * Exceptions as a Cortex-M4 takes them: vector table, stacking, priorities, EXC_RETURN, the fault status registers, SysTick and
 * the interrupt controller, with the System Control Space mapped at 0xE000E000. Use {@link run} in place of the CPU's own: a
 * CPU run by itself stops at every SVC and fault instead.
 */
export class ExceptionModel {
  readonly priorities: Priorities;
  readonly sysTick: SysTick;
  /** VTOR */
  vectorTable: number;
  /** CFSR, HFSR, MMFAR, BFAR. */
  faultStatus = 0;
  hardFaultStatus = 0;
  memManageAddress = 0;
  busFaultAddress = 0;
  private interrupted = false;

  /** @throws MemoryError OVERLAP when something lies at 0xE000E000 */
  constructor(
    readonly cpu: Cpu,
    options: ExceptionModelOptions,
  ) {
    this.vectorTable = options.vectorTable;
    this.priorities = new Priorities(options.priorityBits ?? 4);
    this.sysTick = new SysTick(
      () => cpu.instructions,
      () => this.pend(EXCEPTION.SYSTICK),
    );
    cpu.memory.map({
      ...SYSTEM_CONTROL_SPACE,
      name: 'system control space',
      kind: 'mmio',
      executable: false,
      device: new SystemControlSpace(this),
    });
  }

  /** Makes exception `number` (2 NMI, 14 PendSV, 15 SysTick, 16 + n for interrupt n) pending. */
  pend(number: number): void {
    if (!(number >= EXCEPTION.NMI && number < EXCEPTION_COUNT)) throw new RangeError(`exception ${number}`);
    this.priorities.pending[number] = 1;
    this.recheck();
  }

  /** Something that decides which exception is taken has changed. */
  recheck(): void {
    this.interrupted = true;
    this.cpu.requestStop();
  }

  /** Starts as after reset: sp and pc from the vector table, CPU state reset. */
  reset(): void {
    this.cpu.reset();
    this.cpu.set(SLOT.FPCA, 0);
    const [sp, entry] = [this.word(this.vectorTable), this.word(this.vectorTable + 4)];
    this.cpu.set(SLOT.SP, sp & ~3);
    this.cpu.pc = (entry & ~1) >>> 0;
  }

  /**
   * Runs until something that no handler of the guest takes: fuel, breakpoints (BKPT too), watchpoints, traps, a request, or a
   * fault in HardFault's priority (lockup).
   */
  run(options: RunOptions = {}): StopReason {
    const { cpu } = this;
    const end = cpu.instructions + (options.fuel ?? Number.POSITIVE_INFINITY);
    for (;;) {
      this.sysTick.update();
      this.interrupted = false;
      const taken = this.takePending();
      if (taken) return taken;
      const left = end - cpu.instructions;
      if (left <= 0) return { kind: 'fuel', pc: cpu.pc };
      const fuel = Math.min(left, this.sysTick.remaining, this.isHeldBack() ? 1 : Number.POSITIVE_INFINITY);
      const stop = cpu.run(fuel === Number.POSITIVE_INFINITY ? {} : { fuel });
      const final = this.after(stop);
      if (final) return final;
    }
  }

  /** What a stop of the CPU means; undefined to go on. */
  private after(stop: StopReason): StopReason | undefined {
    if (stop.kind === 'fuel') return undefined;
    if (stop.kind === 'requested') return this.interrupted ? undefined : stop;
    if (stop.kind === 'memory-fault' && stop.fault.access === 'fetch' && this.cpu.get(SLOT.IPSR) !== 0) {
      if (isExceptionReturn(stop.pc)) return this.leave(stop);
    }
    if (stop.kind === 'exception' && stop.name === 'supervisor-call') {
      return this.supervisorCall(stop);
    }
    const fault = faultOf(stop);
    if (!fault) return stop;
    this.faultStatus = (this.faultStatus | fault.status) >>> 0;
    if (fault.address !== undefined) this.busFaultAddress = fault.address;
    return this.synchronous(fault.exception, stop.pc, stop);
  }

  /** SVC returns behind itself, in an IT block too. When no handler can run, the state is left at the instruction. */
  private supervisorCall(stop: StopReason): StopReason | undefined {
    const { cpu } = this;
    const itstate = cpu.get(SLOT.ITSTATE);
    cpu.set(SLOT.ITSTATE, advance(itstate));
    const final = this.synchronous(EXCEPTION.SVCALL, this.behind(stop.pc), stop);
    if (final) cpu.set(SLOT.ITSTATE, itstate);
    return final;
  }

  /** Takes a synchronous exception, as HardFault when its own handler cannot run. */
  private synchronous(number: number, returnAddress: number, stop: StopReason): StopReason | undefined {
    const { priorities } = this;
    const current = this.currentPriority();
    if (priorities.enabled[number] !== 0 && priorities.groupOf(priorities.of(number)) < current) {
      return this.enter(number, returnAddress, stop);
    }
    if (current <= priorities.of(EXCEPTION.HARD_FAULT)) return stop;
    this.hardFaultStatus = (this.hardFaultStatus | FORCED) >>> 0;
    return this.enter(EXCEPTION.HARD_FAULT, returnAddress, stop);
  }

  private takePending(): StopReason | undefined {
    const number = this.priorities.next(this.currentPriority());
    if (number === 0) return undefined;
    this.priorities.pending[number] = 0;
    return this.enter(number, this.cpu.pc, { kind: 'requested', pc: this.cpu.pc });
  }

  /** Stacks and goes to the handler; `stop` is returned when the stack or the vector table cannot be used. */
  private enter(number: number, returnAddress: number, stop: StopReason): StopReason | undefined {
    const { cpu } = this;
    const handler = cpu.memory.load((this.vectorTable + number * 4) >>> 0, 4);
    if (typeof handler !== 'number' || (handler & 1) === 0) {
      this.hardFaultStatus |= VECTTBL;
      return stop;
    }
    const fault = stack(cpu, number, returnAddress);
    if (fault) return { kind: 'memory-fault', pc: stop.pc, fault };
    this.priorities.active[number] = 1;
    cpu.pc = (handler & ~1) >>> 0;
    return undefined;
  }

  /** EXC_RETURN. */
  private leave(stop: StopReason): StopReason | undefined {
    const { cpu, priorities } = this;
    const number = cpu.get(SLOT.IPSR);
    const toThread = (stop.pc & 8) !== 0;
    const others = priorities.active.reduce((sum, active) => sum + active, 0) - 1;
    if (priorities.active[number] === 0 || toThread !== (others === 0)) {
      this.faultStatus |= INVPC;
      return stop;
    }
    const fault = unstack(cpu, stop.pc);
    if (fault) return { kind: 'memory-fault', pc: stop.pc, fault };
    priorities.active[number] = 0;
    if (number !== EXCEPTION.NMI) cpu.set(SLOT.FAULTMASK, 0);
    return undefined;
  }

  /** Whether PRIMASK, FAULTMASK or BASEPRI alone keeps an exception pending: the instruction that clears it is waited for. */
  private isHeldBack(): boolean {
    return this.priorities.next(this.priorities.current(0, 0, 0)) !== 0;
  }

  private currentPriority(): number {
    const { cpu } = this;
    return this.priorities.current(cpu.get(SLOT.PRIMASK), cpu.get(SLOT.FAULTMASK), cpu.get(SLOT.BASEPRI));
  }

  private behind(pc: number): number {
    const code = new Uint8Array(2);
    this.cpu.memory.read(pc, code);
    return (pc + (isWide(code[0] | (code[1] << 8)) ? 4 : 2)) >>> 0;
  }

  private word(address: number): number {
    const bytes = new Uint8Array(4);
    this.cpu.memory.read(address, bytes);
    return new DataView(bytes.buffer).getUint32(0, true);
  }
}

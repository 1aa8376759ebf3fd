import { EXCEPTION, EXCEPTION_COUNT } from './exception-numbers.js';

/** Lower than every exception's priority: thread mode. */
const IDLE = 256;

/** Pending, enabled and active exceptions and their priorities (ARMv7-M ARM B1.5.4). */
export class Priorities {
  readonly pending = new Uint8Array(EXCEPTION_COUNT);
  readonly enabled = new Uint8Array(EXCEPTION_COUNT);
  readonly active = new Uint8Array(EXCEPTION_COUNT);
  /** 0 (highest) to 255; reset, NMI and HardFault are fixed. */
  readonly priority = new Uint8Array(EXCEPTION_COUNT);
  /** AIRCR.PRIGROUP, 0 to 7. */
  group = 0;
  /** Priority bits that exist, from the top: 4 on STM32 parts. */
  readonly mask: number;

  constructor(bits: number) {
    this.mask = (0xff00 >> bits) & 0xff;
    // Only interrupts and the three faults can be switched off.
    this.enabled.fill(1, 0, EXCEPTION.FIRST_INTERRUPT);
    this.enabled.fill(0, EXCEPTION.MEM_MANAGE, EXCEPTION.USAGE_FAULT + 1);
  }

  /** Priority of an exception, -3 to 255. */
  of(number: number): number {
    return number <= EXCEPTION.HARD_FAULT ? number - 4 : this.priority[number];
  }

  /** The part of a priority that preempts. */
  groupOf(priority: number): number {
    return priority < 0 ? priority : priority & ~((2 << this.group) - 1);
  }

  /** Priority of what runs: active exceptions, raised by the masks. */
  current(primask: number, faultmask: number, basepri: number): number {
    let current = IDLE;
    for (let n = EXCEPTION.NMI; n < EXCEPTION_COUNT; n++) {
      if (this.active[n] !== 0) current = Math.min(current, this.groupOf(this.of(n)));
    }
    if (basepri !== 0) current = Math.min(current, this.groupOf(basepri));
    if (primask !== 0) current = Math.min(current, 0);
    if (faultmask !== 0) current = Math.min(current, -1);
    return current;
  }

  /** The pending exception that is taken above `current`: the highest priority, then the lowest number; 0 if none. */
  next(current: number): number {
    let best = 0;
    let bestPriority = IDLE;
    for (let n = EXCEPTION.NMI; n < EXCEPTION_COUNT; n++) {
      if (this.pending[n] === 0 || this.enabled[n] === 0) continue;
      const priority = this.of(n);
      if (priority >= bestPriority || this.groupOf(priority) >= current) continue;
      best = n;
      bestPriority = priority;
    }
    return best;
  }
}

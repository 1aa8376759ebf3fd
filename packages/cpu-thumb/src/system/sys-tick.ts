const ENABLE = 1;
const TICKINT = 2;
const COUNTFLAG = 1 << 16;

/** SysTick (ARMv7-M ARM B3.3): a 24-bit counter that runs down by one for each instruction completed. */
export class SysTick {
  private control = 0;
  private reload = 0;
  private value = 0;
  /** Instruction count at which `value` was brought up to date. */
  private since = 0;
  private wrapped = false;

  /**
   * @param now instructions completed
   * @param pend called when the counter reached 0 and TICKINT is set
   */
  constructor(
    private readonly now: () => number,
    private readonly pend: () => void,
  ) {}

  /** Instructions until the counter next reaches 0; Infinity while it stands. */
  get remaining(): number {
    this.update();
    if ((this.control & ENABLE) === 0) return Number.POSITIVE_INFINITY;
    if (this.value > 0) return this.value;
    return this.reload > 0 ? this.reload + 1 : Number.POSITIVE_INFINITY;
  }

  /** Counts the instructions since the last update. At 0 the next count loads the reload value. */
  update(): void {
    const now = this.now();
    const elapsed = now - this.since;
    this.since = now;
    if ((this.control & ENABLE) === 0) return;
    if (elapsed < this.value) {
      this.value -= elapsed;
      return;
    }
    const period = this.reload + 1;
    const pastZero = elapsed - this.value;
    const reachedZero = this.value > 0 || (this.reload > 0 && pastZero >= period);
    this.value = this.reload === 0 ? 0 : (period - (pastZero % period)) % period;
    if (!reachedZero) return;
    this.wrapped = true;
    if ((this.control & TICKINT) !== 0) this.pend();
  }

  /** Reads SYST_CSR (0), SYST_RVR (4), SYST_CVR (8) or SYST_CALIB (12). Reading SYST_CSR clears COUNTFLAG. */
  read(offset: number): number {
    this.update();
    if (offset === 0) {
      const control = this.control | (this.wrapped ? COUNTFLAG : 0);
      this.wrapped = false;
      return control;
    }
    return offset === 4 ? this.reload : offset === 8 ? this.value : 0;
  }

  /** Writes one of the registers; any write to SYST_CVR clears it. */
  write(offset: number, value: number): void {
    this.update();
    if (offset === 0) this.control = value & (ENABLE | TICKINT | 4);
    else if (offset === 4) this.reload = value & 0xff_ffff;
    else if (offset === 8) {
      this.value = 0;
      this.wrapped = false;
    }
  }
}

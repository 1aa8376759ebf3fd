import type { Architecture } from '@loadstone/cpu-core';
import { UnicornError } from './error.js';
import type { UnicornEngine, UnicornModule } from './unicorn-api.js';

/**
 * CONTROL.FPCA and, as Unicorn's Cortex-M33 has it, CONTROL.SFPA: always set in Unicorn, which else puts FPSCR into its default with
 * the first float instruction (ARMv7-M ARM B1.5.7, ARMv8-M ARM B3.22).
 */
const FLOAT_ACTIVE = 0xc;
/** Bits of CPSR. */
const Q = 27;
const GE = 16;
const THUMB = 0x20;
const IT_LOW = 25;
const IT_HIGH = 10;
const GUEST_BITS = 0xff0f_fc00 & ~0x0100_0000;

/** Reads and writes the architecture's state slots in Unicorn. */
export class RegisterFile {
  readonly #uc: UnicornModule;
  readonly #engine: UnicornEngine;
  /** Unicorn's register for a slot, or -1. */
  readonly #direct: Int32Array;
  /** What a slot without a register of its own holds: part of CPSR (its name), or a word kept here. */
  readonly #names: readonly string[];
  /** Words that Unicorn does not know: exclusive monitor, IPSR, CCR. */
  readonly #kept: Uint32Array;
  readonly #msp: number;
  readonly #psp: number;

  constructor(uc: UnicornModule, engine: UnicornEngine, architecture: Architecture) {
    this.#uc = uc;
    this.#engine = engine;
    this.#names = architecture.slots;
    if (!architecture.slots.includes('r0') || !architecture.slots.includes('itstate')) {
      throw new UnicornError('ARCHITECTURE', `unicorn.js cannot run ${architecture.name}, only Thumb`, {
        architecture: architecture.name,
      });
    }
    this.#msp = architecture.slots.indexOf('msp');
    this.#psp = architecture.slots.indexOf('psp');
    this.#kept = new Uint32Array(architecture.slots.length);
    this.#direct = Int32Array.from(architecture.slots, (name) => this.#register(name));
  }

  get count(): number {
    return this.#names.length;
  }

  get(slot: number): number {
    if ((slot === this.#msp || slot === this.#psp) && slot === this.#bank()) return this.#kept[slot];
    const register = this.#direct[slot];
    if (register === this.#uc.ARM_REG_CONTROL) {
      return (this.#engine.reg_read_i32(register) & ~FLOAT_ACTIVE) | (this.#kept[slot] & FLOAT_ACTIVE);
    }
    if (register >= 0) return this.#engine.reg_read_i32(register) >>> 0;
    const name = this.#names[slot];
    const status = /^([nzcvq]|ge|itstate)$/.test(name) ? this.#engine.reg_read_i32(this.#uc.ARM_REG_CPSR) : 0;
    switch (name) {
      case 'n':
        return (status & 0x8000_0000) >>> 0;
      case 'z':
        return (status >>> 30) & 1 ? 0 : 1;
      case 'c':
        return (status >>> 29) & 1;
      case 'v':
        return ((status << 3) & 0x8000_0000) >>> 0;
      case 'q':
        return (status >>> Q) & 1;
      case 'ge':
        return (status >>> GE) & 0xf;
      case 'itstate':
        return ((status >>> IT_LOW) & 3) | (((status >>> IT_HIGH) & 0x3f) << 2);
      default:
        return this.#kept[slot];
    }
  }

  set(slot: number, value: number): void {
    if ((slot === this.#msp || slot === this.#psp) && slot === this.#bank()) {
      this.#kept[slot] = value;
      return;
    }
    const register = this.#direct[slot];
    if (register >= 0) {
      // Another stack pointer may become the current one; slot `sp` stays what it is.
      const { ARM_REG_SP, ARM_REG_CONTROL } = this.#uc;
      const stackPointer = register === ARM_REG_CONTROL ? this.#engine.reg_read_i32(ARM_REG_SP) : undefined;
      this.#kept[slot] = value;
      this.#engine.reg_write_i32(register, register === ARM_REG_CONTROL ? value | FLOAT_ACTIVE : value | 0);
      if (stackPointer !== undefined) this.#engine.reg_write_i32(ARM_REG_SP, stackPointer);
      return;
    }
    switch (this.#names[slot]) {
      case 'n':
        this.#status(0x8000_0000, value & 0x8000_0000);
        break;
      case 'z':
        this.#status(0x4000_0000, value === 0 ? 0x4000_0000 : 0);
        break;
      case 'c':
        this.#status(0x2000_0000, value === 0 ? 0 : 0x2000_0000);
        break;
      case 'v':
        this.#status(0x1000_0000, (value >>> 3) & 0x1000_0000);
        break;
      case 'q':
        this.#status(1 << Q, (value & 1) << Q);
        break;
      case 'ge':
        this.#status(0xf << GE, (value & 0xf) << GE);
        break;
      case 'itstate':
        this.itState = value;
        break;
      default:
        this.#kept[slot] = value;
    }
  }

  /** The slot of the stack pointer that is `sp` at present: MSP, or PSP while CONTROL.SPSEL is set. Its own word means nothing. */
  #bank(): number {
    return (this.#engine.reg_read_i32(this.#uc.ARM_REG_CONTROL) & 2) === 0 ? this.#msp : this.#psp;
  }

  /** ITSTATE, written before Unicorn starts in the middle of an IT block. */
  set itState(value: number) {
    this.#status((3 << IT_LOW) | (0x3f << IT_HIGH), ((value & 3) << IT_LOW) | (((value >> 2) & 0x3f) << IT_HIGH));
  }

  /** All slots. */
  save(): Uint32Array {
    return Uint32Array.from({ length: this.count }, (_, slot) => this.get(slot));
  }

  restore(words: Uint32Array): void {
    words.forEach((word, slot) => {
      this.set(slot, word);
    });
  }

  #status(mask: number, value: number): void {
    const old = this.#engine.reg_read_i32(this.#uc.ARM_REG_CPSR);
    const guest = (old & GUEST_BITS & ~mask) | value;
    this.#engine.reg_write_i32(this.#uc.ARM_REG_CPSR, guest | (old & 0x1df) | THUMB);
  }

  #register(name: string): number {
    const uc = this.#uc;
    const core = /^r(\d+)$/.exec(name);
    if (core) return uc.ARM_REG_R0 + Number(core[1]);
    const float = /^s(\d+)$/.exec(name);
    if (float) return uc.ARM_REG_S0 + Number(float[1]);
    const named: Readonly<Record<string, number>> = {
      sp: uc.ARM_REG_SP,
      lr: uc.ARM_REG_LR,
      fpscr: uc.ARM_REG_FPSCR,
      primask: uc.ARM_REG_PRIMASK,
      basepri: uc.ARM_REG_BASEPRI,
      faultmask: uc.ARM_REG_FAULTMASK,
      control: uc.ARM_REG_CONTROL,
      msp: uc.ARM_REG_MSP,
      psp: uc.ARM_REG_PSP,
    };
    return named[name] ?? -1;
  }
}

import type { Machine } from '../machine.js';

/** What the generated interpreter must know of an architecture; byte offsets of slots. */
export interface InterpreterShape {
  readonly n: number;
  readonly z: number;
  readonly c: number;
  readonly v: number;
  /** The slots that decide about the mode. */
  readonly modeA: number;
  readonly modeB: number;
  readonly modeC: number;
  /** The float unit's simple case: (word at control & mask) === plain. */
  readonly control: number;
  readonly mask: number;
  readonly plain: number;
  /** Place of the jump cache. */
  readonly jumpCache: number;
  /** Where ip and fuel are left. */
  readonly ip: number;
  readonly fuel: number;
}

/** The shape for `machine`; two words of the state at byte `scratch` are the interpreter's. */
export function shapeOf(machine: Machine, scratch: number): InterpreterShape {
  const { flags, plainFloat } = machine;
  return {
    n: flags.n * 4,
    z: flags.z * 4,
    c: flags.c * 4,
    v: flags.v * 4,
    modeA: machine.modeSlotA * 4,
    modeB: machine.modeSlotB * 4,
    modeC: machine.modeSlotC * 4,
    control: plainFloat.slot * 4,
    mask: plainFloat.mask,
    plain: plainFloat.value,
    jumpCache: machine.jumpCachePlace,
    ip: scratch,
    fuel: scratch + 4,
  };
}

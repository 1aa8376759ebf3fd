import { CONST_BASE, isConst, konst, Op } from '../ir.js';
import type { MicroOp } from './graph.js';

/**
 * The micro-op to compile instead. The flags of a + k are those of a - (-k), unless k is 0 (then the carries differ) or -2^31 (then the
 * overflows do); and the flags of a subtraction can stay pending.
 */
export function compiledForm(micro: MicroOp): MicroOp {
  if (micro.op !== Op.FlagsAdd || !isConst(micro.b)) return micro;
  const k = (micro.b - CONST_BASE) | 0;
  return k === 0 || k === -(2 ** 31) ? micro : { ...micro, op: Op.FlagsSub, b: konst(-k) };
}

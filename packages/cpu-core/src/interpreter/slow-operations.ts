import type { FloatUnit, WindowUnit } from '../architecture.js';
import { CpuError } from '../cpu-error.js';
import type { Machine } from './machine.js';
import { Exit, I } from './operations.js';
import { withoutPair } from './pairs.js';
import { SlowAccesses } from './slow-accesses.js';

/** The operations that `execute` could not do itself: memory that is not the expected range, helpers, floats, windows, exceptions. */
export class SlowOperations {
  private readonly accesses: SlowAccesses;

  constructor(private readonly machine: Machine) {
    this.accesses = new SlowAccesses(machine);
  }

  /** Does the operation at the machine's `ip`, and says in the machine where to go on. */
  run(): void {
    const { machine } = this;
    const { ip, state } = machine;
    const { i32 } = machine.memory;
    const head = machine.word(ip);
    const operands = machine.word(ip + 4);
    const d = head >>> 18;
    const a = i32[(operands & 0xffff) >> 2];
    const b = i32[operands >>> 18];
    const k = machine.word(ip + 8);
    const op: I = withoutPair(head & 0xffff);
    switch (op) {
      case I.Link:
        return machine.link(ip);
      case I.Load8U:
      case I.Load8S:
      case I.Load16U:
      case I.Load16S:
      case I.Load32:
        return this.accesses.load(op - I.Load8U, d, (a + k) | 0, operands >>> 18);
      case I.Load8UIndexed:
      case I.Load8SIndexed:
      case I.Load16UIndexed:
      case I.Load16SIndexed:
      case I.Load32Indexed:
        return this.accesses.load(op - I.Load8UIndexed, d, (a + b) | 0, k);
      case I.Store8:
      case I.Store16:
      case I.Store32:
        return this.accesses.store(op - I.Store8, d, (a + k) | 0, operands >>> 18);
      case I.Store8Indexed:
      case I.Store16Indexed:
      case I.Store32Indexed:
        return this.accesses.store(op - I.Store8Indexed, d, (a + b) | 0, k);
      case I.LoadMany:
        return this.accesses.loadMany(a, d);
      case I.StoreMany:
        return this.accesses.storeMany(a, d);
      case I.FloatAdd:
        return machine.result(d, this.float.add(state, a, b), 8);
      case I.FloatSub:
        return machine.result(d, this.float.sub(state, a, b), 8);
      case I.FloatMul:
        return machine.result(d, this.float.mul(state, a, b), 8);
      case I.FloatDiv:
        return machine.result(d, this.float.div(state, a, b), 8);
      case I.FloatSqrt:
        return machine.result(d, this.float.sqrt(state, a), 8);
      case I.FloatMulAdd:
        return machine.result(d, this.float.mulAdd(state, a, b, i32[k >> 2]), 12);
      case I.FloatMulSub:
        return machine.result(d, this.float.mulSub(state, a, b, i32[k >> 2]), 12);
      case I.PureHelper:
      case I.Helper: {
        const value = machine.helpers[k].run(machine.context, a, b, i32[machine.word(ip + 12) >> 2]);
        if (machine.exit === Exit.None) machine.result(d, value, 16);
        return;
      }
      case I.JumpTo:
        return machine.goTo(a, d);
      case I.JumpToNoted:
        machine.companion?.noteJump(k >>> 0, a >>> 0);
        return machine.goTo(a, d);
      case I.Redecode:
        return machine.goTo(k, d);
      case I.Raise:
        machine.exception = k;
        machine.argument = b >>> 0;
        machine.exit = Exit.Exception;
        return;
      case I.WindowEnter: {
        const pc = this.windowed(this.windows.enter(machine.context, a));
        if (machine.exit !== Exit.None) return;
        if (pc !== k) return machine.goTo(pc, d);
        machine.ip = ip + 12;
        return;
      }
      case I.WindowLeave: {
        const pc = this.windowed(this.windows.leave(machine.context));
        if (machine.exit === Exit.None) machine.goTo(pc, d);
        return;
      }
      default:
        throw new CpuError('BAD_ARCHITECTURE', `operation ${op} has no slow path`);
    }
  }

  private get float(): FloatUnit {
    const { float } = this.machine.architecture;
    if (float === undefined) throw new CpuError('BAD_ARCHITECTURE', 'float micro-op without a FloatUnit');
    return float;
  }

  private get windows(): WindowUnit {
    const { windows } = this.machine.architecture;
    if (windows === undefined) throw new CpuError('BAD_ARCHITECTURE', 'window micro-op without a WindowUnit');
    return windows;
  }

  private windowed(pc: number): number {
    if (pc === -1 && this.machine.exit === Exit.None) {
      throw new CpuError('BAD_ARCHITECTURE', 'window unit refused without raise or fault');
    }
    return pc | 0;
  }
}

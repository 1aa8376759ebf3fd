import type { Architecture, DecodeMode } from '../architecture.js';
import {
  CONST_A,
  CONST_B,
  CONST_BASE,
  CONST_C,
  DETAIL_SHIFT,
  ExitKind,
  konst,
  OP_STRIDE,
  OPCODE_MASK,
  Op,
  type Operand,
  STRICT_ALIGNMENT,
} from '../ir.js';
import type { LiftedBlock } from '../lift-block.js';
import { compiledForm } from './flag-forms.js';
import type { Ending, GraphNode, JumpCase, MicroOp } from './graph.js';
import { withSuccessors } from './structure.js';

/** The ending of a node when the code at `pc` is in the graph; until then it leaves for there. */
interface Way {
  readonly node: GraphNode;
  readonly pc: number;
  readonly mode: DecodeMode;
  /** Its successor is to come. */
  readonly ending: Ending;
}

/** A case of a computed jump, if the code at `pc` is in the graph. */
interface PossibleCase {
  readonly cases: JumpCase[];
  readonly pc: number;
  readonly mode: DecodeMode;
}

/** Stands for a successor that is not known yet. */
const UNKNOWN = -1;
const NO_LIST: readonly number[] = [];

/** The nodes of a graph while it is built, without the edges between pieces of code. */
export class NodeDraft {
  readonly nodes: GraphNode[] = [];
  private readonly ways: Way[] = [];
  private readonly cases: PossibleCase[] = [];

  add(pc: number, atStart: boolean): GraphNode {
    const node: GraphNode = { pc, atStart, ops: [], count: 0, ending: { kind: 'leave', pc } };
    this.nodes.push(node);
    return node;
  }

  /** Number of the node that was added last. */
  get last(): number {
    return this.nodes.length - 1;
  }

  /** Gives `node` the ending, if the code at `pc` comes to be in the graph. */
  later(node: GraphNode, pc: number, mode: DecodeMode, ending: Ending): void {
    this.ways.push({ node, pc, mode, ending });
  }

  laterCase(cases: JumpCase[], pc: number, mode: DecodeMode): void {
    this.cases.push({ cases, pc, mode });
  }

  /** Writes the edges. `find` gives the number of the node that starts at an address. */
  connect(find: (pc: number, mode: DecodeMode) => number | undefined): void {
    for (const { node, pc, mode, ending } of this.ways) {
      const to = find(pc, mode);
      if (to !== undefined) node.ending = withSuccessors(ending, [to]);
    }
    for (const { cases, pc, mode } of this.cases) {
      const to = find(pc, mode);
      if (to !== undefined) cases.push({ pc, to });
    }
  }
}

/** Takes lifted code apart into nodes. */
export class NodeWriter {
  private node: GraphNode;
  /** Instructions completed since the start of the node. */
  private done = 0;

  // The instruction that is taken apart.
  private pc = 0;
  /** Mode behind it. */
  private mode: DecodeMode = 0;
  /** Whether the When that is open stays inside of its node. */
  private isSimple = false;
  /** Number of the node that goes on behind the End of another one. */
  private rest = UNKNOWN;
  /** Whether the node has its ending. */
  private isClosed = false;
  /** Whether the host may have asked to leave behind it. */
  private isPolled = false;

  /** Takes apart instructions `from` to `to` - 1. */
  constructor(
    private readonly draft: NodeDraft,
    private readonly helpers: Architecture['helpers'],
    private readonly jumpTargets: (pc: number) => readonly number[],
    private readonly lifted: LiftedBlock,
    from: number,
    to: number,
  ) {
    const { instructions, starts } = lifted.block;
    this.node = draft.add(instructions[from], true);
    for (let i = from; i < to; i++) {
      this.pc = instructions[i];
      this.mode = lifted.modes[i];
      this.isPolled = false;
      if (this.isClosed) throw new RangeError('code behind an exit');
      for (let index = starts[i]; index < starts[i + 1]; index++) this.take(index);
      if (!this.isClosed) this.done++;
      if (this.isPolled && i + 1 < to) this.poll(instructions[i + 1]);
    }
    if (!this.isClosed) this.leave(to);
  }

  private take(index: number): void {
    const micro = microOp(this.lifted, index, this.pc, this.done);
    switch (micro.op) {
      case Op.When:
        return this.when(micro, index);
      case Op.End:
        return this.end(micro);
      case Op.Jump:
        return this.jump(micro);
      case Op.JumpIf:
        return this.jumpIf(micro);
      case Op.JumpTo:
        return this.jumpTo(micro);
      case Op.Raise:
        return this.close({ kind: 'interpret', pc: this.pc, done: this.done }, this.done);
      case Op.WindowEnter:
        return this.windowEnter(micro);
      case Op.WindowLeave:
        return this.close({ kind: 'window-leave', pc: this.pc, done: this.done, mode: this.mode }, this.done + 1);
      case Op.Helper:
        if (!this.helpers[micro.detail].pure) return this.helper(micro);
        this.node.ops.push(micro);
        return;
      default:
        this.node.ops.push(micro);
    }
  }

  /** The current node ends after `count` instructions; there is none until the code goes on elsewhere. */
  private close(ending: Ending, count: number): void {
    this.node.ending = ending;
    this.node.count = count;
    this.isClosed = true;
  }

  /** The current node ends, and a new one, in the middle of the instruction, is the current one. */
  private goOn(ending: Ending): void {
    this.node.ending = ending;
    this.node.count = this.done;
    this.node = this.draft.add(this.pc, false);
    this.done = 0;
  }

  private when(micro: MicroOp, index: number): void {
    if (isSimpleWhen(this.lifted.block.ops, index)) {
      this.node.ops.push(micro);
      this.isSimple = true;
      return;
    }
    const { detail: cc, a, b } = micro;
    const taken = this.draft.last + 1;
    this.rest = taken + 1;
    this.goOn({ kind: 'branch', cc, a, b, taken, other: this.rest });
    this.draft.add(this.pc, false);
  }

  private end(micro: MicroOp): void {
    if (this.isSimple) {
      this.node.ops.push(micro);
      this.isSimple = false;
      return;
    }
    if (this.rest === UNKNOWN) throw new RangeError('End without When');
    if (!this.isClosed) this.close({ kind: 'goto', to: this.rest }, this.done);
    this.node = this.draft.nodes[this.rest];
    this.rest = UNKNOWN;
    this.isClosed = false;
    this.done = 0;
  }

  private jump({ detail, a, b }: MicroOp): void {
    const { node, mode } = this;
    const target = address(a);
    const link = address(b);
    this.close({ kind: 'leave', pc: target }, this.done + 1);
    if (this.isPolled) return;
    if (detail === ExitKind.Call && link !== 0)
      this.draft.later(node, link, mode, { kind: 'call', target, link, mode, next: UNKNOWN });
    else this.draft.later(node, target, mode, { kind: 'goto', to: UNKNOWN });
  }

  private jumpIf({ detail: cc, a, b, c }: MicroOp): void {
    const { draft } = this;
    const target = address(c);
    // A node of its own for the taken way: it completes the instruction.
    const way = draft.add(this.pc, false);
    way.count = 1;
    way.ending = { kind: 'leave', pc: target };
    if (!this.isPolled) draft.later(way, target, this.mode, { kind: 'goto', to: UNKNOWN });
    const taken = draft.last;
    this.goOn({ kind: 'branch', cc, a, b, taken, other: taken + 1 });
  }

  private jumpTo({ detail, a: target, b }: MicroOp): void {
    const { node, pc, mode, draft } = this;
    const link = address(b);
    const isCall = detail === ExitKind.Call && link !== 0;
    const exit: ExitKind = isCall || this.isPolled ? ExitKind.Jump : detail;
    const cases: JumpCase[] = [];
    this.close({ kind: 'jump-to', pc, target, exit, mode, cases }, this.done + 1);
    if (this.isPolled) return;
    if (isCall)
      draft.later(node, link, mode, { kind: 'call-to', target, likely: undefined, link, mode, next: UNKNOWN });
    else if (detail === ExitKind.Jump) for (const seen of this.jumpTargets(pc)) draft.laterCase(cases, seen, mode);
  }

  private windowEnter({ a: stackPointer, pc, done }: MicroOp): void {
    const { mode, draft } = this;
    this.goOn({ kind: 'window-enter', stackPointer, pc, done, mode, next: draft.last + 1 });
  }

  private helper(call: MicroOp): void {
    this.goOn({ kind: 'helper', call, next: this.draft.last + 1 });
    this.isPolled = true;
  }

  /** Behind an instruction in which the host may have asked to leave; the one at `pc` follows. */
  private poll(pc: number): void {
    const polling = this.node;
    polling.count = this.done;
    this.node = this.draft.add(pc, true);
    polling.ending = { kind: 'poll', pc, next: this.draft.last };
    this.done = 0;
  }

  /** Goes on at instruction `to`, or behind the last one. */
  private leave(to: number): void {
    const { block, modes, ended } = this.lifted;
    const isLast = to === block.instructions.length;
    const pc = isLast ? block.end : block.instructions[to];
    this.node.count = this.done;
    this.node.ending = { kind: 'leave', pc };
    // Decoding state may have changed: the run loop asks for the mode.
    if (this.isPolled || (isLast && ended && lastOp(this.lifted) !== Op.WindowEnter)) return;
    this.draft.later(this.node, pc, modes[to - 1], { kind: 'goto', to: UNKNOWN });
  }
}

/** Whether the code behind the last instruction may run next. */
export function fallsThrough(lifted: LiftedBlock): boolean {
  const last = lastOp(lifted);
  if (last === Op.Jump || last === Op.JumpTo || last === Op.Raise || last === Op.WindowLeave) return false;
  return !lifted.ended || last === Op.WindowEnter;
}

function lastOp({ block: { ops } }: LiftedBlock): Op {
  return ops[ops.length - OP_STRIDE] & OPCODE_MASK;
}

/** Micro-op number `index`, taken apart. */
function microOp({ block: { ops, lists } }: LiftedBlock, index: number, pc: number, done: number): MicroOp {
  const at = index * OP_STRIDE;
  const word = ops[at];
  const op: Op = word & OPCODE_MASK;
  return compiledForm({
    op,
    detail: word >>> DETAIL_SHIFT,
    strict: (word & STRICT_ALIGNMENT) !== 0,
    d: ops[at + 1],
    a: (word & CONST_A) !== 0 ? konst(ops[at + 2]) : ops[at + 2],
    b: (word & CONST_B) !== 0 ? konst(ops[at + 3]) : ops[at + 3],
    c: (word & CONST_C) !== 0 ? konst(ops[at + 4]) : ops[at + 4],
    list: op === Op.LoadMany || op === Op.StoreMany ? lists[ops[at + 3]] : NO_LIST,
    pc,
    done,
  });
}

/** A constant operand as an address. */
function address(operand: Operand): number {
  return (operand - CONST_BASE) >>> 0;
}

/** Most micro-ops between When and End that are computed in any case, and then selected. */
const MOST_SELECTED = 4;

/** Whether the When at `index` holds a few micro-ops that only compute: they need no branch. */
function isSimpleWhen(ops: Int32Array, index: number): boolean {
  for (let i = 1; i <= MOST_SELECTED + 1; i++) {
    const op: Op = ops[(index + i) * OP_STRIDE] & OPCODE_MASK;
    if (op === Op.End) return true;
    if (op > Op.Select || (op >= Op.DivS && op <= Op.RemU)) return false;
  }
  return false;
}

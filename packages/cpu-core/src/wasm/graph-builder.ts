import type { Architecture, DecodeMode } from '../architecture.js';
import {
  CONST_A,
  CONST_B,
  CONST_C,
  DETAIL_SHIFT,
  ExitKind,
  konst,
  OP_STRIDE,
  OPCODE_MASK,
  Op,
  STRICT_ALIGNMENT,
} from '../ir.js';
import type { BlockLifter, LiftedBlock } from '../lift-block.js';
import { compiledForm } from './flag-forms.js';
import type { Ending, Graph, GraphNode, JumpCase } from './graph.js';
import { nestLoops } from './nest.js';
import { predictCalls } from './predict.js';
import { makeReducible } from './reducible.js';
import { routeSlot } from './slots.js';
import { unrollLoops } from './unroll.js';

export interface GraphLimits {
  /** Most instructions. */
  readonly instructions: number;
  /** An address at which compiled code is left: breakpoints, and whatever the engine keeps for the interpreter. */
  readonly stopBefore: (pc: number) => boolean;
  /** Targets seen at the computed jump at `pc`. */
  readonly jumpTargets: (pc: number) => readonly number[];
  /** The word at `address` now, little-endian; undefined outside of memory. */
  readonly word: (address: number) => number | undefined;
}

/** What follows an unresolved reference to code: filled in when all runs are known. */
interface Pending {
  readonly node: GraphNode;
  readonly resolve: (number: (pc: number, mode: DecodeMode) => number | undefined) => void;
}

/** Finds the code reachable from an address without calls, and takes it apart into nodes. */
export class GraphBuilder {
  private readonly runs: LiftedBlock[] = [];
  /** Places of instructions: run and index, by mode and address. */
  private readonly places = new Map<DecodeMode, Map<number, readonly [run: number, index: number]>>();
  private readonly leaders = new Map<DecodeMode, Set<number>>();
  private readonly work: { readonly pc: number; readonly mode: DecodeMode }[] = [];
  private readonly nodes: GraphNode[] = [];
  private readonly numbers = new Map<DecodeMode, Map<number, number>>();
  private readonly pending: Pending[] = [];
  private instructions = 0;

  constructor(
    private readonly architecture: Architecture,
    private readonly lifter: BlockLifter,
    private readonly limits: GraphLimits,
  ) {}

  /** Lifts the code from `pc` on; nothing when not even the first instruction can be taken. */
  gather(pc: number, mode: DecodeMode): readonly LiftedBlock[] {
    this.want(pc >>> 0, mode);
    for (let item = this.work.pop(); item !== undefined; item = this.work.pop()) this.lift(item.pc, item.mode);
    return this.runs;
  }

  /** The graph of what was gathered from `pc` on, at least one instruction: it depends on that and on the targets of jumps alone. */
  build(pc: number, mode: DecodeMode): Graph {
    const order = this.runs.map((_, i) => i);
    for (const run of order) this.cut(this.runs[run], run);
    for (const { resolve } of this.pending) resolve((to, m) => this.numbers.get(m)?.get(to));
    predictCalls(this.nodes, this.limits.word);
    const reducible = makeReducible(this.nodes, routeSlot(this.architecture));
    const structure = unrollLoops(this.nodes, nestLoops(this.nodes, reducible), this.architecture);
    const ranges = this.runs.map((run): [number, number] => [run.pc, run.pc + ((run.block.end - run.pc) >>> 0)]);
    return { pc: pc >>> 0, mode, nodes: this.nodes, structure, ranges, instructions: this.instructions };
  }

  private want(pc: number, mode: DecodeMode): void {
    let leaders = this.leaders.get(mode);
    if (leaders === undefined) this.leaders.set(mode, (leaders = new Set()));
    if (leaders.has(pc)) return;
    leaders.add(pc);
    if (this.places.get(mode)?.has(pc)) return;
    this.work.push({ pc, mode });
  }

  private lift(pc: number, mode: DecodeMode): void {
    if (this.places.get(mode)?.has(pc)) return;
    if (this.limits.stopBefore(pc)) return;
    const left = this.limits.instructions - this.instructions;
    if (left <= 0) return;
    const known = (address: number, m: DecodeMode) =>
      this.places.get(m)?.has(address) === true || this.limits.stopBefore(address);
    const lifted = this.lifter.lift(pc, mode, left, known);
    if ('kind' in lifted) return;
    const run = this.runs.push(lifted) - 1;
    const { instructions } = lifted.block;
    this.instructions += instructions.length;
    for (let i = 0; i < instructions.length; i++) {
      const m = i === 0 ? mode : lifted.modes[i - 1];
      let places = this.places.get(m);
      if (places === undefined) this.places.set(m, (places = new Map()));
      if (!places.has(instructions[i])) places.set(instructions[i], [run, i]);
    }
    this.follow(lifted);
  }

  /** Wants the targets of a run. */
  private follow({ block, modes, ended }: LiftedBlock): void {
    let last = Op.Count;
    for (let i = 0; i < block.instructions.length; i++) {
      for (let index = block.starts[i]; index < block.starts[i + 1]; index++) {
        const at = index * OP_STRIDE;
        const word = block.ops[at];
        const op: Op = word & OPCODE_MASK;
        last = op;
        const detail = word >>> DETAIL_SHIFT;
        if (op === Op.JumpIf) this.want(block.ops[at + 4] >>> 0, modes[i]);
        else if (op === Op.Jump && detail !== ExitKind.Call) this.want(block.ops[at + 2] >>> 0, modes[i]);
        else if ((op === Op.Jump || op === Op.JumpTo) && detail === ExitKind.Call && block.ops[at + 3] !== 0) {
          this.want(block.ops[at + 3] >>> 0, modes[i]);
        } else if (op === Op.JumpTo && detail === ExitKind.Jump) {
          for (const target of this.limits.jumpTargets(block.instructions[i])) this.want(target, modes[i]);
        }
      }
    }
    if (fallsThrough(last, ended)) this.want(block.end, modes[modes.length - 1]);
  }

  /** Cuts a run at the leaders inside of it. */
  private cut(lifted: LiftedBlock, run: number): void {
    const { instructions } = lifted.block;
    let from = 0;
    for (let i = 1; i <= instructions.length; i++) {
      const mode = lifted.modes[i - 1];
      const leads = i < instructions.length && this.leaders.get(mode)?.has(instructions[i]) === true;
      if (i < instructions.length && !leads) continue;
      const place = this.places.get(from === 0 ? lifted.mode : lifted.modes[from - 1])?.get(instructions[from]);
      // An instruction may lie in two runs that meet in the same mode; the first one has it.
      if (place?.[0] === run) this.part(lifted, from, i);
      from = i;
    }
  }

  private node(pc: number, atStart: boolean): GraphNode {
    const node: GraphNode = { pc, atStart, ops: [], count: 0, ending: { kind: 'leave', pc } };
    this.nodes.push(node);
    return node;
  }

  /** Makes the nodes of instructions `from` to `to` - 1 of a run. */
  private part({ block, modes, mode, ended }: LiftedBlock, from: number, to: number): void {
    const { instructions, starts, ops, lists } = block;
    const number = this.nodes.length;
    let node = this.node(instructions[from], true);
    const entryMode = from === 0 ? mode : modes[from - 1];
    let numbers = this.numbers.get(entryMode);
    if (numbers === undefined) this.numbers.set(entryMode, (numbers = new Map()));
    numbers.set(instructions[from], number);

    let done = 0;
    let last = Op.Count;
    let lastPolled = false;
    for (let i = from; i < to; i++) {
      const pc = instructions[i];
      const after = modes[i];
      /** Whether the When that is open stays inside of its node. */
      let simple = false;
      /** Node that goes on behind the End of a When. */
      let rest: GraphNode | undefined;
      let closed = false;
      /** Whether the host may have asked to leave behind this instruction. */
      let polled = false;
      for (let index = starts[i]; index < starts[i + 1]; index++) {
        const at = index * OP_STRIDE;
        const word = ops[at];
        const op: Op = word & OPCODE_MASK;
        last = op;
        const detail = word >>> DETAIL_SHIFT;
        const a = (word & CONST_A) !== 0 ? konst(ops[at + 2]) : ops[at + 2];
        const b = (word & CONST_B) !== 0 ? konst(ops[at + 3]) : ops[at + 3];
        const c = (word & CONST_C) !== 0 ? konst(ops[at + 4]) : ops[at + 4];
        const next = (): GraphNode => {
          const fresh = this.node(pc, false);
          done = 0;
          return fresh;
        };
        const end = (ending: Ending, completed: number): void => {
          node.ending = ending;
          node.count = completed;
        };
        switch (op) {
          case Op.When: {
            if (isSimpleWhen(ops, index)) {
              node.ops.push({ op, detail, strict: false, d: 0, a, b, c, list: [], pc, done });
              simple = true;
              break;
            }
            const head = node;
            const base = done;
            node = next();
            const taken = this.nodes.length - 1;
            rest = this.node(pc, false);
            head.ending = { kind: 'branch', cc: detail, a, b, taken, other: this.nodes.length - 1 };
            head.count = base;
            closed = false;
            break;
          }
          case Op.End:
            if (simple) {
              node.ops.push({ op, detail, strict: false, d: 0, a, b, c, list: [], pc, done });
              simple = false;
              break;
            }
            if (rest === undefined) throw new RangeError('End without When');
            if (!closed) end({ kind: 'goto', to: this.nodes.indexOf(rest) }, done);
            node = rest;
            rest = undefined;
            closed = false;
            done = 0;
            break;
          case Op.Jump: {
            const target = ops[at + 2] >>> 0;
            if (detail === ExitKind.Call && ops[at + 3] !== 0) {
              const link = ops[at + 3] >>> 0;
              const call = node;
              end({ kind: 'leave', pc: target }, done + 1);
              if (!polled)
                this.later(call, link, after, (to) => ({ kind: 'call', target, link, mode: after, next: to }));
            } else {
              end({ kind: 'leave', pc: target }, done + 1);
              if (!polled) this.later(node, target, after, (to) => ({ kind: 'goto', to }));
            }
            closed = true;
            break;
          }
          case Op.JumpIf: {
            const target = ops[at + 4] >>> 0;
            const head = node;
            const base = done;
            // A node of its own for the taken way: it completes the instruction.
            const taken = this.node(pc, false);
            taken.count = 1;
            taken.ending = { kind: 'leave', pc: target };
            if (!polled) this.later(taken, target, after, (to) => ({ kind: 'goto', to }));
            const way = this.nodes.length - 1;
            node = next();
            head.ending = { kind: 'branch', cc: detail, a, b, taken: way, other: this.nodes.length - 1 };
            head.count = base;
            break;
          }
          case Op.JumpTo: {
            const link = ops[at + 3] >>> 0;
            if (detail === ExitKind.Call && link !== 0) {
              end({ kind: 'jump-to', pc, target: a, exit: ExitKind.Jump, mode: after, cases: [] }, done + 1);
              if (!polled) {
                this.later(node, link, after, (to) => {
                  return { kind: 'call-to', target: a, likely: undefined, link, mode: after, next: to };
                });
              }
            } else {
              const targets = detail === ExitKind.Jump && !polled ? this.limits.jumpTargets(pc) : [];
              const cases: JumpCase[] = [];
              end(
                { kind: 'jump-to', pc, target: a, exit: polled ? ExitKind.Jump : detail, mode: after, cases },
                done + 1,
              );
              for (const target of targets) {
                this.pending.push({
                  node,
                  resolve: (find) => {
                    const to = find(target, after);
                    if (to !== undefined) cases.push({ pc: target, to });
                  },
                });
              }
            }
            closed = true;
            break;
          }
          case Op.Raise:
            end({ kind: 'interpret', pc, done }, done);
            closed = true;
            break;
          case Op.WindowEnter: {
            const enter = node;
            const completed = done;
            node = next();
            enter.ending = {
              kind: 'window-enter',
              stackPointer: a,
              pc,
              done: completed,
              mode: after,
              link: block.end,
              next: this.nodes.length - 1,
            };
            enter.count = completed;
            break;
          }
          case Op.WindowLeave:
            end({ kind: 'window-leave', pc, done, mode: after }, done + 1);
            closed = true;
            break;
          default: {
            const list = op === Op.LoadMany || op === Op.StoreMany ? lists[ops[at + 3]] : [];
            const micro = compiledForm({
              op,
              detail,
              strict: (word & STRICT_ALIGNMENT) !== 0,
              d: ops[at + 1],
              a,
              b,
              c,
              list,
              pc,
              done,
            });
            if (op === Op.Helper && !this.architecture.helpers[detail].pure) {
              const caller = node;
              const completed = done;
              node = next();
              caller.ending = { kind: 'helper', call: micro, next: this.nodes.length - 1 };
              caller.count = completed;
              polled = true;
            } else {
              node.ops.push(micro);
            }
          }
        }
      }
      if (!closed) done++;
      if (polled && i + 1 < to) {
        const polling = node;
        polling.count = done;
        node = this.node(instructions[i + 1], true);
        done = 0;
        polling.ending = { kind: 'poll', pc: instructions[i + 1], next: this.nodes.length - 1 };
      }
      lastPolled = polled;
      if (closed && i + 1 < to) throw new RangeError('code behind an exit');
    }
    if (isClosed(last)) return;
    node.count = done;
    node.ending = { kind: 'leave', pc: to < instructions.length ? instructions[to] : block.end };
    // Decoding state changed: the run loop asks for the mode.
    if (lastPolled || (to === instructions.length && ended && last !== Op.WindowEnter)) return;
    const target = node.ending.pc;
    this.later(node, target, modes[to - 1], (next) => ({ kind: 'goto', to: next }));
  }

  /** Replaces the ending of `node` when the code at `pc` is in the graph. */
  private later(node: GraphNode, pc: number, mode: DecodeMode, ending: (to: number) => Ending): void {
    this.pending.push({
      node,
      resolve: (find) => {
        const to = find(pc, mode);
        if (to !== undefined) node.ending = ending(to);
      },
    });
  }
}

function isClosed(op: Op): boolean {
  return op === Op.Jump || op === Op.JumpTo || op === Op.Raise || op === Op.WindowLeave;
}

function fallsThrough(last: Op, ended: boolean): boolean {
  return !isClosed(last) && (!ended || last === Op.WindowEnter);
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

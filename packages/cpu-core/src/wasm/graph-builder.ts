import type { Architecture, DecodeMode } from '../architecture.js';
import { DETAIL_SHIFT, ExitKind, OP_STRIDE, OPCODE_MASK, Op } from '../ir.js';
import type { BlockLifter, LiftedBlock } from '../lift-block.js';
import type { Graph } from './graph.js';
import { nestLoops } from './nest.js';
import { fallsThrough, NodeDraft, NodeWriter } from './node-writer.js';
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

/** What is known of the code at one address, in one mode. */
interface Place {
  /** Number of the run that holds the instruction, the first of several; NONE before it is lifted. */
  run: number;
  /** Whether something leads there from elsewhere: a node begins. */
  leads: boolean;
  /** Number of the node that begins there, or NONE. */
  node: number;
}

const NONE = -1;

/** Finds the code reachable from an address without calls, and takes it apart into nodes. */
export class GraphBuilder {
  private readonly runs: LiftedBlock[] = [];
  private readonly places = new Map<DecodeMode, Map<number, Place>>();
  private readonly work: { readonly pc: number; readonly mode: DecodeMode }[] = [];
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
    const draft = new NodeDraft();
    for (let run = 0; run < this.runs.length; run++) this.cut(draft, run);
    draft.connect((to, m) => {
      const node = this.known(to, m)?.node;
      return node === NONE ? undefined : node;
    });
    const { nodes } = draft;
    predictCalls(nodes, this.limits.word);
    const reducible = makeReducible(nodes, routeSlot(this.architecture));
    const structure = unrollLoops(nodes, nestLoops(nodes, reducible), this.architecture);
    const ranges = this.runs.map((run): [number, number] => [run.pc, run.pc + ((run.block.end - run.pc) >>> 0)]);
    return { pc: pc >>> 0, mode, nodes, structure, ranges, instructions: this.instructions };
  }

  private known(pc: number, mode: DecodeMode): Place | undefined {
    return this.places.get(mode)?.get(pc);
  }

  private place(pc: number, mode: DecodeMode): Place {
    let places = this.places.get(mode);
    if (places === undefined) this.places.set(mode, (places = new Map()));
    let place = places.get(pc);
    if (place === undefined) places.set(pc, (place = { run: NONE, leads: false, node: NONE }));
    return place;
  }

  private want(pc: number, mode: DecodeMode): void {
    const place = this.place(pc, mode);
    if (place.leads) return;
    place.leads = true;
    if (place.run === NONE) this.work.push({ pc, mode });
  }

  private isLifted(pc: number, mode: DecodeMode): boolean {
    const place = this.known(pc, mode);
    return place !== undefined && place.run !== NONE;
  }

  private lift(pc: number, mode: DecodeMode): void {
    if (this.isLifted(pc, mode)) return;
    if (this.limits.stopBefore(pc)) return;
    const left = this.limits.instructions - this.instructions;
    if (left <= 0) return;
    const isEnd = (address: number, m: DecodeMode) => this.isLifted(address, m) || this.limits.stopBefore(address);
    const lifted = this.lifter.lift(pc, mode, left, isEnd);
    if ('kind' in lifted) return;
    const run = this.runs.push(lifted) - 1;
    const { instructions } = lifted.block;
    this.instructions += instructions.length;
    for (let i = 0; i < instructions.length; i++) {
      const place = this.place(instructions[i], modeBefore(lifted, i));
      if (place.run === NONE) place.run = run;
    }
    this.follow(lifted);
  }

  /** Wants the targets of a run. */
  private follow(lifted: LiftedBlock): void {
    const { block, modes } = lifted;
    const { ops, instructions, starts, end } = block;
    for (let i = 0; i < instructions.length; i++) {
      for (let at = starts[i] * OP_STRIDE; at < starts[i + 1] * OP_STRIDE; at += OP_STRIDE) {
        const op: Op = ops[at] & OPCODE_MASK;
        if (op === Op.JumpIf) this.want(ops[at + 4] >>> 0, modes[i]);
        if (op !== Op.Jump && op !== Op.JumpTo) continue;
        const exit: ExitKind = ops[at] >>> DETAIL_SHIFT;
        if (exit === ExitKind.Call) {
          if (ops[at + 3] !== 0) this.want(ops[at + 3] >>> 0, modes[i]);
        } else if (op === Op.Jump) {
          this.want(ops[at + 2] >>> 0, modes[i]);
        } else if (exit === ExitKind.Jump) {
          for (const target of this.limits.jumpTargets(instructions[i])) this.want(target, modes[i]);
        }
      }
    }
    if (fallsThrough(lifted)) this.want(end, modes[modes.length - 1]);
  }

  /** Cuts a run into nodes at the places inside of it that something leads to. */
  private cut(draft: NodeDraft, run: number): void {
    const lifted = this.runs[run];
    const { instructions } = lifted.block;
    let from = 0;
    let first = this.known(instructions[0], lifted.mode);
    for (let i = 1; i <= instructions.length; i++) {
      const place = i < instructions.length ? this.known(instructions[i], lifted.modes[i - 1]) : undefined;
      if (i < instructions.length && !place?.leads) continue;
      // An instruction may lie in two runs that meet in the same mode; the first one has it.
      if (first?.run === run) {
        first.node = draft.last + 1;
        new NodeWriter(draft, this.architecture.helpers, this.limits.jumpTargets, lifted, from, i);
      }
      from = i;
      first = place;
    }
  }
}

/** Mode of instruction number `i` of a run. */
function modeBefore({ mode, modes }: LiftedBlock, i: number): DecodeMode {
  return i === 0 ? mode : modes[i - 1];
}

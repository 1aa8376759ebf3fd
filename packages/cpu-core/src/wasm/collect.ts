import type { DecodeMode } from '../architecture.js';
import type { Machine } from '../interpreter/machine.js';
import { BlockLifter } from '../lift-block.js';
import type { CodeStore } from './code-store.js';
import { type Graph, GraphBuilder } from './graph.js';
import type { JumpProfile } from './jump-profile.js';
import type { Place } from './module.js';

/** Most instructions of one compiled function, and of all functions of one module. */
const FUNCTION_INSTRUCTIONS = 1200;
const MODULE_INSTRUCTIONS = 4000;
/** Most guest functions in a module. */
const MODULE_FUNCTIONS = 48;

/** Chooses the guest functions that are compiled together. */
export class GraphCollector {
  private readonly lifter: BlockLifter;

  constructor(
    private readonly machine: Machine,
    private readonly store: CodeStore,
    private readonly jumps: JumpProfile,
  ) {
    this.lifter = new BlockLifter(machine.architecture, machine.memory);
  }

  /** The graph at `pc` and those of the functions it calls, as far as they have run and fit. */
  collect(pc: number, mode: DecodeMode): Graph[] {
    const graphs: Graph[] = [];
    const wanted = new Set<string>();
    const work: Place[] = [{ pc, mode }];
    let left = MODULE_INSTRUCTIONS;
    for (let next = 0; next < work.length && graphs.length < MODULE_FUNCTIONS && left > 0; next++) {
      const item = work[next];
      const key = `${item.pc}:${item.mode}`;
      if (wanted.has(key) || this.store.at(item.pc, item.mode) !== undefined) continue;
      wanted.add(key);
      const graph = this.build(item, Math.min(FUNCTION_INSTRUCTIONS, left));
      if (graph === undefined || graph.nodes[0].ending.kind === 'interpret') continue;
      graphs.push(graph);
      left -= graph.instructions;
      for (const { ending } of graph.nodes) {
        if (ending.kind === 'call' && this.isKnown(ending.target)) work.push({ pc: ending.target, mode: ending.mode });
      }
    }
    return graphs;
  }

  private build({ pc, mode }: Place, instructions: number): Graph | undefined {
    const builder = new GraphBuilder(this.machine.architecture, this.lifter, {
      instructions,
      stopBefore: (address) => this.machine.breakpoints.has(address),
      jumpTargets: (address) => this.jumps.targets(address),
    });
    return builder.build(pc, mode);
  }

  /** Whether guest code that has run is at `pc`. */
  private isKnown(pc: number): boolean {
    const { machine } = this;
    return machine.isTranslated(pc) && machine.memory.regionAt(pc)?.kind !== 'trap';
  }
}

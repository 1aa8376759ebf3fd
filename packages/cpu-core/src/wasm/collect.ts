import type { Machine } from '../interpreter/machine.js';
import { BlockLifter } from '../lift-block.js';
import type { CodeStore } from './code-store.js';
import type { Graph } from './graph.js';
import { GraphBuilder } from './graph-builder.js';
import { architectureKey, type GuestFunction, guestFunction } from './guest-functions.js';
import type { JumpProfile } from './jump-profile.js';
import type { Place } from './module.js';

/** Most instructions of one compiled function, and of all functions of one module. */
const FUNCTION_INSTRUCTIONS = 1200;
const MODULE_INSTRUCTIONS = 4000;
/** Most guest functions in a module. */
const MODULE_FUNCTIONS = 48;

/** A guest function and, when it is needed, its graph. */
export interface Collected {
  readonly code: GuestFunction;
  readonly graph: () => Graph;
}

/** Chooses the guest functions that are compiled together. */
export class GraphCollector {
  private readonly lifter: BlockLifter;
  private readonly key: string;

  constructor(
    private readonly machine: Machine,
    private readonly store: CodeStore,
    private readonly jumps: JumpProfile,
  ) {
    this.lifter = new BlockLifter(machine.architecture, machine.memory);
    this.key = architectureKey(machine.architecture);
  }

  /** The function at `pc` and those it calls, as far as they have run and fit. */
  collect(root: Place): Collected[] {
    const found: Collected[] = [];
    const wanted = new Set<string>();
    const work: Place[] = [root];
    let left = MODULE_INSTRUCTIONS;
    for (let next = 0; next < work.length && found.length < MODULE_FUNCTIONS && left > 0; next++) {
      const item = work[next];
      const key = `${item.pc}:${item.mode}`;
      if (wanted.has(key) || this.store.at(item.pc, item.mode) !== undefined) continue;
      wanted.add(key);
      const collected = this.take(item, Math.min(FUNCTION_INSTRUCTIONS, left));
      if (!collected?.code.isCompilable) continue;
      found.push(collected);
      left -= collected.code.instructions;
      for (const call of collected.code.calls) if (this.isKnown(call.pc)) work.push(call);
    }
    return found;
  }

  private take(place: Place, instructions: number): Collected | undefined {
    const { machine, jumps } = this;
    const targets: (readonly number[])[] = [];
    const words: [address: number, value: number | undefined][] = [];
    const builder = new GraphBuilder(machine.architecture, this.lifter, {
      instructions,
      stopBefore: (address) => machine.breakpoints.has(address),
      jumpTargets: (address) => {
        const answer = jumps.targets(address);
        targets.push(answer);
        return answer;
      },
      word: (address) => {
        const answer = this.word(address);
        words.push([address, answer]);
        return answer;
      },
    });
    const runs = builder.gather(place.pc, place.mode);
    if (runs.length === 0) return undefined;
    let built: Graph | undefined;
    const graph = () => (built ??= builder.build(place.pc, place.mode));
    const source = { runs, targets: [...targets], words };
    return { code: guestFunction(this.key, place, source, (address) => this.word(address), graph), graph };
  }

  /** The word at `address` now. */
  private word(address: number): number | undefined {
    const { memory } = this.machine;
    const host = memory.hostByte(address);
    return host < 0 || (host & 3) !== 0 ? undefined : memory.i32[host >> 2] >>> 0;
  }

  /** Whether guest code that has run is at `pc`. */
  private isKnown(pc: number): boolean {
    const { machine } = this;
    return machine.isTranslated(pc) && machine.memory.regionAt(pc)?.kind !== 'trap';
  }
}

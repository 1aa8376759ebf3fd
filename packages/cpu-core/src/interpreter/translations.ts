import type { Architecture } from '../architecture.js';
import { CODE_GRANULE_SHIFT, type GuestMemory } from '../guest-memory.js';
import { BlockLifter, MAX_BLOCK_INSTRUCTIONS } from '../lift-block.js';
import type { MemoryFault } from '../stop.js';
import type { Companion } from './companion.js';
import type { JumpCache } from './jump-cache.js';
import { Lowering } from './lower.js';
import { I } from './operations.js';
import { withoutPair } from './pairs.js';
import { Program, type ProgramBlock } from './program.js';

/** What translations need of the machine that runs them. */
export interface TranslationsOwner {
  readonly breakpoints: ReadonlySet<number>;
  readonly companion: Companion | undefined;
  /** Whether the generated interpreter runs the program. */
  readonly isGenerated: boolean;
  /** A block is no longer valid. */
  dropped(block: ProgramBlock): void;
}

/** The translated blocks: found by address and mode, linked with each other, forgotten when their code changes. */
export class Translations {
  /** Counts how often everything was forgotten. */
  epoch = 0;

  private readonly program: Program;
  private readonly lifter: BlockLifter;
  private readonly lowering: Lowering;
  /** In the order of their ip. */
  private blocks: ProgramBlock[] = [];
  private readonly byPc = new Map<number, ProgramBlock>();
  /** Blocks of one instruction, for single steps. */
  private readonly steps = new Map<number, ProgramBlock>();
  /** Blocks that only say that there is compiled code. */
  private readonly gates = new Map<number, ProgramBlock>();
  /** Blocks by host granule. */
  private readonly byGranule = new Map<number, ProgramBlock[]>();
  /** Positions of stores in the program. */
  private stores: number[] = [];

  constructor(
    architecture: Architecture,
    private readonly memory: GuestMemory,
    private readonly jumpCache: JumpCache,
    private readonly owner: TranslationsOwner,
  ) {
    this.program = new Program(memory);
    this.lifter = new BlockLifter(architecture, memory);
    this.lowering = new Lowering(architecture, memory, this.program, {
      isGenerated: () => owner.isGenerated,
      onStore: (ip) => this.stores.push(ip),
      notesJumps: () => owner.companion !== undefined,
    });
    memory.onCodeWrite = (from, to) => this.codeWritten(from, to);
  }

  /** The block at `pc`: the gate to compiled code when there is one. */
  lookup(pc: number, mode: number): ProgramBlock {
    for (let gate = this.gates.get(pc); gate !== undefined; gate = gate.sibling) if (gate.mode === mode) return gate;
    return this.plain(pc, mode);
  }

  /** The block at `pc` that the interpreter runs. */
  plain(pc: number, mode: number): ProgramBlock {
    let block = this.byPc.get(pc);
    while (block !== undefined && block.mode !== mode) block = block.sibling;
    return block ?? this.translate(pc, mode, false);
  }

  /** The block of the one instruction at `pc`, whatever breakpoint it has. */
  single(pc: number, mode: number): ProgramBlock {
    let block = this.steps.get(pc);
    while (block !== undefined && block.mode !== mode) block = block.sibling;
    return block ?? this.translate(pc, mode, true);
  }

  /** Resolves the Link at `ip`. */
  link(ip: number): number {
    const pc = this.word(ip + 8) >>> 0;
    const mode = this.word(ip + 12);
    const position = this.word(ip + 16);
    const { epoch } = this;
    const block = this.lookup(pc, mode);
    // When the program was full, it was cleared, and this Link with it.
    if (epoch === this.epoch) {
      this.memory.i32[position >> 2] = block.ip;
      block.incoming.push(position, ip);
    }
    return block.ip;
  }

  /** The block that holds position `ip`. */
  blockAt(ip: number): ProgramBlock {
    const { blocks } = this;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle].ip <= ip) low = middle;
      else high = middle - 1;
    }
    return blocks[low];
  }

  /** Whether the interpreter has run, or prepared, code at `pc`. */
  isTranslated(pc: number): boolean {
    return this.byPc.has(pc);
  }

  /** Number of translated blocks, those of single instructions included. */
  get size(): number {
    let count = 0;
    for (const map of [this.byPc, this.steps]) {
      for (const first of map.values()) {
        for (let block: ProgramBlock | undefined = first; block !== undefined; block = block.sibling) count++;
      }
    }
    return count;
  }

  /** Blocks at `pc` give way to compiled code. */
  addGate(pc: number, mode: number): void {
    for (let b = this.byPc.get(pc); b !== undefined; b = b.sibling) if (b.mode === mode) this.unlink(b);
    if (!this.program.hasRoom() && !this.program.grow()) return this.clear(false);
    const gate = this.special(I.Gate, pc, mode);
    this.blocks.push(gate);
    gate.sibling = this.gates.get(pc);
    this.gates.set(pc, gate);
  }

  removeGate(pc: number, mode: number): void {
    const list: ProgramBlock[] = [];
    for (let b = this.gates.get(pc); b !== undefined; b = b.sibling) {
      if (b.mode === mode) this.unlink(b);
      else list.push(b);
    }
    this.gates.delete(pc);
    for (const gate of list) {
      gate.sibling = this.gates.get(pc);
      this.gates.set(pc, gate);
    }
  }

  /** Marks host bytes as translated code. */
  markCode(from: number, to: number): void {
    if (!this.memory.markCode(from, to)) return;
    this.forgetStoreWindows();
    this.owner.companion?.codeAppeared(from, to);
  }

  /** Forgets translations with a byte of [start, end). */
  forget(start: number, end: number): void {
    for (const block of [...this.byPc.values(), ...this.steps.values()]) {
      for (let b: ProgramBlock | undefined = block; b !== undefined; b = b.sibling) {
        if (b.pc < end && b.end > start) this.invalidate(b);
      }
    }
    for (let address = start; address < end; address++) {
      const host = this.memory.hostByte(address);
      if (host >= 0) this.owner.companion?.codeWritten(host, host + 1);
    }
  }

  /** Forgets all translations; `everything`: the compiled ones too. */
  clear(everything: boolean): void {
    this.epoch++;
    this.program.clear();
    this.blocks = [];
    this.byPc.clear();
    this.steps.clear();
    this.byGranule.clear();
    this.jumpCache.clear();
    this.stores = [];
    this.gates.clear();
    this.memory.clearCodeMarks();
    this.owner.companion?.cleared(everything);
  }

  /** Why the first instruction at `pc` cannot be fetched, if it cannot. */
  refusal(pc: number, mode: number): MemoryFault | undefined {
    const lifted = this.lifter.lift(pc, mode, 1, () => false);
    return 'kind' in lifted ? lifted : undefined;
  }

  private translate(pc: number, mode: number, single: boolean): ProgramBlock {
    let block = this.compile(pc, mode, single);
    while (block === undefined) {
      if (!this.program.grow()) this.clear(false);
      block = this.compile(pc, mode, single);
    }
    this.blocks.push(block);
    const map = single ? this.steps : this.byPc;
    block.sibling = map.get(pc);
    map.set(pc, block);
    if (block.hostTo > block.hostFrom) this.noteCode(block);
    return block;
  }

  /** Writes a block; undefined when the program has no room for it. */
  private compile(pc: number, mode: number, single: boolean): ProgramBlock | undefined {
    const { program, memory } = this;
    if (!program.hasRoom()) return undefined;
    const ip = program.end;
    const region = memory.regionAt(pc);
    if (region?.kind === 'trap' || (!single && this.owner.breakpoints.has(pc))) {
      return this.special(region?.kind === 'trap' ? I.Trap : I.Break, pc, mode);
    }
    const most = single ? 1 : MAX_BLOCK_INSTRUCTIONS;
    const lifted = this.lifter.lift(pc, mode, most, (address) => this.owner.breakpoints.has(address));
    if ('kind' in lifted) return this.special(I.NoFetch, pc, mode);
    const starts = this.lowering.lower(lifted);
    if (starts === undefined) return undefined;
    const { instructions, end } = lifted.block;
    const { hostFrom, hostTo } = memory.hostRange(pc, end);
    const incoming: number[] = [];
    return {
      pc,
      end: pc + ((end - pc) >>> 0),
      mode,
      ip,
      instructions,
      starts,
      hostFrom,
      hostTo,
      incoming,
      sibling: undefined,
    };
  }

  /** Writes a block without instructions of its own: `operation` stands at `pc`. */
  private special(operation: I, pc: number, mode: number): ProgramBlock {
    const ip = this.program.end;
    this.program.push(operation);
    this.program.push(pc);
    return {
      pc,
      end: pc + 1,
      mode,
      ip,
      instructions: Uint32Array.of(pc),
      starts: Int32Array.of(ip),
      hostFrom: 0,
      hostTo: 0,
      incoming: [],
      sibling: undefined,
    };
  }

  private noteCode(block: ProgramBlock): void {
    const last = (block.hostTo - 1) >> CODE_GRANULE_SHIFT;
    for (let granule = block.hostFrom >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      const blocks = this.byGranule.get(granule);
      if (blocks === undefined) this.byGranule.set(granule, [block]);
      else blocks.push(block);
    }
    this.markCode(block.hostFrom, block.hostTo);
  }

  /** Stores look their windows up anew: code appeared where they may write. */
  private forgetStoreWindows(): void {
    const { i32 } = this.memory;
    for (const ip of this.stores)
      i32[(withoutPair(this.word(ip) & 0xffff) === I.StoreMany ? ip + 12 : ip + 16) >> 2] = 0;
  }

  private codeWritten(from: number, to: number): void {
    this.owner.companion?.codeWritten(from, to);
    const last = (to - 1) >> CODE_GRANULE_SHIFT;
    for (let granule = from >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      const blocks = this.byGranule.get(granule);
      if (blocks === undefined) continue;
      for (const block of [...blocks]) {
        if (block.hostFrom < to && block.hostTo > from) this.invalidate(block);
      }
    }
  }

  /** No other block leads to `block` any more without a look-up. */
  private unlink({ pc, incoming }: ProgramBlock): void {
    const { i32 } = this.memory;
    for (let i = 0; i < incoming.length; i += 2) i32[incoming[i] >> 2] = incoming[i + 1];
    incoming.length = 0;
    this.jumpCache.forget(pc);
  }

  /** Forgets one block. */
  invalidate(block: ProgramBlock): void {
    for (const map of [this.byPc, this.steps]) {
      const first = map.get(block.pc);
      if (first === block) {
        if (block.sibling === undefined) map.delete(block.pc);
        else map.set(block.pc, block.sibling);
      } else {
        for (let b = first; b !== undefined; b = b.sibling) if (b.sibling === block) b.sibling = block.sibling;
      }
    }
    this.unlink(block);
    const last = (block.hostTo - 1) >> CODE_GRANULE_SHIFT;
    for (let granule = block.hostFrom >> CODE_GRANULE_SHIFT; granule <= last; granule++) {
      const blocks = this.byGranule.get(granule) ?? [];
      const at = blocks.indexOf(block);
      if (at >= 0) blocks.splice(at, 1);
    }
    this.owner.dropped(block);
  }

  /** The word at position `ip` of the program. */
  private word(ip: number): number {
    return this.memory.i32[ip >> 2];
  }
}

import type { Architecture, FloatUnit, Helper, HelperContext } from '../architecture.js';
import { MAX_TEMPORARIES } from '../builder.js';
import { CpuError } from '../cpu-error.js';
import type { GuestMemory, WatchedRange } from '../guest-memory.js';
import { MAX_BLOCK_INSTRUCTIONS } from '../lift-block.js';
import type { MemoryFault } from '../stop.js';
import { stateWords } from '../wasm/layout.js';
import type { Companion } from './companion.js';
import { shapeOf } from './generated/shape.js';
import { MachineContext } from './helper-context.js';
import { type Generation, InterpreterTier } from './interpreter-tier.js';
import { JumpCache } from './jump-cache.js';
import { Exit, I } from './operations.js';
import type { ProgramBlock } from './program.js';
import { execute } from './run.js';
import { SlowOperations } from './slow-operations.js';
import { Translations } from './translations.js';

/** An access to a watched address that completed. */
export interface WatchHit {
  readonly pc: number;
  readonly address: number;
  readonly access: 'read' | 'write';
  readonly width: number;
}

export type { Companion } from './companion.js';

/** A float unit whose simple case never holds. */
const NEVER_PLAIN = { slot: 0, mask: 0, value: 1 };

const NO_FLAGS = { n: 0, z: 0, c: 0, v: 0 };

/**
 * The interpreter: translated blocks, and where the program of them stands. It runs slices; the run loop around it decides about fuel,
 * traps and breakpoints.
 */
export class Machine {
  readonly memory: GuestMemory;
  readonly flags: { readonly n: number; readonly z: number; readonly c: number; readonly v: number };
  readonly helpers: readonly Helper[];
  readonly plainFloat: FloatUnit['plain'];
  /** The slots that decide about the mode, when they are at most three. */
  readonly modeSlotA: number;
  readonly modeSlotB: number;
  readonly modeSlotC: number;
  readonly context: HelperContext;
  /** Named slots and temporaries. */
  state: Int32Array;

  /** Where `execute` stopped, or stands while it calls a device or a helper. */
  ip = 0;
  /** Fuel left of the slice, as far as exits have counted it; during a call of a device or helper it is up to date. */
  fuel = 0;
  exit: Exit = Exit.None;
  fault: MemoryFault | undefined;
  exception = 0;
  argument = 0;
  watchHit: WatchHit | undefined;
  /** Whether `execute` is on the stack. */
  busy = false;

  readonly breakpoints = new Set<number>();
  companion: Companion | undefined;

  private readonly jumpCache: JumpCache;
  private readonly translations: Translations;
  private readonly slowOperations: SlowOperations;
  private flushPending = false;
  /** Whether the next two say where the last `execute` stopped, or compiled code stands; else the position in the program does. */
  private isStopped = false;
  private stoppedPc = 0;
  private stoppedCompleted = 0;
  /** Whether a helper of compiled code runs. */
  private outside = false;
  /** Fuel taken away so that `execute` returns at the next exit. */
  private held = 0;
  private budget = 0;

  private readonly tier: InterpreterTier;
  /** Where the generated interpreter leaves ip and fuel. */
  private readonly scratch: number;

  constructor(
    readonly architecture: Architecture,
    memory: GuestMemory,
    generation: Generation,
  ) {
    const words = stateWords(architecture.slots.length);
    if (words * 4 > memory.stateBytes) {
      throw new CpuError(
        'BAD_MEMORY',
        `${architecture.name} needs ${words} state words, there are ${memory.stateBytes / 4}`,
      );
    }
    this.memory = memory;
    this.plainFloat = architecture.float?.plain ?? NEVER_PLAIN;
    this.jumpCache = new JumpCache(architecture, memory);
    [this.modeSlotA, this.modeSlotB, this.modeSlotC] = this.jumpCache.modeSlots;
    this.flags = architecture.flags ?? NO_FLAGS;
    this.helpers = architecture.helpers;
    this.state = memory.i32.subarray(0, architecture.slots.length + MAX_TEMPORARIES);
    this.context = new MachineContext(this);
    this.scratch = words * 4 - 8;
    this.tier = new InterpreterTier(memory.memory, shapeOf(this, this.scratch), generation);
    memory.onGrow = () => {
      this.state = memory.i32.subarray(0, architecture.slots.length + MAX_TEMPORARIES);
    };
    this.slowOperations = new SlowOperations(this);
    this.translations = new Translations(architecture, memory, this.jumpCache, this);
    memory.onMap = () => this.flush();
  }

  /**
   * Runs blocks from `pc` on until `exit` is set, at most `fuel` instructions (at least MAX_BLOCK_INSTRUCTIONS).
   * @param plain the first block is interpreted even when there is compiled code for it
   * @param mode of the state
   */
  run(pc: number, fuel: number, plain = false, mode = this.mode()): void {
    if (this.tier.isDue) {
      this.tier.generate();
      this.translations.clear(false);
    }
    this.enter(plain ? this.translations.plain(pc >>> 0, mode).ip : this.find(pc | 0, mode), fuel);
  }

  /** Whether the generated interpreter runs the program. */
  get isGenerated(): boolean {
    return this.tier.generated !== undefined;
  }

  /** Blocks at `pc` give way to compiled code. */
  addGate(pc: number, mode: number): void {
    this.translations.addGate(pc, mode);
  }

  removeGate(pc: number, mode: number): void {
    this.translations.removeGate(pc, mode);
  }

  /** Whether the interpreter has run, or prepared, code at `pc`. */
  isTranslated(pc: number): boolean {
    return this.translations.isTranslated(pc);
  }

  /** Number of translated blocks, those of single instructions included. */
  get translatedBlocks(): number {
    return this.translations.size;
  }

  /** Marks host bytes as translated code. */
  markCode(from: number, to: number): void {
    this.translations.markCode(from, to);
  }

  /** Forgets translations with a byte of [start, end). */
  forget(start: number, end: number): void {
    this.translations.forget(start, end);
  }

  /** The running block ends behind its current instruction: what follows may have changed. */
  dropped(block: ProgramBlock): void {
    if (this.busy && !this.outside && this.translations.blockAt(this.ip) === block) this.leaveAfter(block);
  }

  /** Compiled code at `pc` calls a helper, `completed` instructions after it was entered. */
  begin(pc: number, completed: number): void {
    this.isStopped = true;
    this.stoppedPc = pc;
    this.stoppedCompleted = completed;
    this.busy = true;
    this.outside = true;
  }

  /** The helper has returned. */
  end(): void {
    this.busy = false;
    this.outside = false;
  }

  /** Runs the one instruction at `pc`, whatever breakpoint it has. */
  step(pc: number, mode: number): void {
    this.enter(this.translations.single(pc >>> 0, mode).ip, 0);
  }

  private enter(ip: number, fuel: number): void {
    this.isStopped = false;
    this.exit = Exit.None;
    this.fault = undefined;
    this.budget = fuel;
    this.held = 0;
    this.fuel = fuel;
    this.busy = true;
    try {
      this.ip = ip;
      this.runProgram();
    } finally {
      this.busy = false;
      if (this.tier.generated === undefined) this.tier.ran(this.budget - this.fuel - this.held);
      this.locate();
      this.isStopped = true;
      if (this.flushPending) {
        this.flushPending = false;
        this.translations.clear(true);
      }
    }
  }

  /** Runs from `ip` on until `exit` is set. */
  private runProgram(): void {
    const { generated } = this.tier;
    for (;;) {
      if (generated === undefined) {
        execute(this, this.ip, this.fuel);
      } else {
        this.exit = generated(this.ip, this.fuel);
        const { i32 } = this.memory;
        this.ip = i32[this.scratch >> 2];
        this.fuel = i32[(this.scratch >> 2) + 1];
      }
      if (this.exit !== Exit.Slow) return;
      this.exit = Exit.None;
      if (this.slow()) return;
    }
  }

  /** `execute` stops at `ip` with `fuel` left. */
  leave(ip: number, fuel: number, exit: Exit): void {
    this.ip = ip;
    this.fuel = fuel;
    this.exit = exit;
  }

  /** Finds pc and count of the position in the program. */
  private locate(): void {
    const { exit, ip } = this;
    const exits = this.budget - this.fuel - this.held;
    this.stoppedCompleted = exits;
    if (exit === Exit.Gate || exit === Exit.Trap || exit === Exit.Break || exit === Exit.Fetch) {
      this.stoppedPc = this.word(ip + 4) >>> 0;
    } else if (exit === Exit.Boundary && this.word(ip) === I.Link) {
      this.stoppedPc = this.word(ip + 8) >>> 0;
    } else {
      const block = this.translations.blockAt(ip);
      const index = this.instructionAt(block);
      this.stoppedPc = block.instructions[index];
      if (exit !== Exit.Boundary) this.stoppedCompleted += index;
    }
  }

  /** Address of the instruction at which `execute` stopped or stands. */
  currentPc(): number {
    if (!this.isStopped) this.locate();
    return this.stoppedPc;
  }

  /** Instructions completed since `execute` was entered. */
  completed(): number {
    if (!this.isStopped) this.locate();
    return this.stoppedCompleted;
  }

  private instructionAt(block: ProgramBlock): number {
    const { starts } = block;
    let index = starts.length - 1;
    while (index > 0 && starts[index] > this.ip) index--;
    // Instructions without micro-ops share their start with the next one; the first of them has not run.
    if (this.exit === Exit.Middle || this.exit === Exit.Boundary) {
      while (index > 0 && starts[index - 1] === starts[index]) index--;
    }
    return index;
  }

  /** Byte offset of the jump cache. */
  get jumpCachePlace(): number {
    return this.jumpCache.place;
  }

  /** The word at position `ip` of the program. */
  word(ip: number): number {
    return this.memory.i32[ip >> 2];
  }

  /** The ip of the block at `pc` in `mode`, which is that of the state. */
  private find(pc: number, mode: number): number {
    const { ip } = this.translations.lookup(pc >>> 0, mode);
    this.jumpCache.note(pc, ip);
    return ip;
  }

  /** Leaves the block, in which `count` instructions have completed, for an address. */
  goTo(pc: number, count: number): void {
    this.fuel -= count;
    this.ip = this.find(pc | 0, this.mode());
    if (this.fuel < MAX_BLOCK_INSTRUCTIONS) this.exit = Exit.Boundary;
  }

  /** Goes on behind the Link at `ip`. */
  link(ip: number): void {
    this.ip = this.translations.link(ip);
  }

  /** Does the operation at `ip` that `execute` could not; afterwards `ip` is where to go on, unless it returns true. */
  private slow(): boolean {
    this.slowOperations.run();
    return this.exit !== Exit.None;
  }

  /** Writes the result of an operation of `length` bytes and goes on behind it. */
  result(slot: number, value: number, length: number): void {
    this.memory.i32[slot] = value;
    this.ip += length;
  }

  mode(): number {
    return this.architecture.mode(this.state);
  }

  /** Repeats the failed fetch of the first instruction at `pc`: sets `fault`. */
  fetchFault(pc: number): MemoryFault {
    const fault = this.translations.refusal(pc, this.mode());
    if (fault !== undefined) return fault;
    throw new CpuError('BAD_ARCHITECTURE', 'lift refuses and takes the same bytes');
  }

  private leaveAfter(block: ProgramBlock): void {
    const next = block.starts.find((start) => start > this.ip);
    if (next !== undefined) this.memory.i32[next >> 2] = I.Leave;
  }

  /** `execute` returns behind the current instruction. Only while a device or helper runs. */
  interrupt(): void {
    if (this.outside) {
      this.companion?.interrupt();
      return;
    }
    this.held += this.fuel;
    this.fuel = 0;
    const block = this.translations.blockAt(this.ip);
    if (block.starts.length === 1) return;
    this.translations.invalidate(block);
  }

  /** Forgets all translations; at once, or behind the current instruction when one is running. */
  flush(): void {
    if (this.busy && !this.outside) {
      this.flushPending = true;
      this.interrupt();
    } else {
      this.translations.clear(true);
      if (this.outside) this.interrupt();
    }
  }

  setWatched(ranges: readonly WatchedRange[]): void {
    this.memory.watched = ranges;
    this.flush();
  }
}

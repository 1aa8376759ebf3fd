import type { Architecture, FloatUnit, Helper, HelperContext, WindowUnit } from '../architecture.js';
import { MAX_TEMPORARIES } from '../builder.js';
import { CpuError } from '../cpu-error.js';
import { CODE_GRANULE_SHIFT, type GuestMemory, type WatchedRange, type Window } from '../guest-memory.js';
import { BlockLifter, MAX_BLOCK_INSTRUCTIONS } from '../lift-block.js';
import type { MemoryFault } from '../stop.js';
import { stateWords } from '../wasm/layout.js';
import type { InterpreterShape } from './generated/shape.js';
import { Lowering } from './lower.js';
import { withoutPair } from './pairs.js';
import { Program, type ProgramBlock } from './program.js';
import { Exit, execute, I, JUMP_CACHE_MASK, JUMP_CACHE_STRIDE } from './run.js';
import { type WasmInterpreter, wasmInterpreter } from './wasm-interpreter.js';

/** An access to a watched address that completed. */
export interface WatchHit {
  readonly pc: number;
  readonly address: number;
  readonly access: 'read' | 'write';
  readonly width: number;
}

/** What the machine tells a compiling engine beside it. */
export interface Companion {
  /** An instruction touched memory in a window of its own. */
  noteAccess(pc: number, address: number): void;
  /** A computed jump went to `target`. */
  noteJump(pc: number, target: number): void;
  /** Bytes of translated code changed: host offsets. */
  codeWritten(from: number, to: number): void;
  /** Code was marked for the first time in a granule of these host bytes. */
  codeAppeared(from: number, to: number): void;
  /** All translations are forgotten; `everything`: compiled ones too. */
  cleared(everything: boolean): void;
  /** Compiled code must leave behind the current instruction. */
  interrupt(): void;
}

/** A float unit whose simple case never holds. */
const NEVER_PLAIN = { slot: 0, mask: 0, value: 1 };

const NO_FLAGS = { n: 0, z: 0, c: 0, v: 0 };

/**
 * The interpreter: translated blocks and everything `execute` calls when its fast paths do not suffice. It runs slices; the
 * run loop around it decides about fuel, traps and breakpoints.
 */
export class Machine {
  readonly memory: GuestMemory;
  readonly flags: { readonly n: number; readonly z: number; readonly c: number; readonly v: number };
  readonly helpers: readonly Helper[];
  readonly plainFloat: FloatUnit['plain'];
  /** Finds blocks for computed jumps: pc, ip, and what the mode slots held. Its place in the memory. */
  readonly jumpCache: number;
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
  private readonly site: Window = { low: 0, limit: 0, delta: 0, alignedOnly: false };
  private readonly many = new Int32Array(256);
  private flushPending = false;
  /** Counts how often everything was forgotten. */
  private epoch = 0;
  /** Where the last `execute` stopped, when its program was forgotten since; or where compiled code stands. */
  private stopped: { readonly pc: number; readonly completed: number } | undefined;
  /** Whether a helper of compiled code runs. */
  private outside = false;
  /** Fuel taken away so that `execute` returns at the next exit. */
  private held = 0;
  private budget = 0;
  private readonly cachesJumps: boolean;
  private readonly floatUnit: FloatUnit | undefined;

  /** The interpreter in WebAssembly; without it, the one in JavaScript runs. */
  private readonly fast: WasmInterpreter | undefined;
  /** Where `fast` leaves ip and fuel. */
  private readonly scratch: number;

  constructor(
    readonly architecture: Architecture,
    memory: GuestMemory,
    useWasm: boolean,
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
    const { modeSlots = [] } = architecture;
    this.cachesJumps = modeSlots.length > 0 && modeSlots.length <= 3;
    this.modeSlotA = modeSlots[0] ?? 0;
    this.modeSlotB = modeSlots[1] ?? this.modeSlotA;
    this.modeSlotC = modeSlots[2] ?? this.modeSlotA;
    this.jumpCache = memory.reserve((JUMP_CACHE_MASK + 1) * JUMP_CACHE_STRIDE);
    this.program = new Program(memory);
    this.clearJumpCache();
    this.flags = architecture.flags ?? NO_FLAGS;
    this.helpers = architecture.helpers;
    this.floatUnit = architecture.float;
    this.state = memory.i32.subarray(0, architecture.slots.length + MAX_TEMPORARIES);
    this.context = new Context(this);
    const { flags, plainFloat } = this;
    this.scratch = words * 4 - 8;
    const shape: InterpreterShape = {
      n: flags.n * 4,
      z: flags.z * 4,
      c: flags.c * 4,
      v: flags.v * 4,
      modeA: this.modeSlotA * 4,
      modeB: this.modeSlotB * 4,
      modeC: this.modeSlotC * 4,
      control: plainFloat.slot * 4,
      mask: plainFloat.mask,
      plain: plainFloat.value,
      jumpCache: this.jumpCache,
      ip: this.scratch,
      fuel: this.scratch + 4,
    };
    this.fast = useWasm ? wasmInterpreter(memory.memory, shape) : undefined;
    this.lifter = new BlockLifter(architecture, memory);
    this.lowering = new Lowering(architecture, memory, this.program, {
      isGenerated: useWasm,
      onStore: (ip) => this.stores.push(ip),
      notesJumps: () => this.companion !== undefined,
    });
    memory.onCodeWrite = (from, to) => this.codeWritten(from, to);
    memory.onMap = () => this.flush();
    memory.onGrow = () => {
      this.state = memory.i32.subarray(0, architecture.slots.length + MAX_TEMPORARIES);
    };
  }

  get float(): FloatUnit {
    if (this.floatUnit === undefined) throw new CpuError('BAD_ARCHITECTURE', 'float micro-op without a FloatUnit');
    return this.floatUnit;
  }

  /**
   * Runs blocks from `pc` on until `exit` is set, at most `fuel` instructions (at least MAX_BLOCK_INSTRUCTIONS).
   * @param plain the first block is interpreted even when there is compiled code for it
   */
  run(pc: number, fuel: number, plain = false): void {
    this.enter(plain ? this.plain(pc >>> 0, this.mode()).ip : this.find(pc | 0), fuel);
  }

  /** Compiled code at `pc` calls a helper, `completed` instructions after it was entered. */
  begin(pc: number, completed: number): void {
    this.stopped = { pc, completed };
    this.busy = true;
    this.outside = true;
  }

  /** The helper has returned. */
  end(): void {
    this.stopped = undefined;
    this.busy = false;
    this.outside = false;
  }

  /** Blocks at `pc` give way to compiled code. */
  addGate(pc: number, mode: number): void {
    for (let b = this.byPc.get(pc); b !== undefined; b = b.sibling) if (b.mode === mode) this.unlink(b);
    const ip = this.program.end;
    for (const word of [I.Gate, 0]) this.program.push(word);
    if (this.program.overflowed) return this.clear(false);
    const gate = special(pc, mode, ip);
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

  /** Whether the interpreter has run, or prepared, code at `pc`. */
  isTranslated(pc: number): boolean {
    return this.byPc.has(pc);
  }

  /** Number of translated blocks, those of single instructions included. */
  translatedBlocks(): number {
    let count = 0;
    for (const map of [this.byPc, this.steps]) {
      for (const first of map.values()) {
        for (let block: ProgramBlock | undefined = first; block !== undefined; block = block.sibling) count++;
      }
    }
    return count;
  }

  /** Marks host bytes as translated code. */
  markCode(from: number, to: number): void {
    if (!this.memory.markCode(from, to)) return;
    this.forgetStoreWindows();
    this.companion?.codeAppeared(from, to);
  }

  /** Runs the one instruction at `pc`, whatever breakpoint it has. */
  step(pc: number): void {
    const mode = this.mode();
    let block = this.steps.get(pc >>> 0);
    while (block !== undefined && block.mode !== mode) block = block.sibling;
    block ??= this.translate(pc >>> 0, mode, true);
    this.enter(block.ip, 0);
  }

  private enter(ip: number, fuel: number): void {
    this.stopped = undefined;
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
      if (this.flushPending) this.stopAt();
    }
  }

  /** Runs from `ip` on until `exit` is set. */
  private runProgram(): void {
    const { fast } = this;
    for (;;) {
      if (fast === undefined) {
        execute(this, this.ip, this.fuel);
      } else {
        this.exit = fast(this.ip, this.fuel);
        const { i32 } = this.memory;
        this.ip = i32[this.scratch >> 2];
        this.fuel = i32[(this.scratch >> 2) + 1];
      }
      if (this.exit !== Exit.Slow) return;
      this.exit = Exit.None;
      if (this.slow()) return;
    }
  }

  /** Fixes pc and count before the program is forgotten. */
  private stopAt(): void {
    const pc = this.currentPc();
    const completed = this.completed();
    this.flushPending = false;
    this.clear(true);
    this.stopped = { pc, completed };
  }
  /** Address of the instruction at which `execute` stopped or stands. */
  currentPc(): number {
    if (this.stopped !== undefined) return this.stopped.pc;
    if (this.exit === Exit.Boundary && this.word(this.ip) === I.Link) return this.word(this.ip + 8) >>> 0;
    const block = this.blockAt(this.ip);
    return block.instructions[this.instructionAt(block)];
  }

  /** Instructions completed since `execute` was entered. */
  completed(): number {
    if (this.stopped !== undefined) return this.stopped.completed;
    const exits = this.budget - this.fuel - this.held;
    if (this.exit === Exit.Boundary) return exits;
    return exits + this.instructionAt(this.blockAt(this.ip));
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

  private blockAt(ip: number): ProgramBlock {
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

  /** The ip of the block at `pc` in the mode of the state. */
  private find(pc: number): number {
    const block = this.lookup(pc >>> 0, this.mode());
    if (this.cachesJumps) {
      const { i32 } = this.memory;
      const entry = (this.jumpCache + ((pc >>> 1) & JUMP_CACHE_MASK) * JUMP_CACHE_STRIDE) >> 2;
      i32[entry] = pc;
      i32[entry + 1] = block.ip;
      i32[entry + 2] = i32[this.modeSlotA];
      i32[entry + 3] = i32[this.modeSlotB];
      i32[entry + 4] = i32[this.modeSlotC];
    }
    return block.ip;
  }

  /** Makes the entry of `pc` match nothing: another pc stands in it. */
  private forgetJump(pc: number): void {
    const index = (pc >>> 1) & JUMP_CACHE_MASK;
    this.memory.i32[(this.jumpCache + index * JUMP_CACHE_STRIDE) >> 2] = ((index + 1) & JUMP_CACHE_MASK) << 1;
  }

  private clearJumpCache(): void {
    for (let index = 0; index <= JUMP_CACHE_MASK; index++) this.forgetJump(index << 1);
  }

  /** The word at position `ip` of the program. */
  private word(ip: number): number {
    return this.memory.i32[ip >> 2];
  }

  /** Leaves the block for the address in a slot or word. */
  private goTo(pc: number, count: number): void {
    this.fuel -= count;
    this.ip = this.find(pc | 0);
    if (this.fuel < MAX_BLOCK_INSTRUCTIONS) this.exit = Exit.Boundary;
  }

  /** Does the operation at `ip` that `execute` could not; afterwards `ip` is where to go on, unless it returns true. */
  private slow(): boolean {
    this.slowOperation();
    return this.exit !== Exit.None;
  }

  private slowOperation(): void {
    const { ip } = this;
    const { i32 } = this.memory;
    const head = this.word(ip);
    const operands = this.word(ip + 4);
    const d = head >>> 18;
    const a = i32[(operands & 0xffff) >> 2];
    const b = i32[operands >>> 18];
    const k = this.word(ip + 8);
    const op: I = withoutPair(head & 0xffff);
    switch (op) {
      case I.Link:
        this.ip = this.link(ip);
        return;
      case I.Load8U:
      case I.Load8S:
      case I.Load16U:
      case I.Load16S:
      case I.Load32:
        return this.slowLoad(op - I.Load8U, d, (a + k) | 0, operands >>> 18);
      case I.Load8UIndexed:
      case I.Load8SIndexed:
      case I.Load16UIndexed:
      case I.Load16SIndexed:
      case I.Load32Indexed:
        return this.slowLoad(op - I.Load8UIndexed, d, (a + b) | 0, k);
      case I.Store8:
      case I.Store16:
      case I.Store32:
        return this.slowStore(op - I.Store8, d, (a + k) | 0, operands >>> 18);
      case I.Store8Indexed:
      case I.Store16Indexed:
      case I.Store32Indexed:
        return this.slowStore(op - I.Store8Indexed, d, (a + b) | 0, k);
      case I.LoadMany:
        return this.slowLoadMany(a, d);
      case I.StoreMany:
        return this.slowStoreMany(a, d);
      case I.FloatAdd:
        return this.result(d, this.float.add(this.state, a, b), 8);
      case I.FloatSub:
        return this.result(d, this.float.sub(this.state, a, b), 8);
      case I.FloatMul:
        return this.result(d, this.float.mul(this.state, a, b), 8);
      case I.FloatDiv:
        return this.result(d, this.float.div(this.state, a, b), 8);
      case I.FloatSqrt:
        return this.result(d, this.float.sqrt(this.state, a), 8);
      case I.FloatMulAdd:
        return this.result(d, this.float.mulAdd(this.state, a, b, i32[k >> 2]), 12);
      case I.FloatMulSub:
        return this.result(d, this.float.mulSub(this.state, a, b, i32[k >> 2]), 12);
      case I.PureHelper:
      case I.Helper: {
        const value = this.helpers[k].run(this.context, a, b, i32[this.word(ip + 12) >> 2]);
        if (this.exit === Exit.None) this.result(d, value, 16);
        return;
      }
      case I.JumpTo:
        return this.goTo(a, d);
      case I.JumpToNoted:
        this.companion?.noteJump(k >>> 0, a >>> 0);
        return this.goTo(a, d);
      case I.Redecode:
        return this.goTo(k, d);
      case I.Raise:
        this.exception = k;
        this.argument = b >>> 0;
        this.exit = Exit.Exception;
        return;
      case I.WindowEnter: {
        const pc = this.windowed(this.windows.enter(this.context, a));
        if (this.exit !== Exit.None) return;
        if (pc !== k) return this.goTo(pc, d);
        this.ip = ip + 12;
        return;
      }
      case I.WindowLeave: {
        const pc = this.windowed(this.windows.leave(this.context));
        if (this.exit === Exit.None) this.goTo(pc, d);
        return;
      }
      default:
        throw new CpuError('BAD_ARCHITECTURE', `operation ${op} has no slow path`);
    }
  }

  /** Writes the result of an operation of `length` bytes and goes on behind it. */
  private result(slot: number, value: number, length: number): void {
    this.memory.i32[slot] = value;
    this.ip += length;
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

  mode(): number {
    return this.architecture.mode(this.state);
  }

  private lookup(pc: number, mode: number): ProgramBlock {
    for (let gate = this.gates.get(pc); gate !== undefined; gate = gate.sibling) if (gate.mode === mode) return gate;
    return this.plain(pc, mode);
  }

  private plain(pc: number, mode: number): ProgramBlock {
    let block = this.byPc.get(pc);
    while (block !== undefined && block.mode !== mode) block = block.sibling;
    return block ?? this.translate(pc, mode, false);
  }

  private translate(pc: number, mode: number, single: boolean): ProgramBlock {
    let block = this.compile(pc, mode, single);
    while (this.program.overflowed) {
      this.clear(false);
      block = this.compile(pc, mode, single);
    }
    this.blocks.push(block);
    const map = single ? this.steps : this.byPc;
    block.sibling = map.get(pc);
    map.set(pc, block);
    if (block.hostTo > block.hostFrom) this.noteCode(block);
    return block;
  }

  private compile(pc: number, mode: number, single: boolean): ProgramBlock {
    const { program, memory } = this;
    const ip = program.end;
    const region = memory.regionAt(pc);
    if (region?.kind === 'trap' || (!single && this.breakpoints.has(pc))) {
      program.push(region?.kind === 'trap' ? I.Trap : I.Break);
      return special(pc, mode, ip);
    }
    const most = single ? 1 : MAX_BLOCK_INSTRUCTIONS;
    const lifted = this.lifter.lift(pc, mode, most, (address) => this.breakpoints.has(address));
    if ('kind' in lifted) {
      program.push(I.NoFetch);
      return special(pc, mode, ip);
    }
    const { starts } = this.lowering.lower(lifted);
    const { instructions, end } = lifted.block;
    const bytes = (end - pc) >>> 0;
    return { ...special(pc, mode, ip), end: pc + bytes, ...memory.hostRange(pc, end), instructions, starts };
  }

  /** Repeats the failed fetch of the first instruction at `pc`: sets `fault`. */
  fetchFault(pc: number): MemoryFault {
    const lifted = this.lifter.lift(pc, this.mode(), 1, () => false);
    if ('kind' in lifted) return lifted;
    throw new CpuError('BAD_ARCHITECTURE', 'lift refuses and takes the same bytes');
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
    this.companion?.codeWritten(from, to);
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
    this.forgetJump(pc);
  }

  private invalidate(block: ProgramBlock): void {
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
    // The running block ends behind its current instruction: what follows may have changed.
    if (this.busy && !this.outside && this.blockAt(this.ip) === block) this.leaveAfter(block);
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
    const block = this.blockAt(this.ip);
    if (block.starts.length === 1) return;
    this.invalidate(block);
  }

  /** Forgets all translations; at once, or behind the current instruction when one is running. */
  flush(): void {
    if (this.busy && !this.outside) {
      this.flushPending = true;
      this.interrupt();
    } else {
      this.clear(true);
      if (this.outside) this.interrupt();
    }
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
      if (host >= 0) this.companion?.codeWritten(host, host + 1);
    }
  }

  private clear(everything: boolean): void {
    this.epoch++;
    this.program.clear();
    this.blocks = [];
    this.byPc.clear();
    this.steps.clear();
    this.byGranule.clear();
    this.clearJumpCache();
    this.stores = [];
    this.gates.clear();
    this.memory.clearCodeMarks();
    this.companion?.cleared(everything);
  }

  setWatched(ranges: readonly WatchedRange[]): void {
    this.memory.watched = ranges;
    this.flush();
  }

  /** @param kind 0 to 4: Load8U, Load8S, Load16U, Load16S, Load32 */
  private slowLoad(kind: number, d: number, at: number, strict: number): void {
    const { ip, memory } = this;
    const width = LOAD_WIDTHS[kind];
    memory.fault = undefined;
    let value = memory.loadValue(at, width, strict !== 0);
    if (memory.fault !== undefined) return this.stopWith(memory.fault);
    if (kind === 1) value = (value << 24) >> 24;
    else if (kind === 3) value = (value << 16) >> 16;
    this.noteSite(ip + 12, at, width, 'read');
    this.result(d, value, 24);
  }

  /** @param kind 0 to 2: Store8, Store16, Store32 */
  private slowStore(kind: number, slot: number, at: number, strict: number): void {
    const { ip, memory } = this;
    const width = STORE_WIDTHS[kind];
    if (!memory.storeValue(at, width, memory.i32[slot], strict !== 0)) return this.stopWith(memory.fault);
    this.noteSite(ip + 12, at, width, 'write');
    this.ip = ip + 24;
  }

  private slowLoadMany(at: number, words: number): void {
    const { ip, memory, many } = this;
    memory.fault = undefined;
    for (let i = 0; i < words; i++) {
      many[i] = memory.loadValue(at + 4 * i, 4, true);
      if (memory.fault !== undefined) return this.stopWith(memory.fault);
    }
    for (let i = 0; i < words; i++) memory.i32[this.word(ip + 20 + 4 * i) >> 2] = many[i];
    this.noteSite(ip + 8, at, 4, 'read', words);
    this.ip = ip + 20 + 4 * words;
  }

  private slowStoreMany(at: number, words: number): void {
    const { ip, memory } = this;
    for (let i = 0; i < words; i++) {
      const value = memory.i32[this.word(ip + 20 + 4 * i) >> 2];
      if (!memory.storeValue(at + 4 * i, 4, value, true)) return this.stopWith(memory.fault);
    }
    this.noteSite(ip + 8, at, 4, 'write', words);
    this.ip = ip + 20 + 4 * words;
  }

  /** Behind an access: writes the window around it into the words at `position`, and looks for watchpoints. */
  private noteSite(position: number, at: number, width: 1 | 2 | 4, access: 'read' | 'write', count = 1): void {
    const { memory, site } = this;
    if (memory.window(at, width, access, site)) {
      // The fast path does not look at the alignment for the region's sake.
      if (!site.alignedOnly || width === 1) {
        memory.i32[position >> 2] = site.low;
        memory.i32[(position >> 2) + 1] = site.limit;
        memory.i32[(position >> 2) + 2] = site.delta;
      }
      this.companion?.noteAccess(this.currentPc(), at >>> 0);
    }
    if (memory.watched.length === 0) return;
    for (let i = 0; i < count; i++) this.checkWatch((at + width * i) >>> 0, width, access);
  }

  private get windows(): WindowUnit {
    const { windows } = this.architecture;
    if (windows === undefined) throw new CpuError('BAD_ARCHITECTURE', 'window micro-op without a WindowUnit');
    return windows;
  }

  private windowed(pc: number): number {
    if (pc === -1 && this.exit === Exit.None) {
      throw new CpuError('BAD_ARCHITECTURE', 'window unit refused without raise or fault');
    }
    return pc | 0;
  }

  private stopWith(fault: MemoryFault | undefined): void {
    this.fault = fault;
    this.exit = Exit.Fault;
  }

  private checkWatch(address: number, width: number, access: 'read' | 'write'): void {
    if (this.watchHit !== undefined) return;
    for (const watch of this.memory.watched) {
      if (!(access === 'read' ? watch.read : watch.write)) continue;
      if (address + width - 1 < watch.first || address > watch.last) continue;
      this.watchHit = { pc: this.currentPc(), address, access, width };
      this.interrupt();
      return;
    }
  }
}

const LOAD_WIDTHS = [1, 1, 2, 2, 4] as const;
const STORE_WIDTHS = [1, 2, 4] as const;

/** What helpers and window units see of the machine. */
class Context implements HelperContext {
  constructor(private readonly machine: Machine) {}

  get state(): Int32Array {
    return this.machine.state;
  }

  get memory(): GuestMemory {
    return this.machine.memory;
  }

  get pc(): number {
    return this.machine.currentPc();
  }

  raise(exception: number, argument = 0): void {
    this.machine.exception = exception;
    this.machine.argument = argument >>> 0;
    this.machine.exit = Exit.Exception;
  }

  fault(fault: MemoryFault): void {
    this.machine.fault = fault;
    this.machine.exit = Exit.Fault;
  }

  flushTranslations(start?: number, end?: number): void {
    if (start === undefined || end === undefined) this.machine.flush();
    else this.machine.forget(start >>> 0, end);
  }
}

/** A block without instructions of its own. */
function special(pc: number, mode: number, ip: number): ProgramBlock {
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

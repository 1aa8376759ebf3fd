import type { GuestMemory, Window } from '../guest-memory.js';
import type { MemoryFault } from '../stop.js';
import type { Machine } from './machine.js';
import { Exit } from './operations.js';

const LOAD_WIDTHS = [1, 1, 2, 2, 4] as const;
const STORE_WIDTHS = [1, 2, 4] as const;

/** Loads and stores that the interpreters' fast paths leave to the host: every rule of the address space, windows, watchpoints. */
export class SlowAccesses {
  private readonly memory: GuestMemory;
  private readonly site: Window = { low: 0, limit: 0, delta: 0, alignedOnly: false };
  private readonly many = new Int32Array(256);

  constructor(private readonly machine: Machine) {
    this.memory = machine.memory;
  }

  /** @param kind 0 to 4: Load8U, Load8S, Load16U, Load16S, Load32 */
  load(kind: number, d: number, at: number, strict: number): void {
    const { machine, memory } = this;
    const { ip } = machine;
    const width = LOAD_WIDTHS[kind];
    memory.fault = undefined;
    let value = memory.loadValue(at, width, strict !== 0);
    if (memory.fault !== undefined) return this.refuse(memory.fault);
    if (kind === 1) value = (value << 24) >> 24;
    else if (kind === 3) value = (value << 16) >> 16;
    this.noteSite(ip + 12, at, width, 'read');
    machine.result(d, value, 24);
  }

  /** @param kind 0 to 2: Store8, Store16, Store32 */
  store(kind: number, slot: number, at: number, strict: number): void {
    const { machine, memory } = this;
    const { ip } = machine;
    const width = STORE_WIDTHS[kind];
    if (!memory.storeValue(at, width, memory.i32[slot], strict !== 0)) return this.refuse(memory.fault);
    this.noteSite(ip + 12, at, width, 'write');
    machine.ip = ip + 24;
  }

  loadMany(at: number, words: number): void {
    const { machine, memory, many } = this;
    const { ip } = machine;
    memory.fault = undefined;
    for (let i = 0; i < words; i++) {
      many[i] = memory.loadValue(at + 4 * i, 4, true);
      if (memory.fault !== undefined) return this.refuse(memory.fault);
    }
    for (let i = 0; i < words; i++) memory.i32[machine.word(ip + 20 + 4 * i) >> 2] = many[i];
    this.noteSite(ip + 8, at, 4, 'read', words);
    machine.ip = ip + 20 + 4 * words;
  }

  storeMany(at: number, words: number): void {
    const { machine, memory } = this;
    const { ip } = machine;
    for (let i = 0; i < words; i++) {
      const value = memory.i32[machine.word(ip + 20 + 4 * i) >> 2];
      if (!memory.storeValue(at + 4 * i, 4, value, true)) return this.refuse(memory.fault);
    }
    this.noteSite(ip + 8, at, 4, 'write', words);
    machine.ip = ip + 20 + 4 * words;
  }

  /** Behind an access: writes the window around it into the words at `position`, and looks for watchpoints. */
  private noteSite(position: number, at: number, width: 1 | 2 | 4, access: 'read' | 'write', count = 1): void {
    const { memory, site } = this;
    if (memory.window(at, width, access, site)) {
      memory.i32[position >> 2] = site.low;
      memory.i32[(position >> 2) + 1] = site.limit;
      memory.i32[(position >> 2) + 2] = site.delta;
      this.machine.companion?.noteAccess(this.machine.currentPc(), at >>> 0);
    }
    if (memory.watched.length === 0) return;
    for (let i = 0; i < count; i++) this.checkWatch((at + width * i) >>> 0, width, access);
  }

  private checkWatch(address: number, width: number, access: 'read' | 'write'): void {
    if (this.machine.watchHit !== undefined) return;
    for (const watch of this.memory.watched) {
      if (!(access === 'read' ? watch.read : watch.write)) continue;
      if (address + width - 1 < watch.first || address > watch.last) continue;
      this.machine.watchHit = { pc: this.machine.currentPc(), address, access, width };
      this.machine.interrupt();
      return;
    }
  }

  private refuse(fault: MemoryFault | undefined): void {
    this.machine.fault = fault;
    this.machine.exit = Exit.Fault;
  }
}

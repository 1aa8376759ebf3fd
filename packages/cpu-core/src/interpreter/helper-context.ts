import type { HelperContext } from '../architecture.js';
import type { GuestMemory } from '../guest-memory.js';
import type { MemoryFault } from '../stop.js';
import type { Machine } from './machine.js';
import { Exit } from './operations.js';

/** What helpers and window units see of the machine. */
export class MachineContext implements HelperContext {
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

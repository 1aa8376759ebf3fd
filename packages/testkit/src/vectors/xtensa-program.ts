import { type AddressSpace, type Cpu, createAddressSpace, createCpu, type StopReason } from '@loadstone/cpu-core';
import { beginCall0, beginWindowedCall, call0Result, slots, windowedResult, xtensa } from '@loadstone/cpu-xtensa';
import type { Engine } from './engine.js';

/** Memory of a program under test: one RAM that takes every access, and an address to return to. */
const RAM = { start: 0x2010_0000, size: 0x20_0000 };
const RETURN_TO = 0x2000_0000;
const STACK_TOP = RAM.start + RAM.size - 0x1000;
/** Guest instructions that no program here needs. */
const FUEL = 50_000_000;

export interface ProgramResult {
  readonly stop: StopReason;
  readonly returned: boolean;
  /** First result word. */
  readonly result: number;
  readonly instructions: number;
  readonly cpu: Cpu;
  readonly memory: AddressSpace;
}

export interface ProgramCall {
  readonly image: Uint8Array;
  /** Address of the image. */
  readonly base: number;
  readonly entry: number;
  readonly abi: 'windowed' | 'call0';
  readonly args?: readonly number[];
  /** More memory to fill before the call. */
  readonly data?: readonly (readonly [address: number, bytes: Uint8Array])[];
}

/** Runs a function of an image to its return. */
export function runProgram(call: ProgramCall, engine: Engine): ProgramResult {
  const memory = createAddressSpace([
    { name: 'ram', ...RAM, kind: 'ram', executable: true },
    { name: 'host', start: RETURN_TO, size: 16, kind: 'trap', executable: true },
  ]);
  const cpu = createCpu(xtensa, memory, engine === 'wasm' ? { engine, compile: 'always' } : { engine });
  memory.write(call.base, call.image);
  for (const [address, bytes] of call.data ?? []) memory.write(address, bytes);
  const host = { entry: call.entry, returnTo: RETURN_TO, stackTop: STACK_TOP, args: call.args ?? [] };
  if (call.abi === 'windowed') beginWindowedCall(cpu, host);
  else beginCall0(cpu, host);
  const stackPointer = cpu.get(slots.A0 + 1);
  const stop = cpu.run({ fuel: FUEL });
  const [result] = call.abi === 'windowed' ? windowedResult(cpu) : call0Result(cpu);
  const returned = stop.kind === 'trap' && stop.pc === RETURN_TO && cpu.get(slots.A0 + 1) === stackPointer;
  return { stop, returned, result, instructions: cpu.instructions, cpu, memory };
}

/** Bytes at `address` up to a zero. */
export function textAt(memory: AddressSpace, address: number): string {
  const byte = new Uint8Array(1);
  let text = '';
  for (let at = address; ; at++) {
    memory.read(at, byte);
    if (byte[0] === 0) return text;
    text += String.fromCharCode(byte[0]);
  }
}

import { Bytes, FunctionBody, PREAMBLE, type Signature, W } from './encoder.js';
import { EXIT } from './layout.js';

/** Length of the table at first. */
const FIRST_SLOTS = 64;

/** What the module exports. */
export interface LinkExports {
  /** Takes the arguments of a guest function and a slot: calls the function in the slot. */
  readonly call: CallableFunction;
  /** For the host: calls the function in `slot`, puts the fuel that is left into memory, and returns the pc or EXIT. */
  readonly run: (fuel: number, window: number, slot: number) => number;
  readonly table: WebAssembly.Table;
  /** What is in slots without a function: returns EXIT. */
  readonly stub: CallableFunction;
}

/** Type of `call` for guest functions of type `guest`: their arguments and a slot, their results. */
export function linkType({ parameters, results }: Signature): Signature {
  return { parameters: [...parameters, W.TypeI32], results };
}

/**
 * The module that has the function table of a CPU.
 * @param guest type of the functions in the table
 * @param fuel host offset of `StateLayout.fuel`
 */
export function linkModule(guest: Signature, fuel: number): Uint8Array<ArrayBuffer> {
  const i32 = W.TypeI32 as const;
  const { parameters } = guest;
  const out = new Bytes();
  for (const byte of PREAMBLE) out.byte(byte);
  const content = new Bytes();
  const section = (id: number, ...parts: (number | string | readonly number[])[]) => {
    for (const part of parts) {
      if (typeof part === 'string') content.name(part);
      else for (const value of typeof part === 'number' ? [part] : part) content.u32(value);
    }
    out.section(id, content);
  };
  const vector = (items: readonly number[]): number[] => [items.length, ...items];
  const slot = parameters.length;

  const stub = new FunctionBody(parameters.length);
  stub.i32(EXIT);
  stub.get(0);
  const call = new FunctionBody(parameters.length + 1);
  for (let i = 0; i <= slot; i++) call.get(i);
  call.callIndirect(0);
  const run = new FunctionBody(3);
  const [left, pc] = [run.local(i32), run.local(i32)];
  for (let i = 0; i < parameters.length; i++) run.get(i);
  run.get(2);
  run.callIndirect(0);
  run.set(left);
  run.set(pc);
  run.i32(0);
  run.get(left);
  run.memory(W.I32Store, fuel, 2);
  run.get(pc);

  const types: Signature[] = [guest, linkType(guest), { parameters: [i32, i32, i32], results: [i32] }];
  section(1, 3, ...types.flatMap((type) => [0x60, vector(type.parameters), vector(type.results)]));
  section(2, 1, 'e', 'm', 2, 0, 1);
  section(3, 3, 0, 1, 2);
  section(4, 1, 0x70, 0, FIRST_SLOTS);
  section(7, 4, 'stub', 0, 0, 'call', 0, 1, 'run', 0, 2, 'table', 1, 0);
  content.u32(3);
  for (const body of [stub, call, run]) body.finish(content);
  out.section(10, content);
  return out.take();
}

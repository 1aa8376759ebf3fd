import type { DecodeMode } from '../architecture.js';
import type { EmitContext } from './emit-context.js';
import { emitFunction } from './emit-function.js';
import { type FunctionBody, ModuleBuilder, W } from './encoder.js';
import { guestFunctionType } from './function-state.js';
import type { Graph } from './graph.js';
import { linkType } from './link-module.js';

/** Where a guest function starts, and in which mode. */
export interface Place {
  readonly pc: number;
  readonly mode: DecodeMode;
}

/** One guest function in a module. */
export interface ModuleFunction extends Place {
  /** Name of the export. */
  readonly name: string;
  /** Fuel below which it returns at once. */
  readonly leastFuel: number;
}

/** A function of another module that is called. */
export interface ModuleCallee extends Place {
  /** Name of the imported constant that takes its slot of the function table. */
  readonly name: string;
}

export interface CompiledBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly functions: readonly ModuleFunction[];
  readonly callees: readonly ModuleCallee[];
}

/**
 * Writes graphs as one module; calls among them are direct. What differs among CPUs that run the same code, the slots of other modules'
 * functions, is imported, so that the bytes are the same.
 * @param isHost whether a host function is at an address
 */
export function compileModule(
  graphs: readonly Graph[],
  context: Pick<EmitContext, 'architecture' | 'layout' | 'oracle'>,
  isHost: (pc: number) => boolean,
): CompiledBytes {
  const builder = new ModuleBuilder();
  const i32 = W.TypeI32 as const;
  const functionType = guestFunctionType(context.architecture);
  const imports = {
    host: builder.import('host', { parameters: [i32], results: [i32] }),
    helper: builder.import('helper', { parameters: [i32, i32, i32, i32], results: [i32] }),
    action: builder.import('action', { parameters: [i32, i32, i32, i32], results: [i32] }),
    resolve: builder.import('resolve', { parameters: [i32], results: [i32] }),
    room: builder.import('room', { parameters: [], results: [i32] }),
    leave: builder.import('leave', { parameters: [], results: [i32] }),
    link: builder.import('link', linkType(functionType)),
  };
  const keyOf = ({ pc, mode }: Place): string => `${pc}:${mode}`;
  const own = new Map(graphs.map((graph, i) => [keyOf(graph), builder.importCount + i]));
  const callees: ModuleCallee[] = [];
  const globals = new Map<string, number>();
  const globalOf = (pc: number, mode: DecodeMode): number => {
    const key = keyOf({ pc, mode });
    let global = globals.get(key);
    if (global === undefined) {
      const name = `s${callees.length}`;
      callees.push({ pc, mode, name });
      globals.set(key, (global = builder.importConstant(name)));
    }
    return global;
  };
  const functions = graphs.map((graph, i): ModuleFunction & { readonly body: FunctionBody } => {
    const { body, leastFuel } = emitFunction(graph, {
      ...context,
      imports,
      self: builder.importCount + i,
      callee: (pc, mode) => {
        const index = own.get(keyOf({ pc, mode }));
        if (index !== undefined) return { kind: 'direct', index };
        return isHost(pc) ? { kind: 'host' } : { kind: 'slot', global: globalOf(pc, mode) };
      },
    });
    return { pc: graph.pc, mode: graph.mode, name: `f${i}`, leastFuel, body };
  });
  for (const { name, body } of functions) builder.add(name, functionType, body);
  return {
    bytes: builder.finish(),
    functions: functions.map(({ pc, mode, name, leastFuel }) => ({ pc, mode, name, leastFuel })),
    callees,
  };
}

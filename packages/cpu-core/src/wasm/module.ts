import type { DecodeMode } from '../architecture.js';
import { type Callee, type EmitContext, emitFunction, longestPath } from './emit-function.js';
import { type FunctionBody, ModuleBuilder, W } from './encoder.js';
import type { Graph } from './graph.js';
import { structureOf } from './structure.js';

/** One guest function in a module. */
export interface ModuleFunction {
  readonly graph: Graph;
  readonly name: string;
  /** Fuel below which it returns at once. */
  readonly leastFuel: number;
}

export interface CompiledBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly functions: readonly ModuleFunction[];
}

/** Writes graphs as one module; calls among them are direct. */
export function compileModule(
  graphs: readonly Graph[],
  context: Pick<EmitContext, 'architecture' | 'layout' | 'oracle'>,
  callee: (pc: number, mode: DecodeMode) => Exclude<Callee, { kind: 'direct' }>,
): CompiledBytes {
  const builder = new ModuleBuilder();
  const i32 = W.TypeI32 as const;
  const functionType = { parameters: [], results: [i32] };
  const imports = {
    host: builder.import('host', { parameters: [i32], results: [i32] }),
    helper: builder.import('helper', { parameters: [i32, i32, i32, i32], results: [i32] }),
    action: builder.import('action', { parameters: [i32, i32, i32, i32], results: [i32] }),
    resolve: builder.import('resolve', { parameters: [i32], results: [i32] }),
    enter: builder.import('enter', { parameters: [i32, i32, i32], results: [i32] }),
    leave: builder.import('leave', { parameters: [i32], results: [i32] }),
    link: builder.import('link', { parameters: [i32], results: [i32] }),
  };
  const indexOf = (pc: number, mode: DecodeMode): number => graphs.findIndex((g) => g.pc === pc && g.mode === mode);
  const bodies = graphs.map(
    (graph): FunctionBody =>
      emitFunction(graph, {
        ...context,
        imports,
        callee: (pc, mode) => {
          const index = indexOf(pc, mode);
          return index >= 0 ? { kind: 'direct', index: builder.importCount + index } : callee(pc, mode);
        },
      }),
  );
  const functions = graphs.map((graph, i): ModuleFunction => {
    const name = `f${i}`;
    builder.add(name, functionType, bodies[i]);
    return { graph, name, leastFuel: longestPath(graph, structureOf(graph)) };
  });
  return { bytes: builder.finish(), functions };
}

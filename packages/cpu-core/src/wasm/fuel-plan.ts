import { restartsFuel } from './analysis.js';
import type { Graph } from './graph.js';

/**
 * The plan of fuel: what each node has pending at its start. It is 0 at the entry, behind calls and at loop heads; elsewhere the most
 * that any way in has, so that the longest way costs nothing.
 */
export function pendingInstructions({ nodes, structure }: Graph): Int32Array {
  const { order, position, predecessors, isLoop } = structure;
  const pending = new Int32Array(nodes.length);
  for (const node of order) {
    if (isLoop[node] === 1) continue;
    let most = 0;
    for (const from of predecessors[node]) {
      if (position[from] >= position[node] || restartsFuel(nodes[from])) continue;
      most = Math.max(most, pending[from] + nodes[from].count);
    }
    pending[node] = most;
  }
  return pending;
}

/** Most instructions on a way without a back edge or a call: between two looks at the fuel no more are run. */
export function longestPath({ nodes, structure }: Graph): number {
  const { order, position, next } = structure;
  const longest = new Int32Array(nodes.length);
  let most = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const n = order[i];
    const { count, ending } = nodes[n];
    let behind = 0;
    if (ending.kind !== 'call' && ending.kind !== 'call-to') {
      for (const to of next[n]) if (position[to] > position[n]) behind = Math.max(behind, longest[to]);
    }
    longest[n] = count + behind;
    most = Math.max(most, longest[n]);
  }
  return most;
}

import type { GraphNode } from './graph.js';
import { latchesOf, loopBody, redirected, type Structure, structureOf, successors } from './structure.js';

/**
 * Gives a loop inside of another one with the same head a head of its own. That is how nested loops look from an entry in the middle of the
 * inner one, where a hot loop is entered that runs already. For reducible graphs.
 */
export function nestLoops(nodes: GraphNode[], structure: Structure): Structure {
  let shape = structure;
  while (separateOne(nodes, shape)) shape = structureOf(nodes);
  return shape;
}

function separateOne(nodes: GraphNode[], structure: Structure): boolean {
  for (const head of structure.order) {
    if (structure.isLoop[head] === 0) continue;
    const latches = latchesOf(head, structure);
    if (latches.length < 2) continue;
    const loops = latches.map((latch) => ({ latch, body: loopBody(head, structure, [latch]) }));
    loops.sort((a, b) => a.body.size - b.body.size);
    const inner = loops[0].body;
    const around = loops.filter(
      ({ latch, body }) => !inner.has(latch) && [...inner].every((node) => body.has(node) || isEmpty(nodes[node])),
    );
    if (around.length === 0) continue;
    separate(
      nodes,
      head,
      latches.filter((latch) => inner.has(latch)),
    );
    return true;
  }
  return false;
}

/** A taken branch and nothing else. */
function isEmpty({ ops, ending }: GraphNode): boolean {
  return ops.length === 0 && ending.kind === 'goto';
}

/** `head` becomes an empty node in front of a copy of itself, to which the inner loop leads back. */
function separate(nodes: GraphNode[], head: number, latches: readonly number[]): void {
  const inside = nodes.push(nodes[head]) - 1;
  const { pc } = nodes[head];
  nodes[head] = { pc, atStart: true, ops: [], count: 0, ending: { kind: 'goto', to: inside } };
  for (const latch of latches) {
    const at = latch === head ? inside : latch;
    const to = successors(nodes[at].ending).map((next) => (next === head ? inside : next));
    nodes[at] = redirected(nodes[at], to);
  }
}

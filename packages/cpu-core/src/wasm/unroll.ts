import type { Ending, GraphNode } from './graph.js';
import { loopBody, redirected, type Structure, structureOf } from './structure.js';

/** Most copies of a loop's body, most instructions of all of them, and of all that is added to a function. */
const MOST_COPIES = 4;
const LOOP_INSTRUCTIONS = 48;
const ADDED_INSTRUCTIONS = 240;

/** Endings that cost more than the end of a loop. */
const EXPENSIVE: ReadonlySet<Ending['kind']> = new Set([
  'call',
  'call-to',
  'jump-to',
  'route',
  'helper',
  'poll',
  'window-enter',
  'window-leave',
]);

/**
 * Repeats the bodies of small innermost loops. Between the copies there is no look at the fuel, no look at V8's stack limit, and what only
 * an exit needs is not carried along: about 1.6 times the speed for loops of six instructions. For reducible graphs.
 */
export function unrollLoops(nodes: GraphNode[], structure: Structure): Structure {
  let left = ADDED_INSTRUCTIONS;
  for (const head of structure.order) {
    if (structure.isLoop[head] === 0) continue;
    const body = [...loopBody(head, structure)];
    if (body.some((node) => node !== head && structure.isLoop[node] === 1)) continue;
    if (body.some((node) => EXPENSIVE.has(nodes[node].ending.kind))) continue;
    const instructions = Math.max(
      1,
      body.reduce((sum, node) => sum + nodes[node].count, 0),
    );
    const copies = Math.min(
      MOST_COPIES,
      Math.floor(LOOP_INSTRUCTIONS / instructions),
      1 + Math.floor(left / instructions),
    );
    if (copies < 2) continue;
    left -= (copies - 1) * instructions;
    repeat(nodes, head, body, copies, structure);
  }
  return left === ADDED_INSTRUCTIONS ? structure : structureOf(nodes);
}

/** Each copy leads to the next one where the loop would begin anew, the last one to the head. */
function repeat(nodes: GraphNode[], head: number, body: readonly number[], copies: number, { next }: Structure): void {
  const original = new Map(body.map((node, i) => [node, i]));
  const first = nodes.length;
  const place = (copy: number, node: number): number => {
    const index = original.get(node);
    if (index === undefined) return node;
    const into = node === head ? (copy + 1) % copies : copy;
    return into === 0 ? node : first + (into - 1) * body.length + index;
  };
  const bodies = body.map((node) => nodes[node]);
  for (let copy = 0; copy < copies; copy++) {
    body.forEach((node, index) => {
      const at = copy === 0 ? node : first + (copy - 1) * body.length + index;
      nodes[at] = redirected(
        bodies[index],
        next[node].map((to) => place(copy, to)),
      );
    });
  }
}

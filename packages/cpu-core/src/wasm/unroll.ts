import type { Architecture } from '../architecture.js';
import type { Ending, GraphNode } from './graph.js';
import { loopBody, redirected, type Structure, structureOf } from './structure.js';
import { type Apart, type Turns, turnsOf } from './trip-count.js';

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
 * an exit needs is not carried along: about 1.6 times the speed for loops of six instructions. A loop that always has the same few turns
 * becomes as many copies, and is a loop no more. For reducible graphs.
 */
export function unrollLoops(nodes: GraphNode[], structure: Structure, architecture: Architecture): Structure {
  let left = ADDED_INSTRUCTIONS;
  for (const head of structure.order) {
    if (structure.isLoop[head] === 0) continue;
    const inside = loopBody(head, structure);
    const body = [...inside];
    if (body.some((node) => node !== head && structure.isLoop[node] === 1)) continue;
    if (body.some((node) => EXPENSIVE.has(nodes[node].ending.kind))) continue;
    const instructions = Math.max(
      1,
      body.reduce((sum, node) => sum + nodes[node].count, 0),
    );
    const known = turnsOf(nodes, structure, head, inside, architecture);
    if (known !== undefined && known.turns.length * instructions <= left) {
      left -= known.turns.length * instructions;
      if (known.apart !== undefined) enterApart(nodes, structure, head, body, known.apart);
      layOut(nodes, known.turns);
      continue;
    }
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

/** Puts the turns of a loop one behind the other. */
function layOut(nodes: GraphNode[], turns: Turns['turns']): void {
  const steps = turns.flat();
  const first = nodes.length;
  const inside = new Set(turns[0].map(({ node }) => node));
  const placeOf = (step: number): number =>
    step < turns[0].length ? steps[step].node : first + step - turns[0].length;
  const originals = steps.map(({ node }) => nodes[node]);
  steps.forEach(({ to }, step) => {
    const original = originals[step];
    const places = to.map((next) => (inside.has(next) ? placeOf(step + 1) : next));
    nodes[placeOf(step)] =
      original.ending.kind === 'branch' && places.length === 1
        ? { ...original, ending: { kind: 'goto', to: places[0] } }
        : redirected(original, places);
  });
}

/** Gives the first way into a loop a copy of it. */
function enterApart(
  nodes: GraphNode[],
  { next }: Structure,
  head: number,
  body: readonly number[],
  { entry, around }: Apart,
): void {
  const first = nodes.length;
  const copyOf = (node: number): number => {
    const index = body.indexOf(node);
    return index < 0 ? node : first + index;
  };
  for (const node of body) nodes.push(redirected(nodes[node], next[node].map(copyOf)));
  nodes[entry] = redirected(nodes[entry], [copyOf(head)]);
  nodes[around] = redirected(
    nodes[around],
    next[around].map((to) => (to === entry ? head : to)),
  );
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

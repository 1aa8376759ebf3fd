import { CONST_BASE, isConst, Op, type Operand } from '../ir.js';
import type { GraphNode, MicroOp } from './graph.js';

/** Most micro-ops between a literal word and the call that goes where it says. */
const MOST_STEPS = 4;

/** The word at an address now; undefined outside of memory. */
export type ReadWord = (address: number) => number | undefined;

/**
 * Finds where computed calls most likely lead: compilers load the address of a far function from a literal pool. The guess is compared with
 * the true target when the call is made, so it may be wrong.
 */
export function predictCalls(nodes: GraphNode[], word: ReadWord): void {
  for (const node of nodes) {
    const { ending } = node;
    if (ending.kind !== 'call-to') continue;
    const likely = likelyValue({ nodes, word }, node.ops, ending.target, MOST_STEPS);
    node.ending = { ...ending, likely };
  }
}

interface Place {
  readonly nodes: readonly GraphNode[];
  readonly word: ReadWord;
}

/** What `operand` will hold behind `ops` if words at constant addresses stay as they are. */
function likelyValue(place: Place, ops: readonly MicroOp[], operand: Operand, steps: number): number | undefined {
  if (isConst(operand)) return (operand - CONST_BASE) >>> 0;
  if (steps === 0) return undefined;
  const at = lastWrite(ops, operand);
  if (at < 0) return onlyValue(place, operand, steps);
  const { op, a, b } = ops[at];
  const known = (value: Operand) => likelyValue(place, ops.slice(0, at), value, steps - 1);
  if (op === Op.Mov) return known(a);
  if (op !== Op.Load32 && op !== Op.And && op !== Op.Add) return undefined;
  const [left, right] = [known(a), known(b)];
  if (left === undefined || right === undefined) return undefined;
  if (op === Op.And) return (left & right) >>> 0;
  const sum = (left + right) >>> 0;
  return op === Op.Add ? sum : place.word(sum);
}

/** The value of a slot when every node that writes it writes the same. */
function onlyValue(place: Place, slot: Operand, steps: number): number | undefined {
  let only: number | undefined;
  for (const { ops } of place.nodes) {
    const at = lastWrite(ops, slot);
    if (at < 0) continue;
    const value = likelyValue(place, ops.slice(0, at + 1), slot, steps - 1);
    if (value === undefined || (only !== undefined && value !== only)) return undefined;
    only = value;
  }
  return only;
}

/** Number of the last micro-op that writes a slot, -1 when none does. */
export function lastWrite(ops: readonly MicroOp[], slot: Operand): number {
  return ops.findLastIndex(({ op, d, list }) => (op === Op.LoadMany ? list.includes(slot) : d === slot && writes(op)));
}

/** Whether a micro-op writes its `d`. */
function writes(op: Op): boolean {
  return op <= Op.Load32 || (op >= Op.FlagTest && op <= Op.Helper);
}

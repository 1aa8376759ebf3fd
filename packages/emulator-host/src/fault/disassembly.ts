import type { Architecture } from '@loadstone/cpu-core';
import type { GuestMemory } from '../memory/guest-memory.js';
import type { DisassembledLine } from './report.js';

const BEFORE = 4;
const BEHIND = 4;

/**
 * Instructions around `pc`. Instruction lengths vary, so the lines before it come from the nearest start that decodes into the pc,
 * at or behind `floor` (the function's start).
 */
export function disassembleAround(
  architecture: Architecture,
  memory: GuestMemory,
  pc: number,
  floor: number | undefined,
): DisassembledLine[] {
  const region = memory.space.regionAt(pc);
  if (!region?.executable || (region.kind !== 'ram' && region.kind !== 'rom')) return [];
  const end = region.start + region.size;
  const line = (address: number): DisassembledLine & { readonly length: number } => {
    const bytes = memory.bytes(address, Math.min(architecture.maxLength, end - address));
    const { mnemonic, operands, length } = architecture.disassemble(address, bytes);
    return { address, text: `${mnemonic} ${operands}`.trimEnd(), current: address === pc, length };
  };
  const lowest = Math.max(region.start, pc - (BEFORE + 2) * architecture.maxLength, floor ?? 0);
  let before: DisassembledLine[] = [];
  for (
    let start = lowest;
    start < pc;
    start += architecture.minLength === 2 && pc % 2 === 0 && architecture.name.startsWith('arm') ? 2 : 1
  ) {
    const lines: DisassembledLine[] = [];
    let at = start;
    while (at < pc) {
      const { length, ...rest } = line(at);
      lines.push(rest);
      at += length;
    }
    if (at !== pc) continue;
    before = lines.slice(-BEFORE);
    break;
  }
  const lines = before;
  for (let at = pc, count = 0; at < end && count <= BEHIND; count += 1) {
    const { length, ...rest } = line(at);
    lines.push(rest);
    at += length;
  }
  return lines;
}

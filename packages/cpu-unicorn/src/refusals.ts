import type { AddressSpace, MemoryFault, Region, StopReason } from '@loadstone/cpu-core';
import type { Transfer } from './instruction.js';

/** Why a fetch from `address` is refused, as a stop. */
export function fetchFault(address: number, region: Region | undefined, width: number): StopReason {
  const fault: MemoryFault = {
    kind: region ? 'not-executable' : 'unmapped',
    access: 'fetch',
    address: address >>> 0,
    width,
    ...(region && { region: region.name }),
  };
  return { kind: 'memory-fault', pc: address >>> 0, fault };
}

/** An access where nothing is. */
export function unmappedFault(
  memory: AddressSpace,
  access: 'read' | 'write',
  address: number,
  width: number,
): MemoryFault {
  const region = memory.regionAt(address);
  return { kind: 'unmapped', access, address: address >>> 0, width, ...(region && { region: region.name }) };
}

/** Why an instruction at `pc` that moves several words from or to `start` on is refused, without moving them. */
export function transferFault(
  memory: AddressSpace,
  pc: number,
  start: number,
  { words, load, pcWord }: Transfer,
): StopReason | undefined {
  const access = load ? 'read' : 'write';
  // A store that fails half way leaves the words before the fault in memory, as on the device.
  for (let word = 0; word < (load ? words : 1); word += 1) {
    const fault = wordFault(memory, access, (start + 4 * word) >>> 0);
    if (fault && (load || fault.kind === 'unaligned')) return { kind: 'memory-fault', pc, fault };
  }
  if (pcWord < 0) return undefined;
  const target = memory.load((start + 4 * pcWord) >>> 0, 4);
  if (typeof target === 'number' && (target & 1) === 0)
    return { kind: 'exception', pc, name: 'invalid-state', argument: target };
  return undefined;
}

/** Why an aligned-only word access is refused, without making it. */
function wordFault(memory: AddressSpace, access: 'read' | 'write', address: number): MemoryFault | undefined {
  const region = memory.regionAt(address);
  const common = { access, address, width: 4, ...(region && { region: region.name }) } as const;
  if ((address & 3) !== 0) return { kind: 'unaligned', ...common };
  if (!region || region.kind === 'trap') return { kind: 'unmapped', ...common };
  if (access === 'write' && region.kind === 'rom') return { kind: 'read-only', ...common };
  return ((region.widths ?? 7) & 4) === 0 ? { kind: 'width', ...common } : undefined;
}

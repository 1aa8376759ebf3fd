import { hex } from '../error.js';
import { locationText } from './locator.js';
import type { FaultReport, HeapContext, StackUse } from './report.js';

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/**
 * A report as text, for people: the sentence, then place, access, code, callers, registers, stack and heap, each only as far as it is
 * known.
 */
export function faultText(report: FaultReport): string {
  const sections = [place(report), code(report), callers(report), registers(report), memory(report)];
  return `${report.message}\n${sections.filter((section) => section !== '').join('')}`;
}

function place({ pc, location, access, nearby, relocation, firmware }: FaultReport): string {
  let text = `  at ${hex(pc)}`;
  const known = location && locationText(location);
  if (known) text += `  ${known}`;
  text += '\n';
  if (access && nearby) text += `  ${hex(access.address)} is ${nearby}\n`;
  if (relocation) {
    const { typeName, symbol, place: at, module, value } = relocation;
    text += `  ${typeName}${symbol ? ` to ${symbol}` : ''} wrote the pointer ${hex(value)} at ${hex(at)} in ${module}\n`;
  }
  if (firmware !== undefined) text += `  firmware: ${firmware}\n`;
  return text;
}

function code({ disassembly }: FaultReport): string {
  if (!disassembly?.length) return '';
  const lines = disassembly.map(({ address, text, current }) => `  ${current ? '>' : ' '} ${word(address)}  ${text}\n`);
  return `Code\n${lines.join('')}`;
}

function callers({ backtrace }: FaultReport): string {
  if (!backtrace?.length) return '';
  let text = 'Backtrace\n';
  for (let index = 0; index < backtrace.length; ) {
    const { pc, location, sure } = backtrace[index];
    const known = locationText(location);
    text += `  #${index} ${hex(pc)}${known ? `  ${known}` : ''}${sure ? '' : '  (guessed)'}\n`;
    let next = index + 1;
    while (next < backtrace.length && backtrace[next].pc === pc) next += 1;
    if (next - index > 3) text += `  ... ${next - index - 1} more of the same\n`;
    else next = index + 1;
    index = next;
  }
  return text;
}

/** Registers in rows of four. */
function registers({ registers: values }: FaultReport): string {
  const cells = Object.entries(values).map(([name, value]) => `${name.padStart(4)} ${word(value)}`);
  if (cells.length === 0) return '';
  let text = 'Registers\n';
  for (let row = 0; row < cells.length; row += 4) text += `  ${cells.slice(row, row + 4).join('  ')}\n`;
  return text;
}

function memory({ stack, heap }: FaultReport): string {
  return (stack ? stackText(stack) : '') + (heap ? heapText(heap) : '');
}

function stackText({ thread, start, size, pointer, used, highWaterMark }: StackUse): string {
  const range = `${hex(start)}-${hex(start + size - 1)}`;
  const now =
    used >= 0 && used <= size
      ? `${used} of ${size} bytes used`
      : `the stack pointer ${hex(pointer)} lies outside of it`;
  return `Stack of ${thread} (${range}): ${now}, at most ${highWaterMark}\n`;
}

function heapText({ address, block, allocatedAt, damage }: HeapContext): string {
  if (damage !== undefined) return `Heap: damaged: ${damage}\n`;
  if (!block) return '';
  const offset = address - block.address;
  const where = offset < 0 ? 'is in the header of' : `lies ${offset} bytes into`;
  const known = allocatedAt && locationText(allocatedAt);
  const site = allocatedAt ? `, allocated at ${hex(allocatedAt.address)}${known ? ` ${known}` : ''}` : '';
  return `Heap: ${hex(address)} ${where} a ${block.used ? 'used' : 'free'} block of ${block.size} bytes at ${hex(block.address)}${site}\n`;
}

import { hex } from '../error.js';
import { locationText } from './locator.js';
import type { FaultReport, HeapContext, RefusedAllocation, StackUse } from './report.js';

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

function code({ disassembly, backtrace, pc }: FaultReport): string {
  if (!disassembly?.length) return '';
  const lines = disassembly.map(({ address, text, current }) => `  ${current ? '>' : ' '} ${word(address)}  ${text}\n`);
  if (disassembly.some(({ address }) => address === pc)) return `Code\n${lines.join('')}`;
  return `Code of the caller${backtrace?.[1]?.sure === false ? ' (guessed)' : ''}\n${lines.join('')}`;
}

function callers({ backtrace, backtraceCut }: FaultReport): string {
  if (!backtrace?.length) return '';
  let text = 'Backtrace\n';
  let number = 0;
  for (const { pc, location, sure, repeats = 0 } of backtrace) {
    const known = locationText(location);
    text += `  #${number} ${hex(pc)}${known ? `  ${known}` : ''}${sure ? '' : '  (guessed)'}\n`;
    if (repeats > 0) text += `  ... ${repeats} more of the same\n`;
    number += 1 + repeats;
  }
  return backtraceCut ? `${text}  ... and so on\n` : text;
}

/** Registers in rows of four. */
function registers({ registers: values, pc }: FaultReport): string {
  const cells = Object.entries(values).map(([name, value]) => `${name.padStart(4)} ${word(value)}`);
  if (cells.length === 0) return '';
  let text = values['pc'] === pc ? 'Registers\n' : 'Registers, after that instruction\n';
  for (let row = 0; row < cells.length; row += 4) text += `  ${cells.slice(row, row + 4).join('  ')}\n`;
  return text;
}

function memory({ stack, heap, refused }: FaultReport): string {
  return (stack ? stackText(stack) : '') + (heap ? heapText(heap) : '') + (refused ? refusedText(refused) : '');
}

function stackText({ thread, start, size, pointer, used, highWaterMark }: StackUse): string {
  const range = `${hex(start)}-${hex(start + size - 1)}`;
  const now =
    used >= 0 && used <= size
      ? `${used} of ${size} bytes in use`
      : `the stack pointer ${hex(pointer)} lies outside of it`;
  return `Stack of ${thread} (${range}): ${now}, ${highWaterMark} at the most so far\n`;
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

function refusedText({ size, by, largestFree }: RefusedAllocation): string {
  const known = locationText(by);
  const site = `${hex(by.address)}${known ? ` (${known})` : ''}`;
  return `Heap: the latest allocation, ${size} bytes for ${site}, was refused; the largest free block has ${largestFree} bytes\n`;
}

import type { FaultReport } from 'loadstone';
import { colours, hex32, type Terminal } from './output.js';

/** A fault report as JSON. */
export function faultJson(fault: FaultReport | undefined): Record<string, unknown> | undefined {
  if (!fault) return undefined;
  const { cause, ...rest } = fault;
  return cause === undefined ? rest : { ...rest, cause: cause instanceof Error ? cause.message : String(cause) };
}

/** A fault report for people. */
export function faultText(fault: FaultReport, terminal: Terminal): string {
  const { red, dim } = colours(terminal);
  let text = `${red('fault:')} ${fault.message}\n`;
  const registers = Object.entries(fault.registers).slice(0, 16);
  for (let row = 0; row < registers.length; row += 4) {
    const cells = registers.slice(row, row + 4).map(([name, value]) => `${name.padStart(4)} ${hex32(value)}`);
    text += dim(`  ${cells.join('  ')}\n`);
  }
  return `${text}  ${dim(`at pc ${hex32(fault.pc)}`)}\n`;
}

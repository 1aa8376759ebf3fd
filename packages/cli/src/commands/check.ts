import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type CheckReport, checkLocation, profileNames } from 'loadstone';
import { Failure } from '../failure.js';
import { colours, type Terminal, toJson } from '../output.js';
import { UsageError } from '../usage-error.js';
import { chosen, parseCount } from '../values.js';

interface CheckOptions {
  readonly profile?: string;
  readonly base?: string;
  readonly symbols?: string;
  readonly json?: boolean;
}

/** `loadstone check`: would the board run this module? */
export function checkCommand(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description('say whether the board would load and run a module, and why not')
    .argument('<module>', 'PATH, IMAGE:/path/inside or FLASH@OFFSET')
    .option('--profile <name>', `loader: one of ${profileNames.join(', ')} (default: by the file)`)
    .option('--base <address>', "address the board's heap hands out")
    .option('--symbols <file>', 'what the firmware exports, as JSON: {"name": address} (default: all that is imported)')
    .option('--json', 'print JSON')
    .action(async (location: string, options: CheckOptions) => {
      const { profile, base, symbols } = options;
      const report = await checkLocation(location, {
        ...(profile === undefined ? {} : { profile: chosen(profile, '--profile', profileNames) }),
        ...(base === undefined ? {} : { base: parseCount(base, '--base', 0, 0xffff_ffff) }),
        ...(symbols === undefined ? {} : { symbols: readSymbols(symbols) }),
      });
      terminal.out(options.json ? `${toJson(report)}\n` : describe(report, terminal));
      if (report.verdict !== 'runs') throw new Failure();
    });
}

/** The firmware's exports from a JSON file: an object of addresses, numbers or "0x..." text. */
function readSymbols(path: string): { readonly name: string; readonly address: number }[] {
  let table: unknown;
  try {
    table = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--symbols ${path}: ${(error as Error).message}`);
  }
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    throw new UsageError(`--symbols ${path}: not an object of names and addresses`);
  }
  return Object.entries(table).map(([name, value]) => ({
    name,
    address: parseCount(String(value), `--symbols ${path}: ${name}`, 0, 0xffff_ffff),
  }));
}

const VERDICTS: Readonly<Record<CheckReport['verdict'], string>> = {
  runs: 'The board loads and runs it.',
  'loads-wrong': 'The board loads it, and something in it does not work.',
  refused: 'The board refuses it.',
  undefined: "The board's loader leaves defined behaviour.",
};

const SEVERITIES: readonly CheckReport['parity']['defects'][number]['severity'][] = ['fatal', 'wrong', 'risk', 'note'];

function describe(report: CheckReport, terminal: Terminal): string {
  const { bold, dim, green, red, yellow } = colours(terminal);
  const { parity, full } = report;
  const good = report.verdict === 'runs';
  let text = `${(good ? green : red)(bold(VERDICTS[report.verdict]))}\n`;
  text += `  as the board (${report.profile}): ${parity.error === 0 ? 'loads' : parity.code}${parity.message ? `, ${parity.message}` : ''}\n`;
  if (full) {
    text += `  as the ELF documents ask: ${full.loads ? `loads, ${full.relocations ?? 0} relocations` : `${full.error?.message}`}\n`;
  }
  for (const line of parity.log) text += dim(`  the board prints: ${line}\n`);
  const worstFirst = [...parity.defects].sort(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  for (const defect of worstFirst) {
    const colour = defect.severity === 'note' ? dim : defect.severity === 'risk' ? yellow : red;
    const { section, symbol, relocation, fileOffset } = defect.place;
    const place = [
      section,
      symbol,
      relocation,
      fileOffset === undefined ? undefined : `file offset 0x${fileOffset.toString(16)}`,
    ].filter((part) => part !== undefined && part !== '');
    text += `\n${colour(defect.severity)} ${bold(defect.title)} ${dim(`(${defect.id})`)}\n`;
    text += `  ${defect.consequence}\n`;
    text += `  at: ${place.join(', ')}${defect.count > 1 ? `, and ${defect.count - 1} more` : ''}\n`;
    text += `  remedy: ${defect.remedy}\n`;
  }
  const missing = report.imports.filter((entry) => !entry.provided && !entry.weak);
  if (missing.length > 0) {
    text += `\n${bold('Nobody provides')}\n`;
    for (const { name, useCount, nearMisses } of missing) {
      text += `  ${name}, used ${useCount} times${nearMisses.length > 0 ? `; provided are ${nearMisses.join(', ')}` : ''}\n`;
    }
  }
  return text;
}

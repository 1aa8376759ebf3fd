import type { AuditedImport } from './import-audit.js';

const C_NAME = /^[A-Za-z_]\w*$/;

/** `void (*)()` or `char[]`: enough for a table of addresses. */
function declaration({ name, kind }: AuditedImport): string {
  return kind === 'function' ? `extern void ${name}();` : `extern char ${name}[];`;
}

/**
 * The firmware's export table for a module. Declarations only say function or data; where the firmware's headers declare the
 * name, drop the line.
 */
export function cTable(imports: readonly AuditedImport[]): string {
  const named = imports.filter(({ name }) => C_NAME.test(name));
  const lines = [
    ...named.map(declaration),
    '',
    'const el_symbol_t el_symbols[] = {',
    ...named.map(({ name }) => `    { "${name}", (void *)${name} },`),
    '    { K_NULL, K_NULL },',
    '};',
  ];
  return `${lines.join('\n')}\n`;
}

function comment({ uses, useCount, nearMisses }: AuditedImport): string {
  const [first] = uses;
  const where =
    first === undefined
      ? 'not used'
      : `${useCount} ${useCount === 1 ? 'use' : 'uses'}, first in ${first.within ?? `${first.section}+0x${first.offset.toString(16)}`}`;
  return nearMisses.length === 0 ? where : `${where}; provided: ${nearMisses.join(', ')}`;
}

/** Functions that return 0 and words that hold 0, by name: enough to load the module and to see what it calls. */
export function typeScriptStubs(missing: readonly AuditedImport[]): string {
  const functions = missing.filter(({ kind }) => kind === 'function');
  const variables = missing.filter(({ kind }) => kind !== 'function');
  const lines = [
    'export const functions = {',
    ...functions.flatMap((entry) => [
      `  // ${comment(entry)}`,
      `  ${JSON.stringify(entry.name)}: (..._args: number[]) => 0,`,
    ]),
    '};',
    '',
    'export const variables = {',
    ...variables.flatMap((entry) => [`  // ${comment(entry)}`, `  ${JSON.stringify(entry.name)}: new Int32Array(1),`]),
    '};',
  ];
  return `${lines.join('\n')}\n`;
}

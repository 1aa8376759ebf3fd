import pc from 'picocolors';

/** Where a command's text goes; tests give their own. */
export interface Terminal {
  /** Standard output: text, or the bytes of a file. */
  readonly out: (output: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** Whether colours may be used on the output stream. */
  readonly colours: boolean;
}

/** The process's own streams; colours only where picocolors finds a terminal that takes them. */
export const processTerminal: Terminal = {
  out: (output) => {
    process.stdout.write(output);
  },
  err: (text) => {
    process.stderr.write(text);
  },
  colours: pc.isColorSupported && process.stdout.isTTY === true,
};

/** Colour functions for the terminal; plain text where it takes none. */
export function colours(terminal: Terminal) {
  return pc.createColors(terminal.colours);
}

/** A value as JSON for programs: 64-bit integers become numbers where exact, decimal text otherwise; empty parts are left out. */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => {
      if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : part.toString();
      return part;
    },
    2,
  );
}

/** A copy without undefined values, empty arrays, empty objects and empty strings. */
export function withoutEmpty(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(record).filter(([, value]) => {
    if (value === undefined || value === '') return false;
    if (Array.isArray(value)) return value.length > 0;
    return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
  });
  return Object.fromEntries(kept);
}

/** Rows as aligned columns, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] as number)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** An address as 0x and eight digits. */
export function hex32(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}

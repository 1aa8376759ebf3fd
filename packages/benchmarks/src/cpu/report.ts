import type { Row } from './measure.js';
import { TARGETS, type Target } from './workload.js';

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Speed of `engine` as a multiple of `against`, workload by workload; those both ran. */
export function speedRatios(rows: readonly Row[], target: Target, engine: string, against: string) {
  const of = (name: string) =>
    new Map(rows.filter((row) => row.target === target && row.engine === name).map((row) => [row.workload, row]));
  const other = of(against);
  return [...of(engine)].flatMap(([workload, row]) => {
    const base = other.get(workload);
    return base ? [{ workload, ratio: base.seconds / row.seconds }] : [];
  });
}

/** Tables for people: MIPS per workload and engine, then the ratios between engines with their geometric means. */
export function report(rows: readonly Row[]): string {
  let text = '';
  for (const target of TARGETS) {
    const own = rows.filter((row) => row.target === target);
    if (own.length === 0) continue;
    const engines = [...new Set(own.map((row) => row.engine))];
    const workloads = [...new Set(own.map((row) => row.workload))];
    text += `\n${target}: million guest instructions per second\n${line('', engines)}`;
    for (const workload of workloads) {
      const cells = engines.map((engine) => {
        const row = own.find((candidate) => candidate.engine === engine && candidate.workload === workload);
        return row ? row.mips.toFixed(row.mips < 100 ? 1 : 0) : '-';
      });
      text += line(workload, cells);
    }
    text += `\n${target}: speed as a multiple of (geometric mean, worst workload)\n`;
    for (const engine of ['wasm', 'interpreter']) {
      for (const against of engines.filter((name) => name !== engine && name !== 'wasm')) {
        const ratios = speedRatios(rows, target, engine, against);
        if (ratios.length === 0) continue;
        const worst = ratios.reduce((a, b) => (b.ratio < a.ratio ? b : a));
        const mean = geometricMean(ratios.map(({ ratio }) => ratio));
        text += `  ${`${engine} / ${against}`.padEnd(28)} ${mean.toFixed(2)}x   worst ${worst.ratio.toFixed(2)}x (${worst.workload})\n`;
      }
    }
  }
  return text;
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(14)}${cells.map((cell) => cell.padStart(13)).join('')}\n`;
}

import { type LoadMeasurement, measureLoad } from './load.js';
import { benchmarkObject, OBJECT_SIZES } from './objects.js';
import { measureParse, type ParseMeasurement } from './parse.js';
import { relocationHeavyObject } from './relocation-heavy.js';

const json = process.argv.includes('--json');

interface Row {
  readonly object: string;
  readonly tool: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

function print({ object, tool, milliseconds }: Row, more: string): void {
  if (!json) console.log(`${object.padEnd(16)} ${tool.padEnd(30)} ${milliseconds.toFixed(3).padStart(10)} ms  ${more}`);
}

function printLoad(row: LoadMeasurement): void {
  const rate = `${(row.relocationsPerSecond / 1e6).toFixed(2)} M relocations/s`;
  print(row, `${rate.padStart(24)}  ${row.sections} sections, ${row.symbols} symbols, ${row.relocations} relocations`);
}

function printParse(row: ParseMeasurement): void {
  print(row, `${row.timesElfinfo.toFixed(1).padStart(8)} times as fast as elfinfo`);
}

/** Cost per relocation in the last file beside the one before; 1 is linear. */
function growth(rows: readonly { milliseconds: number; relocations: number }[]): number {
  const [before, last] = rows.slice(-2).map((row) => row.milliseconds / row.relocations);
  return last / before;
}

const objects = OBJECT_SIZES.map(([name, size]) => benchmarkObject(name, size));

if (!json) console.log('from the file to a relocated module in memory');
const load: LoadMeasurement[] = [];
for (const object of objects) {
  for (const row of measureLoad(object)) {
    load.push(row);
    printLoad(row);
  }
}

if (!json) console.log('\nfrom the file to every section, symbol and relocation');
const parse = await measureParse([...objects, { name: '88,121 relocs', bytes: relocationHeavyObject() }]);
for (const row of parse) printParse(row);

const ours = (rows: readonly { tool: string; object: string; milliseconds: number; relocations: number }[]) =>
  rows.filter(({ tool, object }) => tool === 'loadstone' && OBJECT_SIZES.some(([name]) => name === object));
const loadGrowth = growth(ours(load));
const parseGrowth = growth(ours(parse));
if (json) console.log(JSON.stringify({ load, parse, loadGrowth, parseGrowth }));
else
  console.log(
    `\ncost per relocation, 10 MB beside 1 MB: load ${loadGrowth.toFixed(2)}, parse ${parseGrowth.toFixed(2)}`,
  );

import { type LoadMeasurement, measureLinker, measureLoad } from './load.js';
import { benchmarkObject, OBJECT_SIZES } from './objects.js';

const json = process.argv.includes('--json');
const rows: LoadMeasurement[] = [];

function print(row: LoadMeasurement): void {
  const rate = `${(row.relocationsPerSecond / 1e6).toFixed(2)} M relocations/s`;
  const what = `${row.sections} sections, ${row.symbols} symbols, ${row.relocations} relocations`;
  console.log(
    `${row.object.padEnd(7)} ${row.tool.padEnd(30)} ${row.milliseconds.toFixed(3).padStart(10)} ms  ${rate.padStart(24)}  ${what}`,
  );
}

for (const [name, size] of OBJECT_SIZES) {
  const object = benchmarkObject(name, size);
  for (const row of [measureLoad(object), measureLinker(object)]) {
    if (row === undefined) continue;
    rows.push(row);
    if (!json) print(row);
  }
}

const ours = rows.filter((row) => row.tool === 'loadstone');
const perRelocation = ours.slice(-2).map((row) => row.milliseconds / row.relocations);
/** Cost of one relocation in the largest object beside the next smaller one; 1 is linear. */
const growth = perRelocation[1] / perRelocation[0];
if (json) console.log(JSON.stringify({ load: rows, growth }));
else console.log(`cost of a relocation, 10 MB beside 1 MB: ${growth.toFixed(2)}`);

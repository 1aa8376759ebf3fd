import { parseArgs } from 'node:util';
import { measureFat } from './fat.js';
import type { Measurement } from './measurement.js';
import { measureSpiffs } from './spiffs.js';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const measurements: readonly Measurement[] = [...measureSpiffs(), ...(await measureFat())];

if (values.json) {
  console.log(JSON.stringify({ node: process.version, measurements }, undefined, 2));
} else {
  const width = Math.max(...measurements.map(({ name }) => name.length));
  console.log(`${'operation'.padEnd(width)} ${'ms'.padStart(9)} ${'MB/s'.padStart(9)} ${'x copy'.padStart(8)}`);
  for (const { name, seconds, mbPerSecond, memcpyRatio } of measurements) {
    const columns = [
      (seconds * 1000).toFixed(3).padStart(9),
      mbPerSecond.toFixed(1).padStart(9),
      memcpyRatio.toFixed(1).padStart(8),
    ];
    console.log(`${name.padEnd(width)} ${columns.join(' ')}`);
  }
  console.log('\nx copy: how many times as long as a plain copy of the same bytes in memory, measured in the same run');
}

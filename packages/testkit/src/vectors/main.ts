import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { availableEngines } from './engine.js';
import { findVectorFiles, runVectorFile } from './vector-file.js';

/* npm run vectors -- DIR…: every vector file below the folders, on every engine. */

const caller = process.env.INIT_CWD ?? process.cwd();
const paths = process.argv.slice(2);
if (paths.length === 0) {
  process.stderr.write('usage: npm run vectors -- DIR…\n');
  process.exit(2);
}

const folders = paths.map((path) => resolve(caller, path));
const missing = folders.find((folder) => !existsSync(folder));
if (missing !== undefined) {
  process.stderr.write(`${missing} does not exist\n`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const file of folders.flatMap(findVectorFiles)) {
  for (const engine of availableEngines()) {
    const result = runVectorFile(file, engine);
    passed += result.passed;
    failed += result.failed;
    for (const report of result.reports) process.stdout.write(`${report}\n`);
    process.stdout.write(`${basename(file)} ${engine}: ${result.passed} passed, ${result.failed} failed\n`);
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

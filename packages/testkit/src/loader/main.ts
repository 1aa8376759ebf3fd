import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runBlobCorpus } from './blob-corpus.js';
import { runTencentosCorpus } from './loader-corpus.js';

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('usage: loader-corpus FOLDER…  (each with an expected.json)');
  process.exit(2);
}

let passed = 0;
let failed = 0;
let notPortable = 0;
for (const given of folders) {
  const folder = resolve(process.env['INIT_CWD'] ?? '.', given);
  const isBlobs = Array.isArray(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')));
  (isBlobs ? runBlobCorpus : runTencentosCorpus)(folder, (result) => {
    if (result.notPortable.length > 0) {
      notPortable++;
      for (const line of result.notPortable) console.log(`${result.name}: undefined behaviour, ${line}`);
    }
    if (result.differences.length === 0) passed++;
    else failed++;
    for (const line of result.differences) console.log(`${result.name}: ${line}`);
  });
}
if (notPortable > 0)
  console.log(`${notPortable} of them meet undefined behaviour of the original and are judged up to there`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

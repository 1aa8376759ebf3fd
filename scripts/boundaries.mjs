import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { root } from './workspace.mjs';

/** The arrows of docs/DESIGN.md: what each package may import. */
const arrows = {
  'fd-sources': [],
  'cpu-core': [],
  'relocator-arm': [],
  'relocator-xtensa': [],
  'elf-reader': ['fd-sources'],
  spiffs: ['fd-sources'],
  'vfs-fat': ['fd-sources'],
  'cpu-thumb': ['cpu-core'],
  'cpu-xtensa': ['cpu-core'],
  'cpu-unicorn': ['cpu-core'],
  'emulator-host': ['cpu-core'],
  'task-runner': ['emulator-host'],
  'module-loader': ['elf-reader', 'relocator-arm', 'relocator-xtensa', 'fd-sources'],
  loadstone: ['task-runner', 'emulator-host', 'module-loader', 'spiffs', 'vfs-fat', 'cpu-thumb', 'cpu-xtensa'],
  cli: ['loadstone'],
};

/** What a package may import besides its own arrows: everything reachable through them (types travel along arrows). */
function reachable(name, seen = new Set()) {
  for (const next of arrows[name]) {
    if (!seen.has(next)) {
      seen.add(next);
      reachable(next, seen);
    }
  }
  return seen;
}

const npmName = (folder) => (folder === 'loadstone' ? 'loadstone' : `@loadstone/${folder}`);
const problems = [];

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name)) yield path;
  }
}

for (const [folder, allowed] of Object.entries(arrows)) {
  const home = join(root, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const own = Object.keys(manifest.dependencies ?? {}).filter((name) => /^(@loadstone\/|loadstone$)/.test(name));
  const permitted = new Set([...reachable(folder)].map(npmName));
  for (const name of own) if (!permitted.has(name)) problems.push(`packages/${folder}/package.json depends on ${name}`);
  for (const name of allowed.map(npmName)) {
    if (!own.includes(name)) problems.push(`packages/${folder}/package.json lacks its arrow ${name}`);
  }
  for (const file of sources(join(home, 'src'))) {
    const text = readFileSync(file, 'utf8');
    const where = relative(root, file);
    const forTests = /\/src\/(testing|test)\/|\/test-[\w-]+\.ts$/.test(file);
    for (const { fileName: name } of ts.preProcessFile(text, true, true).importedFiles) {
      if (name.startsWith('.')) {
        if (!resolve(dirname(file), name).startsWith(join(home, 'src')) && !forTests) {
          problems.push(`${where} imports ${name}, outside its package`);
        }
      } else if (name.startsWith('node:')) {
        const nodeOnly = folder === 'cli' || /\/src\/(node\.ts|node\/|platform\/node\.ts)/.test(file) || forTests;
        if (!nodeOnly) problems.push(`${where} imports ${name}; Node-only code sits behind ./node`);
      } else {
        const base = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : name.split('/')[0];
        const { dependencies, peerDependencies, optionalDependencies, imports } = manifest;
        const declared = { ...dependencies, ...peerDependencies, ...optionalDependencies, ...imports };
        if (!forTests && !(base in declared))
          problems.push(`${where} imports ${name}, which package.json does not list`);
      }
    }
  }
  if (!existsSync(join(home, 'README.md'))) problems.push(`packages/${folder} has no README.md`);
}

for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);

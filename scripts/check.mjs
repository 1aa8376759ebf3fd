import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addToSummary } from './summary.mjs';
import { build, install, root } from './workspace.mjs';

/** Every published package: folder and manifest. */
const published = readdirSync(join(root, 'packages'))
  .map((folder) => ({ folder: join(root, 'packages', folder), path: join(root, 'packages', folder, 'package.json') }))
  .filter(({ path }) => existsSync(path))
  .map((entry) => ({ ...entry, manifest: JSON.parse(readFileSync(entry.path, 'utf8')) }))
  .filter(({ manifest }) => !manifest.private);

const tool = (name) => join(root, 'node_modules/.bin', name);
const libraries = published.filter(({ manifest }) => !manifest.bin);
const checks = [
  ['biome', tool('biome'), ['check', '--error-on-warnings']],
  ['types', tool('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['package boundaries', process.execPath, ['scripts/boundaries.mjs']],
  ['knip', tool('knip'), []],
  ['size-limit', tool('size-limit'), []],
  ...published.map(({ folder, manifest }) => [`publint ${manifest.name}`, tool('publint'), [folder, '--strict']]),
  ...libraries.map(({ folder, manifest }) => [
    `attw ${manifest.name}`,
    tool('attw'),
    ['--pack', folder, '--profile', 'esm-only', '--format', 'ascii'],
  ]),
  ['docs build', process.execPath, ['scripts/docs.mjs']],
];

if (!existsSync(tool('tsc'))) install();
build();
const only = process.argv.slice(2);
let passed = 0;
const failures = [];
for (const [name, command, args] of checks) {
  if (only.length > 0 && !only.some((word) => name.startsWith(word))) continue;
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}` };
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', env });
  if (result.status === 0) {
    passed++;
    process.stdout.write(`ok      ${name}\n`);
  } else {
    failures.push(name);
    process.stdout.write(`FAILED  ${name}\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`);
  }
}
addToSummary(passed, failures.length);
if (failures.length > 0) process.stdout.write(`Failed checks: ${failures.join(', ')}\n`);
process.exit(failures.length > 0 ? 1 : 0);

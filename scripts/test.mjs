import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addToSummary } from './summary.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { build, install, root } from './workspace.mjs';

install();
installSystemPackages();
build();

const folder = mkdtempSync(join(tmpdir(), 'loadstone-test-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true });
// A file that fails before its tests are known counts as one failure.
const failed = Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0, status === 0 ? 0 : 1);
addToSummary(numPassedTests, failed);
process.exit(failed > 0 || numPassedTests === 0 ? 1 : 0);

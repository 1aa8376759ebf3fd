import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A tool's exit code and everything it printed. */
export interface ToolResult {
  readonly exitCode: number;
  readonly output: string;
}

const DEBIAN_PACKAGE = { 'fsck.fat': 'dosfstools', mcopy: 'mtools', mdir: 'mtools' } as const;

/** Debian keeps fsck.fat where a user's PATH does not look. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

function run(tool: keyof typeof DEBIAN_PACKAGE, args: readonly string[]): ToolResult {
  const env = { ...process.env, PATH, LC_ALL: 'C.UTF-8', MTOOLS_SKIP_CHECK: '1' };
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8', env });
  if (error !== undefined) {
    const missing = 'code' in error && error.code === 'ENOENT';
    throw missing ? new Error(`${tool} is missing: install the Debian package ${DEBIAN_PACKAGE[tool]}`) : error;
  }
  return { exitCode: status ?? -1, output: `${stdout}${stderr}` };
}

/** Runs `work` in a new folder, which is removed afterwards. */
function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-fat-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `fsck.fat -n` on a volume (no partition table): exit code 0 means clean. */
export function fsckFat(volume: Uint8Array): ToolResult {
  return inTemporaryFolder((folder) => {
    const file = join(folder, 'volume.img');
    writeFileSync(file, volume);
    return run('fsck.fat', ['-n', file]);
  });
}

/** Everything on a volume as mtools reads it: path to content, null for a directory. */
export function mtoolsTree(volume: Uint8Array): Map<string, Uint8Array | null> {
  return inTemporaryFolder((folder) => {
    const file = join(folder, 'volume.img');
    const out = join(folder, 'out');
    writeFileSync(file, volume);
    mkdirSync(out);
    const listing = run('mdir', ['-i', file, '-b', '::/']);
    if (listing.exitCode !== 0) throw new Error(`mdir: ${listing.output}`);
    if (listing.output.trim() !== '') {
      const copy = run('mcopy', ['-i', file, '-s', '-n', '-b', '::/*', out]);
      if (copy.exitCode !== 0) throw new Error(`mcopy: ${copy.output}`);
    }
    const tree = new Map<string, Uint8Array | null>();
    for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(out.length);
      tree.set(name, entry.isDirectory() ? null : new Uint8Array(readFileSync(path)));
    }
    return tree;
  });
}

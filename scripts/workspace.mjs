import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a command with the terminal's own streams and ends this process when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** pnpm of the pinned version; corepack is not needed. */
export function pnpm(args, options) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  run('npx', ['--yes', packageManager, ...args], options);
}

/** Installs the workspace exactly as the lock file says. */
export function install() {
  pnpm(['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn']);
}

/** Runs a program of the workspace's own `node_modules/.bin`. */
export function bin(name, args, options) {
  run(join(root, 'node_modules/.bin', name), args, options);
}

/** Builds every published package, dependencies first; unchanged packages come from turbo's cache. */
export function build() {
  if (!existsSync(join(root, 'node_modules/.bin/turbo'))) install();
  bin('turbo', ['run', 'build', '--output-logs=errors-only', '--no-update-notifier'], {
    // turbo asks the workspace's own pnpm for the package graph.
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    },
    // Building prints to the error stream, so that a command's own output stays clean.
    stdio: ['ignore', 2, 'inherit'],
  });
}

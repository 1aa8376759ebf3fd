import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../program.js';

/** Files by path, with `/` between names; a path that ends in `/` is an empty folder. */
export type Tree = Readonly<Record<string, Uint8Array>>;

/** Debian package of each tool used as an oracle. */
const DEBIAN_PACKAGE = { 'fsck.fat': 'dosfstools', mcopy: 'mtools', mlabel: 'mtools', python3: 'python3' } as const;

/** Debian keeps fsck.fat where a user's PATH does not look. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Runs a tool; an exit code other than 0 is an error with what it printed. */
export function tool(name: keyof typeof DEBIAN_PACKAGE, ...args: string[]): string {
  const env = { ...process.env, PATH, LC_ALL: 'C.UTF-8', MTOOLS_SKIP_CHECK: '1' };
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: 'utf8', env });
  if (error !== undefined) {
    const isMissing = 'code' in error && error.code === 'ENOENT';
    throw isMissing ? new Error(`${name} is missing: install the Debian package ${DEBIAN_PACKAGE[name]}`) : error;
  }
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: exit code ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** Runs the command; `bytes` is all of its standard output. */
export async function loadstone(...args: string[]) {
  const parts: Uint8Array[] = [];
  let err = '';
  const code = await run(args, {
    out: (output) => {
      parts.push(typeof output === 'string' ? new TextEncoder().encode(output) : output);
    },
    err: (text) => {
      err += text;
    },
    colours: false,
  });
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { code, out: new TextDecoder().decode(bytes), err, bytes };
}

/** Runs the command with `--json` and reads what it printed. */
export async function loadstoneJson(...args: string[]) {
  const { code, out } = await loadstone(...args, '--json');
  return { code, json: out === '' ? undefined : JSON.parse(out) };
}

/** A new folder, removed again by `remove`. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'loadstone-image-'));
  return { path, file: (name: string) => join(path, name), remove: () => rmSync(path, { recursive: true }) };
}

/** Puts files into a folder, which is made. */
export function writeTree(folder: string, tree: Tree): string {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    if (path.endsWith('/')) {
      mkdirSync(join(folder, path), { recursive: true });
      continue;
    }
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The files of a folder, and its folders as paths that end in `/`. */
export function readTree(folder: string): Record<string, Uint8Array> {
  const tree: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isDirectory()) tree[`${name}/`] = new Uint8Array(0);
    else tree[name] = new Uint8Array(readFileSync(path));
  }
  return tree;
}

/** What mtools reads from a FAT image, as `readTree` would see it. */
export function mtoolsTree(image: string, into: string, partitionOffset = 0): Record<string, Uint8Array> {
  mkdirSync(into);
  tool('mcopy', '-i', `${image}@@${partitionOffset}`, '-s', '-n', '-b', '::/*', into);
  return readTree(into);
}

/** A tree with its folders, as `readTree` sees it. */
export function withFolders(tree: Tree): Record<string, Uint8Array> {
  const all: Record<string, Uint8Array> = { ...tree };
  for (const path of Object.keys(tree)) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) all[`${folder}/`] = new Uint8Array(0);
  }
  return all;
}

/** Bytes that look random, the same for the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

/** Path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../testkit/fixtures/${name}`, import.meta.url));
}

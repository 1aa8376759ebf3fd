import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { runFatManifest } from './fat-corpus.js';
import { runSpiffsManifest } from './spiffs-corpus.js';

/** One manifest and what differs. */
export interface CorpusResult {
  readonly manifest: string;
  readonly differences: readonly string[];
}

interface ImageManifest {
  readonly kind: string;
  readonly image: string;
  readonly imageBytes?: number;
}

/** Runs every manifest (a JSON file with an `image` field) under a folder, deeper folders included, in order of their names. */
export async function* runCorpus(folder: string): AsyncGenerator<CorpusResult> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.json'));
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isImageManifest(manifest)) continue;
    yield { manifest: path, differences: await runManifest(path, manifest) };
  }
}

async function runManifest(path: string, manifest: ImageManifest): Promise<readonly string[]> {
  try {
    const stored = readFileSync(join(dirname(path), manifest.image));
    // The manifest's `gzip` describes the file it was published with; the content decides.
    const compressed = stored[0] === 0x1f && stored[1] === 0x8b;
    const image = new Uint8Array(compressed ? gunzipSync(stored) : stored);
    if (manifest.imageBytes !== undefined && manifest.imageBytes !== image.length) {
      return [`the image has ${image.length} bytes instead of ${manifest.imageBytes}`];
    }
    if (manifest.kind === 'fat') return await runFatManifest(manifest, image);
    if (manifest.kind === 'spiffs') return await runSpiffsManifest(manifest, image);
    return [`kind ${manifest.kind} is neither fat nor spiffs`];
  } catch (error) {
    return [`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

function isImageManifest(value: unknown): value is ImageManifest {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, image } = value as Record<string, unknown>;
  return typeof kind === 'string' && typeof image === 'string';
}

/** `storage-corpus DIR…`: prints each difference, ends with `N passed, N failed`; exit code 1 when any failed. */
async function main(folders: readonly string[]): Promise<number> {
  if (folders.length === 0) {
    console.error('usage: storage-corpus DIR…');
    return 2;
  }
  let passed = 0;
  let failed = 0;
  for (const given of folders) {
    const folder = resolve(process.env['INIT_CWD'] ?? '.', given);
    if (!existsSync(folder)) {
      console.error(`no folder ${folder}`);
      return 2;
    }
    for await (const { manifest, differences } of runCorpus(folder)) {
      if (differences.length === 0) passed++;
      else failed++;
      for (const difference of differences) console.log(`${basename(manifest, '.json')}: ${difference}`);
    }
  }
  if (passed + failed === 0) console.error('no manifests found');
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}

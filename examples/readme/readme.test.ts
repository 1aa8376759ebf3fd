import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageFolder } from '../images.js';
import type { SnippetRun } from './run-snippets.js';
import { type Snippet, snippetsOf } from './snippets.js';

const root = new URL('../../', import.meta.url);
const hasReadme = (name: string) => existsSync(new URL(`packages/${name}/README.md`, root));
const packages = readdirSync(new URL('packages/', root)).filter(hasReadme).sort();
// The snippet of cpu-unicorn needs unicorn.js, which is GPL-2.0 and therefore no dependency here.
const notRun = ['cpu-unicorn'];
// A command, and two private packages: their READMEs have no TypeScript.
const withoutSnippets = ['benchmarks', 'cli', 'testkit'];
const files = [
  'README.md',
  'docs/guide.md',
  ...packages.filter((name) => !notRun.includes(name)).map((name) => `packages/${name}/README.md`),
];
const snippets: readonly Snippet[] = files.flatMap((name) => snippetsOf(new URL(name, root), name));

let folder: string;
let runs: readonly SnippetRun[];

beforeAll(() => {
  // A folder as a user's: the images and a module, and the snippets beside them.
  folder = mkdtempSync(join(tmpdir(), 'loadstone-readme-'));
  for (const name of ['sd.img', 'spiffs.img']) {
    writeFileSync(join(folder, name), gunzipSync(readFileSync(new URL(`${name}.gz`, imageFolder))));
  }
  copyFileSync(new URL('flash.bin', imageFolder), join(folder, 'flash.bin'));
  copyFileSync(new URL('packages/testkit/fixtures/modules/tencentos/1.o', root), join(folder, 'module.o'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [index, { code }] of snippets.entries()) writeFileSync(join(folder, `${index}.ts`), code);
  const path = (name: string) => fileURLToPath(new URL(name, root));
  const runner = path('examples/readme/run-snippets.ts');
  const tsx = [path('node_modules/tsx/dist/cli.mjs'), '--tsconfig', path('tsconfig.json')];
  const output = execFileSync(process.execPath, [...tsx, runner, String(snippets.length)], { cwd: folder });
  runs = JSON.parse(output.toString());
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the snippets of the documents', () => {
  it('are there', () => {
    const without = files.filter((name) => !snippets.some(({ place }) => place.startsWith(`${name}:`)));
    expect(without).toEqual(withoutSnippets.map((name) => `packages/${name}/README.md`));
  });

  it.each(snippets.map((snippet, index) => ({ ...snippet, index })))(
    '$place runs, and prints what it says',
    (snippet) => {
      const { lines, error } = runs[snippet.index];
      expect(error).toBeUndefined();
      expect(snippet.expected.length).toBeGreaterThan(0);
      expect(lines).toEqual(snippet.expected);
    },
  );

  it('type-check as a user writes them', () => {
    const { config } = ts.readConfigFile(fileURLToPath(new URL('tsconfig.base.json', root)), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(root));
    const names = snippets.map((_, index) => join(folder, `${index}.ts`));
    const typeRoots = [fileURLToPath(new URL('node_modules/@types', root))];
    const program = ts.createProgram(names, { ...options, moduleDetection: ts.ModuleDetectionKind.Force, typeRoots });
    const problems = names.flatMap((name, index) =>
      program
        .getSemanticDiagnostics(program.getSourceFile(name))
        .map(({ messageText }) => `${snippets[index].place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
    );
    expect(problems).toEqual([]);
  });
});

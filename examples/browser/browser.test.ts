import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples } from '../examples.js';
import { expectedOutput } from '../expected-output.js';
import { imageBytes, imageFolder } from '../images.js';
import { comparable, type Outcome, outcomeOf } from '../outcome.js';
import type { PageResult } from './page.js';

const images = fileURLToPath(imageFolder);
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

/** Below this path the server forbids what a strict site forbids: inline scripts, eval, compiling WebAssembly. */
const STRICT = 'strict/';
const POLICY = "default-src 'self'; style-src 'unsafe-inline'";

let folder: string;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadstone-page-'));
  // The page takes the packages as a user's bundle would: through their exports, as built.
  await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: './',
    logLevel: 'error',
    configFile: false,
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    worker: { format: 'es' },
  });
  server = createServer((request, response) => {
    const asked = normalize(new URL(request.url ?? '/', 'http://localhost').pathname).replace(/^\/+/, '');
    const path = asked.startsWith(STRICT) ? asked.slice(STRICT.length) : asked;
    const policy = path === asked ? {} : { 'content-security-policy': POLICY };
    const file = path.startsWith('images/') ? join(images, path.slice(7)) : join(folder, path || 'index.html');
    try {
      const bytes = readFileSync(file);
      response
        .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', ...policy })
        .end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-sync',
      '--disable-background-networking',
      '--disable-component-update',
    ],
  });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** Opens a page of the server and waits until all examples have run. */
async function visit(path: string): Promise<{ result: PageResult; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404')) problems.push(message.text());
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
  const result = await page.evaluate(() => window.loadstoneResult);
  await page.close();
  return { result, problems };
}

/** The same examples in Node. */
async function inNode(): Promise<Outcome[]> {
  return Promise.all(examples.map((example) => outcomeOf(example, imageBytes(example.image))));
}

describe('a page in Chromium', () => {
  it('imports every package, and runs each example as Node does, on both engines and in a worker', async () => {
    const { result, problems } = await visit('');
    const expected = (await inNode()).map(comparable);
    for (const { name, output, instructions } of expected) {
      expect(output).toMatch(expectedOutput[name]);
      expect(instructions).toBeGreaterThan(20);
    }
    for (const outcomes of [result.page, result.interpreter, result.worker]) {
      expect(outcomes.map(comparable)).toEqual(expected);
    }
    expect(result.page.map(({ engine }) => engine)).toEqual(examples.map(() => 'wasm'));
    expect(result.worker.map(({ engine }) => engine)).toEqual(examples.map(() => 'wasm'));
    expect(result.interpreter.map(({ engine }) => engine)).toEqual(examples.map(() => 'interpreter'));
    for (const [name, count] of Object.entries(result.exports)) expect([name, count > 0]).toEqual([name, true]);
    expect(problems).toEqual([]);
  });

  it('interprets where WebAssembly may not be compiled, with the same instructions', async () => {
    const { result } = await visit(STRICT);
    const expected = (await inNode()).map(comparable);
    for (const outcomes of [result.page, result.worker]) {
      for (const [index, outcome] of outcomes.entries()) {
        if (examples[index].image === 'sd.img.gz') {
          // FatFs itself is WebAssembly.
          expect(outcome.error).toMatch(/^UNAVAILABLE: FatFs cannot be used here: /);
          continue;
        }
        expect(comparable(outcome)).toEqual(expected[index]);
        expect(outcome.engine).toBe('interpreter');
        expect(outcome.engineReason).toMatch(/Content Security Policy/i);
      }
    }
  });
});

import * as cpuCore from '@loadstone/cpu-core';
import * as cpuThumb from '@loadstone/cpu-thumb';
import * as cpuUnicorn from '@loadstone/cpu-unicorn';
import * as cpuXtensa from '@loadstone/cpu-xtensa';
import * as elfReader from '@loadstone/elf-reader';
import * as emulatorHost from '@loadstone/emulator-host';
import * as fdSources from '@loadstone/fd-sources';
import * as moduleLoader from '@loadstone/module-loader';
import * as relocatorArm from '@loadstone/relocator-arm';
import * as relocatorXtensa from '@loadstone/relocator-xtensa';
import * as spiffs from '@loadstone/spiffs';
import * as taskRunner from '@loadstone/task-runner';
import * as vfsFat from '@loadstone/vfs-fat';
import * as loadstone from 'loadstone';
import type { Outcome } from '../outcome.js';
import { runExamples } from './run-examples.js';

/** Every package, imported in the browser: the number of things each exports. */
const packages = {
  cpuCore,
  cpuThumb,
  cpuUnicorn,
  cpuXtensa,
  elfReader,
  emulatorHost,
  fdSources,
  loadstone,
  moduleLoader,
  relocatorArm,
  relocatorXtensa,
  spiffs,
  taskRunner,
  vfsFat,
};

/** What the page found, for the test that opens it. */
export interface PageResult {
  readonly exports: Readonly<Record<string, number>>;
  /** All examples on the engine that each board chooses, in the page. */
  readonly page: readonly Outcome[];
  /** All examples on the interpreter, in the page. */
  readonly interpreter: readonly Outcome[];
  /** As `page`, in a Web Worker. */
  readonly worker: readonly Outcome[];
}

function show({ name, output, instructions, engine, error }: Outcome): void {
  const title = document.createElement('h2');
  title.textContent = name;
  const text = document.createElement('pre');
  text.textContent = error ?? `${output}\n${instructions} instructions, ${engine}`;
  document.body.append(title, text);
}

function runInWorker(): Promise<Outcome[]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Outcome[]>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
  });
}

async function runAll(): Promise<PageResult> {
  const page = await runExamples();
  for (const outcome of page) show(outcome);
  const interpreter = await runExamples('interpreter');
  const worker = await runInWorker();
  const exports = Object.fromEntries(Object.entries(packages).map(([name, all]) => [name, Object.keys(all).length]));
  return { exports, page, interpreter, worker };
}

declare global {
  interface Window {
    /** Settles when every example has run everywhere. */
    loadstoneResult: Promise<PageResult>;
  }
}

window.loadstoneResult = runAll();

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
import { examples } from '../examples.js';

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
  readonly outputs: Readonly<Record<string, string>>;
}

async function imageBytes(name: string): Promise<Uint8Array> {
  const response = await fetch(`images/${name}`);
  if (!response.ok || !response.body) throw new Error(`images/${name}: ${response.status}`);
  const body = name.endsWith('.gz') ? response.body.pipeThrough(new DecompressionStream('gzip')) : response.body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}

function show(name: string): HTMLPreElement {
  const title = document.createElement('h2');
  title.textContent = name;
  const output = document.createElement('pre');
  document.body.append(title, output);
  return output;
}

async function runAll(): Promise<PageResult> {
  const outputs: Record<string, string> = {};
  for (const { name, image, main } of examples) {
    const place = show(name);
    let output = '';
    await main(
      (text) => {
        output += text;
        place.textContent = output;
      },
      await imageBytes(image),
    );
    outputs[name] = output;
  }
  const exports = Object.fromEntries(Object.entries(packages).map(([name, all]) => [name, Object.keys(all).length]));
  return { exports, outputs };
}

declare global {
  interface Window {
    /** Settles when every example has run. */
    loadstoneResult: Promise<PageResult>;
  }
}

window.loadstoneResult = runAll();

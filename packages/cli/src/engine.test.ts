import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nativeUnicorn } from '../../cpu-unicorn/src/testing/native-unicorn.js';
import { type ImportPackage, installedPackage } from './engine.js';
import { run } from './program.js';

const fixtures = fileURLToPath(new URL('../../testkit/fixtures/', import.meta.url));

/** unicorn.js itself is in no registry that every machine reaches: an object of its API over the native library stands for it. */
const withNativeUnicorn: ImportPackage = async (name) =>
  name === '@alexaltea/unicorn-js' ? { default: async () => nativeUnicorn } : installedPackage(name);

async function loadstone(importPackage: ImportPackage, ...args: string[]) {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string | Uint8Array) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    colours: false,
  };
  const code = await run(args, terminal, importPackage);
  return { code, out, err };
}

const call = (...rest: string[]) => [
  ...['call', `${fixtures}images/sd.img.gz:/1.o`, 'f_g_a', '--var', 'd_e_a=i32:9', '--stub', 'int f_e_a(int)'],
  ...['--engine', 'unicorn', ...rest],
];

/** As the module system fails for a package that is not there. */
const without =
  (missing: string): ImportPackage =>
  async (name) => {
    if (name !== missing) return withNativeUnicorn(name);
    throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
  };

describe('--engine unicorn', () => {
  it('gives the same result and instruction count as the other engines', async () => {
    const results = [];
    for (const engine of ['unicorn', 'interpreter', 'wasm']) {
      const { code, out } = await loadstone(withNativeUnicorn, ...call('--engine', engine, '--json'));
      expect(code).toBe(0);
      const { engine: used, status, calls, vars, instructions } = JSON.parse(out);
      expect(used).toBe(engine);
      results.push({ status, calls, vars, instructions });
    }
    expect(results[0]).toMatchObject({ status: 'returned', vars: { d_e_a: 24 } });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('stops at the fuel limit, exactly', async () => {
    const { code, out } = await loadstone(withNativeUnicorn, ...call('--json', '--fuel', '7'));
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: 'fuel', instructions: 7, engine: 'unicorn' });
  });

  it.each(['@loadstone/cpu-unicorn', '@alexaltea/unicorn-js'])('says that %s is not installed', async (name) => {
    const { code, out, err } = await loadstone(without(name), ...call());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`${name} is not installed; \`npm install @loadstone/cpu-unicorn @alexaltea/unicorn-js\``);
  });

  it('asks the module system, whose code for a missing package it knows', async () => {
    expect(Object.keys(await installedPackage('@loadstone/cpu-unicorn'))).toContain('createUnicornCpu');
    const script = "import('@loadstone/no-such-package').catch((error) => console.log(error.code))";
    expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()).toBe('ERR_MODULE_NOT_FOUND');
  });

  it('refuses an Xtensa board before it looks for packages', async () => {
    const never: ImportPackage = async (name) => {
      throw new Error(`asked for ${name}`);
    };
    const blob = `${fixtures}images/spiffs.img.gz:/task.bin`;
    for (const args of [call('--board', 'esp32'), ['run', blob, '--engine', 'unicorn']]) {
      const { code, err } = await loadstone(never, ...args);
      expect(code).toBe(2);
      expect(err).toContain('esp32 has an Xtensa CPU, and unicorn.js has none');
    }
  });

  it('refuses a package that is no unicorn.js, and passes other failures on', async () => {
    const other: ImportPackage = async (name) =>
      name === '@alexaltea/unicorn-js' ? { default: () => ({}) } : installedPackage(name);
    const strange = await loadstone(other, ...call());
    expect(strange.code).toBe(2);
    expect(strange.err).toContain('exports no engine');
    const broken: ImportPackage = async () => {
      throw new Error('out of memory');
    };
    expect(await loadstone(broken, ...call())).toMatchObject({ code: 1 });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './program.js';

const fixtures = fileURLToPath(new URL('../../testkit/fixtures/', import.meta.url));

async function loadstone(...args: string[]) {
  let out = '';
  let err = '';
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colours: false,
  });
  return { code, out, err };
}

describe('loadstone', () => {
  it('prints help and exits with 0; an unknown command or option is wrong usage', async () => {
    expect(await loadstone('--help')).toMatchObject({ code: 0 });
    expect(await loadstone('fly')).toMatchObject({ code: 2 });
    expect(await loadstone('inspect')).toMatchObject({ code: 2 });
    expect(await loadstone('inspect', 'x', '--fast')).toMatchObject({ code: 2 });
  });
});

describe('loadstone inspect', () => {
  it('shows an object for people and for programs', async () => {
    const text = await loadstone('inspect', `${fixtures}images/sd.img.gz:/1.o`);
    expect(text.code).toBe(0);
    expect(text.out).toContain('R_ARM_THM_CALL  f_e_a');
    const json = await loadstone('inspect', `${fixtures}images/sd.img.gz:/1.o`, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ kind: 'elf', imports: ['f_e_a', 'd_e_a'] });
  });

  it('exits with 1 and a typed error for a file that is not there', async () => {
    const json = await loadstone('inspect', 'no-such.o', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ status: 'load-error', error: { code: 'IO' } });
    const text = await loadstone('inspect', 'no-such.o');
    expect(text).toMatchObject({ code: 1, out: '' });
    expect(text.err).toContain('no-such.o');
  });
});

describe('loadstone call', () => {
  const guide = ['--var', 'd_e_a=i32:9', '--stub', 'int f_e_a(int)', '--json'];

  it.each(['images/sd.img.gz:/1.o', 'images/sd.img.gz:/1.so', 'images/flash.bin@0x4000'])(
    "runs the guide's module from %s",
    async (location) => {
      const { code, out } = await loadstone('call', fixtures + location, 'f_g_a', ...guide);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        status: 'returned',
        calls: [{ name: 'f_e_a', args: [24], result: 0 }],
        vars: { d_e_a: 24 },
      });
      expect(JSON.parse(out)).not.toHaveProperty('console');
    },
  );

  it('prints the same for people', async () => {
    const { code, out } = await loadstone('call', `${fixtures}images/sd.img.gz:/1.o`, 'f_g_a', ...guide.slice(0, -1));
    expect(code).toBe(0);
    expect(out).toContain('f_e_a(24) -> 0');
    expect(out).toContain('d_e_a = 24');
  });

  it.each([
    ['a symbol nobody defines', ['images/sd.img.gz:/1.o', 'f_g_a', '--var', 'd_e_a=9', '--json'], 'UNRESOLVED_SYMBOL'],
    ['a function the module lacks', ['images/sd.img.gz:/1.o', 'f_x', ...guide], 'SYMBOL_NOT_FOUND'],
    ['a module for another board', ['images/sd.img.gz:/1.o', 'f_g_a', '--board', 'esp32', ...guide], 'WRONG_MACHINE'],
    ['a file that is not there', ['images/sd.img.gz:/2.o', 'f_g_a', ...guide], 'NOT_FOUND'],
    ['what is no ELF file', ['images/spiffs.img.gz:/task.bin', 'f_g_a', ...guide], 'BAD_FORMAT'],
  ])('%s is a load error', async (_title, [location, ...rest], code) => {
    const result = await loadstone('call', fixtures + location, ...rest);
    expect(result.code).toBe(1);
    expect(JSON.parse(result.out)).toMatchObject({ status: 'load-error', error: { code } });
  });

  it('refuses a truncated object by name', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loadstone-cli-')), 'cut.o');
    writeFileSync(path, readFileSync(`${fixtures}modules/tencentos/1.o`).subarray(0, 700));
    const { code, out } = await loadstone('call', path, 'f_g_a', ...guide);
    rmSync(path);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: 'load-error', error: { code: 'TRUNCATED' } });
  });

  it.each(['interpreter', 'wasm'])('runs on the %s when asked to', async (engine) => {
    const { out } = await loadstone('call', `${fixtures}images/sd.img.gz:/1.o`, 'f_g_a', ...guide, '--engine', engine);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ status: 'returned', engine, vars: { d_e_a: 24 } });
    expect(result.engineReason).toBe(engine === 'wasm' ? undefined : 'the interpreter was asked for');
  });

  it('takes ready-made functions only when asked to', async () => {
    const object = fileURLToPath(new URL('../../loadstone/fixtures/imports/imports.o', import.meta.url));
    const greet = ['call', object, 'greet', 'you', '--prototype', 'int greet(const char *name)', '--json'];
    const without = await loadstone(...greet);
    expect(without.code).toBe(1);
    expect(JSON.parse(without.out)).toMatchObject({ status: 'load-error', error: { code: 'UNRESOLVED_SYMBOL' } });
    const given = await loadstone(...greet, '--import', '@heap,@string,@stdio', '--import', '@stdlib');
    expect(given.code).toBe(0);
    expect(JSON.parse(given.out)).toMatchObject({ status: 'returned', returnValue: 10, console: 'hello you\n' });
    const stubbed = await loadstone(...greet, '--import', '@libc', '--stub', 'int printf(const char *format, ...)');
    expect(JSON.parse(stubbed.out)).toMatchObject({
      returnValue: 0,
      calls: [{ name: 'printf', args: ['hello %s\n'] }],
    });
  });

  it('stops a guest at the fuel limit, exactly', async () => {
    const { code, out } = await loadstone('call', `${fixtures}images/sd.img.gz:/1.o`, 'f_g_a', ...guide, '--fuel', '7');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: 'fuel', instructions: 7 });
  });

  it.each([
    ['an unknown type', ['--var', 'x=i33:1']],
    ['an unknown board', ['--board', 'pdp-11']],
    ['an unknown engine', ['--engine', 'steam']],
    ['an unknown group of functions', ['--import', '@libc,@gui']],
    ['fuel that is no number', ['--fuel', 'lots']],
    ['an argument that is no number', ['one']],
  ])('%s is wrong usage', async (_title, rest) => {
    expect(await loadstone('call', `${fixtures}images/sd.img.gz:/1.o`, 'f_g_a', ...rest)).toMatchObject({ code: 2 });
  });
});

describe('loadstone run', () => {
  it('runs a blob from SPIFFS', async () => {
    const { code, out } = await loadstone('run', `${fixtures}images/spiffs.img.gz:/task.bin`, '--json');
    expect(code).toBe(0);
    const run = JSON.parse(out);
    expect(run).toMatchObject({ status: 'returned', output: 'AAAAAAAAAA', generation: 'first', metadata: 'end' });
    expect(run.outputHex).toBe(`${'41'.repeat(10)}${'00'.repeat(90)}`);
    expect(run.log.at(-1)).toBe('Return value from task: AAAAAAAAAA');
  });

  it('prints the serial log for people', async () => {
    const { out } = await loadstone('run', `${fixtures}images/spiffs.img.gz:/task.bin`);
    expect(out).toMatch(/^Loading from SPIFFS\nBIN SIZE: 72\n/);
  });

  it('says why a blob larger than the heap is not loaded', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'loadstone-cli-')), 'big.bin');
    writeFileSync(path, new Uint8Array(400_000));
    const { code, out } = await loadstone('run', path, '--json');
    rmSync(path);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      status: 'load-error',
      error: { code: 'INSUFFICIENT_HEAP', message: 'Insufficient free heap memory' },
    });
  });
});

describe('loadstone check', () => {
  it('says why the object of new binutils does not load on the board', async () => {
    const { code, out } = await loadstone('check', `${fixtures}modules/tencentos/1.o`, '--json');
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ profile: 'tencentos-object', parity: { code: 'RUNOFF' }, full: { loads: true } });
    const ids = report.parity.defects.map((defect: { id: string }) => defect.id);
    expect(ids).toContain('string-table-order');
    expect(ids).toContain('far-branch');
  });

  it('takes the exports of a real firmware', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-cli-'));
    const symbols = join(folder, 'symbols.json');
    writeFileSync(symbols, JSON.stringify({ d_e_a: '0x20000100', f_e_b: 0x08000101 }));
    const location = `${fixtures}modules/tencentos/1.so`;
    const { code, out } = await loadstone('check', location, '--symbols', symbols, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).imports).toContainEqual(
      expect.objectContaining({ name: 'f_e_a', provided: false, nearMisses: expect.arrayContaining(['f_e_b']) }),
    );
    writeFileSync(symbols, '[]');
    expect(await loadstone('check', location, '--symbols', symbols)).toMatchObject({ code: 2 });
    rmSync(folder, { recursive: true });
  });
});

describe('loadstone adapt', () => {
  it('makes an object that the board loads, and does not overwrite without being asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-cli-'));
    const output = join(folder, 'adapted.o');
    const adapt = ['adapt', `${fixtures}modules/tencentos/1.o`, '-o', output];
    expect(await loadstone(...adapt)).toMatchObject({ code: 0 });
    expect(await loadstone(...adapt)).toMatchObject({ code: 2 });
    const checked = await loadstone('check', output, '--json');
    expect(checked.code).toBe(0);
    expect(JSON.parse(checked.out)).toMatchObject({ verdict: 'runs', parity: { error: 0 } });
    const called = await loadstone('call', output, 'f_g_a', '--var', 'd_e_a=9', '--stub', 'int f_e_a(int)', '--json');
    expect(JSON.parse(called.out)).toMatchObject({ status: 'returned', vars: { d_e_a: 24 } });
    rmSync(folder, { recursive: true });
  });
});

describe('loadstone demo', () => {
  it('tells both programs step by step', async () => {
    const { code, out } = await loadstone('demo');
    expect(code).toBe(0);
    expect(out.match(/f_e_a: 24/g)).toHaveLength(5);
    expect(out).toContain('  | Return value from task: AAAAAAAAAA\n');
  });
});

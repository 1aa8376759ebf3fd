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

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'vitest';
import { runXtensaCase } from './xtensa-case.js';

test('all', () => {
  for (const dir of ['/work/shared/corpora/cpu/xtensa', '/work/shared/corpora/cpu/xtensa-fpsteps'])
    for (const f of readdirSync(dir).sort()) {
      if (process.env.VF && !f.includes(process.env.VF)) continue;
      const lines = gunzipSync(readFileSync(`${dir}/${f}`))
        .toString()
        .trim()
        .split('\n');
      let ok = 0,
        bad = 0;
      const shown: Record<string, number> = {};
      const t0 = Date.now();
      for (const l of lines) {
        const c = JSON.parse(l);
        let d: string[];
        try {
          d = runXtensaCase(c, 'interpreter', { advisoryFloat: dir.endsWith('xtensa') && f.startsWith('fp') });
        } catch (e) {
          d = [String((e as Error).stack)];
        }
        if (d.length === 0) ok++;
        else {
          bad++;
          shown[c.t] = (shown[c.t] ?? 0) + 1;
          if (shown[c.t] <= 2) console.log(f, c.a, c.c, JSON.stringify(c.u), d.join('\n   '));
        }
      }
      console.log(f, ok, 'passed', bad, 'failed', Date.now() - t0, 'ms', JSON.stringify(shown));
    }
}, 600000);

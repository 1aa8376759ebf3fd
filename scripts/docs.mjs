import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, root } from './workspace.mjs';

// The API pages come from the entries that users can import; testkit is private.
const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8'));
const entries = Object.entries(compilerOptions.paths)
  .filter(([name]) => name !== '@loadstone/testkit' && !name.startsWith('#'))
  .map(([, [file]]) => file);

rmSync(join(root, 'docs/api'), { recursive: true, force: true });
bin(
  'typedoc',
  ['--entryPoints', ...entries].flatMap((word, i) => (i > 1 ? ['--entryPoints', word] : [word])),
);
bin('vitepress', [process.argv.includes('--dev') ? 'dev' : 'build', 'docs']);

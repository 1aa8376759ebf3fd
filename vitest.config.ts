import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests run against the sources: the same map from package entry to file that TypeScript uses.
const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.base.json', import.meta.url), 'utf8'));
const alias = Object.entries(compilerOptions.paths as Record<string, string[]>).map(([name, [file]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: new URL(file as string, import.meta.url).pathname,
}));

export default defineConfig({
  resolve: { alias },
  // The interpreters' switches need literal cases to become jump tables.
  oxc: { typescript: { optimizeConstEnums: true } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

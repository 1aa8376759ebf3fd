import { defineConfig, type Options } from 'tsup';

/** The one build recipe: ESM for ES2022, declarations, enums inlined, no code outside the entry's package. */
export function packageConfig(options: Pick<Options, 'entry' | 'platform' | 'external' | 'onSuccess'>) {
  return defineConfig({
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    tsconfig: '../../tsconfig.build.json',
    // TypeScript 6 deprecates `baseUrl`, which tsup 8 still sets for its declaration build.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    clean: true,
    splitting: true,
    sourcemap: true,
    ...options,
    external: [/^node:/, ...(options.external ?? [])],
  });
}

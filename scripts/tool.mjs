import { bin, build } from './workspace.mjs';

/** The private programs behind the root scripts; they run from source, on the built packages. */
const tools = {
  vectors: 'packages/testkit/src/vectors/main.ts',
  'storage-corpus': 'packages/testkit/src/storage/storage-corpus.ts',
  'loader-corpus': 'packages/testkit/src/loader/main.ts',
  'newlib-corpus': 'packages/testkit/src/loader/newlib-corpus.ts',
  'bench-cpu': 'packages/benchmarks/src/cpu/main.ts',
  'bench-loader': 'packages/benchmarks/src/loader/main.ts',
  'bench-storage': 'packages/benchmarks/src/storage/main.ts',
};

const [name, ...args] = process.argv.slice(2);
const file = tools[name ?? ''];
if (!file) {
  process.stderr.write(`unknown tool ${name ?? '(none)'}; one of ${Object.keys(tools).join(', ')}\n`);
  process.exit(2);
}
build();
bin('tsx', ['--tsconfig', 'tsconfig.build.json', file, ...args], {
  // Paths in the arguments are meant from where the caller stands.
  env: { ...process.env, INIT_CWD: process.env.INIT_CWD ?? process.cwd() },
});

import { parseArgs } from 'node:util';
import type { Engine } from './engine.js';
import { nativeEngine, wasmEngine } from './engines/host.js';
import { compiled, interpreter } from './engines/loadstone.js';
import { qemuArm, qemuXtensa } from './engines/qemu.js';
import { unicorn } from './engines/unicorn.js';
import { measureLatency } from './latency.js';
import { measure, type Row } from './measure.js';
import { report } from './report.js';
import { TARGETS, type Target, workloadNames } from './workload.js';

const ENGINES: readonly Engine[] = [compiled, interpreter, wasmEngine, nativeEngine, qemuArm, qemuXtensa, unicorn];

const usage = `npm run bench:cpu -- [--json] [--only NAME,...] [--engines NAME,...] [--targets NAME,...] [--runs N] [--seconds S]
  --only     workloads: ${workloadNames.join(', ')}
  --engines  ${ENGINES.map((engine) => engine.name).join(', ')}
  --targets  ${TARGETS.join(', ')}
  --runs     timed runs per engine, the median counts (5)
  --seconds  length of a timed run (0.2)
  --latency  only the second part: cold start, time to half of peak speed, memory per board
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    engines: { type: 'string' },
    targets: { type: 'string' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.2' },
    latency: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Names from a comma-separated option; all of them when it is absent. */
function choose<Name extends string>(option: string | undefined, all: readonly Name[]): readonly Name[] {
  if (option === undefined) return all;
  return option.split(',').map((name) => {
    const found = all.find((known) => known === name);
    if (found === undefined) {
      process.stderr.write(`unknown name ${name}; one of ${all.join(', ')}\n`);
      process.exit(2);
    }
    return found;
  });
}

if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const names = choose(
  values.engines,
  ENGINES.map((engine) => engine.name),
);
const engines = ENGINES.filter((engine) => {
  if (!names.includes(engine.name)) return false;
  const reason = engine.unavailable();
  if (reason !== undefined) process.stderr.write(`${engine.name} is left out: ${reason}\n`);
  return reason === undefined;
});
const targets: readonly Target[] = choose(values.targets, TARGETS);
// First, while this process has nothing to do in the background: neither code to optimise nor memory to sweep.
const latency = measureLatency();
const rows: Row[] = [];
if (!values.latency) {
  for (const target of targets) {
    for (const workload of choose(values.only, workloadNames)) {
      process.stderr.write(`${target} ${workload}\n`);
      rows.push(
        ...measure(workload, target, engines, interpreter, {
          runs: Number(values.runs),
          runSeconds: Number(values.seconds),
        }),
      );
    }
  }
}
process.stdout.write(
  values.json ? `${JSON.stringify([...rows, ...latency.rows], null, 2)}\n` : `${report(rows)}\n${latency.text}`,
);

import { afterAll, describe, expect, it } from 'vitest';
import { FuzzPair, fuzzKinds } from '../testing/fuzz/pair.js';

/*
 * Random programs of valid instructions, wild addresses, self-modifying code and host calls with wild arguments, on three engines:
 * nothing but typed stops may happen, the engines must not differ, and the process's memory must stay bounded.
 *
 * FUZZ_MINUTES=10 searches for that long; FUZZ_SEED=n begins at another seed, and runs that one alone with FUZZ_PROGRAMS=1.
 */
const minutes = Number(process.env['FUZZ_MINUTES'] ?? 0);
const programs = Number(process.env['FUZZ_PROGRAMS'] ?? 60);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);

/** Programs after which boards are made anew. */
const GENERATION = 400;
/** What the process may grow by after the first generations. */
const GROWTH = 300 * 1024 * 1024;

const counts = new Map<string, number>();

function residentBytes(): number {
  const { rss } = process.memoryUsage();
  return rss;
}

describe('random programs', () => {
  it.each(fuzzKinds)(
    '%s: typed stops, alike on every engine',
    { timeout: 120_000 + minutes * 90_000 },
    async (kind) => {
      const end = performance.now() + (minutes * 60_000) / fuzzKinds.length;
      let warm = 0;
      let done = 0;
      for (let seed = firstSeed; minutes > 0 ? performance.now() < end : done < programs; ) {
        const pair = new FuzzPair(kind, Math.floor(done / GENERATION) % 4 === 3);
        for (
          let count = 0;
          count < GENERATION && (minutes > 0 ? performance.now() < end : done < programs);
          count += 1
        ) {
          const status = pair.run(seed);
          counts.set(`${kind} ${status}`, (counts.get(`${kind} ${status}`) ?? 0) + 1);
          seed += 1;
          done += 1;
          // What WeakRefs point to lives until the job ends (ECMAScript, KeepDuringJob): programs of a user's do not share one job.
          if (done % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        if (done === 4 * GENERATION) warm = residentBytes();
      }
      expect(done).toBeGreaterThan(0);
      if (warm > 0) expect(residentBytes() - warm).toBeLessThan(GROWTH);
    },
  );

  afterAll(() => {
    if (minutes > 0) console.log(Object.fromEntries([...counts].sort()), process.memoryUsage());
  });
});

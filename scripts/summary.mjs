import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Adds counts to the file named by LOADSTONE_SUMMARY, which `.ci/run` sets to add up several commands.
 * @param {number} passed
 * @param {number} failed
 */
export function addToSummary(passed, failed) {
  const file = process.env.LOADSTONE_SUMMARY;
  if (!file) return;
  const before = readSummary(file);
  writeFileSync(file, JSON.stringify({ passed: before.passed + passed, failed: before.failed + failed }));
}

export function readSummary(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0 };
}

/**
 * Edit distance of Damerau and Levenshtein (insert, delete, replace, swap neighbours), given up above `limit`.
 * @returns the distance, or `limit + 1` for anything larger
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2] + 1);
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[b.length], limit + 1);
}

/** Most names compared for one missing symbol. */
const MOST_CANDIDATES = 20_000;
const MOST_NAMES = 3;

/** Names that a person may have meant, nearest first: leading underscores and case aside, up to a third of the letters differ. */
export function nearMisses(name: string, candidates: readonly string[]): string[] {
  const plain = (text: string) => text.replace(/^_+/, '').toLowerCase();
  const wanted = plain(name);
  const limit = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  return candidates
    .slice(0, MOST_CANDIDATES)
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plain(candidate), limit) }))
    .filter(({ candidate, distance }) => distance <= limit && candidate !== name)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NAMES)
    .map(({ candidate }) => candidate);
}

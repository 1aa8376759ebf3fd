import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.js';

describe('BoundedMap', () => {
  it('forgets what was written least recently', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([3, undefined, 4, 2]);
  });

  it('has room again for what was deleted', () => {
    const map = new BoundedMap<number, number>(2);
    map.set(1, 1);
    map.set(2, 2);
    map.delete(1);
    map.set(3, 3);
    expect([map.get(2), map.get(3)]).toEqual([2, 3]);
    map.clear();
    expect(map.size).toBe(0);
  });
});

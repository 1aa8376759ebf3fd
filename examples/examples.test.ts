import { describe, expect, it } from 'vitest';
import { examples } from './examples.js';
import { expectedOutput } from './expected-output.js';
import { imageBytes } from './images.js';
import { comparable, outcomeOf } from './outcome.js';

describe('examples', () => {
  it.each(examples)(
    '$name prints what the original prints, with the same instructions on both engines',
    async (example) => {
      const compiled = await outcomeOf(example, imageBytes(example.image), 'wasm');
      expect(compiled.output).toMatch(expectedOutput[example.name]);
      expect(compiled).toMatchObject({ engine: 'wasm', engineReason: undefined });
      expect(compiled.instructions).toBeGreaterThan(20);
      const interpreted = await outcomeOf(example, imageBytes(example.image), 'interpreter');
      expect(interpreted.engine).toBe('interpreter');
      expect(comparable(interpreted)).toEqual(comparable(compiled));
    },
  );
});

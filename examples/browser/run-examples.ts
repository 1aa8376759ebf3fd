import type { CreateBoardOptions } from 'loadstone';
import { examples } from '../examples.js';
import { type Outcome, outcomeOf } from '../outcome.js';

/** Runs all examples in this page or worker. @param engine undefined: the best that works */
export async function runExamples(engine?: CreateBoardOptions['engine']): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const example of examples) outcomes.push(await outcomeOf(example, await imageBytes(example.image), engine));
  return outcomes;
}

async function imageBytes(name: string): Promise<Uint8Array> {
  const response = await fetch(`/images/${name}`);
  if (!response.ok || !response.body) throw new Error(`images/${name}: ${response.status}`);
  const body = name.endsWith('.gz') ? response.body.pipeThrough(new DecompressionStream('gzip')) : response.body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}

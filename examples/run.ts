/** Runs an example in Node: `npx tsx examples/run.ts tencentos-object`. */
import { examples } from './examples.js';
import { imageBytes } from './images.js';

const name = process.argv[2] ?? '';
const example = examples.find((each) => each.name === name);
if (!example) {
  process.stderr.write(`usage: tsx examples/run.ts ${examples.map((each) => each.name).join('|')}\n`);
  process.exitCode = 2;
} else {
  const board = await example.main((text) => process.stdout.write(text), imageBytes(example.image));
  process.stderr.write(`${board.cpu.instructions} instructions, ${board.engine}\n`);
}

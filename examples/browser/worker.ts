/** Runs all examples in a Web Worker and posts their outcomes. */
import { runExamples } from './run-examples.js';

self.postMessage(await runExamples());

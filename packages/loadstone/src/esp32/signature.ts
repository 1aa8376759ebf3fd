import { type FunctionType, parsePrototype } from '@loadstone/emulator-host';
import { LoadstoneError } from '../error.js';

/** What the runner hands to a parameter of the task function. */
export type TaskParameter = 'base' | 'input' | 'outAddr' | 'output';

/** The three forms in use, by number of parameters (GP-IOT's examples 1, 3 and 2). */
const FORMS: Readonly<Record<number, readonly TaskParameter[]>> = {
  2: ['input', 'output'],
  3: ['base', 'input', 'output'],
  4: ['base', 'input', 'outAddr', 'output'],
};

/** How a blob's task function is called. */
export interface TaskSignature {
  readonly prototype: string;
  readonly type: FunctionType;
  readonly parameters: readonly TaskParameter[];
}

/** The first runner's form. */
export const DEFAULT_PROTOTYPE = 'void (const char *input, char *output)';

/**
 * Reads the prototype of a task function; the number of parameters decides what they mean.
 * @throws LoadstoneError BAD_OPTION for another number; HostError PROTOTYPE for text that is no prototype
 */
export function taskSignature(prototype: string): TaskSignature {
  const { type } = parsePrototype(prototype);
  const parameters = FORMS[type.parameters.length];
  if (!parameters) {
    throw new LoadstoneError(
      'BAD_OPTION',
      `"${prototype}" has ${type.parameters.length} parameters; a task function takes (input, output), ` +
        '(base, input, output) or (base, input, outAddr, output)',
      { prototype },
    );
  }
  return { prototype, type, parameters };
}

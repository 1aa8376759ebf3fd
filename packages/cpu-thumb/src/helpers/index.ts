import type { Helper } from '@loadstone/cpu-core';
import { floatHelpers } from './float.js';
import { parallelHelpers } from './parallel.js';
import { specialRegisterHelpers } from './special-registers.js';

/** All helpers of the architecture; their places are their numbers. */
export const helpers: readonly Helper[] = [...parallelHelpers, ...specialRegisterHelpers, ...floatHelpers];

const numbers = new Map(helpers.map((helper, number) => [helper, number]));

/** Number of a helper in {@link helpers}. */
export function helperNumber(helper: Helper): number {
  const number = numbers.get(helper);
  if (number === undefined) throw new RangeError(`helper ${helper.name} is not listed`);
  return number;
}

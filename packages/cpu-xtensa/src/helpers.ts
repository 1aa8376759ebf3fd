import type { Helper, HelperContext } from '@loadstone/cpu-core';
import { OtherException, takeBreak, takeException } from './exceptions.js';
import {
  compareFloats,
  floatToInteger,
  floatToIntegerFlags,
  integerToFloat,
  integerToFloatFlags,
} from './float-conversions.js';
import {
  addExponent,
  addExponentMantissa,
  divide0,
  divideNearest,
  divideNearestFlags,
  makeDivideAdjust,
  makeDivideAdjustFlags,
  makeSquareRootAdjust,
  makeSquareRootAdjustFlags,
  mulAddNearest,
  negatedExponent01,
  reciprocal0,
  reciprocalSquareRoot0,
  squareRoot0,
} from './float-steps.js';
import { HelperNumber } from './helper-numbers.js';
import type { LoopEnds } from './loop-ends.js';
import { refreshMode } from './mode.js';
import { CCOUNT, EPC1, PS, PS_EXCM, PS_INTLEVEL, PS_OWB, PS_OWB_SHIFT, WINDOWBASE, WINDOWSTART } from './slots.js';
import { enterFrame, leaveFrame, makeRoom, prepareStackMove, setWindowBase } from './windows.js';

/** Cycles that CCOUNT advances each time it is read: about what a loop that polls it takes on the chip. */
const CYCLES_PER_READ = 8;

type Run = (context: HelperContext, a: number, b: number, c: number) => number;

/** A helper that depends only on its operands. */
function pure(run: (a: number, b: number, c: number) => number): { pure: boolean; run: Run } {
  return { pure: true, run: (_context, a, b, c) => run(a, b, c) };
}

function impure(run: Run): { pure: boolean; run: Run } {
  return { pure: false, run };
}

function returnFromWindowException(context: HelperContext, underflow: number): number {
  const { state } = context;
  const bit = 1 << state[WINDOWBASE];
  if (underflow !== 0) state[WINDOWSTART] |= bit;
  else state[WINDOWSTART] &= ~bit;
  setWindowBase(state, (state[PS] & PS_OWB) >> PS_OWB_SHIFT);
  state[PS] &= ~PS_EXCM;
  refreshMode(state);
  return state[EPC1];
}

/** The helpers of one CPU, in the order of {@link HelperNumber}. */
export function createHelpers(loopEnds: LoopEnds): readonly Helper[] {
  const runs: Record<HelperNumber, { pure: boolean; run: Run }> = {
    [HelperNumber.Exception]: impure((context, cause, argument) => takeException(context, cause, argument) | 0),
    [HelperNumber.Break]: impure(
      (context, debugCause, argument, next) => takeBreak(context, debugCause, argument, next) | 0,
    ),
    [HelperNumber.WaitForInterrupt]: impure((context, level) => {
      context.state[PS] = (context.state[PS] & ~PS_INTLEVEL) | level;
      context.raise(OtherException.WaitForInterrupt, level);
      return 0;
    }),
    [HelperNumber.Simcall]: impure((context) => {
      context.raise(OtherException.Simcall, context.state[2]);
      return 0;
    }),
    [HelperNumber.LoopEnd]: impure((context, end, begin) => {
      const stale = loopEnds.add(end >>> 0, begin >>> 0);
      if (stale === 'all') context.flushTranslations();
      else if (stale === 'end') context.flushTranslations((end - 1) >>> 0, end >>> 0);
      return 0;
    }),
    [HelperNumber.MakeRoom]: impure((context, quads) => makeRoom(context, quads) | 0),
    [HelperNumber.Enter]: impure((context, value, register) => enterFrame(context, value, register) | 0),
    [HelperNumber.Leave]: impure((context) => leaveFrame(context) | 0),
    [HelperNumber.RefreshMode]: impure((context) => refreshMode(context.state)),
    [HelperNumber.PrepareStackMove]: impure((context) => prepareStackMove(context) | 0),
    [HelperNumber.SetWindowBase]: impure((context, base) => {
      setWindowBase(context.state, base);
      return 0;
    }),
    [HelperNumber.WindowBase]: impure((context) => context.state[WINDOWBASE]),
    [HelperNumber.WindowStart]: impure((context) => context.state[WINDOWSTART]),
    [HelperNumber.SetWindowStart]: impure((context, bits) => {
      context.state[WINDOWSTART] = bits & 0xffff;
      return refreshMode(context.state);
    }),
    [HelperNumber.ReturnFromWindowException]: impure(returnFromWindowException),
    [HelperNumber.CycleCount]: impure((context) => {
      const count = context.state[CCOUNT];
      context.state[CCOUNT] = count + CYCLES_PER_READ;
      return count;
    }),
    [HelperNumber.FloatCompare]: pure(compareFloats),
    [HelperNumber.FloatToInteger]: pure(floatToInteger),
    [HelperNumber.FloatToIntegerFlags]: pure(floatToIntegerFlags),
    [HelperNumber.IntegerToFloat]: pure(integerToFloat),
    [HelperNumber.IntegerToFloatFlags]: pure(integerToFloatFlags),
    [HelperNumber.Divide0]: pure(divide0),
    [HelperNumber.SquareRoot0]: pure(squareRoot0),
    [HelperNumber.Reciprocal0]: pure(reciprocal0),
    [HelperNumber.ReciprocalSquareRoot0]: pure(reciprocalSquareRoot0),
    [HelperNumber.NegatedExponent01]: pure(negatedExponent01),
    [HelperNumber.AddExponent]: pure(addExponent),
    [HelperNumber.AddExponentMantissa]: pure(addExponentMantissa),
    [HelperNumber.MakeDivideAdjust]: pure(makeDivideAdjust),
    [HelperNumber.MakeDivideAdjustFlags]: pure(makeDivideAdjustFlags),
    [HelperNumber.MakeSquareRootAdjust]: pure(makeSquareRootAdjust),
    [HelperNumber.MakeSquareRootAdjustFlags]: pure(makeSquareRootAdjustFlags),
    [HelperNumber.MulAddNearest]: pure(mulAddNearest),
    [HelperNumber.DivideNearest]: pure(divideNearest),
    [HelperNumber.DivideNearestFlags]: pure(divideNearestFlags),
    [HelperNumber.WriteRegion]: impure((context, address, attribute, first) => {
      context.state[first + (address >>> 29)] = attribute & 0xf;
      return 0;
    }),
    [HelperNumber.ReadRegion]: impure((context, address, first) => context.state[first + (address >>> 29)]),
  };
  return Object.entries(runs)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([number, helper]) => ({ name: `xtensa-${number}`, ...helper }));
}

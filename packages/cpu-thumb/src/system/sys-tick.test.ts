import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SysTick } from './sys-tick.js';

const CSR = 0;
const RVR = 4;
const CVR = 8;
const COUNTFLAG = 1 << 16;

describe('SysTick', () => {
  it('counts as a counter that is clocked once an instruction', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 }),
        (reload, steps) => {
          let now = 0;
          let pended = 0;
          const timer = new SysTick(
            () => now,
            () => pended++,
          );
          timer.write(RVR, reload);
          timer.write(CVR, 0);
          timer.write(CSR, 3);
          let value = 0;
          for (const step of steps) {
            let wrapped = false;
            for (let i = 0; i < step; i++) {
              value = value === 0 ? reload : value - 1;
              // The event is the change from 1 to 0.
              if (value === 0 && reload > 0) wrapped = true;
            }
            now += step;
            const before = pended;
            const control = timer.read(CSR);
            expect(timer.read(CVR)).toBe(value);
            expect((control & COUNTFLAG) !== 0).toBe(wrapped);
            expect(pended - before).toBe(wrapped ? 1 : 0);
            expect(timer.remaining).toBe(value > 0 ? value : reload > 0 ? reload + 1 : Number.POSITIVE_INFINITY);
          }
        },
      ),
    );
  });

  it('stands while it is not enabled', () => {
    let now = 0;
    const timer = new SysTick(
      () => now,
      () => undefined,
    );
    timer.write(RVR, 100);
    now = 1000;
    expect([timer.read(CVR), timer.remaining]).toEqual([0, Number.POSITIVE_INFINITY]);
  });
});

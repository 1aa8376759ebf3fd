import { describe, expect, it } from 'vitest';
import { Listing } from './listing.js';

describe('the toolchain listing that reports are compared with', () => {
  const listing = new Listing('crash-arm');

  it('agrees with what objdump and addr2line say', () => {
    expect(
      listing.disagreements('  > 30000050  str r2, [r3]\n  at 0x30000050  crash.o: null_write+0x4 at crash.c:19\n'),
    ).toEqual([]);
  });

  it.each([
    ['another instruction', '  > 30000050  str r2, [r4]'],
    ['an address inside an instruction', '    3000001c  bl 0x30000000'],
    ['another symbol', '  at 0x30000050  crash.o: bad_read+0x4 at crash.c:19'],
    ['another offset', '  #0 0x30000050  crash.o: null_write+0x6 at crash.c:19'],
    ['another line', '(that 0x30000128 (crash.o: overrun+0xc at crash.c:34) allocated)'],
    ['no line', '  at 0x30000050  crash.o: null_write+0x4'],
  ])('disagrees with %s', (_what, text) => {
    expect(listing.disagreements(text)).toHaveLength(1);
  });
});

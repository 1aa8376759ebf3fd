import { describe, expect, it } from 'vitest';
import { CrashBoard } from '../testing/crash.js';
import { faultText } from './text.js';

describe('the relocation behind a bad pointer', () => {
  it('is named when a relocated word holds the pointer', () => {
    const crash = new CrashBoard('arm');
    const word = crash.address('bad_pointer') - 1;
    crash.board.addModule({
      name: 'linked.o',
      contains: () => false,
      sections: [{ name: '.data', address: word, size: 8 }],
      relocationAt: (address) =>
        address >= word && address < word + 4
          ? { place: word, typeName: 'R_ARM_ABS32', symbol: 'device_registers' }
          : undefined,
    });
    const { fault } = crash.call('int bad_read(void)');
    expect(fault?.relocation).toEqual({
      module: 'linked.o',
      typeName: 'R_ARM_ABS32',
      symbol: 'device_registers',
      place: word,
      value: 0x6000_0010,
    });
    expect(fault && faultText(fault)).toContain(
      '\n  R_ARM_ABS32 to device_registers wrote the pointer 0x60000010 at 0x300002bc in linked.o\n',
    );
  });

  it('is not invented for pointers that no relocation wrote', () => {
    const crash = new CrashBoard('arm');
    crash.board.addModule({
      name: 'linked.o',
      contains: () => false,
      sections: [{ name: '.data', address: 0x3000_0200, size: 256 }],
      relocationAt: () => undefined,
    });
    expect(crash.call('int bad_read(void)').fault?.relocation).toBeUndefined();
  });
});

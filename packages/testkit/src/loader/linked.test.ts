import { describe, expect, test } from 'vitest';
import { LINKED_OBJECTS, linkedSections, loadLinkedObject } from './linked-case.js';

describe.each(LINKED_OBJECTS)('%s has the bytes GNU ld gives it', (name) => {
  const { memory, module } = loadLinkedObject(name);
  const linked = linkedSections(name);
  const withBytes = module.sections.filter((section) => section.size > 0 && section.kind !== 'bss');

  test.each(withBytes)('$name', ({ address, size }) => {
    // ld adds an end marker behind .ARM.exidx, which may overlap the next section: the last start counts.
    const output = linked
      .filter((section) => section.address <= address && address + size <= section.address + section.bytes.length)
      .sort((a, b) => b.address - a.address)[0];
    const expected = output.bytes.slice(address - output.address, address - output.address + size);
    const actual = memory.range(address, size).slice();
    for (let place = address; place < address + size; place += 2) {
      const relocation = module.relocationAt(place);
      // A call of a missing weak function does nothing: ld writes NOPs, the loader a branch to the next instruction.
      if (relocation?.symbol !== 'maybe' || !relocation.typeName.startsWith('R_ARM_THM')) continue;
      actual.fill(0, place - address, place - address + 2);
      expected.fill(0, place - address, place - address + 2);
    }
    expect(actual).toEqual(expected);
  });
});

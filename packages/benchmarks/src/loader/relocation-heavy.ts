/**
 * A relocatable object of the shape that issue authors meet in generated tables: much data, few symbols, many relocations.
 * 3.9 MB with 3,641 symbols and 88,121 relocations by default.
 */
export function relocationHeavyObject(symbols = 3641, relocations = 88_121, size = 3_200_000): Uint8Array {
  const names = ['', '.data', '.rel.data', '.symtab', '.strtab', '.shstrtab'];
  const shstrtab = text(names);
  const strtab = text(['', ...Array.from({ length: symbols - 1 }, (_, i) => `table_entry_${i}`)]);
  const symtab = new Uint32Array(symbols * 4);
  for (let i = 1; i < symbols; i++) {
    symtab.set([strtab.offsets[i], i * 16, 16, (1 << 16) | 0x11], i * 4);
  }
  const rel = new Uint32Array(relocations * 2);
  for (let i = 0; i < relocations; i++) rel.set([i * 8, ((1 + (i % (symbols - 1))) << 8) | 2], i * 2);

  const parts = [
    { type: 1, flags: 3, bytes: new Uint8Array(size), link: 0, info: 0, entrySize: 0 },
    { type: 9, flags: 0x40, bytes: new Uint8Array(rel.buffer), link: 3, info: 1, entrySize: 8 },
    { type: 2, flags: 0, bytes: new Uint8Array(symtab.buffer), link: 4, info: 1, entrySize: 16 },
    { type: 3, flags: 0, bytes: strtab.bytes, link: 0, info: 0, entrySize: 0 },
    { type: 3, flags: 0, bytes: shstrtab.bytes, link: 0, info: 0, entrySize: 0 },
  ];
  const headers = new Uint32Array((parts.length + 1) * 10);
  let at = 52;
  parts.forEach(({ type, flags, bytes, link, info, entrySize }, i) => {
    headers.set([shstrtab.offsets[i + 1], type, flags, 0, at, bytes.length, link, info, 4, entrySize], (i + 1) * 10);
    at += Math.ceil(bytes.length / 4) * 4;
  });
  const file = new Uint8Array(at + headers.byteLength);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint32(16, 1 | (40 << 16), true);
  view.setUint32(20, 1, true);
  view.setUint32(32, at, true);
  view.setUint32(36, 0x05000000, true);
  view.setUint16(40, 52, true);
  view.setUint16(46, 40, true);
  view.setUint16(48, parts.length + 1, true);
  view.setUint16(50, parts.length, true);
  parts.forEach(({ bytes }, i) => {
    file.set(bytes, headers[(i + 1) * 10 + 4]);
  });
  file.set(new Uint8Array(headers.buffer), at);
  return file;
}

function text(strings: readonly string[]): { bytes: Uint8Array; offsets: number[] } {
  let length = 0;
  const offsets = strings.map((name) => {
    const offset = length;
    length += name.length + 1;
    return offset;
  });
  return { bytes: new TextEncoder().encode(`${strings.join('\0')}\0`), offsets };
}

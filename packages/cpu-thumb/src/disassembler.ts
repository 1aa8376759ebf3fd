import type { Disassembly } from '@loadstone/cpu-core';
import { decodeNarrow, decodeWide, isWide } from './decoder.js';
import { partOf } from './operand-formats.js';
import { extract, noFields, type Row } from './row.js';

type Format = readonly (string | ReturnType<typeof partOf>)[];

const formats = new Map<Row, Format>();

function formatOf(row: Row): Format {
  let format = formats.get(row);
  if (!format) {
    format = row.format.split(/\{([^}]*)\}/).map((piece, index) => (index % 2 === 0 ? piece : partOf(piece)));
    formats.set(row, format);
  }
  return format;
}

const fields = noFields();

/**
 * Disassembles the instruction at `address` as llvm-objdump 22 prints it, without its trailing comments and symbols. Bytes that
 * are no instruction give `.short` or `.word`, and `.byte` when only one is there.
 * @param code bytes from `address` on
 * @param mode the decode mode: ITSTATE in its low byte
 */
export function disassemble(address: number, code: Uint8Array, mode = 0): Disassembly {
  if (code.length < 2) return { address, length: 1, mnemonic: '.byte', operands: hex(code[0] ?? 0, 2) };
  const first = code[0] | (code[1] << 8);
  const wide = isWide(first);
  if (wide && code.length < 4) return { address, length: 2, mnemonic: '.short', operands: hex(first, 4) };
  const word = wide ? (first << 16) | code[2] | (code[3] << 8) : first;
  const row = wide ? decodeWide(word) : decodeNarrow(word);
  if (!row) {
    const operands = hex(wide ? word : first, wide ? 8 : 4);
    return { address, length: wide ? 4 : 2, mnemonic: wide ? '.inst.w' : '.short', operands };
  }
  extract(row, word, fields);
  const context = { f: fields, address, word, itstate: row.it === 'unconditional' ? 0 : mode & 0xff };
  const text = formatOf(row)
    .map((piece) => (typeof piece === 'string' ? piece : piece(context)))
    .join('');
  const space = text.indexOf(' ');
  return {
    address,
    length: row.length,
    mnemonic: space < 0 ? text : text.slice(0, space),
    operands: space < 0 ? '' : text.slice(space + 1),
  };
}

function hex(value: number, digits: number): string {
  return `0x${(value >>> 0).toString(16).padStart(digits, '0')}`;
}

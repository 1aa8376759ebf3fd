import type { Disassembly } from '@loadstone/cpu-core';
import { findRow, instructionLength } from './instruction-table.js';
import { decodeOperands, emptyDecoded } from './row.js';

const decoded = emptyDecoded();

/**
 * Disassembles the instruction at `address` in the form of llvm-objdump. Bytes that are no instruction, or too few, give `.byte`.
 * @param code bytes from `address` on, at least 1
 */
export function disassembleInstruction(address: number, code: Uint8Array): Disassembly {
  const length = instructionLength(code[0]);
  if (code.length < length) return data(address, code);
  const bytes = code.subarray(0, length);
  const word = length === 3 ? code[0] | (code[1] << 8) | (code[2] << 16) : code[0] | (code[1] << 8);
  const compiled = findRow(word, length);
  if (compiled === undefined) return data(address, bytes);
  decodeOperands(compiled, word, address, decoded);
  const operands = compiled.operands.map(({ operand }) => operand.print(decoded[operand.key])).join(', ');
  return { address, length, mnemonic: compiled.row.name, operands };
}

function data(address: number, bytes: Uint8Array): Disassembly {
  const operands = [...bytes].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ');
  return { address, length: bytes.length, mnemonic: '.byte', operands };
}

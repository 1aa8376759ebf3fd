import { unzlibSync } from 'fflate';
import { ELFCOMPRESS } from './constants/section.js';
import { type ElfBytes, Fields } from './elf-bytes.js';
import { ElfError, hex } from './error.js';

/** Deflate never expands more than 1032 to 1 (zlib technical details, "Maximum Compression Factor"). */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Inflates an SHF_COMPRESSED section (gABI, Compressed Sections): a header with the type, size and alignment of the
 * contents, then a zlib stream.
 * @param limit most bytes the result may have
 */
export function inflateSection(raw: Uint8Array, offset: number, bytes: ElfBytes, limit: number): Uint8Array {
  const fields = new Fields(raw, offset, bytes.littleEndian, bytes.is64);
  const type = fields.u32(0, 'ch_type');
  const size = fields.wide(4, 8, 'ch_size');
  const stream = raw.subarray(bytes.is64 ? 24 : 12);
  if (type !== ELFCOMPRESS.ZLIB) {
    throw new ElfError('UNSUPPORTED', `compression type ${type}${type === ELFCOMPRESS.ZSTD ? ' (zstd)' : ''}`, {
      offset,
      field: 'ch_type',
      value: type,
    });
  }
  if (size > limit) {
    throw new ElfError('TOO_LARGE', `the section at ${hex(offset)} inflates to ${size} bytes, more than ${limit}`, {
      offset,
      field: 'ch_size',
      value: size,
      limit,
    });
  }
  if (stream.length < 6 || size > stream.length * MAX_DEFLATE_RATIO) {
    throw corrupt(offset, `${stream.length} bytes cannot inflate to ${size}`);
  }
  // One byte to spare shows a stream that is longer than it says.
  const into = new Uint8Array(size + 1);
  let got: number;
  try {
    got = unzlibSync(stream, { out: into }).length;
  } catch (cause) {
    throw corrupt(offset, cause instanceof Error ? cause.message : 'inflate failed');
  }
  if (got !== size) throw corrupt(offset, got > size ? `more than ${size} bytes` : `${got} bytes instead of ${size}`);
  const data = into.subarray(0, size);
  const at = stream.length - 4;
  const stored = ((stream[at] << 24) | (stream[at + 1] << 16) | (stream[at + 2] << 8) | stream[at + 3]) >>> 0;
  if (adler32(data) !== stored) throw corrupt(offset, 'the Adler-32 checksum differs');
  return data;
}

function corrupt(offset: number, why: string): ElfError {
  return new ElfError('BAD_COMPRESSION', `compressed section at ${hex(offset)}: ${why}`, { offset, field: 'ch_size' });
}

/** RFC 1950, section 8.2. 3800 bytes keep both sums below 2^31. */
function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < data.length; start += 3800) {
    const end = Math.min(start + 3800, data.length);
    for (let i = start; i < end; i++) {
      a += data[i];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}

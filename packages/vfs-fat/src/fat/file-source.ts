import { type ByteSource, SourceError } from '@loadstone/fd-sources';
import { FatError } from './error.js';
import type { FatFile } from './file.js';

/** An open file as a source of bytes; closing the source closes the file. */
export function fatFileSource(file: FatFile): ByteSource {
  const size = file.size;
  let open = true;
  return {
    size,
    read(offset, into) {
      if (!open) throw new SourceError('CLOSED', `${file.path} is closed`);
      if (!Number.isSafeInteger(offset) || offset < 0) {
        throw new SourceError('BAD_ARGUMENT', `offset ${offset} is not a byte position`, { offset });
      }
      if (offset >= size || into.length === 0) return 0;
      try {
        if (file.position !== offset) file.seek(offset);
        return file.read(into);
      } catch (error) {
        if (!(error instanceof FatError)) throw error;
        throw new SourceError('IO', error.message, { offset, length: into.length, size, cause: error });
      }
    },
    close() {
      open = false;
      file.close();
    },
  };
}

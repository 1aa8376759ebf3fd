/**
 * Unix archives (`!<arch>`, System V and GNU names): the members of a static library.
 */

const MAGIC = '!<arch>\n';
const HEADER_SIZE = 60;

export interface ArchiveMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const latin1 = new TextDecoder('latin1');

/**
 * The members of an archive, without the symbol index and the table of long names.
 * @throws Error for a damaged archive
 */
export function* archiveMembers(archive: Uint8Array): Generator<ArchiveMember> {
  if (latin1.decode(archive.subarray(0, MAGIC.length)) !== MAGIC) throw new Error('not an archive');
  let longNames = '';
  for (let at = MAGIC.length; at + HEADER_SIZE <= archive.length; ) {
    const header = latin1.decode(archive.subarray(at, at + HEADER_SIZE));
    const size = Number(header.slice(48, 58).trim());
    if (header.slice(58) !== '`\n' || !Number.isInteger(size)) throw new Error(`damaged archive header at ${at}`);
    const bytes = archive.subarray(at + HEADER_SIZE, at + HEADER_SIZE + size);
    if (bytes.length !== size) throw new Error(`archive member at ${at} is cut off`);
    const stored = header.slice(0, 16).trimEnd();
    at += HEADER_SIZE + size + (size % 2);
    if (stored === '/' || stored === '/SYM64/') continue;
    if (stored === '//') {
      longNames = latin1.decode(bytes);
      continue;
    }
    const long = /^\/(\d+)$/.exec(stored);
    const name = long === null ? stored : longNames.slice(Number(long[1]), longNames.indexOf('\n', Number(long[1])));
    yield { name: name.replace(/\/$/, ''), bytes };
  }
}

/** Where the C code of the board would run into undefined behaviour. */
export type VfsDefectCode =
  /** A descriptor whose slot is free: the code reads through its null inode pointer. */
  | 'NULL_INODE'
  /** A null string or path is measured with `strlen`, or handed to FatFs. */
  | 'NULL_PATH'
  /** A failed opendir returns the directory object it has freed. */
  | 'FREED_DIRECTORY'
  /** A directory is used after closedir. */
  | 'CLOSED_DIRECTORY'
  /** More bytes are asked for than the buffer has. */
  | 'BUFFER_OVERRUN'
  /** FatFs is built without locks: an open file is changed behind its object's back. */
  | 'UNLOCKED_FILE';

/** Thrown where the board's behaviour is undefined, so that nothing made up is returned in its place. */
export class VfsDefect extends Error {
  override readonly name = 'VfsDefect';
  readonly code: VfsDefectCode;
  /** The C function that runs into it. */
  readonly where: string;

  constructor(code: VfsDefectCode, where: string, message: string) {
    super(`${where}: ${message}`);
    this.code = code;
    this.where = where;
  }
}

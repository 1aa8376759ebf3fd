/** Why a file or folder of this computer was not used. */
export type HostFileErrorCode =
  /** A symbolic link that leads to a folder or out of the folder read, or one in the way of a file to be written. */
  | 'SYMBOLIC_LINK'
  /** Neither a file nor a folder, or not the one of the two that was needed. */
  | 'WRONG_KIND';

/** A file or folder of this computer cannot be used. */
export class HostFileError extends Error {
  override readonly name = 'HostFileError';
  readonly code: HostFileErrorCode;
  readonly path: string;

  constructor(code: HostFileErrorCode, path: string, message: string) {
    super(`${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}

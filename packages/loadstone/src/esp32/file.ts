import { Seek, type Spiffs, SpiffsError } from '@loadstone/spiffs';
import { SeekCur, SeekEnd, SeekSet } from './constants.js';
import { type Formatter, Print } from './print.js';

/** What a file system gives an open file. */
export interface FileHost {
  readonly format: Formatter;
  /** The mounted file system; undefined once it was unmounted or formatted since. */
  readonly spiffs: () => Spiffs | undefined;
  readonly open: (path: string, mode: string) => File | null;
  /** Full paths of the files whose names begin with `prefix`. */
  readonly list: (prefix: string) => readonly string[];
}

const WHENCE: Readonly<Record<number, number>> = { [SeekSet]: Seek.SET, [SeekCur]: Seek.CUR, [SeekEnd]: Seek.END };

/**
 * Arduino's `File` on SPIFFS. What cannot be done gives 0, -1 or false, as there; a closed file is one that can do nothing.
 */
export class File extends Print {
  readonly #host: FileHost;
  readonly #path: string;
  /** SPIFFS descriptor; undefined for a directory. */
  readonly #fd: number | undefined;
  #open = true;
  /** Files below this directory that `openNextFile` has still to give. */
  #entries: string[] | undefined;

  constructor(host: FileHost, path: string, fd: number | undefined) {
    super(host.format);
    this.#host = host;
    this.#path = path;
    this.#fd = fd;
  }

  /** C++'s `if (file)`, for a file that was opened once. */
  isOpen(): boolean {
    return this.#open && this.#host.spiffs() !== undefined;
  }

  /** The last part of the path. */
  name(): string {
    return this.#path.slice(this.#path.lastIndexOf('/') + 1);
  }

  /** The whole path, from the `/` on. */
  path(): string {
    return this.#path;
  }

  isDirectory(): boolean {
    return this.isOpen() && this.#fd === undefined;
  }

  /** Bytes of the file. */
  size(): number {
    return this.#try(0, (fs, fd) => fs.fstat(fd).size);
  }

  position(): number {
    return this.#try(0, (fs, fd) => fs.tell(fd));
  }

  /** Bytes behind the position. */
  available(): number {
    return this.size() - this.position();
  }

  /**
   * Reads one byte, or up to `size` bytes into `buffer`.
   * @returns the byte, -1 at the end; or the number of bytes read
   */
  read(): number;
  read(buffer: Uint8Array, size?: number): number;
  read(buffer?: Uint8Array, size: number = buffer?.length ?? 1): number {
    if (buffer) return this.#try(0, (fs, fd) => fs.read(fd, buffer.subarray(0, size)));
    const byte = new Uint8Array(1);
    return this.#try(0, (fs, fd) => fs.read(fd, byte)) === 1 ? byte[0] : -1;
  }

  /** The next byte without taking it, -1 at the end. */
  peek(): number {
    const at = this.position();
    const byte = this.read();
    if (byte >= 0) this.seek(at);
    return byte;
  }

  /** `Stream::readBytes`: no waiting on a file. */
  readBytes(buffer: Uint8Array, size: number = buffer.length): number {
    return this.read(buffer, size);
  }

  /** The rest of the file as text (UTF-8). */
  readString(): string {
    const bytes = new Uint8Array(this.available());
    return new TextDecoder().decode(bytes.subarray(0, this.read(bytes)));
  }

  /** Text up to `terminator`, which is taken and left out, or up to the end. @param terminator one ASCII character */
  readStringUntil(terminator: string): string {
    const end = terminator.charCodeAt(0);
    const bytes: number[] = [];
    for (let byte = this.read(); byte >= 0 && byte !== end; byte = this.read()) bytes.push(byte);
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  /**
   * @param mode SeekSet, SeekCur, SeekEnd
   * @returns false before the start, and past the end, where SPIFFS leaves the position at the end
   */
  seek(position: number, mode: number = SeekSet): boolean {
    const whence = WHENCE[mode];
    if (whence === undefined) return false;
    return this.#try(-1, (fs, fd) => fs.seek(fd, position, whence)) >= 0;
  }

  /** Writes what is cached. */
  flush(): void {
    this.#try(undefined, (fs, fd) => fs.flush(fd));
  }

  close(): void {
    this.#try(undefined, (fs, fd) => fs.close(fd));
    this.#open = false;
  }

  /** Seconds of the clock when the file was last opened for writing; 0 when it never was. */
  getLastWrite(): number {
    const meta = this.#try(new Uint8Array(0), (fs, fd) => fs.fstat(fd).meta);
    if (meta.length < 4) return 0;
    const seconds = new DataView(meta.buffer, meta.byteOffset).getUint32(0, true);
    return seconds === 0xffff_ffff ? 0 : seconds;
  }

  /** The next file below this directory; null behind the last. SPIFFS keeps no directories, so it is of any depth. */
  openNextFile(mode = 'r'): File | null {
    if (!this.isDirectory()) return null;
    this.#entries ??= this.#host.list(this.#path.endsWith('/') ? this.#path : `${this.#path}/`).toReversed();
    const path = this.#entries.pop();
    return path === undefined ? null : this.#host.open(path, mode);
  }

  rewindDirectory(): void {
    this.#entries = undefined;
  }

  protected writeBytes(bytes: Uint8Array): number {
    return bytes.length === 0 ? 0 : this.#try(0, (fs, fd) => fs.write(fd, bytes));
  }

  /** Does something with the open file; `otherwise` when SPIFFS refuses. */
  #try<Result>(otherwise: Result, work: (fs: Spiffs, fd: number) => Result): Result {
    const fs = this.#host.spiffs();
    if (!this.#open || fs === undefined || this.#fd === undefined) return otherwise;
    try {
      return work(fs, this.#fd);
    } catch (error) {
      if (error instanceof SpiffsError) return otherwise;
      throw error;
    }
  }
}

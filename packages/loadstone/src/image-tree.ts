import type { ByteSource } from '@loadstone/fd-sources';
import type { ImageKind } from './image-format.js';

/** A file inside an image. */
export interface ImageFile {
  /** Path from the root; it begins with `/`, unless a SPIFFS file was named without one. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** A file or a directory inside an image. */
export interface ImageEntry extends ImageFile {
  /** SPIFFS knows files only: `/` is a character of their names. */
  readonly type: 'file' | 'directory';
  /** FAT: local time of the last change, `YYYY-MM-DDThh:mm:ss`; absent when never set. */
  readonly modified?: string;
}

/** Room in an image, in bytes: of FAT the clusters, of SPIFFS what its `SPIFFS_info` says. */
export interface ImageSpace {
  readonly total: number;
  readonly used: number;
}

/** A file-system image, opened for reading. */
export interface Image {
  readonly kind: ImageKind;
  /** Sizes and options of the file system, by name. */
  readonly geometry: Readonly<Record<string, number | string | boolean>>;
  /** The volume label of FAT; '' when there is none, and for SPIFFS. */
  readonly label: string;
  /**
   * Every file, in the order of the image.
   * @throws FatError CORRUPT when the directories loop
   */
  files(): ImageFile[];
  /** Every file and directory; a directory before what is in it. @throws FatError CORRUPT when the directories loop */
  entries(): ImageEntry[];
  /** Whether there is a file of this path. */
  hasFile(path: string): boolean;
  /** Whether there is a directory: on SPIFFS, whether names begin with the path and a slash. */
  hasDirectory(path: string): boolean;
  /**
   * The bytes of one file. A SPIFFS file named without a leading slash is found with one too.
   * @throws LoadstoneError NOT_FOUND; SpiffsError or FatError when the image is damaged there
   */
  fileSource(path: string): ByteSource;
  space(): ImageSpace;
  /** Releases the file system and what the image was read from. */
  close(): void;
}

/** An image whose files can be changed. */
export interface EditableImage extends Image {
  /**
   * Makes or replaces a file, and the directories on the way to it.
   * @throws SpiffsError FULL, NAME_TOO_LONG; FatError DISK_FULL, DENIED, INVALID_NAME, NO_PATH (a file is in the way)
   */
  writeFile(path: string, content: Uint8Array): void;
  /** Makes a directory and those on the way to it; on SPIFFS nothing. @throws FatError */
  makeDirectory(path: string): void;
  /**
   * Removes a file, or with `recursive` a directory and everything in it. An empty directory needs no `recursive`.
   * @returns the paths removed, in that order
   * @throws LoadstoneError NOT_FOUND; FatError DENIED for a directory that is not empty
   */
  remove(path: string, options?: { readonly recursive?: boolean }): string[];
  /** Writes what is pending and releases the file system. @throws FatError, SpiffsError when that fails */
  close(): void;
}

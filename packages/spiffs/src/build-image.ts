import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import { SpiffsError } from './error.js';
import { DATA_PAGE, INDEX_PAGE, TYPE_FILE, writeField } from './fields.js';
import { OpenFlags } from './flags.js';
import { Geometry } from './geometry.js';
import { nameBytes, nameText } from './object-header.js';
import { Spiffs } from './spiffs.js';

/** A file of an image to be built. */
export interface ImageFile {
  /** Name, its leading slash included. */
  readonly name: string | Uint8Array;
  readonly content: Uint8Array;
}

/** What an image is built for. */
export interface ImageOptions {
  /** Bytes of the image, a whole number of blocks; default 0x160000, the `spiffs` partition of Arduino-ESP32's default table. */
  readonly totalSize?: number;
  /**
   * Whose layout: `spiffsgen`, ESP-IDF's spiffsgen.py (default): each file's pages one after the other, nothing deleted; or
   * `mkspiffs`: what the C library leaves when mkspiffs writes file after file, about as many deleted pages as live ones.
   */
  readonly style?: 'spiffsgen' | 'mkspiffs';
}

/**
 * Builds a fresh image. The same files in the same order give the same bytes.
 * @param files in the order they are to be written
 * @throws SpiffsError FULL, NAME_TOO_LONG, CONFLICTING_NAME, NOT_CONFIGURED, MAGIC_NOT_POSSIBLE
 */
export function buildImage(
  files: Iterable<ImageFile>,
  config: SpiffsConfig = ESP_IDF_CONFIG,
  options: ImageOptions = {},
): Uint8Array {
  const totalSize = options.totalSize ?? 0x160000;
  const geometry = new Geometry(config, totalSize);
  if (totalSize % geometry.blockSize !== 0) {
    throw new SpiffsError(
      'NOT_CONFIGURED',
      `${totalSize} bytes are not a whole number of blocks of ${geometry.blockSize} bytes`,
    );
  }
  const image = new Uint8Array(totalSize).fill(0xff);
  const list = [...files].map(({ name, content }) => ({ name: nameBytes(name), content }));
  checkNames(list, geometry);
  if (options.style === 'mkspiffs') writeWithLibrary(image, list, config);
  else new SequentialImage(image, geometry).write(list);
  return image;
}

interface NamedFile {
  readonly name: Uint8Array;
  readonly content: Uint8Array;
}

function checkNames(files: readonly NamedFile[], geometry: Geometry): void {
  const seen = new Set<string>();
  const most = geometry.config.objNameLen - 1;
  for (const { name } of files) {
    const text = nameText(name);
    if (name.length > most)
      throw new SpiffsError('NAME_TOO_LONG', `a name has at most ${most} bytes: ${text}`, { name: text });
    if (seen.has(text)) throw new SpiffsError('CONFLICTING_NAME', `two files are named ${text}`, { name: text });
    seen.add(text);
  }
}

/** mkspiffs (main.cpp): the C library on plain memory, each file written byte by byte through the write cache. */
function writeWithLibrary(image: Uint8Array, files: readonly NamedFile[], config: SpiffsConfig): void {
  const device = blockDevice(memorySource(image), { blockSize: config.blockSize });
  Spiffs.format(device, config);
  const fs = Spiffs.mount(device, config, { parity: true, maxOpenFiles: 4 });
  for (const { name, content } of files) {
    const fd = fs.open(name, OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.RDWR);
    // The cache is written back each time it holds a page's worth of bytes, and at the end.
    for (let at = 0; at < content.length; at += config.pageSize)
      fs.write(fd, content.subarray(at, at + config.pageSize));
    fs.close(fd);
  }
  fs.unmount();
}

/** spiffsgen.py: header or index page, then its data pages, block after block; ids 1, 2, 3 and so on. */
class SequentialImage {
  readonly #image: Uint8Array;
  readonly #geometry: Geometry;
  #block = 0;
  #entry = 0;

  constructor(image: Uint8Array, geometry: Geometry) {
    this.#image = image;
    this.#geometry = geometry;
  }

  write(files: readonly NamedFile[]): void {
    const geometry = this.#geometry;
    files.forEach((file, at) => {
      this.#writeFile(file, at + 1);
    });
    if (!geometry.config.useMagic) return;
    for (let block = 0; block < geometry.blocks; block++) {
      this.#field(geometry.magicAddress(block), geometry.config.objIdBytes, geometry.magic(block));
    }
  }

  #writeFile({ name, content }: NamedFile, id: number): void {
    const geometry = this.#geometry;
    const { dataSize, headerLength } = geometry;
    const { pageIxBytes } = geometry.config;
    if (id >= geometry.ixFlag - 1) throw new SpiffsError('FULL', 'more files than object ids');
    let index = this.#writeIndex(id, 0, name, content.length);
    for (let span = 0; span * dataSize < content.length; span++) {
      const indexSpan = geometry.indexSpanOf(span);
      if (span > 0 && span === geometry.firstSpanOf(indexSpan)) {
        // The block may be full, in which case the index page goes to the next one with the data page behind it.
        index = this.#writeIndex(id, indexSpan, name, content.length);
      }
      const page = this.#takePage(id);
      const address = this.#header(page, id, span, DATA_PAGE);
      this.#image.set(content.subarray(span * dataSize, (span + 1) * dataSize), address + headerLength);
      const place = geometry.tableOffset(indexSpan) + geometry.indexEntryOf(span) * pageIxBytes;
      this.#field(geometry.pageAddress(index) + place, pageIxBytes, page);
    }
  }

  #writeIndex(id: number, indexSpan: number, name: Uint8Array, size: number): number {
    const geometry = this.#geometry;
    const indexId = id + geometry.ixFlag;
    const page = this.#takePage(indexId);
    const address = this.#header(page, indexId, indexSpan, INDEX_PAGE);
    if (indexSpan === 0) {
      this.#field(address + geometry.sizeOffset, 4, size);
      this.#image[address + geometry.typeOffset] = TYPE_FILE;
      this.#image.fill(0, address + geometry.nameOffset, address + geometry.headerTableOffset);
      this.#image.set(name, address + geometry.nameOffset);
    }
    return page;
  }

  #takePage(id: number): number {
    const geometry = this.#geometry;
    if (this.#entry === geometry.entriesPerBlock) {
      this.#entry = 0;
      this.#block++;
    }
    if (this.#block === geometry.blocks) {
      throw new SpiffsError('FULL', `the files do not fit ${this.#image.length} bytes`);
    }
    const page = geometry.entryPage(this.#block, this.#entry++);
    this.#field(geometry.lookupAddress(page), geometry.config.objIdBytes, id);
    return page;
  }

  #header(page: number, id: number, span: number, flags: number): number {
    const geometry = this.#geometry;
    const { objIdBytes, spanIxBytes } = geometry.config;
    const address = geometry.pageAddress(page);
    this.#field(address, objIdBytes, id);
    this.#field(address + geometry.spanOffset, spanIxBytes, span);
    this.#image[address + geometry.flagsOffset] = flags;
    return address;
  }

  #field(address: number, width: number, value: number): void {
    writeField(this.#image, address, width, this.#geometry.config.bigEndian, value);
  }
}

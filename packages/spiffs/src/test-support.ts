import { type FlashDevice, flashDevice, memorySource, SourceError } from '@loadstone/fd-sources';
import { ESP_IDF_CONFIG, type SpiffsConfig } from './config.js';
import type { SpiffsOptions } from './options.js';
import { Spiffs } from './spiffs.js';

/** Small pages, so that a few kilobytes already need several index pages: 39 entries in the header, 60 in the others. */
export const SMALL: SpiffsConfig = { ...ESP_IDF_CONFIG, pageSize: 128, blockSize: 2048 };

/** Bytes that look random and differ from seed to seed. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 2_654_435_761;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A flash over bytes that can be looked at. */
export function flashOver(bytes: Uint8Array, config: SpiffsConfig): FlashDevice {
  return flashDevice(memorySource(bytes), { blockSize: config.blockSize });
}

/** A formatted flash, mounted. */
export function fresh(config: SpiffsConfig, blocks: number, options: SpiffsOptions = {}) {
  const bytes = new Uint8Array(blocks * config.blockSize).fill(0xff);
  const flash = flashOver(bytes, config);
  Spiffs.format(flash, config);
  return { bytes, flash, fs: Spiffs.mount(flash, config, options) };
}

/** Names, contents and metadata, as text that can be compared. */
export function snapshot(fs: Spiffs): string {
  return fs
    .list()
    .map((entry) => `${entry.name} ${entry.meta.join('.')} ${digest(fs.readFile(entry.nameBytes))}`)
    .sort()
    .join('\n');
}

/** FNV-1a over the content, and its length. */
export function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${bytes.length}:${hash.toString(16)}`;
}

/** Runs something during which the power may fail. @returns whether it did */
export function powerFails(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof SourceError && error.code === 'POWER_LOST') return true;
    throw error;
  }
}

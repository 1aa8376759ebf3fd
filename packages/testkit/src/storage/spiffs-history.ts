import type { FlashDevice } from '@loadstone/fd-sources';
import { SourceError } from '@loadstone/fd-sources';
import { OpenFlags, Spiffs, SpiffsError, type SpiffsOptions } from '@loadstone/spiffs';
import { generate, type SpiffsManifest, type SpiffsOperation } from './spiffs-manifest.js';

/** Contents by name. */
export type Files = Map<string, Uint8Array>;

/** What became of a history of operations. */
export interface Replay {
  /** Result of each operation: bytes written, 0, or the C library's error number; nothing for the one cut by power loss. */
  readonly results: (number | undefined)[];
  readonly fs: Spiffs | undefined;
}

/**
 * Replays a manifest's history on an erased flash.
 * @param visit called after each operation that was not cut
 */
export function replay(
  manifest: SpiffsManifest,
  device: FlashDevice,
  options: SpiffsOptions,
  visit: (operation: SpiffsOperation, result: number) => void = () => undefined,
): Replay {
  const results: (number | undefined)[] = [];
  let fs: Spiffs | undefined;
  for (const operation of manifest.ops ?? []) {
    if (operation.interrupted === true && manifest.powerLoss !== undefined) {
      device.cutPowerAfter(manifest.powerLoss.completedFlashOps, manifest.powerLoss.partialBytesOfNext);
    }
    if (operation.op === 'format') Spiffs.format(device, manifest.config);
    else if (operation.op === 'mount') fs = Spiffs.mount(device, manifest.config, options);
    if (fs === undefined || operation.op === 'format' || operation.op === 'mount') {
      results.push(0);
      continue;
    }
    const result = attempt(fs, operation);
    results.push(result);
    if (result !== undefined) visit(operation, result);
  }
  return { results, fs };
}

function attempt(fs: Spiffs, operation: SpiffsOperation): number | undefined {
  try {
    return perform(fs, operation);
  } catch (error) {
    if (error instanceof SpiffsError) return error.errno;
    if (error instanceof SourceError && error.code === 'POWER_LOST' && operation.interrupted === true) return undefined;
    throw error;
  }
}

function perform(fs: Spiffs, operation: SpiffsOperation): number {
  const { name = '', to = '', len = 0 } = operation;
  switch (operation.op) {
    case 'unmount':
      fs.unmount();
      return 0;
    case 'create':
      return writeChunks(fs, fs.open(name, OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.RDWR), operation);
    case 'append':
      return writeChunks(fs, fs.open(name, OpenFlags.CREAT | OpenFlags.APPEND | OpenFlags.RDWR), operation);
    case 'patch': {
      const fd = fs.open(name, OpenFlags.RDWR);
      fs.seek(fd, operation.offset ?? 0);
      return writeChunks(fs, fd, operation);
    }
    case 'remove':
      fs.remove(name);
      return 0;
    case 'rename':
      fs.rename(name, to);
      return 0;
    case 'truncate': {
      const fd = fs.open(name, OpenFlags.RDWR);
      try {
        fs.truncate(fd, len);
      } finally {
        fs.close(fd);
      }
      return 0;
    }
    case 'setMeta':
      fs.setMeta(name, fromHex(operation.meta ?? ''));
      return 0;
    default:
      throw new Error(`unknown operation ${operation.op}`);
  }
}

function writeChunks(fs: Spiffs, fd: number, operation: SpiffsOperation): number {
  const content = contentOf(operation);
  let failure: unknown;
  try {
    for (const chunk of chunks(content, operation.chunk ?? content.length)) fs.write(fd, chunk);
  } catch (error) {
    failure = error;
  }
  try {
    fs.close(fd);
  } catch (error) {
    failure ??= error;
  }
  if (failure !== undefined) throw failure;
  return content.length;
}

export function contentOf(operation: SpiffsOperation): Uint8Array {
  return generate(operation.gen ?? 'lines', operation.seed ?? 0, operation.len ?? 0, operation.genOffset ?? 0);
}

function* chunks(content: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

/** Applies an operation that succeeded to contents in memory. */
export function applyTo(files: Files, operation: SpiffsOperation): void {
  const { name = '', to = '' } = operation;
  const before = files.get(name) ?? new Uint8Array(0);
  const content = contentOf(operation);
  if (operation.op === 'create') files.set(name, content);
  else if (operation.op === 'append') files.set(name, spliced(before, before.length, content));
  else if (operation.op === 'patch') files.set(name, spliced(before, operation.offset ?? 0, content));
  else if (operation.op === 'truncate') files.set(name, before.slice(0, operation.len));
  else if (operation.op === 'remove') files.delete(name);
  else if (operation.op === 'rename') {
    files.delete(name);
    files.set(to, before);
  }
}

/**
 * The states an operation that was cut may leave: each call of the API as before or as after. Undefined stands for no file.
 */
export function statesOfCut(before: Files, operation: SpiffsOperation): Map<string, (Uint8Array | undefined)[]> {
  const { name = '', to = '' } = operation;
  const old = before.get(name);
  const after = new Map(before);
  applyTo(after, operation);
  if (operation.op === 'rename') {
    return new Map([
      [name, [old, undefined]],
      [to, [undefined, old]],
    ]);
  }
  const states: (Uint8Array | undefined)[] = [old, after.get(name)];
  const base = operation.op === 'create' || old === undefined ? new Uint8Array(0) : old;
  if (operation.op === 'create' || operation.op === 'append' || operation.op === 'patch') {
    if (operation.op !== 'patch') states.push(base);
    const from = operation.op === 'patch' ? (operation.offset ?? 0) : base.length;
    const content = contentOf(operation);
    const chunk = operation.chunk ?? content.length;
    for (let done = chunk; chunk > 0 && done < content.length; done += chunk) {
      states.push(spliced(base, from, content.subarray(0, done)));
    }
  }
  return new Map([[name, states]]);
}

function spliced(base: Uint8Array, offset: number, content: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.max(base.length, offset + content.length));
  result.set(base);
  result.set(content, offset);
  return result;
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Everything readable, by name. */
export function readAll(fs: Spiffs): Map<string, Uint8Array | number> {
  const files = new Map<string, Uint8Array | number>();
  for (const entry of fs.list()) {
    try {
      files.set(entry.name, fs.readFile(entry.nameBytes));
    } catch (error) {
      if (!(error instanceof SpiffsError)) throw error;
      files.set(entry.name, error.errno);
    }
  }
  return files;
}

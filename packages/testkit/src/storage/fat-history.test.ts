import { blockDevice, memorySource } from '@loadstone/fd-sources';
import { checkFat, FA, FatError, FatVolume, type FormatOptions, type MountOptions } from '@loadstone/vfs-fat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fsckFat, mtoolsTree } from './fat-tools.js';

/** What is on the volume: path to content, null for a directory. */
type Model = Map<string, Uint8Array | null>;

type Step =
  | { readonly op: 'write' | 'append'; readonly path: string; readonly length: number; readonly fill: number }
  | { readonly op: 'patch'; readonly path: string; readonly at: number; readonly length: number; readonly fill: number }
  | { readonly op: 'truncate'; readonly path: string; readonly length: number }
  | { readonly op: 'mkdir' | 'remove'; readonly path: string }
  | {
      readonly op: 'interleave';
      readonly path: string;
      readonly to: string;
      readonly length: number;
      readonly fill: number;
    }
  | { readonly op: 'rename'; readonly path: string; readonly to: string }
  | { readonly op: 'label'; readonly label: string }
  | { readonly op: 'remount' };

const NAMES = ['A.TXT', 'b', 'long file name one.data', 'long file name two.data', '模块一.so', 'x'.repeat(60)];
const DIRECTORIES = ['', '/DIR', '/a longer directory', '/DIR/inner'];
const path = fc
  .tuple(fc.constantFrom(...DIRECTORIES), fc.constantFrom(...NAMES))
  .map(([directory, name]) => `${directory}/${name}`);
const directory = fc.constantFrom(...DIRECTORIES.slice(1));
const length = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 60_000 }));
const fill = fc.integer({ min: 1, max: 255 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('write', 'append'), path, length, fill }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('patch'), path, at: length, length, fill }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('truncate'), path, length }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('mkdir'), path: directory }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('remove'), path: fc.oneof(path, directory) }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('rename'), path: fc.oneof(path, directory), to: fc.oneof(path, directory) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('interleave'), path, to: path, length, fill }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('label'), label: fc.constantFrom('', 'CARD', 'LOADSTONE 1') }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('remount') }) },
);

const parentOf = (of: string) => of.slice(0, of.lastIndexOf('/'));
const isDirectory = (model: Model, of: string) => of === '' || model.get(of) === null;
const hasChildren = (model: Model, of: string) => [...model.keys()].some((other) => other.startsWith(`${of}/`));

/** New bytes: different in every place, so that a misplaced cluster shows. */
function bytes(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (seed + index + (index >>> 8) * 7) & 0xff);
}

function spliced(old: Uint8Array, at: number, added: Uint8Array): Uint8Array {
  const content = new Uint8Array(Math.max(old.length, at + added.length));
  content.set(old);
  content.set(added, at);
  return content;
}

/** What the model says a step gives: an error code of FatError, or 'ok' after the model is changed. */
function expected(model: Model, step: Exclude<Step, { op: 'label' | 'remount' }>): string {
  if (!isDirectory(model, parentOf(step.path))) return 'NO_PATH';
  const old = model.get(step.path);
  switch (step.op) {
    case 'write':
    case 'append':
      return old === null ? 'DENIED' : 'ok';
    case 'interleave':
      return 'ok';
    case 'patch':
    case 'truncate':
      return old === undefined || old === null ? 'NO_FILE' : 'ok';
    case 'mkdir':
      return old === undefined ? 'ok' : 'EXISTS';
    case 'remove':
      if (old === undefined) return 'NO_FILE';
      return old === null && hasChildren(model, step.path) ? 'DENIED' : 'ok';
    case 'rename':
      if (old === undefined) return 'NO_FILE';
      if (old === null && step.to.startsWith(`${step.path}/`)) return 'DENIED';
      if (!isDirectory(model, parentOf(step.to))) return 'NO_PATH';
      return model.has(step.to) && step.to !== step.path ? 'EXISTS' : 'ok';
  }
}

/** Runs a step on the volume; a full volume is told by the FatError. */
function perform(volume: FatVolume, step: Step): void {
  switch (step.op) {
    case 'write':
      volume.writeFile(step.path, bytes(step.length, step.fill));
      break;
    case 'append':
      writeAt(volume, step.path, FA.WRITE | FA.OPEN_APPEND, undefined, bytes(step.length, step.fill));
      break;
    case 'patch':
      writeAt(volume, step.path, FA.READ | FA.WRITE, step.at, bytes(step.length, step.fill));
      break;
    case 'interleave':
      interleave(volume, step.path, step.to, bytes(step.length, step.fill));
      break;
    case 'truncate':
      volume.truncate(step.path, step.length);
      break;
    case 'mkdir':
      volume.mkdir(step.path);
      break;
    case 'remove':
      volume.unlink(step.path);
      break;
    case 'rename':
      volume.rename(step.path, step.to);
      break;
    case 'label':
      volume.setLabel(step.label);
      break;
    case 'remount':
      break;
  }
}

function writeAt(volume: FatVolume, of: string, mode: number, at: number | undefined, content: Uint8Array): void {
  const file = volume.open(of, mode);
  try {
    if (at !== undefined) file.seek(Math.min(at, file.size));
    file.write(content);
  } finally {
    file.close();
  }
}

/** Two files can grow by turns: their directories are there, and so is room for both. */
function canInterleave(
  volume: FatVolume,
  model: Model,
  { path, to, length }: { path: string; to: string; length: number },
) {
  const places = [path, to].every((of) => isDirectory(model, parentOf(of)) && model.get(of) !== null);
  return places && path !== to && volume.freeSpace().freeBytes > 3 * length + 30_000;
}

/** Two files grow by turns, so that their clusters alternate. */
function interleave(volume: FatVolume, path: string, to: string, content: Uint8Array): void {
  const first = volume.open(path, FA.WRITE | FA.OPEN_APPEND);
  try {
    const second = volume.open(to, FA.WRITE | FA.OPEN_APPEND);
    for (let at = 0; at < content.length; at += 700) {
      first.write(content.subarray(at, at + 700));
      second.write(content.subarray(at, at + 700));
    }
    second.close();
  } finally {
    first.close();
  }
}

/** The model after a step that gave no error. */
function apply(model: Model, step: Step): void {
  if (step.op === 'label' || step.op === 'remount') return;
  const old = model.get(step.path) ?? new Uint8Array(0);
  switch (step.op) {
    case 'write':
      model.set(step.path, bytes(step.length, step.fill));
      break;
    case 'interleave': {
      const other = model.get(step.to) ?? new Uint8Array(0);
      model.set(step.to, spliced(other, other.length, bytes(step.length, step.fill)));
      model.set(step.path, spliced(old, old.length, bytes(step.length, step.fill)));
      break;
    }
    case 'append':
      model.set(step.path, spliced(old, old.length, bytes(step.length, step.fill)));
      break;
    case 'patch':
      model.set(step.path, spliced(old, Math.min(step.at, old.length), bytes(step.length, step.fill)));
      break;
    case 'truncate':
      model.set(step.path, spliced(old.slice(0, step.length), step.length, new Uint8Array(0)));
      break;
    case 'mkdir':
      model.set(step.path, null);
      break;
    case 'remove':
      model.delete(step.path);
      break;
    case 'rename':
      for (const [key, content] of [...model]) {
        if (key !== step.path && !key.startsWith(`${step.path}/`)) continue;
        model.delete(key);
        model.set(step.to + key.slice(step.path.length), content);
      }
  }
}

/** The model after a step that ran out of room: what the volume holds of the one file, nothing else changed. */
function applyFull(model: Model, volume: FatVolume, step: Step, error: FatError): void {
  if (step.op === 'label' || step.op === 'remount' || step.op === 'rename' || error.code !== 'DISK_FULL') return;
  const whole: Model = new Map(model);
  apply(whole, step);
  const content = volume.readFile(step.path);
  const wanted = whole.get(step.path) ?? new Uint8Array(0);
  const old = model.get(step.path) ?? new Uint8Array(0);
  // What is there is a prefix of what was to be there; a patch keeps the old bytes behind it.
  const prefix = wanted.slice(0, content.length);
  const changed = [...prefix.keys()].filter((index) => content[index] !== prefix[index]);
  if (step.op !== 'patch' || changed.some((index) => content[index] !== old[index])) expect(changed).toEqual([]);
  model.set(step.path, content);
}

async function checkVolume(image: Uint8Array, volume: FatVolume, model: Model): Promise<void> {
  for (const [of, content] of model) {
    if (content !== null) expect(Buffer.compare(volume.readFile(of), content), of).toBe(0);
  }
  for (const of of ['', ...[...model.keys()].filter((key) => model.get(key) === null)]) {
    const names = [...model.keys()].filter((key) => parentOf(key) === of).map((key) => key.slice(of.length + 1));
    expect(
      volume
        .list(of === '' ? '/' : of)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());
  }
  expect(checkFat(blockDevice(memorySource(image), { blockSize: 512 })).problems).toEqual([]);
  const partition = image.subarray(volume.parameters.partitionOffset);
  const { exitCode, output } = fsckFat(partition);
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.not.stringContaining('differ') });
  const tree = mtoolsTree(partition);
  expect([...tree.keys()].sort()).toEqual([...model.keys()].sort());
  for (const [of, content] of model) {
    const theirs = tree.get(of);
    if (content !== null)
      expect(theirs !== null && theirs !== undefined && Buffer.compare(theirs, content), of).toBe(0);
  }
}

async function runHistory(size: number, options: FormatOptions & MountOptions, steps: readonly Step[]): Promise<void> {
  const image = new Uint8Array(size);
  const device = blockDevice(memorySource(image), { blockSize: options.sectorSize ?? 512 });
  await FatVolume.format(device, options);
  let volume = await FatVolume.mount(device, options);
  const model: Model = new Map();
  let label = '';
  for (const step of steps) {
    if (step.op === 'interleave' && !canInterleave(volume, model, step)) continue;
    let error: FatError | undefined;
    const outcome = step.op === 'label' || step.op === 'remount' ? 'ok' : expected(model, step);
    try {
      perform(volume, step);
    } catch (caught) {
      if (!(caught instanceof FatError)) throw caught;
      error = caught;
    }
    if (error === undefined) {
      expect(outcome, JSON.stringify(step)).toBe('ok');
      apply(model, step);
      if (step.op === 'label') label = step.label;
    } else if (outcome === 'ok') {
      // Only for want of room: for the data, or for another cluster of a directory.
      expect(['DISK_FULL', 'DENIED'], `${JSON.stringify(step)}: ${error.message}`).toContain(error.code);
      expect(volume.freeSpace().freeBytes).toBeLessThan(70_000);
      applyFull(model, volume, step, error);
    } else {
      expect(error.code, JSON.stringify(step)).toBe(outcome);
    }
    if (step.op === 'remount') {
      volume.unmount();
      volume = await FatVolume.mount(device, options);
    }
  }
  expect(volume.label).toBe(label);
  volume.unmount();
  volume = await FatVolume.mount(device, { readOnly: true });
  await checkVolume(image, volume, model);
  volume.unmount();
}

const MIB = 1 << 20;
const CASES: readonly (readonly [string, number, FormatOptions & MountOptions, number])[] = [
  ['FAT12', 307_200, { type: 'fat12' }, 25],
  ['FAT12 with 2 KiB clusters and no clock', MIB, { type: 'fat12', clusterSize: 2048, clock: 'none' }, 15],
  ['FAT12 with 4 KiB sectors', 2 * MIB, { type: 'fat12', sectorSize: 4096 }, 10],
  ['FAT16 in a partition', 3 * MIB, { type: 'fat16', partition: true }, 15],
  ['FAT16 with 1 KiB sectors, one FAT', 6 * MIB, { type: 'fat16', sectorSize: 1024, fats: 1 }, 10],
  ['FAT32 in a partition, no clock', 34 * MIB, { type: 'fat32', partition: true, clock: 'none' }, 5],
];

describe('random histories against a model', () => {
  it.each(CASES)('%s: fsck.fat is content and mtools reads the same bytes', async (_name, size, options, numRuns) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) =>
        runHistory(size, options, steps),
      ),
      { numRuns },
    );
  });
});

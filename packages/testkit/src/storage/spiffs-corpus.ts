import { createHash } from 'node:crypto';
import { type FlashDevice, flashDevice, memorySource } from '@loadstone/fd-sources';
import { Spiffs, SpiffsError, type SpiffsOptions } from '@loadstone/spiffs';
import { applyTo, type Files, readAll, replay, statesOfCut } from './spiffs-history.js';
import {
  isSpiffsManifest,
  type SpiffsCheck,
  type SpiffsFile,
  type SpiffsManifest,
  type SpiffsReference,
  type SpiffsStats,
} from './spiffs-manifest.js';

/** The reference build had five descriptors and five cache pages. */
const REFERENCE: SpiffsOptions = { parity: true, maxOpenFiles: 5, cachePages: 5 };

/**
 * Compares what this project makes of a SPIFFS image with what the C library made of it: mounting, listing and reading, the
 * check and the replayed history with `parity` exactly; without it, that nothing the C library reads is lost, and that after a
 * power loss every file is as before or as after.
 * @param manifest the parsed manifest
 * @param image the image, decompressed
 * @returns one line per difference; none when all agrees
 */
export function runSpiffsManifest(manifest: unknown, image: Uint8Array): string[] {
  if (!isSpiffsManifest(manifest)) return ['no SPIFFS manifest'];
  if (sha256(image) !== manifest.imageSha256) return ['the image is not the one the manifest describes'];
  const differences: string[] = [];
  const { reference } = manifest;
  compareMount(manifest, image, differences);
  if (reference?.check !== undefined) compareCheck(manifest, image, reference.check, differences);
  if (manifest.ops !== undefined) compareHistory(manifest, image, differences);
  if (reference?.files !== undefined) compareDurable(manifest, image, reference, differences);
  return differences;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A flash as long as the manifest says; bytes the image does not have are erased. */
function flashOf(manifest: SpiffsManifest, image: Uint8Array): { flash: FlashDevice; bytes: Uint8Array } {
  const { totalSize, eraseSize } = manifest.config;
  const bytes = new Uint8Array(totalSize).fill(0xff);
  bytes.set(image.subarray(0, totalSize));
  return { flash: flashDevice(memorySource(bytes), { blockSize: eraseSize }), bytes };
}

/** Runs something, and gives the C library's error number when it fails with one. */
function resultOf<T>(work: () => T): { value: T; errno: 0 } | { value: undefined; errno: number } {
  try {
    return { value: work(), errno: 0 };
  } catch (error) {
    if (error instanceof SpiffsError) return { value: undefined, errno: error.errno };
    throw error;
  }
}

function compareMount(manifest: SpiffsManifest, image: Uint8Array, differences: string[]): void {
  const { flash, bytes } = flashOf(manifest, image);
  const mounted = resultOf(() => Spiffs.mount(flash, manifest.config, REFERENCE));
  const { reference } = manifest;
  if (reference?.mount !== undefined && reference.mount !== mounted.errno) {
    differences.push(`mount gave ${mounted.errno} instead of ${reference.mount}`);
  }
  const fs = mounted.value;
  if (fs === undefined) return;
  if (reference?.files !== undefined) {
    const expected = reference.mountModifiedImage === true ? reference.sha256AfterMount : manifest.imageSha256;
    if (image.length === bytes.length && sha256(bytes) !== expected)
      differences.push('the image after the mount differs');
    compareFiles(fs, reference.files, 'mount', differences);
    if (reference.stats !== undefined) compareStats(fs, reference.stats, 'mount', differences);
  } else {
    for (const file of manifest.sourceFiles ?? []) {
      const read = resultOf(() => fs.readFile(file.name));
      if (read.value === undefined) differences.push(`${file.name}: reading gave ${read.errno}`);
      else if (sha256(read.value) !== file.sha256) differences.push(`${file.name}: other content`);
    }
  }
}

function compareCheck(manifest: SpiffsManifest, image: Uint8Array, check: SpiffsCheck, differences: string[]): void {
  const { flash, bytes } = flashOf(manifest, image);
  const fs = Spiffs.mount(flash, manifest.config, REFERENCE);
  const { value, errno } = resultOf(() => fs.check());
  if (errno !== check.result) differences.push(`check gave ${errno} instead of ${check.result}`);
  const reports = value?.reports ?? [];
  if (reports.length !== check.reportCount) {
    differences.push(`check made ${reports.length} reports instead of ${check.reportCount}`);
  }
  check.reports.forEach((expected, at) => {
    const actual = reports[at];
    const same =
      actual !== undefined &&
      actual.stage === expected.stage &&
      actual.report === expected.report &&
      actual.arg1 === expected.arg1 &&
      actual.arg2 === expected.arg2;
    if (!same)
      differences.push(`check report ${at} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
  });
  if (sha256(bytes) !== check.sha256AfterCheck) differences.push('the image after the check differs');
  const again = Spiffs.mount(flash, manifest.config, REFERENCE);
  compareFiles(again, check.filesAfter, 'check', differences);
  compareStats(again, check.statsAfter, 'check', differences);
  const second = resultOf(() => again.check());
  if (second.errno !== check.secondCheckResult) differences.push(`the second check gave ${second.errno}`);
  const count = second.value?.reports.length ?? 0;
  if (count !== check.secondCheckReportCount) {
    differences.push(`the second check made ${count} reports instead of ${check.secondCheckReportCount}`);
  }
}

/** Compares the listing, and every file read back. */
function compareFiles(fs: Spiffs, files: readonly SpiffsFile[], when: string, differences: string[]): void {
  const listed = fs.list();
  if (listed.length !== files.length) {
    differences.push(`after ${when}: ${listed.length} files instead of ${files.length}`);
  }
  for (const [at, file] of files.entries()) {
    const entry = listed[at];
    if (entry === undefined) break;
    const name = hex(entry.nameBytes);
    if (name !== nameOf(file))
      differences.push(`after ${when}: file ${at} is ${name} instead of ${nameOf(file)} (hex)`);
    for (const [field, actual, expected] of [
      ['object id', entry.objectId, file.objId],
      ['type', entry.type, file.type],
      ['size', entry.size, file.size],
      ['header page', entry.page, file.headerPage],
      ['metadata', hex(entry.meta), file.meta ?? ''],
    ] as const) {
      if (actual !== expected)
        differences.push(`after ${when}: ${entry.name}: ${field} ${actual} instead of ${expected}`);
    }
    const read = resultOf(() => fs.readFile(entry.nameBytes));
    const errno = file.openError ?? file.readError ?? 0;
    if (read.errno !== errno)
      differences.push(`after ${when}: ${entry.name}: reading gave ${read.errno} instead of ${errno}`);
    else if (read.value !== undefined && file.sha256 !== undefined && sha256(read.value) !== file.sha256) {
      differences.push(`after ${when}: ${entry.name}: other content`);
    }
  }
}

function compareStats(fs: Spiffs, expected: SpiffsStats, when: string, differences: string[]): void {
  const { stats } = fs;
  const { total, used } = fs.info();
  for (const [field, actual, wanted] of [
    ['blocks', stats.blockCount, expected.blockCount],
    ['free blocks', stats.freeBlocks, expected.freeBlocks],
    ['allocated pages', stats.pagesAllocated, expected.pagesAllocated],
    ['deleted pages', stats.pagesDeleted, expected.pagesDeleted],
    ['erase counter', stats.maxEraseCount, expected.maxEraseCount],
    ['bytes in all', total, expected.infoTotal],
    ['bytes used', used, expected.infoUsed],
  ] as const) {
    if (actual !== wanted) differences.push(`after ${when}: ${field} ${actual} instead of ${wanted}`);
  }
}

/** With parity the history gives the same results and the same image; without, the contents that its own results ask for. */
function compareHistory(manifest: SpiffsManifest, image: Uint8Array, differences: string[]): void {
  const erased = new Uint8Array(0);
  const parity = flashOf(manifest, erased);
  const { results } = replay(manifest, parity.flash, REFERENCE);
  manifest.ops?.forEach((operation, at) => {
    if (operation.interrupted !== true && operation.result !== undefined && results[at] !== operation.result) {
      differences.push(
        `operation ${at} (${operation.op} ${operation.name}) gave ${results[at]} instead of ${operation.result}`,
      );
    }
  });
  const other = parity.bytes.findIndex((byte, at) => byte !== image[at]);
  if (other >= 0) differences.push(`the image after the history differs at byte ${other}`);

  if (manifest.powerLoss !== undefined) return;
  const own = flashOf(manifest, erased);
  const files: Files = new Map();
  // An operation that failed for lack of room may have done some of its calls: create has cut the file, say.
  const uncertain = new Set<string>();
  replay(manifest, own.flash, {}, (operation, result) => {
    const { op, name = '', to = '' } = operation;
    if (result < 0) {
      uncertain.add(name);
      return;
    }
    applyTo(files, operation);
    if (op === 'rename' && uncertain.has(name)) uncertain.add(to);
    if (op === 'rename' || op === 'create' || op === 'remove') uncertain.delete(name);
  });
  const fs = Spiffs.mount(own.flash, manifest.config);
  if (fs.recovered.length > 0)
    differences.push(`after the history without parity a mount repairs ${fs.recovered.length} things`);
  const read = readAll(fs);
  for (const [name, content] of files) {
    if (!uncertain.has(name) && !sameContent(read.get(name), content)) {
      differences.push(`after the history without parity: ${name}: other content`);
    }
  }
  const reports = Spiffs.mount(own.flash, manifest.config, REFERENCE).check().reports.length;
  if (reports > 0) differences.push(`after the history without parity the C library's check makes ${reports} reports`);
}

/** The default behaviour: mount puts cut operations right, check keeps what can be read. */
function compareDurable(
  manifest: SpiffsManifest,
  image: Uint8Array,
  reference: SpiffsReference,
  differences: string[],
): void {
  const { flash } = flashOf(manifest, image);
  const mounted = readAll(Spiffs.mount(flash, manifest.config));
  if (manifest.powerLoss !== undefined) comparePowerLoss(manifest, reference, mounted, differences);
  else compareKept(reference, mounted, 'mount', differences);
  const fs = Spiffs.mount(flash, manifest.config);
  if (fs.recovered.length > 0) differences.push(`a second mount still repairs ${fs.recovered.length} things`);
  fs.check();
  const checked = readAll(fs);
  for (const [name, content] of mounted) {
    const after = checked.get(name);
    if (typeof content === 'number' || sameContent(after, content)) continue;
    // A file whose index named another file's page was read wrongly; then the C library's check changes it too, to the same.
    const byReference = reference.check?.filesAfter.some(
      (file) => file.name === name && after !== undefined && typeof after !== 'number' && file.sha256 === sha256(after),
    );
    if (byReference !== true) differences.push(`${name}: the check changes or loses it`);
  }
  for (const { name, sha256: hash } of reference.check?.filesAfter ?? []) {
    if (name === undefined || hash === undefined) continue;
    // Of two names of one object, or a file that is whole only under its old name, one is kept.
    const isOther = manifest.powerLoss !== undefined && mounted.size > 0 && !mounted.has(name);
    if (!checked.has(name) && !isOther) differences.push(`${name}: the C library's check keeps it, this one loses it`);
  }
  for (const [name, content] of checked) {
    if (typeof content === 'number') differences.push(`${name}: reading gives ${content} even after a check`);
  }
  const reports = Spiffs.mount(flash, manifest.config, REFERENCE).check().reports;
  if (reports.length > 0) {
    differences.push(
      `after a check the C library's check still reports ${JSON.stringify(reports[0])} and ${reports.length - 1} more`,
    );
  }
}

/** Every name the C library reads is read the same; of equal names one of them. */
function compareKept(
  reference: SpiffsReference,
  files: Map<string, Uint8Array | number>,
  when: string,
  differences: string[],
): void {
  const readable = new Map<string, string[]>();
  for (const file of reference.files ?? []) {
    if (file.name === undefined || file.sha256 === undefined) continue;
    readable.set(file.name, [...(readable.get(file.name) ?? []), file.sha256]);
  }
  for (const [name, hashes] of readable) {
    const content = files.get(name);
    if (content === undefined) differences.push(`after ${when} without parity: ${name} is not there`);
    else if (typeof content === 'number')
      differences.push(`after ${when} without parity: ${name}: reading gave ${content}`);
    else if (!hashes.includes(sha256(content)))
      differences.push(`after ${when} without parity: ${name}: other content`);
  }
}

/** Every file as before or as after; where the C library left a file it reads without error, that will do too. */
function comparePowerLoss(
  manifest: SpiffsManifest,
  reference: SpiffsReference,
  files: Map<string, Uint8Array | number>,
  differences: string[],
): void {
  const before: Files = new Map();
  const operations = manifest.ops ?? [];
  const cut = operations.find((operation) => operation.interrupted === true);
  for (const operation of operations) {
    if (operation !== cut && (operation.result ?? 0) >= 0) applyTo(before, operation);
  }
  if (cut === undefined) return;
  const states = statesOfCut(before, cut);
  for (const [name, content] of before) {
    if (!states.has(name) && !sameContent(files.get(name), content)) differences.push(`power loss changed ${name}`);
  }
  for (const [name, content] of files) {
    const allowed = states.get(name);
    if (allowed === undefined) {
      if (!before.has(name)) differences.push(`power loss made ${name}`);
      continue;
    }
    const byReference = reference.files?.some(
      (file) => file.name === name && typeof content !== 'number' && file.sha256 === sha256(content),
    );
    if (byReference !== true && !allowed.some((state) => sameContent(content, state))) {
      differences.push(`after the power loss ${name} is neither as before nor as after`);
    }
  }
  for (const [name, allowed] of states) {
    if (!files.has(name) && !allowed.includes(undefined)) differences.push(`power loss lost ${name}`);
  }
  if (cut.op === 'rename' && files.has(cut.name ?? '') === files.has(cut.to ?? '')) {
    differences.push(`after the power loss ${cut.name} has both names or none`);
  }
}

function sameContent(actual: Uint8Array | number | undefined, expected: Uint8Array | undefined): boolean {
  if (actual === undefined || expected === undefined) return actual === expected;
  if (typeof actual === 'number' || actual.length !== expected.length) return false;
  return actual.every((byte, at) => byte === expected[at]);
}

function nameOf(file: SpiffsFile): string {
  return file.nameHex ?? hex(new TextEncoder().encode(file.name ?? ''));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

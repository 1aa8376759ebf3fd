import { type BlockDevice, type ByteSource, memorySource, type WritableByteSource } from '@loadstone/fd-sources';
import { type CheckReport, Spiffs } from '@loadstone/spiffs';
import { checkFat } from '@loadstone/vfs-fat';
import { openPath } from '#platform';
import { openForWriting } from './image.js';
import { fatDevice } from './image-fat.js';
import { type ImageKind, recogniseImage, type SpiffsFormat, type SpiffsSettings, unpacked } from './image-format.js';
import { spiffsDevice } from './image-spiffs.js';

/** Something wrong with an image. */
export interface ImageProblem {
  /** A `FatProblemCode`; for SPIFFS what a check does about it (`FIX_LOOKUP`, `DELETE_PAGE` …), `DAMAGED_FILE` or `TRUNCATED`. */
  readonly code: string;
  /** Warnings leave an image clean. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The file or directory concerned. */
  readonly path?: string;
}

/** The outcome of a check. */
export interface ImageCheck {
  readonly kind: ImageKind;
  /** `repaired`: there were errors, and none is left. */
  readonly verdict: 'clean' | 'damaged' | 'repaired';
  /** What was found, before any repair. */
  readonly problems: readonly ImageProblem[];
  /** After a repair: what is left. */
  readonly remaining: readonly ImageProblem[];
  /** After the repair of a SPIFFS: paths of files that are there no more. A FAT repair empties or cuts what its problems name. */
  readonly lost: readonly string[];
  /** Files in the image, after a repair. */
  readonly files: number;
}

/** How an image is checked. */
export interface CheckImageOptions {
  /** Settings of a SPIFFS that its bytes do not show. */
  readonly spiffs?: SpiffsSettings;
}

/** Passes of a repair: one may free what the next one has to tidy up. */
const REPAIR_PASSES = 3;

/**
 * Checks an image without changing it: FAT as fsck.fat does, SPIFFS as its library's check.
 * @param what a path (a URL in a browser; gzip is unpacked), or the bytes
 * @throws LoadstoneError UNKNOWN_FORMAT; SourceError; SpiffsError NOT_A_FS; FatError
 */
export async function checkImage(
  what: string | ByteSource | Uint8Array,
  options: CheckImageOptions = {},
): Promise<ImageCheck> {
  const isPath = typeof what === 'string';
  const name = isPath ? what : 'the image';
  const source = isPath ? await unpacked(await openPath(what), name) : bytesOf(what);
  try {
    const { kind, problems, files } = examiner(source, name, options, false)(false);
    return { kind, verdict: verdictOf(problems), problems, remaining: [], lost: [], files };
  } finally {
    if (isPath) source.close?.();
  }
}

/**
 * Checks an image and repairs in place what is wrong. To be safe against an interruption, repair a copy.
 * @param what a path (not in a browser), or the bytes
 * @throws LoadstoneError UNKNOWN_FORMAT, READ_ONLY for a gzip file; SourceError; SpiffsError NOT_A_FS; FatError
 */
export async function repairImage(
  what: string | WritableByteSource | Uint8Array,
  options: CheckImageOptions = {},
): Promise<ImageCheck> {
  const { source, name } = await openForWriting(what);
  try {
    const examine = examiner(source, name, options, true);
    const before = examine(false);
    if (verdictOf(before.problems) === 'clean') {
      const { kind, problems, files } = before;
      return { kind, verdict: 'clean', problems, remaining: problems, lost: [], files };
    }
    let after = before;
    for (let pass = 0; pass < REPAIR_PASSES && verdictOf(after.problems) === 'damaged'; pass++) {
      examine(true);
      after = examine(false);
    }
    const kept = new Set(after.paths);
    return {
      kind: before.kind,
      verdict: verdictOf(after.problems) === 'clean' ? 'repaired' : 'damaged',
      problems: before.problems,
      remaining: after.problems,
      lost: before.paths.filter((path) => !kept.has(path)),
      files: after.files,
    };
  } finally {
    if (typeof what === 'string') source.close?.();
  }
}

interface Examination {
  readonly kind: ImageKind;
  readonly problems: readonly ImageProblem[];
  readonly files: number;
  /** Paths of the files; of SPIFFS only. */
  readonly paths: readonly string[];
}

function bytesOf(what: ByteSource | Uint8Array): ByteSource {
  return what instanceof Uint8Array ? memorySource(what) : what;
}

function verdictOf(problems: readonly ImageProblem[]): 'clean' | 'damaged' {
  return problems.some(({ severity }) => severity === 'error') ? 'damaged' : 'clean';
}

function examiner(
  source: ByteSource,
  name: string,
  options: CheckImageOptions,
  writable: boolean,
): (repair: boolean) => Examination {
  const format = recogniseImage(source, name, options.spiffs);
  if (format.fileSystem === 'fat') return (repair) => examineFat(fatDevice(source), repair);
  return (repair) => examineSpiffs(spiffsDevice(source, format, writable && repair), format);
}

function examineFat(device: BlockDevice, repair: boolean): Examination {
  const { parameters, problems, files } = checkFat(device, { repair });
  return { kind: parameters.type, problems, files, paths: [] };
}

/** Mounts and checks, which repairs the device: a copy in memory unless it is writable. */
function examineSpiffs(device: BlockDevice, format: SpiffsFormat): Examination {
  const { totalSize, config } = format;
  if (device.size < totalSize) {
    const message = `the image ends after ${device.size} of ${totalSize} bytes`;
    return { kind: 'spiffs', problems: [{ code: 'TRUNCATED', severity: 'error', message }], files: 0, paths: [] };
  }
  const fs = Spiffs.mount(device, config);
  const listed = fs.list();
  const ixFlag = 2 ** (8 * config.objIdBytes - 1);
  const names = new Map(listed.map(({ objectId, name }) => [objectId % ixFlag, name]));
  const problems = fs.recovered.map((report) => describe(report, names, ixFlag, 'interrupted update: '));
  for (const path of fs.quickCheck().damaged) {
    problems.push({ code: 'DAMAGED_FILE', severity: 'error', message: `${path}: part of the file is missing`, path });
  }
  for (const report of fs.check().reports) problems.push(describe(report, names, ixFlag, ''));
  fs.unmount();
  return { kind: 'spiffs', problems, files: listed.length, paths: listed.map(({ name }) => name) };
}

/** What the reports of the C library's check mean, and what their first argument is. */
const REPORTS: Readonly<
  Record<CheckReport['report'], readonly [meaning: string, about: 'object' | 'error' | 'other']>
> = {
  error: ['the check met error', 'error'],
  'fix-index': ['an index page has to be written anew, object', 'object'],
  'fix-lookup': ['the lookup of a page or block is wrong, number', 'other'],
  'delete-orphaned-index': ['an index page belongs to no file, page', 'other'],
  'delete-page': ['nothing uses page', 'other'],
  'delete-bad-file': ['a file cannot be kept, object', 'object'],
};

function describe(
  { report, arg1 }: CheckReport,
  names: ReadonlyMap<number, string>,
  ixFlag: number,
  prefix: string,
): ImageProblem {
  const [meaning, about] = REPORTS[report];
  const code = report.toUpperCase().replaceAll('-', '_');
  const number = about === 'error' ? arg1 | 0 : about === 'object' ? arg1 % ixFlag : arg1;
  const path = about === 'object' ? names.get(number) : undefined;
  const message = `${path === undefined ? '' : `${path}: `}${prefix}${meaning} ${number}`;
  return { code, severity: 'error', message, ...(path === undefined ? {} : { path }) };
}

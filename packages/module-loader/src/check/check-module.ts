import { ElfError, ElfFile, EM, ET, STB, STT } from '@loadstone/elf-reader';
import type { ByteSource } from '@loadstone/fd-sources';
import { type AuditedImport, auditImports } from '../audit/import-audit.js';
import { LoaderDefect, type LoaderDefectCode, LoaderError, type LoaderErrorData } from '../errors.js';
import { loadModule } from '../full/load-module.js';
import { type GpIotFailure, GpIotRunner } from '../gp-iot/runner.js';
import { ELFLOADER_ERR, elfLoaderErrorName } from '../tencentos/error-numbers.js';
import type { ExportedSymbol, ExportSearch } from '../tencentos/export-table.js';
import { TencentosLoader } from '../tencentos/tencentos-loader.js';
import { blobDefects } from './blob-defects.js';
import { fnv1a, TrialMemory } from './check-memory.js';
import { type Defect, type DefectId, DefectList } from './defect.js';
import { objectDefects } from './object-defects.js';
import { sharedDefects } from './shared-defects.js';
import { CheckedSymbols } from './symbol-defects.js';

/** A loader whose behaviour is known. */
export type LoaderProfile = 'tencentos-object' | 'tencentos-shared' | 'gp-iot' | 'gp-iot-first';

export const LOADER_PROFILES: readonly LoaderProfile[] = [
  'tencentos-object',
  'tencentos-shared',
  'gp-iot',
  'gp-iot-first',
];

export interface CheckOptions {
  /** Address the heap hands out; default 0x20001000, for blobs 0x4008e580. */
  readonly base?: number;
  /** Bytes of heap, default 98304. */
  readonly heapSize?: number;
  /**
   * What the firmware exports. By default whatever the module imports: functions in flash from 0x08000100 on, variables in RAM
   * from 0x20000000 on.
   */
  readonly symbols?: readonly ExportedSymbol[];
  /** How the search in `el_symbols` ends; default `strict`, the original. */
  readonly exportSearch?: ExportSearch;
  /** Reads the board's loader may make before its search counts as endless; default 2,000,000. */
  readonly readLimit?: number;
}

/** What the board does. */
export interface ParityReport {
  /** `el_err_t`; for a defect that ends the load and for blobs, its name. */
  readonly error: number | LoaderDefectCode | GpIotFailure;
  /** `ELFLOADER_ERR_…`, or the same name as `error`. */
  readonly code: string;
  /** What a LoaderDefect says; absent when the loader came back by itself. */
  readonly message?: string;
  readonly defects: readonly Defect[];
  /** Printed lines. */
  readonly log: readonly string[];
  /** Address of the block; absent when nothing was loaded. */
  readonly base?: number;
  /** Bytes asked for. */
  readonly size?: number;
  /** FNV-1a of the block after relocation, over memory filled with 0xA5 before. */
  readonly memoryFnv1a?: string;
  /** What find_symbol gives for the module's own global names; null where it finds nothing. */
  readonly symbols?: Readonly<Record<string, number | null>>;
}

/** What a loader that follows the ELF and ABI documents does. */
export interface FullReport {
  readonly loads: boolean;
  readonly error?: { readonly code: string; readonly message: string; readonly data: LoaderErrorData };
  /** Bytes of heap taken. */
  readonly size?: number;
  readonly relocations?: number;
  readonly veneers?: number;
  readonly constructors?: number;
  readonly sections?: readonly { readonly name: string; readonly address: number; readonly size: number }[];
}

/**
 * `runs`: the board loads it and nothing is wrong with the result. `loads-wrong`: it loads, and something in it does not work.
 * `refused`: the loader returns an error. `undefined`: the loader leaves defined behaviour.
 */
export type Verdict = 'runs' | 'loads-wrong' | 'refused' | 'undefined';

export interface CheckReport {
  readonly profile: LoaderProfile;
  readonly parity: ParityReport;
  /** Absent for blobs, which have no format to follow. */
  readonly full?: FullReport;
  readonly imports: readonly AuditedImport[];
  readonly verdict: Verdict;
}

const ARENA_FILL = 0xa5;
const DEFAULT_HEAP = 98304;
const RAM_BASE = 0x2000_1000;
const IRAM_BASE = 0x4008_e580;
/** Names asked of find_symbol. */
const MOST_QUERIES = 1000;
const DEFAULT_READ_LIMIT = 2_000_000;

/**
 * Loads a file as one loader does and as the documents ask, and says what is different and why.
 * @throws nothing for bad files: they are the result
 */
export function checkModule(source: ByteSource, profile: LoaderProfile, options: CheckOptions = {}): CheckReport {
  return profile === 'gp-iot' || profile === 'gp-iot-first'
    ? checkBlob(source, profile, options)
    : checkElf(source, profile, options);
}

/** What explains an error that nothing else does. */
const REFUSALS: ReadonlyMap<number, DefectId> = new Map([
  [ELFLOADER_ERR.FD_READ_FAILED, 'unreadable'],
  [ELFLOADER_ERR.HEADER_INVALID, 'unreadable'],
  [ELFLOADER_ERR.NO_DYN, 'missing-part'],
  [ELFLOADER_ERR.NO_SYMTAB, 'missing-part'],
  [ELFLOADER_ERR.NO_STRTAB, 'missing-part'],
  [ELFLOADER_ERR.NO_TEXT, 'missing-part'],
  [ELFLOADER_ERR.NO_LOAD_SEGMENTS, 'missing-part'],
  [ELFLOADER_ERR.OUT_OF_MEMORY, 'heap-too-small'],
  [ELFLOADER_ERR.TYPE_INVALID, 'wrong-type'],
]);

/** The result of reading a file that may be anything. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ElfError || error instanceof LoaderError) return undefined;
    throw error;
  }
}

function checkElf(
  source: ByteSource,
  profile: 'tencentos-object' | 'tencentos-shared',
  options: CheckOptions,
): CheckReport {
  const base = options.base ?? RAM_BASE;
  const heapSize = options.heapSize ?? DEFAULT_HEAP;
  const elf = attempt(() => ElfFile.open(source));
  const audited =
    elf &&
    attempt(() =>
      auditImports(
        elf,
        (options.symbols ?? []).map(({ name }) => name),
      ),
    );
  const symbols = options.symbols ?? assumedExports(audited?.imports ?? []);
  const imports =
    options.symbols === undefined
      ? (audited?.imports ?? []).map((entry) => ({ ...entry, provided: true, nearMisses: [] }))
      : (audited?.imports ?? []);
  const list = new DefectList();
  const search = options.exportSearch ?? 'strict';
  const checked = new CheckedSymbols(base, search === 'strict', symbols);
  if (elf !== undefined && elf.header.machine !== EM.ARM) list.add('wrong-machine', { fileOffset: 18 });
  const right = elf?.header.type === (profile === 'tencentos-object' ? ET.REL : ET.DYN);
  const read =
    elf !== undefined &&
    (!right ||
      attempt(() => {
        if (profile === 'tencentos-object') objectDefects(elf, list, checked);
        else sharedDefects(elf, list, checked);
        return true;
      }));
  if (!read) list.add('unreadable', { fileOffset: 0 });
  const parity = runParity(
    source,
    elf,
    profile,
    { base, heapSize, symbols, search, readLimit: options.readLimit ?? DEFAULT_READ_LIMIT },
    list,
  );
  const full = elf === undefined ? runFull(source, base, heapSize, symbols) : runFull(elf, base, heapSize, symbols);
  return { profile, parity, full, imports, verdict: verdictOf(parity) };
}

/** Functions in flash and variables in RAM, as in most firmware. */
function assumedExports(imports: readonly AuditedImport[]): ExportedSymbol[] {
  let flash = 0x0800_0101;
  let ram = 0x2000_0000;
  return imports.map(({ name, kind }) => {
    if (kind !== 'function') return { name, address: (ram += 4) - 4 };
    return { name, address: (flash += 16) - 16 };
  });
}

interface ParityInput {
  readonly base: number;
  readonly heapSize: number;
  readonly symbols: readonly ExportedSymbol[];
  readonly search: ExportSearch;
  readonly readLimit: number;
}

function runParity(
  source: ByteSource,
  elf: ElfFile | undefined,
  profile: 'tencentos-object' | 'tencentos-shared',
  { base, heapSize, symbols, search, readLimit }: ParityInput,
  list: DefectList,
): ParityReport {
  const memory = new TrialMemory(base, heapSize);
  memory.bytes.fill(ARENA_FILL);
  const log: string[] = [];
  let size = 0;
  const loader = new TencentosLoader({
    kind: profile === 'tencentos-object' ? 'object' : 'shared',
    read: (_fd, offset, into) => (offset > 0x7fff_ffff ? -1 : source.read(offset, into)),
    memory,
    symbols,
    log: (line) => log.push(line),
    exportSearch: search,
    readLimit,
    observe: (event) => {
      if (event.kind === 'allocated') size = event.size;
    },
  });
  try {
    const { error, module } = loader.load(0);
    const explained = list.defects.some(({ severity }) => severity === 'fatal');
    const reason = REFUSALS.get(error);
    if (!explained && reason !== undefined) list.add(reason, { fileOffset: 0 });
    const report = { error, code: elfLoaderErrorName(error), defects: list.defects, log };
    if (module === undefined) return report;
    const found: Record<string, number | null> = {};
    for (const name of (elf && attempt(() => ownNames(elf))) ?? []) found[name] = loader.findSymbol(module, name);
    return { ...report, base: module.base, size, memoryFnv1a: fnv1a(memory.range(module.base, size)), symbols: found };
  } catch (error) {
    if (!(error instanceof LoaderDefect)) throw error;
    return { error: error.code, code: error.code, message: error.message, defects: list.defects, log };
  }
}

/** Names of the module's global functions and variables. */
function ownNames(elf: ElfFile): string[] {
  const symbols = elf.symbols(elf.header.type === ET.REL ? '.symtab' : '.dynsym');
  const names: string[] = [];
  for (let i = 1; i < (symbols?.count ?? 0) && names.length < MOST_QUERIES; i++) {
    if (symbols === undefined || symbols.isUndefined(i) || symbols.binding(i) === STB.LOCAL) continue;
    const type = symbols.type(i);
    if (type === STT.FUNC || type === STT.OBJECT || type === STT.NOTYPE) names.push(symbols.name(i));
  }
  return names;
}

function runFull(
  source: ByteSource | ElfFile,
  base: number,
  heapSize: number,
  symbols: readonly ExportedSymbol[],
): FullReport {
  const memory = new TrialMemory(base, heapSize);
  const addresses = new Map(symbols.map(({ name, address }) => [name, address]));
  try {
    const module = loadModule(source, { memory, resolve: (name) => addresses.get(name) });
    return {
      loads: true,
      size: memory.used,
      relocations: module.relocationCount,
      veneers: module.veneers.length,
      constructors: module.constructors.length,
      sections: module.sections
        .filter(({ size }) => size > 0)
        .map(({ name, address, size }) => ({ name, address, size })),
    };
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    return { loads: false, error: { code: error.code, message: error.message, data: error.data } };
  }
}

function verdictOf({ error, defects }: ParityReport): Verdict {
  if (typeof error === 'string') return 'undefined';
  if (error !== ELFLOADER_ERR.NONE) return 'refused';
  return defects.some(({ severity }) => severity === 'fatal' || severity === 'wrong') ? 'loads-wrong' : 'runs';
}

function checkBlob(source: ByteSource, profile: 'gp-iot' | 'gp-iot-first', options: CheckOptions): CheckReport {
  const base = options.base ?? IRAM_BASE;
  const heapSize = options.heapSize ?? DEFAULT_HEAP;
  const generation = profile === 'gp-iot' ? 'head' : 'first';
  const list = new DefectList();
  blobDefects(source, generation, heapSize, list);
  const memory = new TrialMemory(base, heapSize);
  memory.bytes.fill(ARENA_FILL);
  const log: string[] = [];
  const runner = new GpIotRunner({
    generation,
    memory,
    freeHeap: () => heapSize,
    log: (text) => log.push(text.trimEnd()),
  });
  const { defects } = list;
  try {
    const result = runner.load(source);
    if (result.status === 'failed') {
      return {
        profile,
        parity: { error: result.reason, code: result.reason, defects, log },
        imports: [],
        verdict: 'refused',
      };
    }
    const { blob } = result;
    const parity: ParityReport = {
      error: 0,
      code: 'OK',
      defects,
      log,
      base: blob.base,
      size: blob.size,
      memoryFnv1a: fnv1a(memory.range(blob.base, blob.size)),
      symbols: { entry: blob.entry },
    };
    return { profile, parity, imports: [], verdict: verdictOf(parity) };
  } catch (error) {
    if (!(error instanceof LoaderDefect)) throw error;
    return {
      profile,
      parity: { error: error.code, code: error.code, defects, log },
      imports: [],
      verdict: 'undefined',
    };
  }
}

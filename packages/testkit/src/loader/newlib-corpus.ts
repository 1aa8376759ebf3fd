/**
 * Reads and loads every object of the C libraries that Debian ships for Cortex-M and Xtensa. Imports are given stub
 * addresses in flash, so that far calls need veneers.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ElfFile } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import { type LoadedModule, loadModule } from '@loadstone/module-loader';
import { type ArchiveMember, archiveMembers } from './ar-archive.js';
import { ArenaMemory } from './arena.js';
import { LibraryIndex } from './library-closure.js';
import { DIVISION_CHECK, LIBRARY_CHECKS, libraryCheckProblem } from './library-functions.js';

/** Library folders of the packages libnewlib-arm-none-eabi, gcc-arm-none-eabi, picolibc-xtensa-lx106-elf and gcc-xtensa-lx106. */
const DEFAULT_FOLDERS = [
  '/usr/lib/arm-none-eabi/newlib/thumb/v6-m/nofp',
  '/usr/lib/arm-none-eabi/newlib/thumb/v7-m/nofp',
  '/usr/lib/arm-none-eabi/newlib/thumb/v7e-m/nofp',
  '/usr/lib/arm-none-eabi/newlib/thumb/v7e-m+fp/hard',
  '/usr/lib/gcc/arm-none-eabi/12.2.1/thumb/v7e-m/nofp',
  '/usr/lib/gcc/arm-none-eabi/12.2.1/thumb/v7e-m+fp/hard',
  '/usr/lib/xtensa-lx106-elf/lib',
  '/usr/lib/gcc/xtensa-lx106-elf/12.2.0',
];

const RAM = 0x2000_0000;
const RAM_SIZE = 0x10_0000;
const FLASH = 0x0800_0101;
/** Xtensa code, literals and stubs lie in one gigabyte. */
const XTENSA_RAM = 0x4000_0000;
const XTENSA_FLASH = 0x400d_0000;

/** Reads everything an object tells: a reader that cannot is a failure too. */
function readAll(bytes: Uint8Array): ElfFile {
  const elf = ElfFile.open(memorySource(bytes));
  for (const section of elf.sections) {
    if (section.name.length > 1000) throw new Error(`section name of ${section.name.length} bytes`);
    section.data();
  }
  for (const symbol of elf.symbols('.symtab') ?? []) if (symbol.index < 0) throw new Error('symbol index');
  for (const table of elf.relocationTables())
    for (const { type } of table) if (type > 255) throw new Error(`type ${type}`);
  return elf;
}

/** A loaded module is sound: sections inside its blocks, aligned, not overlapping, and every global found. */
function checkModule(module: LoadedModule): void {
  const placed = module.sections.filter(({ size }) => size > 0).sort((a, b) => a.address - b.address);
  placed.forEach((section, i) => {
    if (section.address % section.align !== 0) throw new Error(`${section.name} is not aligned`);
    if (i > 0 && placed[i - 1].address + placed[i - 1].size > section.address)
      throw new Error(`${section.name} overlaps`);
    const inside = module.blocks.some(
      ({ address, size }) => section.address >= address && section.address + section.size <= address + size,
    );
    if (!inside) throw new Error(`${section.name} lies outside the module's blocks`);
  });
  for (const symbol of module.symbols) {
    if (symbol.exported && module.find(symbol.name) === undefined) throw new Error(`${symbol.name} is not found`);
  }
}

export interface MemberResult {
  readonly name: string;
  readonly machine: 'arm' | 'xtensa';
  readonly relocations: number;
  readonly veneers: number;
}

/** Reads and loads one object. @throws Error for anything that goes wrong */
export function loadLibraryMember(member: ArchiveMember): MemberResult {
  const elf = readAll(member.bytes);
  const arm = elf.header.machine === 40;
  const start = arm ? RAM : XTENSA_RAM;
  const memory = new ArenaMemory(start, RAM_SIZE, start + 0x1000, RAM_SIZE);
  const flash = arm ? FLASH : XTENSA_FLASH;
  let next = flash;
  const given = new Map<string, number>();
  const module = loadModule(elf, {
    memory,
    name: member.name,
    resolve: (name, request) => {
      if (request.defined) return undefined;
      const known = given.get(name);
      if (known !== undefined) return known;
      next += 16;
      given.set(name, next);
      return next;
    },
  });
  checkModule(module);
  return {
    name: member.name,
    machine: module.machine,
    relocations: module.relocationCount,
    veneers: module.veneers.length,
  };
}

/** Every member of every archive and every object of a folder. */
export function* libraryMembers(path: string): Generator<ArchiveMember> {
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) if (/\.[ao]$/.test(entry)) yield* libraryMembers(join(path, entry));
    return;
  }
  const bytes = new Uint8Array(readFileSync(path));
  if (path.endsWith('.o')) {
    yield { name: path, bytes };
    return;
  }
  // A linker script may bear the name of an archive.
  if (bytes[0] !== 0x21) return;
  for (const member of archiveMembers(bytes)) yield { name: `${path}(${member.name})`, bytes: member.bytes };
}

/** Runs chosen functions of the Cortex-M libraries of a folder. */
function runFunctions(folder: string): { passed: number; failed: number } {
  const result = { passed: 0, failed: 0 };
  const libc = join(folder, 'libc.a');
  // Hard-float calls need a CPU with an FPU and that calling convention; Xtensa libraries use CALL0.
  if (!existsSync(libc) || !folder.includes('/thumb/') || !folder.includes('nofp')) return result;
  const library = new LibraryIndex();
  const libgcc = folder.replace('/usr/lib/arm-none-eabi/newlib', '/usr/lib/gcc/arm-none-eabi/12.2.1');
  for (const path of [libc, join(folder, 'libm.a'), join(libgcc, 'libgcc.a')]) {
    if (!existsSync(path)) continue;
    for (const member of libraryMembers(path)) if (member.bytes[0] === 0x7f) library.add(member);
  }
  for (const check of [...LIBRARY_CHECKS, DIVISION_CHECK]) {
    if (library.closure(check.roots).missing.some((name) => check.roots.includes(name) || name.startsWith('__aeabi')))
      continue;
    const problem = libraryCheckProblem(library, check);
    if (problem === undefined) result.passed++;
    else {
      result.failed++;
      console.log(`${folder}: ${check.name}: ${problem}`);
    }
  }
  return result;
}

function main(paths: readonly string[]): number {
  let passed = 0;
  let failed = 0;
  for (const path of paths) {
    const before = passed;
    let relocations = 0;
    let veneers = 0;
    for (const member of libraryMembers(path)) {
      if (!(member.bytes[0] === 0x7f && member.bytes[1] === 0x45)) continue;
      try {
        const result = loadLibraryMember(member);
        passed++;
        relocations += result.relocations;
        veneers += result.veneers;
      } catch (error) {
        failed++;
        console.log(`${member.name}: ${error}`);
      }
    }
    const ran = runFunctions(path);
    passed += ran.passed;
    failed += ran.failed;
    console.log(
      `${path}: ${passed - before - ran.passed} objects, ${relocations} relocations, ${veneers} veneers, ${ran.passed} functions run`,
    );
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (process.argv[1]?.includes('newlib-corpus')) {
  const given = process.argv.slice(2).map((path) => resolve(process.env['INIT_CWD'] ?? '.', path));
  const folders = given.length > 0 ? given : DEFAULT_FOLDERS.filter((folder) => existsSync(folder));
  if (folders.length === 0) console.log('no library found; install libnewlib-arm-none-eabi, or name archives');
  process.exitCode = main(folders);
}

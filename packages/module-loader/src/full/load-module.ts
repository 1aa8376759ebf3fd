import { ElfError, ElfFile, EM, ET } from '@loadstone/elf-reader';
import type { ByteSource } from '@loadstone/fd-sources';
import { LoaderError } from '../errors.js';
import { armMachine } from './arm-machine.js';
import type { ModuleImage } from './image.js';
import { LoadedModule } from './loaded-module.js';
import type { Machine } from './machine.js';
import { ObjectImage } from './object-image.js';
import type { LoadOptions } from './options.js';
import { SharedImage } from './shared-image.js';
import { xtensaMachine } from './xtensa-machine.js';

/** Each machine this package loads, by e_machine. */
const MACHINES: ReadonlyMap<number, (elf: ElfFile) => Machine> = new Map([
  [EM.ARM, armMachine],
  [EM.XTENSA, xtensaMachine],
]);

/** The machine of a file. @throws LoaderError WRONG_MACHINE */
export function machineOf(elf: ElfFile, wanted: 'arm' | 'xtensa' | undefined): Machine {
  const { machine: number } = elf.header;
  const machine = MACHINES.get(number)?.(elf);
  if (machine === undefined) {
    const name = Object.entries(EM).find(([, value]) => value === number)?.[0] ?? 'unknown';
    throw new LoaderError(
      'WRONG_MACHINE',
      `the module is for machine ${number} (${name}); Arm and Xtensa can be loaded`,
      { machine: number },
    );
  }
  if (wanted !== undefined && machine.name !== wanted) {
    throw new LoaderError('WRONG_MACHINE', `the module is for ${machine.name}, the board is ${wanted}`, {
      machine: number,
    });
  }
  if (elf.is64 || !elf.littleEndian) {
    throw new LoaderError('UNSUPPORTED', 'only 32-bit little-endian modules can be loaded', { machine: number });
  }
  return machine;
}

/** Runs `work`, turning an ElfError into a LoaderError BAD_FORMAT or TRUNCATED. */
export function withFormatErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof ElfError)) throw cause;
    throw new LoaderError(cause.code === 'TRUNCATED' ? 'TRUNCATED' : 'BAD_FORMAT', cause.message, {
      ...(cause.data.offset === undefined ? {} : { offset: cause.data.offset }),
      ...(cause.data.section === undefined ? {} : { sectionIndex: cause.data.section }),
      cause,
    });
  }
}

/** Reads what a module needs; nothing is allocated yet. @throws LoaderError */
export function openImage(source: ByteSource | ElfFile, options: LoadOptions): ModuleImage {
  const elf = source instanceof ElfFile ? source : ElfFile.open(source);
  const machine = machineOf(elf, options.machine);
  const { type } = elf.header;
  if (type === ET.REL) return new ObjectImage(elf, machine, options);
  if (type === ET.DYN) return new SharedImage(elf, machine, options);
  throw new LoaderError('WRONG_TYPE', `e_type is ${type}; relocatable (1) and shared (3) objects can be loaded`, {
    offset: 16,
  });
}

/**
 * Loads one module as the ELF and ABI documents ask: every allocated section with its alignment, COMMON, weak symbols, GOT,
 * veneers for far branches, constructors in order.
 *
 * @param source the file, or an ElfFile over it
 * @throws LoaderError; whatever was allocated has been given back then
 */
export function loadModule(source: ByteSource | ElfFile, options: LoadOptions): LoadedModule {
  return withFormatErrors(() => {
    const image = openImage(source, options);
    let module: LoadedModule;
    try {
      image.place();
      module = new LoadedModule(image, image.link(options.resolve), options.call);
    } catch (error) {
      image.allocator.freeAll();
      throw error;
    }
    runConstructors(module, options);
    return module;
  });
}

/** Calls the constructors in order, when there is a way to call them. */
export function runConstructors(module: LoadedModule, options: Pick<LoadOptions, 'call'>): void {
  if (options.call !== undefined) for (const address of module.constructors) options.call(address);
}

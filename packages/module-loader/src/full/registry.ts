import type { ElfFile } from '@loadstone/elf-reader';
import type { ByteSource } from '@loadstone/fd-sources';
import { LoaderError } from '../errors.js';
import { isExported } from './exported.js';
import type { ModuleImage } from './image.js';
import { openImage, runConstructors, withFormatErrors } from './load-module.js';
import { type DanglingPointer, LoadedModule, type UnloadReport } from './loaded-module.js';
import type { LoadOptions, ResolveSymbol } from './options.js';

/** One module to load together with others. */
export interface ModuleRequest {
  /** Unique among the loaded modules. */
  readonly name: string;
  readonly source: ByteSource | ElfFile;
}

/** A module and the modules it binds to. */
interface Entry {
  readonly module: LoadedModule;
  readonly providers: ReadonlySet<string>;
}

export type RegistryOptions = Omit<LoadOptions, 'name' | 'resolve'> & {
  /** What the firmware provides; asked before the modules. */
  readonly resolve: ResolveSymbol;
};

/**
 * Modules that import from one another. A symbol is looked for in the firmware, then in the modules loaded before (in load
 * order), then in those loaded with it. A module that others bind to cannot be unloaded.
 */
export class ModuleRegistry {
  private readonly options: RegistryOptions;
  private readonly entries = new Map<string, Entry>();

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  /** The loaded modules in load order. */
  get modules(): LoadedModule[] {
    return [...this.entries.values()].map(({ module }) => module);
  }

  get(name: string): LoadedModule | undefined {
    return this.entries.get(name)?.module;
  }

  /** Names of the modules that bind to `name`. */
  usersOf(name: string): string[] {
    return [...this.entries]
      .filter(([user, entry]) => user !== name && entry.providers.has(name))
      .map(([user]) => user);
  }

  /** @throws LoaderError */
  load(name: string, source: ByteSource | ElfFile): LoadedModule {
    return this.loadAll([{ name, source }])[0];
  }

  /**
   * Loads modules that may import from each other in a circle: all are placed, then all are linked. Relocatable objects of one
   * list are one component: their hidden symbols bind among them. Constructors run in the order of the list.
   * @throws LoaderError; nothing of the list is loaded then
   */
  loadAll(requests: readonly ModuleRequest[]): LoadedModule[] {
    for (const [i, { name }] of requests.entries()) {
      if (this.entries.has(name) || requests.findIndex((other) => other.name === name) !== i) {
        throw new LoaderError('DUPLICATE_SYMBOL', `a module named ${name} is loaded already`, { module: name });
      }
    }
    return withFormatErrors(() => {
      const images: ModuleImage[] = [];
      const modules: LoadedModule[] = [];
      try {
        for (const { name, source } of requests) images.push(openImage(source, { ...this.options, name }));
        for (const image of images) image.place();
        const loaded = images.map((image) => this.link(image, images));
        for (const { module, providers } of loaded) {
          this.entries.set(module.name, { module, providers });
          modules.push(module);
        }
      } catch (error) {
        for (const image of images) image.allocator.freeAll();
        throw error;
      }
      for (const module of modules) runConstructors(module, this.options);
      return modules;
    });
  }

  private link(image: ModuleImage, together: readonly ModuleImage[]): Entry {
    const providers = new Set<string>();
    const resolve: ResolveSymbol = (name, request) => {
      const own = this.options.resolve(name, request);
      // A weak definition gives way to the firmware's, not to another module's.
      if (own !== undefined || request.defined) return own;
      for (const { module } of this.entries.values()) {
        const address = module.findExport(name);
        if (address === undefined) continue;
        providers.add(module.name);
        return address;
      }
      for (const other of together) {
        const address = other === image ? undefined : exportOf(other, name);
        if (address === undefined) continue;
        providers.add(other.name);
        return address;
      }
      return undefined;
    };
    return { module: new LoadedModule(image, image.link(resolve), this.options.call), providers };
  }

  /**
   * @throws LoaderError NOT_LOADED, or IN_USE naming the modules that bind to it
   */
  unload(name: string): UnloadReport {
    return this.unloadAll([name])[0];
  }

  /**
   * Unloads modules together, so that a circle can go; destructors run in the order of the list.
   * @throws LoaderError NOT_LOADED, or IN_USE when a module outside the list binds to one of them; nothing is unloaded then
   */
  unloadAll(names: readonly string[]): UnloadReport[] {
    for (const name of names) {
      if (!this.entries.has(name)) throw new LoaderError('NOT_LOADED', `${name} is not loaded`, { module: name });
      const users = this.usersOf(name).filter((user) => !names.includes(user));
      if (users.length > 0) {
        throw new LoaderError('IN_USE', `${name} is used by ${users.join(', ')}`, { module: name, names: users });
      }
    }
    const leaving = names.flatMap((name) => this.entries.get(name)?.module ?? []);
    const reports = leaving.map((module) => {
      const report = module.unload();
      this.entries.delete(module.name);
      return report;
    });
    return reports.map((report, i) => ({ ...report, danglingPointers: this.pointersInto(leaving[i]) }));
  }

  /** Words in the writable sections of the other modules that point into a module's memory. */
  private pointersInto(gone: LoadedModule): DanglingPointer[] {
    const found: DanglingPointer[] = [];
    for (const { module } of this.entries.values()) {
      for (const section of module.sections) {
        if (!section.permissions.write || section.size < 4) continue;
        const bytes = new Uint8Array(section.size);
        this.options.memory.read(section.address, bytes);
        const view = new DataView(bytes.buffer);
        const first = (4 - (section.address % 4)) % 4;
        for (let at = first; at + 4 <= bytes.length; at += 4) {
          const value = view.getUint32(at, true);
          const inside = gone.blocks.some((block) => value >= block.address && value < block.address + block.size);
          if (inside) found.push({ module: module.name, address: section.address + at, value });
        }
      }
    }
    return found;
  }
}

/** Objects loaded together are one component, in which hidden symbols bind too (gABI, Symbol Visibility). */
function exportOf(image: ModuleImage, name: string): number | undefined {
  const index = image.symbols?.indexOf(name) ?? -1;
  return index < 0 || image.symbols === undefined || !isExported(image.symbols, index, image.kind === 'object')
    ? undefined
    : image.definedAddress(index);
}

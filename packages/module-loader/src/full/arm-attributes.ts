import type { ElfFile } from '@loadstone/elf-reader';

/** Tag_CPU_arch of the build attributes (ARM IHI 0045, Target-related attributes). */
const TAG_CPU_ARCH = 6;
/** Tags of this vendor that hold a string; from 32 on, odd tags do. */
const STRING_TAGS = new Set([4, 5, 67]);
/** Tag_compatibility: a number and a string. */
const TAG_COMPATIBILITY = 32;
/** Tag_CPU_arch values of cores without 32-bit Thumb loads to PC: v6-M, v6S-M, v8-M.baseline. */
const THUMB1_ARCHITECTURES = new Set([11, 12, 16]);

class Cursor {
  at: number;
  private readonly bytes: Uint8Array;
  private readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  uleb(): number {
    let value = 0;
    for (let shift = 0; !this.done && shift < 28; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return value;
  }

  skipString(): void {
    while (!this.done && this.bytes[this.at] !== 0) this.at++;
    this.at++;
  }

  word(): number {
    let value = 0;
    for (let i = 3; i >= 0; i--) value = value * 256 + (this.bytes[this.at + i] ?? 0);
    this.at += 4;
    return value;
  }
}

/** The CPU architecture of `.ARM.attributes` (section "aeabi", file scope); undefined when the file does not say. */
function cpuArchitecture(bytes: Uint8Array): number | undefined {
  const outer = new Cursor(bytes, 1, bytes.length);
  while (!outer.done) {
    const start = outer.at;
    const length = outer.word();
    if (length < 5) return undefined;
    const vendor = new Cursor(bytes, outer.at, start + length);
    vendor.skipString();
    while (!vendor.done) {
      const scopeStart = vendor.at;
      const scope = vendor.uleb();
      const size = vendor.word();
      if (size < 5) return undefined;
      const tags = new Cursor(bytes, vendor.at, scopeStart + size);
      while (scope === 1 && !tags.done) {
        const tag = tags.uleb();
        if (tag === TAG_CPU_ARCH) return tags.uleb();
        if (tag === TAG_COMPATIBILITY) tags.uleb();
        if (STRING_TAGS.has(tag) || tag === TAG_COMPATIBILITY || (tag > 32 && tag % 2 === 1)) tags.skipString();
        else tags.uleb();
      }
      vendor.at = scopeStart + size;
    }
    outer.at = start + length;
  }
  return undefined;
}

/** Whether the module is built for a core that has only 16-bit Thumb loads (Cortex-M0, M0+, M1, M23). */
export function isThumb1Only(elf: ElfFile): boolean {
  const section = elf.sectionByName('.ARM.attributes');
  const bytes = section?.data();
  if (bytes === undefined || bytes[0] !== 0x41) return false;
  const architecture = cpuArchitecture(bytes);
  return architecture !== undefined && THUMB1_ARCHITECTURES.has(architecture);
}

import { type ElfFile, type Section, SHF, SHT, type SymbolTable } from '@loadstone/elf-reader';
import { checkAlign } from '../full/section-plan.js';

/** The four sections elfLoader takes, in the order it puts them behind one another. */
export const OUTPUT_KINDS = ['text', 'rodata', 'data', 'bss'] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** Where an input section ends up. */
export interface Placed {
  readonly kind: OutputKind;
  /** Bytes from the start of the output section. */
  readonly offset: number;
}

const WORD = 4;
/**
 * Largest alignment given up for the heap's 4. Eight bytes are what compilers ask for double and long long; LDRD, LDM and VLDR
 * need a word only (ARMv7-M ARM, A3.2.1). More is asked for by hand and for a reason.
 */
const MOST_ALIGN = 8;

/** The output section of an input section; a text says why it cannot have one; undefined for one nobody needs. */
export function outputKindOf(section: Section): OutputKind | { readonly refusal: string } | undefined {
  const { flags, type, name } = section;
  if ((flags & SHF.ALLOC) === 0 || (flags & SHF.EXCLUDE) !== 0) return undefined;
  // Unwind tables serve exceptions only; the loader never told anyone where they are.
  if (/^\.ARM\.(exidx|extab)/.test(name) || name.startsWith('.eh_frame')) return undefined;
  if ((flags & SHF.TLS) !== 0)
    return section.size === 0 ? undefined : { refusal: `${name} holds thread-local variables` };
  if (/^\.(preinit_array|init_array|ctors)(\.|$)/.test(name)) {
    return section.size === 0 ? undefined : { refusal: `${name} holds constructors, which the loader does not run` };
  }
  if (/^\.(fini_array|dtors)(\.|$)/.test(name)) {
    return section.size === 0 ? undefined : { refusal: `${name} holds destructors, which the loader does not run` };
  }
  if ((flags & SHF.EXECINSTR) !== 0) {
    return (flags & SHF.WRITE) === 0 ? 'text' : { refusal: `${name} is writable and executable` };
  }
  if (type === SHT.NOBITS) return 'bss';
  return (flags & SHF.WRITE) === 0 ? 'rodata' : 'data';
}

/** The sections of the new object: what goes where, and the bytes. */
export class OutputLayout {
  readonly sizes: Record<OutputKind, number> = { text: 0, rodata: 0, data: 0, bss: 0 };
  readonly placed = new Map<number, Placed>();
  /** COMMON symbols in .bss, by symbol index. */
  readonly common = new Map<number, number>();
  readonly refusals: string[] = [];
  private readonly sources: Section[] = [];
  private bytes: Record<'text' | 'rodata' | 'data', Uint8Array> | undefined;

  constructor(elf: ElfFile, symbols: SymbolTable) {
    for (const section of elf.sections) {
      const kind = outputKindOf(section);
      if (kind === undefined) continue;
      if (typeof kind === 'object') {
        this.refusals.push(kind.refusal);
        continue;
      }
      const align = checkAlign(section.align, section.name);
      if (align > MOST_ALIGN && section.size > 0) {
        this.refusals.push(`${section.name} asks for ${align}-byte alignment; the heap gives ${WORD}`);
      }
      this.placed.set(section.index, { kind, offset: this.reserve(kind, section.size, Math.min(align, WORD)) });
      this.sources.push(section);
    }
    for (let i = 1; i < symbols.count; i++) {
      if (!symbols.isCommon(i)) continue;
      const align = checkAlign(symbols.value(i), symbols.name(i));
      if (align > WORD)
        this.refusals.push(`${symbols.name(i)} asks for ${align}-byte alignment; the heap gives ${WORD}`);
      this.common.set(i, this.reserve('bss', symbols.size(i), Math.min(align, WORD)));
    }
  }

  /** Room in an output section. @returns its offset */
  reserve(kind: OutputKind, size: number, align: number): number {
    const offset = Math.ceil(this.sizes[kind] / align) * align;
    this.sizes[kind] = offset + size;
    return offset;
  }

  /**
   * Ends the layout: every section is padded to a word so that the next is aligned, and none is empty, so that no record of
   * the module before stays in use. Reads the contents.
   */
  finish(): void {
    for (const kind of OUTPUT_KINDS) this.sizes[kind] = Math.max(WORD, Math.ceil(this.sizes[kind] / WORD) * WORD);
    const { text, rodata, data } = this.sizes;
    const bytes = { text: new Uint8Array(text), rodata: new Uint8Array(rodata), data: new Uint8Array(data) };
    this.bytes = bytes;
    for (const section of this.sources) {
      const place = this.placed.get(section.index);
      if (place !== undefined && place.kind !== 'bss') bytes[place.kind].set(section.data(), place.offset);
    }
  }

  /** Contents of an output section; valid after `finish`. */
  contents(kind: 'text' | 'rodata' | 'data'): Uint8Array {
    return this.bytes?.[kind] ?? new Uint8Array(0);
  }

  /** Where an output section starts in the loader's block. */
  start(kind: OutputKind): number {
    let at = 0;
    for (const before of OUTPUT_KINDS) {
      if (before === kind) break;
      at += this.sizes[before];
    }
    return at;
  }
}

/**
 * How bad a defect is for this file. `fatal`: the board does not load it. `wrong`: it loads, and something in it does not
 * work. `risk`: it depends on what else the board does. `note`: it is worth knowing.
 */
export type DefectSeverity = 'fatal' | 'wrong' | 'risk' | 'note';

/** Where in the file. */
export interface DefectPlace {
  /** Bytes from the start of the file. */
  readonly fileOffset?: number;
  readonly section?: string;
  /** Bytes from the start of the section. */
  readonly offset?: number;
  readonly symbol?: string;
  readonly relocation?: string;
}

/** One defect of a loader that this file touches. */
export interface Defect {
  /** Stable name: `string-table-order`. */
  readonly id: string;
  readonly severity: DefectSeverity;
  readonly title: string;
  /** What happens on the board. */
  readonly consequence: string;
  /** The first place; `count` tells how many there are. */
  readonly place: DefectPlace;
  readonly count: number;
  /** The compiler or linker option, or the change, that avoids it. */
  readonly remedy: string;
}

interface DefectText {
  readonly severity: DefectSeverity;
  readonly title: string;
  readonly consequence: string;
  readonly remedy: string;
}

const ADAPT = 'loadstone adapt --profile tencentos-object';

/** What can be said of each defect in general. */
export const DEFECTS = {
  unreadable: {
    severity: 'fatal',
    title: 'the file is no readable module',
    consequence:
      'the loader works with damaged headers; what it does depends on what its stack and the file happen to hold',
    remedy: 'build or copy the file again',
  },
  'wrong-machine': {
    severity: 'fatal',
    title: 'the module is for another CPU',
    consequence: 'the loader does not look at e_machine: it loads the file and jumps into foreign code',
    remedy: 'compile with a compiler for the board (arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb)',
  },
  'wrong-type': {
    severity: 'fatal',
    title: 'the file is of another type',
    consequence: 'this build of the loader takes the other of relocatable and shared objects: error 13',
    remedy: 'objects: gcc -c; shared objects: ld -shared',
  },
  'missing-part': {
    severity: 'fatal',
    title: 'a part the loader insists on is missing',
    consequence: 'without symbols, strings, text, dynamic section or PT_LOAD segments the loader returns an error',
    remedy: 'do not strip the symbol table; give the module code',
  },
  'heap-too-small': {
    severity: 'fatal',
    title: 'the module does not fit the heap',
    consequence: 'tos_mmheap_alloc gives NULL: error 8',
    remedy: 'make it smaller (-Os, less .bss) or the heap larger',
  },
  'string-table-order': {
    severity: 'wrong',
    title: 'the section names are the last string table',
    consequence:
      'the last SHT_STRTAB wins, so symbol names are read from .shstrtab: look-ups run off or find the wrong symbol',
    remedy: `put .shstrtab before .symtab and .strtab (${ADAPT}), or compile with clang, which writes one table`,
  },
  'merged-section': {
    severity: 'fatal',
    title: 'mergeable constants are not loaded',
    consequence: 'sections with SHF_MERGE are no .rodata to this loader; using them gives error 11 or 12',
    remedy: `-fno-merge-constants, or ${ADAPT}`,
  },
  'extra-section': {
    severity: 'wrong',
    title: 'more than one section of a kind',
    consequence: 'only the last section of each kind is loaded; the rest of the module is missing',
    remedy: `without -ffunction-sections and -fdata-sections, or join the sections with ld -r -T or ${ADAPT}`,
  },
  'unloaded-section': {
    severity: 'fatal',
    title: 'a section of a kind the loader does not know is used',
    consequence: 'it is not loaded; using it gives error 11 or 12',
    remedy: 'use only .text, .rodata, .data and .bss',
  },
  'pure-code': {
    severity: 'fatal',
    title: 'execute-only code',
    consequence: 'SHF_ARM_PURECODE makes .text another kind of section: error 6',
    remedy: 'without -mpure-code',
  },
  'constructors-ignored': {
    severity: 'wrong',
    title: 'constructors are not run',
    consequence: 'objects with constructors and functions marked constructor stay as the linker left them',
    remedy: 'call an explicit start function, or the functions of .init_array, from the firmware',
  },
  'thread-local': {
    severity: 'fatal',
    title: 'thread-local variables',
    consequence: 'neither their section nor their relocations are known',
    remedy: 'without __thread and thread_local',
  },
  'silent-relocation': {
    severity: 'wrong',
    title: 'relocations that are skipped',
    consequence: 'the loader prints `unsupported relocation type`, leaves the place as it is and goes on with success',
    remedy: 'objects: -fno-pic -fno-pie; conditional far branches and assembler expressions: rewrite them',
  },
  'rela-addend-ignored': {
    severity: 'wrong',
    title: 'addends of RELA entries are ignored',
    consequence: 'the addend is taken from the place, which holds 0',
    remedy: 'use a toolchain that writes REL (the Arm default)',
  },
  'cut-name': {
    severity: 'wrong',
    title: 'names are cut to 30 bytes',
    consequence: 'an export with a longer name is never found, find_symbol with the full name gives NULL',
    remedy: 'names of at most 30 bytes; for C++ use extern "C"',
  },
  'name-collision': {
    severity: 'wrong',
    title: 'two symbols look alike to the loader',
    consequence: 'the first entry of the symbol table with these 30 bytes wins, local or not',
    remedy: 'rename one of them',
  },
  'unaligned-section': {
    severity: 'risk',
    title: 'a section is not aligned',
    consequence:
      'sections follow one another without padding from a 4-byte aligned block; LDRD, LDM, VLDR and exclusive accesses fault on unaligned words',
    remedy: `pad .text and .rodata to a multiple of 4 (${ADAPT}); nothing helps alignments above 4`,
  },
  'far-branch': {
    severity: 'fatal',
    title: 'a branch does not reach',
    consequence: 'firmware functions in flash are more than 16 MB from RAM: `relocation out of range`, error 9',
    remedy: '-mlong-calls',
  },
  'common-symbol': {
    severity: 'fatal',
    title: 'COMMON variables',
    consequence: 'no memory is given to them; using one is error 12',
    remedy: '-fno-common',
  },
  'absolute-symbol': {
    severity: 'fatal',
    title: 'absolute symbols',
    consequence: 'SHN_ABS matches no section: using one is error 12',
    remedy: 'use a constant in the source',
  },
  'missing-import': {
    severity: 'fatal',
    title: 'a symbol that the firmware does not export',
    consequence:
      'the search passes the end of el_symbols: fault, endless search or a chance match; error 12 if it ends',
    remedy: 'add it to el_symbols',
  },
  'weak-undefined': {
    severity: 'fatal',
    title: 'a weak symbol that nobody provides',
    consequence: 'treated like any undefined symbol: the search runs off, or error 12',
    remedy: 'export it, or leave the reference out',
  },
  'defined-function-lookup': {
    severity: 'fatal',
    title: 'a function of the module is looked for in the firmware first',
    consequence:
      'the test for weak symbols looks at the symbol type, so each relocation to an own function by name searches el_symbols, and the search does not end at the {NULL, NULL} row',
    remedy: 'make the function static, or let the loader end its search at a NULL name',
  },
  'own-function-slot': {
    severity: 'fatal',
    title: 'a jump slot for a function of the module',
    consequence: 'it is looked for in el_symbols first, and the search does not end at the {NULL, NULL} row',
    remedy: 'link with -Bsymbolic, or -fvisibility=hidden for functions the firmware does not need',
  },
  'relative-relocation': {
    severity: 'fatal',
    title: 'tables of pointers',
    consequence:
      'R_ARM_RELATIVE has no symbol; the empty name is looked for in el_symbols: the search runs off, or error 12',
    remedy: 'no initialised pointers (tables of functions or strings) in a shared object; use a relocatable object',
  },
  'section-index': {
    severity: 'fatal',
    title: 'more than 127 sections',
    consequence: 'section numbers are kept in eight bits; symbols of later sections match nothing or the wrong section',
    remedy: 'without -ffunction-sections',
  },
  'interworking-call': {
    severity: 'fatal',
    title: 'a Thumb branch to a function without the Thumb bit',
    consequence: '`unsupported interworking call(Thumb -> ARM)`, error 9',
    remedy: 'mark assembler functions with .thumb_func',
  },
  'stale-sections': {
    severity: 'risk',
    title: 'a kind of section is absent',
    consequence:
      'its record stays from the module loaded before; a symbol of a section with that number resolves into freed memory',
    remedy: 'give every module .text, .rodata, .data and .bss',
  },
  'empty-section-symbol': {
    severity: 'fatal',
    title: 'a symbol of an empty section',
    consequence:
      'an empty section gets no address: error 12, or the address of the section of the module loaded before',
    remedy: 'remove the reference or give the section a byte',
  },
  'no-section-headers': {
    severity: 'fatal',
    title: 'no section headers',
    consequence: 'the loader finds .dynamic and .dynsym only through section headers: error 3 or 4',
    remedy: 'do not strip section headers (strip is fine, sstrip and objcopy --strip-section-headers are not)',
  },
  'missing-relent': {
    severity: 'fatal',
    title: 'no DT_RELENT',
    consequence: 'ld writes DT_RELENT only for .rel.dyn; the entry size of .rel.plt is then what the stack holds',
    remedy: 'import at least one variable, so that ld writes .rel.dyn and with it DT_RELENT',
  },
  'address-not-offset': {
    severity: 'fatal',
    title: 'addresses are not file offsets',
    consequence:
      'DT_SYMTAB, DT_STRTAB, DT_REL and DT_JMPREL are used as file offsets: names and relocations are garbage',
    remedy:
      'link with the text segment at address 0 and no gap before the tables (default ld -shared; no -Ttext-segment)',
  },
  'rela-ignored': {
    severity: 'wrong',
    title: 'DT_RELA is ignored',
    consequence: 'none of these relocations are applied',
    remedy: 'use a linker that writes REL (the Arm default)',
  },
  'absolute-symbol-moved': {
    severity: 'note',
    title: 'absolute symbols are moved',
    consequence: 'the load bias is added to SHN_ABS symbols too',
    remedy: 'do not look up linker symbols such as _stack in the module',
  },
  'segment-alignment': {
    severity: 'risk',
    title: 'a section asks for more than 4-byte alignment',
    consequence: 'the block is 4-byte aligned and p_align is ignored',
    remedy: 'no over-aligned variables; doubles and 64-bit values with LDRD need 4 only',
  },
  'blob-size': {
    severity: 'fatal',
    title: 'the size is no multiple of 4',
    consequence: 'the metadata at the end is not aligned, and reading it from instruction RAM is an exception',
    remedy: 'align the end of the blob to 4 in the link script',
  },
  'blob-too-small': {
    severity: 'fatal',
    title: 'the blob is smaller than its metadata',
    consequence: 'the entry offset is read from before the buffer',
    remedy: 'end the blob with 20 bytes of metadata: uint32 entry offset, char text[16]',
  },
  'blob-entry': {
    severity: 'fatal',
    title: 'the entry offset lies outside the code',
    consequence: 'the runner calls whatever is there; nothing is checked',
    remedy: 'link at base 0 and put the offset of the function into the metadata',
  },
  'blob-metadata-place': {
    severity: 'fatal',
    title: 'the metadata is at the other end',
    consequence: 'the runner takes code or data for the entry offset',
    remedy: 'first generation: metadata first; HEAD: metadata last',
  },
  'blob-heap': {
    severity: 'fatal',
    title: 'the blob does not fit the heap',
    consequence: 'Insufficient free heap memory, or Failed to allocate memory',
    remedy: 'make it smaller or free memory first',
  },
} as const satisfies Record<string, DefectText>;

export type DefectId = keyof typeof DEFECTS;

/** Collects defects, one per id and detail, with their first place and their number. */
export class DefectList {
  private readonly found = new Map<string, { defect: Defect; count: number }>();

  /**
   * @param detail distinguishes defects of one id, such as the symbol; places with the same detail are counted
   */
  add(id: DefectId, place: DefectPlace, detail = '', severity: DefectSeverity = DEFECTS[id].severity): void {
    const key = `${id}:${detail}`;
    const known = this.found.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const { title, consequence, remedy } = DEFECTS[id];
    this.found.set(key, { defect: { id, severity, title, consequence, place, count: 1, remedy }, count: 1 });
  }

  get defects(): Defect[] {
    return [...this.found.values()].map(({ defect, count }) => ({ ...defect, count }));
  }
}

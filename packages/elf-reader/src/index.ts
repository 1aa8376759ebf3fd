export {
  type ArmAttribute,
  type ArmAttributeScope,
  type ArmAttributeVendor,
  armFileAttributes,
  parseArmAttributes,
  readArmAttributes,
} from './arm-attributes.js';
export {
  ARM_CPU_ARCH,
  armEabiVersion,
  type Constants,
  DF,
  DF_1,
  DT,
  EF_ARM,
  EF_RISCV,
  EF_XTENSA,
  ELFCOMPRESS,
  ELFOSABI,
  EM,
  ET,
  flagNames,
  GRP,
  NT_GNU,
  nameOf,
  PF,
  PT,
  R_ARM,
  R_XTENSA,
  relocationTypeName,
  SHF,
  SHN,
  SHT,
  SHT_ARM,
  SHT_RISCV,
  SHT_X86_64,
  STB,
  STT,
  STV,
  sectionFlagNames,
  sectionTypeName,
  TAG_ARM,
  VER_FLG,
  VER_NDX,
  XTENSA_PROP,
} from './constants/index.js';
export { type DebugLink, readDebugLink } from './debug-link.js';
export { type DynamicEntry, DynamicTable } from './dynamic-table.js';
export { ElfBytes, Fields } from './elf-bytes.js';
export { ElfFile, type ElfOptions } from './elf-file.js';
export { ElfError, type ElfErrorCode, type ElfErrorData } from './error.js';
export { readGroups, type SectionGroup } from './group.js';
export { GnuHashTable, gnuHash, SysvHashTable, sysvHash } from './hash-table.js';
export type { ElfHeader } from './header.js';
export { type Note, readBuildId, readNotes } from './notes.js';
export { type ElfRelocation, type RelocationKind, RelocationTable } from './relocation-table.js';
export { Section } from './section.js';
export { Segment } from './segment.js';
export { StringTable } from './string-table.js';
export { type ElfSymbol, SymbolTable } from './symbol-table.js';
export {
  readSymbolVersions,
  type SymbolVersion,
  SymbolVersions,
  type VersionDefinition,
  type VersionNeed,
} from './symbol-versions.js';
export { readXtensaProperties, type XtensaProperty, xtensaPropertyAlign } from './xtensa-properties.js';

export { ARM_CPU_ARCH, TAG_ARM } from './arm-attributes.js';
export { DF, DF_1, DT, VER_FLG, VER_NDX } from './dynamic.js';
export { armEabiVersion, EF_ARM, EF_RISCV, EF_XTENSA, ELFOSABI, EM, ET } from './header.js';
export { type Constants, flagNames, nameOf } from './names.js';
export { NT_GNU } from './note.js';
export { R_ARM, R_XTENSA, relocationTypeName } from './relocation.js';
export {
  ELFCOMPRESS,
  GRP,
  SHF,
  SHN,
  SHT,
  SHT_ARM,
  SHT_RISCV,
  SHT_X86_64,
  sectionFlagNames,
  sectionTypeName,
} from './section.js';
export { PF, PT } from './segment.js';
export { STB, STT, STV } from './symbol.js';
export { XTENSA_PROP } from './xtensa-properties.js';

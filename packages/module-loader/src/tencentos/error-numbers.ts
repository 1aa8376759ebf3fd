/** `el_err_t` of TencentOS tiny (components/elfloader, tos_elfloader_err.h): names and C values. */
export const ELFLOADER_ERR = {
  NONE: 0,
  FD_READ_FAILED: 1,
  HEADER_INVALID: 2,
  NO_DYN: 3,
  NO_SYMTAB: 4,
  NO_STRTAB: 5,
  NO_TEXT: 6,
  NO_LOAD_SEGMENTS: 7,
  OUT_OF_MEMORY: 8,
  RELOCATE_FAILED: 9,
  PTR_NULL: 10,
  SECTION_NOT_FOUND: 11,
  SYM_NOT_FOUND: 12,
  TYPE_INVALID: 13,
} as const;

const NAMES = Object.keys(ELFLOADER_ERR);

/** `ELFLOADER_ERR_…` for an error number, or `el_err_t N` for one the header does not define. */
export function elfLoaderErrorName(error: number): string {
  const name = NAMES[error];
  return name === undefined ? `el_err_t ${error}` : `ELFLOADER_ERR_${name}`;
}

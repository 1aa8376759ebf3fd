/** A section record of the relocatable-object build: `el_section_t`. */
export interface TencentosSection {
  /** Section index cut to int8_t, -1 before any file had such a section. */
  readonly index: number;
  /** 0 stands for NULL. */
  readonly address: number;
}

/** The four section records of a relocatable-object module (`info.obj`). */
export interface TencentosObjectSections {
  readonly bss: TencentosSection;
  readonly data: TencentosSection;
  readonly rodata: TencentosSection;
  readonly text: TencentosSection;
}

/** `el_module_t` after a successful load. */
export interface TencentosModule {
  readonly fd: number;
  /** Address of the one heap block; 0 (NULL) after unload. */
  base: number;
  /** Present in the relocatable-object build. */
  readonly sections?: TencentosObjectSections;
  /** Present in the shared-object build, as an unsigned 32-bit number. */
  readonly loadBias?: number;
  readonly symtabOffset: number;
  readonly symtabSize: number;
  readonly symtabEntrySize: number;
  readonly strtabOffset: number;
}

/** What `tos_elfloader_load` gave. */
export interface TencentosLoadResult {
  /** `el_err_t`, see ELFLOADER_ERR. */
  readonly error: number;
  /** Only with error 0. */
  readonly module?: TencentosModule;
}

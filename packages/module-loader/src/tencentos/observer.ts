/** What a load did that its error number does not tell; for `check` and for fault reports. */
export type TencentosEvent =
  | { readonly kind: 'short-read'; readonly structure: string; readonly offset: number; readonly size: number }
  | { readonly kind: 'allocated'; readonly address: number; readonly size: number }
  | {
      readonly kind: 'relocation';
      /** File offset of the entry. */
      readonly entryOffset: number;
      readonly type: number;
      readonly place: number;
      readonly address: number;
      readonly symbolIndex: number;
      /** Name as the loader read it, cut to 30 bytes; empty for a section symbol. */
      readonly name: string;
      readonly resolvedBy: 'export' | 'module' | 'section';
      readonly result: 'done' | 'failed' | 'skipped';
    }
  | {
      readonly kind: 'unresolved';
      readonly entryOffset: number;
      readonly type: number;
      readonly symbolIndex: number;
      readonly name: string;
      readonly sectionIndex: number;
    };

export type TencentosObserver = (event: TencentosEvent) => void;

import type { SpiffsConfig } from '@loadstone/spiffs';

/** A manifest of the SPIFFS corpus (fixtures/spiffs/README.md gives the meaning of the fields). */
export interface SpiffsManifest {
  readonly id: string;
  readonly category: string;
  readonly imageSha256: string;
  readonly config: SpiffsConfig & { readonly totalSize: number; readonly eraseSize: number };
  readonly reference?: SpiffsReference;
  readonly ops?: readonly SpiffsOperation[];
  readonly powerLoss?: {
    readonly completedFlashOps: number;
    readonly totalFlashOps: number;
    readonly partialBytesOfNext: number;
  };
  readonly sourceFiles?: readonly SpiffsSourceFile[];
}

/** What the C library did with the image. */
export interface SpiffsReference {
  readonly mount?: number;
  readonly mountModifiedImage?: boolean;
  readonly sha256AfterMount?: string;
  readonly files?: readonly SpiffsFile[];
  readonly stats?: SpiffsStats;
  readonly check?: SpiffsCheck;
  readonly referenceEnded?: unknown;
}

export interface SpiffsFile {
  readonly name?: string;
  readonly nameHex?: string;
  readonly objId: number;
  readonly type: number;
  readonly size: number;
  readonly headerPage: number;
  readonly meta?: string;
  readonly sha256?: string;
  readonly bytesRead?: number;
  readonly readError?: number;
  readonly bytesBeforeError?: number;
  readonly openError?: number;
}

export interface SpiffsStats {
  readonly blockCount: number;
  readonly freeBlocks: number;
  readonly pagesAllocated: number;
  readonly pagesDeleted: number;
  readonly maxEraseCount: number;
  readonly infoTotal: number;
  readonly infoUsed: number;
}

export interface SpiffsCheck {
  readonly result: number;
  readonly reportCount: number;
  readonly reports: readonly {
    readonly stage: string;
    readonly report: string;
    readonly arg1: number;
    readonly arg2: number;
  }[];
  readonly modifiedImage: boolean;
  readonly sha256AfterCheck: string;
  readonly filesAfter: readonly SpiffsFile[];
  readonly statsAfter: SpiffsStats;
  readonly secondCheckReportCount: number;
  readonly secondCheckResult: number;
}

export interface SpiffsOperation {
  readonly op:
    | 'format'
    | 'mount'
    | 'unmount'
    | 'create'
    | 'append'
    | 'patch'
    | 'remove'
    | 'rename'
    | 'truncate'
    | 'setMeta';
  readonly name?: string;
  readonly to?: string;
  readonly meta?: string;
  readonly gen?: string;
  readonly seed?: number;
  readonly len?: number;
  readonly genOffset?: number;
  readonly chunk?: number;
  readonly offset?: number;
  readonly result?: number;
  readonly interrupted?: boolean;
}

export interface SpiffsSourceFile {
  readonly name: string;
  readonly gen: string;
  readonly seed: number;
  readonly len: number;
  readonly sha256: string;
}

/** Takes a parsed JSON for a SPIFFS manifest when it has what every one of them has. */
export function isSpiffsManifest(value: unknown): value is SpiffsManifest {
  if (typeof value !== 'object' || value === null) return false;
  if (!('kind' in value) || value.kind !== 'spiffs') return false;
  return 'id' in value && typeof value.id === 'string' && 'config' in value && typeof value.config === 'object';
}

/** Contents by rule: `lines`, `xorshift32` or `fill`. */
export function generate(gen: string, seed: number, length: number, offset = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  if (gen === 'fill') return bytes.fill(seed & 0xff);
  if (gen === 'lines') {
    const head = `${(seed >>> 0).toString(16).padStart(8, '0')}:`;
    for (let i = 0; i < length; i++) {
      const at = offset + i;
      const within = at % 18;
      if (within < 9) bytes[i] = head.charCodeAt(within);
      else if (within === 17) bytes[i] = 10;
      else
        bytes[i] = Math.floor(at / 18)
          .toString(16)
          .padStart(8, '0')
          .charCodeAt(within - 9);
    }
    return bytes;
  }
  if (gen !== 'xorshift32') throw new Error(`unknown content rule ${gen}`);
  let state = seed;
  for (let i = -offset; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    if (i >= 0) bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A manifest of the FAT corpus (fixtures/fat/README.md gives the meaning of the fields). */
export interface FatManifest {
  readonly id: string;
  readonly kind: 'fat';
  readonly imageSha256: string;
  readonly volume?: FatManifestVolume;
  /** Good images: what is on them. */
  readonly files?: readonly FatManifestFile[];
  /** What ChaN FatFs made of the image. */
  readonly fatfs?: {
    readonly mount: number;
    readonly entriesSeen?: number;
    readonly entries?: readonly FatManifestEntry[];
  };
}

export interface FatManifestVolume {
  readonly fatBits: number;
  readonly bytesPerSector: number;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  readonly fats: number;
  readonly rootEntries: number;
  readonly sectorsPerFat: number;
  readonly totalSectors: number;
  readonly clusters: number;
  readonly partitionOffset: number;
}

export interface FatManifestFile {
  readonly path: string;
  readonly shortName?: string;
  readonly attributes?: number;
  readonly type: 'file' | 'dir';
  readonly size?: number;
  readonly sha256?: string;
}

export interface FatManifestEntry extends FatManifestFile {
  /** FatFs result of opening and reading, 0 to 19. */
  readonly code?: number;
  /** Bytes read in whole calls of 4096 before the end or the failing call. */
  readonly bytes?: number;
}

/** Whether parsed JSON is a FAT manifest. */
export function isFatManifest(value: unknown): value is FatManifest {
  if (typeof value !== 'object' || value === null) return false;
  const { id, kind, imageSha256, files, fatfs } = value as Record<string, unknown>;
  if (kind !== 'fat' || typeof id !== 'string' || typeof imageSha256 !== 'string') return false;
  return (
    (files === undefined || Array.isArray(files)) &&
    (fatfs === undefined || (typeof fatfs === 'object' && fatfs !== null))
  );
}

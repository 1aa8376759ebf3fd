import type { ByteSource } from '@loadstone/fd-sources';
import { GP_IOT_METADATA_SIZE, type GpIotGeneration } from '../gp-iot/runner.js';
import type { DefectList } from './defect.js';

/** Whether 16 bytes look like the metadata text: printable, ended by NUL. */
function isText(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(0);
  return end > 0 && bytes.subarray(0, end).every((byte) => byte >= 0x20 && byte < 0x7f);
}

function metadataAt(source: ByteSource, offset: number): { entry: number; text: boolean } {
  const bytes = new Uint8Array(GP_IOT_METADATA_SIZE);
  source.read(offset, bytes);
  return { entry: new DataView(bytes.buffer).getUint32(0, true), text: isText(bytes.subarray(4)) };
}

/** Every defect of the GP-IOT runner that the blob touches. */
export function blobDefects(source: ByteSource, generation: GpIotGeneration, heapSize: number, list: DefectList): void {
  const { size } = source;
  if (size > heapSize) list.add('blob-heap', { fileOffset: 0 });
  if (size < GP_IOT_METADATA_SIZE) {
    list.add('blob-too-small', { fileOffset: 0 });
    return;
  }
  const end = size - GP_IOT_METADATA_SIZE;
  const start = generation === 'head' ? end : 0;
  if (generation === 'head' && size % 4 !== 0) list.add('blob-size', { fileOffset: end });
  const here = metadataAt(source, start);
  const there = metadataAt(source, generation === 'head' ? 0 : end);
  if (!here.text && there.text) list.add('blob-metadata-place', { fileOffset: start });
  const [first, last] = generation === 'head' ? [0, end] : [GP_IOT_METADATA_SIZE, size];
  if (here.entry < first || here.entry >= last) list.add('blob-entry', { fileOffset: start });
}

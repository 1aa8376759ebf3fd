import type { BlockDevice } from '@loadstone/fd-sources';
import type { VolumeParameters } from './boot-sector.js';
import { FatError } from './error.js';
import { ATTRIBUTE, FRESULT } from './fresult.js';
import { ENTRY_SIZE, RawVolume } from './raw-volume.js';

const LABEL_LENGTH = 11;
const NO_LABEL = 'NO NAME    ';
/** First byte of an entry: deleted, and free with nothing after it (Microsoft FAT specification 1.03, section 6). */
const DELETED = 0xe5;
const END = 0x00;
/** Boot sector offsets of the serial number and the label (section 3.3), and FAT32's copy of the boot sector. */
const FIELDS = { fat12: { serial: 39, label: 43 }, fat16: { serial: 39, label: 43 }, fat32: { serial: 67, label: 71 } };
const BACKUP_POINTER = 50;

/**
 * Checks a volume label and pads it.
 * @param label up to 11 ASCII characters, upper case; not `"*+,./:;<=>?[\]|`
 * @throws FatError INVALID_NAME
 */
export function checkLabel(label: string): string {
  if (!/^[\x20-\x7e]{0,11}$/.test(label) || /["*+,./:;<=>?[\\\]|a-z]/.test(label) || label.startsWith(' ')) {
    throw new FatError('INVALID_NAME', FRESULT.FR_INVALID_NAME, `${JSON.stringify(label)} is no volume label`, {
      path: label,
    });
  }
  return label.padEnd(LABEL_LENGTH);
}

/** The volume label: the entry in the root directory, '' when there is none. Bytes above 0x7F are GBK. */
export function readLabel(device: BlockDevice, parameters: VolumeParameters): string {
  const slot = findLabel(new RawVolume(device, parameters));
  if (slot?.sector === undefined || !slot.used) return '';
  const name = slot.sector.subarray(slot.offset, slot.offset + LABEL_LENGTH);
  return new TextDecoder('gbk').decode(name).trimEnd();
}

/**
 * Writes the label into the root directory and the boot sector; the volume must not be mounted.
 * @param label checked by `checkLabel`; '' removes the label
 * @throws FatError DENIED when the root directory has no room, INVALID_NAME
 */
export function writeLabel(device: BlockDevice, parameters: VolumeParameters, label: string): void {
  const padded = checkLabel(label);
  const slot = findLabel(new RawVolume(device, parameters));
  if (label === '') {
    if (slot?.used) {
      slot.sector[slot.offset] = DELETED;
      device.program(slot.address, slot.sector);
    }
  } else {
    if (slot === undefined) {
      throw new FatError('DENIED', FRESULT.FR_DENIED, 'the root directory has no room for a label', { path: label });
    }
    const entry = slot.sector.subarray(slot.offset, slot.offset + ENTRY_SIZE);
    if (!slot.used) entry.fill(0);
    writeAscii(entry, 0, padded);
    entry[11] = ATTRIBUTE.VOLUME_ID;
    device.program(slot.address, slot.sector);
  }
  const text = label === '' ? NO_LABEL : padded;
  updateBootSectors(device, parameters, (sector) => writeAscii(sector, FIELDS[parameters.type].label, text));
}

/** Writes the 32-bit serial number into the boot sector. */
export function writeSerial(device: BlockDevice, parameters: VolumeParameters, serial: number): void {
  updateBootSectors(device, parameters, (sector) => {
    new DataView(sector.buffer).setUint32(FIELDS[parameters.type].serial, serial, true);
  });
}

function updateBootSectors(
  device: BlockDevice,
  parameters: VolumeParameters,
  change: (sector: Uint8Array) => void,
): void {
  const { bytesPerSector, partitionOffset, reservedSectors, type } = parameters;
  const sector = new Uint8Array(bytesPerSector);
  device.read(partitionOffset, sector);
  const backup = type === 'fat32' ? new DataView(sector.buffer).getUint16(BACKUP_POINTER, true) : 0;
  change(sector);
  device.program(partitionOffset, sector);
  if (backup === 0 || backup >= reservedSectors) return;
  device.read(partitionOffset + backup * bytesPerSector, sector);
  change(sector);
  device.program(partitionOffset + backup * bytesPerSector, sector);
}

interface LabelSlot {
  readonly address: number;
  readonly sector: Uint8Array;
  readonly offset: number;
  /** Whether a label is there; otherwise the slot is free. */
  readonly used: boolean;
}

/** The label's entry, or the first free one. */
function findLabel(volume: RawVolume): LabelSlot | undefined {
  let free: LabelSlot | undefined;
  for (const address of volume.directorySectors(volume.rootCluster)) {
    const sector = new Uint8Array(volume.parameters.bytesPerSector);
    volume.device.read(address, sector);
    for (let offset = 0; offset < sector.length; offset += ENTRY_SIZE) {
      const first = sector[offset];
      if (first === DELETED || first === END) free ??= { address, sector, offset, used: false };
      if (first === END) return free;
      const kind = sector[offset + 11] & (ATTRIBUTE.VOLUME_ID | ATTRIBUTE.DIRECTORY);
      const isLong = (sector[offset + 11] & 0x3f) === ATTRIBUTE.LONG_NAME;
      if (first !== DELETED && kind === ATTRIBUTE.VOLUME_ID && !isLong) return { address, sector, offset, used: true };
    }
  }
  return free;
}

function writeAscii(into: Uint8Array, offset: number, text: string): void {
  for (let index = 0; index < text.length; index++) into[offset + index] = text.charCodeAt(index);
}

import type { TargetMemory } from '../target-memory.js';

/**
 * `elfloader_arch_relocate` of TencentOS tiny for Arm: the types it knows, with its range tests (the lower bound of a branch
 * is refused) and without the addend of RELA entries. Arithmetic is 32-bit and wraps.
 */

const R_ARM = {
  NONE: 0,
  PC24: 1,
  ABS32: 2,
  THM_CALL: 10,
  GLOB_DAT: 21,
  JUMP_SLOT: 22,
  RELATIVE: 23,
  CALL: 28,
  JUMP24: 29,
  THM_JUMP24: 30,
  TARGET1: 38,
  V4BX: 40,
  PREL31: 42,
  MOVW_ABS_NC: 43,
  MOVT_ABS: 44,
  THM_MOVW_ABS_NC: 47,
  THM_MOVT_ABS: 48,
} as const;

const STT_FUNC = 2;

/** The types that change memory; every other one is passed over with a printed line. */
export const TENCENTOS_RELOCATION_TYPES: ReadonlySet<number> = new Set(Object.values(R_ARM));

export type TencentosRelocationResult = 'done' | 'failed' | 'skipped';

/** What one relocation needs; all values are unsigned 32-bit. */
export interface TencentosRelocation {
  /** ELF32_R_TYPE, 0 to 255. */
  type: number;
  /** Address of the place. */
  place: number;
  /** Resolved address of the symbol, Thumb bit included. */
  address: number;
  loadBias: number;
  /** st_info of the symbol named by the entry. */
  symbolInfo: number;
}

/** Reads and writes target words; the places may be unaligned, as on a Cortex-M. */
class PlaceAccess {
  private readonly bytes = new Uint8Array(4);
  private readonly half = this.bytes.subarray(0, 2);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly memory: TargetMemory;

  constructor(memory: TargetMemory) {
    this.memory = memory;
  }

  readWord(address: number): number {
    this.memory.read(address, this.bytes);
    return this.view.getInt32(0, true);
  }

  writeWord(address: number, value: number): void {
    this.view.setInt32(0, value, true);
    this.memory.write(address, this.bytes);
  }

  readHalf(address: number): number {
    this.memory.read(address, this.half);
    return this.view.getUint16(0, true);
  }

  writeHalf(address: number, value: number): void {
    this.view.setUint16(0, value & 0xffff, true);
    this.memory.write(address, this.half);
  }
}

/** Applies relocations to one target memory. */
export class TencentosRelocator {
  private readonly access: PlaceAccess;
  private readonly log: (line: string) => void;

  constructor(memory: TargetMemory, log: (line: string) => void) {
    this.access = new PlaceAccess(memory);
    this.log = log;
  }

  /** @throws whatever the memory throws for a place that is not mapped */
  apply(relocation: TencentosRelocation): TencentosRelocationResult {
    const { type, place, address } = relocation;
    const access = this.access;
    switch (type) {
      case R_ARM.NONE:
        return 'done';
      case R_ARM.ABS32:
      case R_ARM.TARGET1:
        access.writeWord(place, access.readWord(place) + address);
        return 'done';
      case R_ARM.RELATIVE:
        access.writeWord(place, access.readWord(place) + relocation.loadBias);
        return 'done';
      case R_ARM.GLOB_DAT:
      case R_ARM.JUMP_SLOT:
        access.writeWord(place, address);
        return 'done';
      case R_ARM.PC24:
      case R_ARM.CALL:
      case R_ARM.JUMP24:
        return this.armBranch(place, address);
      case R_ARM.V4BX:
        access.writeWord(place, (access.readWord(place) & 0xf000000f) | 0x01a0f000);
        return 'done';
      case R_ARM.PREL31:
        return this.prel31(place, address);
      case R_ARM.MOVW_ABS_NC:
      case R_ARM.MOVT_ABS:
        this.armMove(type, place, address);
        return 'done';
      case R_ARM.THM_CALL:
      case R_ARM.THM_JUMP24:
        if ((relocation.symbolInfo & 15) === STT_FUNC && (address & 1) === 0) {
          this.log('unsupported interworking call(Thumb -> ARM)');
          return 'failed';
        }
        return this.thumbBranch(place, address);
      case R_ARM.THM_MOVW_ABS_NC:
      case R_ARM.THM_MOVT_ABS:
        this.thumbMove(type, place, address);
        return 'done';
      default:
        this.log(`unsupported relocation type: ${type}`);
        return 'skipped';
    }
  }

  private outOfRange(): 'failed' {
    this.log('relocation out of range');
    return 'failed';
  }

  private armBranch(place: number, address: number): TencentosRelocationResult {
    if ((address & 3) !== 0) {
      this.log('unsupported interworking call(ARM -> Thumb)');
      return 'failed';
    }
    const word = this.access.readWord(place);
    const offset = (((word << 8) >> 6) + address - place) | 0;
    if (offset <= -0x0200_0000 || offset >= 0x0200_0000) return this.outOfRange();
    this.access.writeWord(place, (word & 0xff000000) | ((offset >> 2) & 0x00ffffff));
    return 'done';
  }

  private prel31(place: number, address: number): TencentosRelocationResult {
    const word = this.access.readWord(place);
    const offset = (((word << 1) >> 1) + address - place) | 0;
    if (offset >= 0x4000_0000 || offset < -0x4000_0000) return this.outOfRange();
    this.access.writeWord(place, (word & 0x80000000) | (offset & 0x7fffffff));
    return 'done';
  }

  private armMove(type: number, place: number, address: number): void {
    const word = this.access.readWord(place);
    const imm16 = ((word & 0xf0000) >> 4) | (word & 0xfff);
    let value = (((imm16 << 16) >> 16) + address) | 0;
    if (type === R_ARM.MOVT_ABS) value >>= 16;
    this.access.writeWord(place, (word & 0xfff0f000) | ((value & 0xf000) << 4) | (value & 0x0fff));
  }

  private thumbBranch(place: number, address: number): TencentosRelocationResult {
    const upper = this.access.readHalf(place);
    const lower = this.access.readHalf(place + 2);
    const sign = (upper >> 10) & 1;
    const i1 = ~((lower >> 13) ^ sign) & 1;
    const i2 = ~((lower >> 11) ^ sign) & 1;
    const field = (sign << 24) | (i1 << 23) | (i2 << 22) | ((upper & 0x03ff) << 12) | ((lower & 0x07ff) << 1);
    const offset = (((field << 7) >> 7) + address - place) | 0;
    if (offset <= -0x0100_0000 || offset >= 0x0100_0000) return this.outOfRange();
    const s = (offset >> 24) & 1;
    const j1 = s ^ (~(offset >> 23) & 1);
    const j2 = s ^ (~(offset >> 22) & 1);
    this.access.writeHalf(place, (upper & 0xf800) | (s << 10) | ((offset >> 12) & 0x03ff));
    this.access.writeHalf(place + 2, (lower & 0xd000) | (j1 << 13) | (j2 << 11) | ((offset >> 1) & 0x07ff));
    return 'done';
  }

  private thumbMove(type: number, place: number, address: number): void {
    const upper = this.access.readHalf(place);
    const lower = this.access.readHalf(place + 2);
    const imm16 = ((upper & 0x000f) << 12) | ((upper & 0x0400) << 1) | ((lower & 0x7000) >> 4) | (lower & 0x00ff);
    let value = (((imm16 << 16) >> 16) + address) | 0;
    if (type === R_ARM.THM_MOVT_ABS) value >>= 16;
    this.access.writeHalf(place, (upper & 0xfbf0) | ((value & 0xf000) >> 12) | ((value & 0x0800) >> 1));
    this.access.writeHalf(place + 2, (lower & 0x8f00) | ((value & 0x0700) << 4) | (value & 0x00ff));
  }
}

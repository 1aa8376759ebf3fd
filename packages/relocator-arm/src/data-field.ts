import { type FieldCodec, WRITTEN } from './codec.js';

export const none: FieldCodec = { size: 0, readAddend: () => 0, write: () => WRITTEN };

export const word32: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => view.getInt32(offset, true),
  write(view, offset, x) {
    view.setInt32(offset, x, true);
    return WRITTEN;
  },
};

/** The place of GLOB_DAT and JUMP_SLOT: what it held is no addend (AAELF32, Dynamic relocations). */
export const slot32: FieldCodec = { ...word32, readAddend: () => 0 };

export const word16: FieldCodec = {
  size: 2,
  readAddend: (view, offset) => view.getInt16(offset, true),
  write(view, offset, x) {
    view.setInt16(offset, x, true);
    return WRITTEN;
  },
};

export const word8: FieldCodec = {
  size: 1,
  readAddend: (view, offset) => view.getInt8(offset),
  write(view, offset, x) {
    view.setInt8(offset, x);
    return WRITTEN;
  },
};

/** Bit 31 belongs to the unwinder (EHABI32) and stays. */
export const prel31: FieldCodec = {
  size: 4,
  readAddend: (view, offset) => (view.getInt32(offset, true) << 1) >> 1,
  write(view, offset, x) {
    view.setInt32(offset, (view.getInt32(offset, true) & 0x80000000) | (x & 0x7fffffff), true);
    return WRITTEN;
  },
};

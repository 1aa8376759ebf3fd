/**
 * Guest stack that calls of compiled code may have taken without anyone looking at the host's, in bytes. A call takes 4 bytes or more of the
 * one and 100 to 250 of the other, of which V8 gives about 1 MB.
 */
const SHALLOW = 0x4000;

/** Arguments that take 64 KiB of the host's stack. */
const ARGUMENTS: readonly number[] = new Array<number>(0x2000).fill(0);

function nothing(): void {}

/**
 * Whether the host's stack, on which compiled code calls itself as deep as the guest does, has too little room left for a host function.
 * @param used bytes of the guest's stack since compiled code was entered, signed
 */
export function isHostStackFull(used: number): boolean {
  if (Math.abs(used) < SHALLOW) return false;
  try {
    Reflect.apply(nothing, undefined, ARGUMENTS);
    return false;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

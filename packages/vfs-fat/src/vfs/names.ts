/** Bytes of a string as the board holds it: GBK, one byte for ASCII, two for everything else. */
export function byteLength(text: string): number {
  let length = 0;
  for (const character of text) length += character <= '\x7f' ? 1 : 2;
  return length;
}

/** As many whole characters as fit into `bytes`. */
export function cutToBytes(text: string, bytes: number): string {
  let length = 0;
  let kept = '';
  for (const character of text) {
    length += character <= '\x7f' ? 1 : 2;
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}

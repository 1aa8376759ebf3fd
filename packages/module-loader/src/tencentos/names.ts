/**
 * Names as C sees them: bytes up to the first NUL, kept as a string of one character per byte so that `===` is `strcmp`.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes a C compiler would give the string literal `text` (UTF-8), one character per byte. */
export function cName(text: string): string {
  let ascii = true;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0) return cName(text.slice(0, i));
    if (c > 0x7f) ascii = false;
  }
  if (ascii) return text;
  let out = '';
  for (const byte of encoder.encode(text)) out += String.fromCharCode(byte);
  return out;
}

/** Bytes before the first NUL of `bytes`, or all of them. */
export function cNameOf(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) {
    if (byte === 0) break;
    out += String.fromCharCode(byte);
  }
  return out;
}

/** For messages: the text a person would read. */
export function readableName(name: string): string {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return decoder.decode(bytes);
}

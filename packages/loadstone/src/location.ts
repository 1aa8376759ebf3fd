import { LoadstoneError } from './error.js';

/** Where a module lies: a file, a file inside an image, or an offset in a raw flash image. */
export type Location =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'image'; readonly path: string; readonly inside: string }
  | { readonly kind: 'flash'; readonly path: string; readonly offset: number };

/**
 * Reads the text of a location: `PATH`, `IMAGE:/path/inside` or `FLASH@OFFSET` (decimal or 0x hexadecimal, bytes).
 * A one-letter name before `:/` is a Windows drive, not an image; `https://` addresses keep their colon.
 * @throws LoadstoneError BAD_LOCATION for an empty path or an offset over 2^53 - 1
 */
export function parseLocation(text: string): Location {
  const scheme = /^[a-z][a-z0-9+.-]+:\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const flash = /^(.+)@(0x[0-9a-f]+|\d+)$/i.exec(rest);
  if (flash) {
    const offset = Number(flash[2]);
    if (!Number.isSafeInteger(offset)) {
      throw new LoadstoneError('BAD_LOCATION', `${text}: the offset ${flash[2]} is too large`, { location: text });
    }
    return { kind: 'flash', path: scheme + flash[1], offset };
  }
  const image = /^(..+?):(\/.*)$/s.exec(rest);
  if (image) return { kind: 'image', path: scheme + image[1], inside: image[2] as string };
  if (rest === '') throw new LoadstoneError('BAD_LOCATION', 'the location is empty', { location: text });
  return { kind: 'file', path: text };
}

import { HostError } from '../error.js';

export interface Token {
  readonly kind: 'word' | 'number' | 'punctuation' | 'end';
  readonly text: string;
  /** Character offset in the source text. */
  readonly offset: number;
}

const TOKEN =
  /\s+|\/\*[\s\S]*?\*\/|\/\/[^\n]*|([A-Za-z_$][\w$]*)|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|(\.\.\.|[()[\]{}*,;:=&-])/y;

/** Most characters of one prototype or set of declarations. */
const TEXT_LIMIT = 65536;

/** Splits C declarations into tokens. @throws HostError PROTOTYPE at a character C declarations do not have */
export function tokenize(text: string): Token[] {
  if (text.length > TEXT_LIMIT)
    throw new HostError('PROTOTYPE', `declarations of ${text.length} characters are too long`, { length: text.length });
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    if (!match) {
      throw new HostError('PROTOTYPE', `"${text}": unexpected ${JSON.stringify(text[offset])} at character ${offset}`, {
        text,
        offset,
      });
    }
    const [whole, word, number, punctuation] = match;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, offset });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, offset });
    else if (punctuation !== undefined) tokens.push({ kind: 'punctuation', text: punctuation, offset });
    offset += whole.length;
  }
  tokens.push({ kind: 'end', text: 'the end', offset: text.length });
  return tokens;
}

import { HostError } from '../error.js';
import type { CType, FunctionType, Parameter, StructType } from './c-type.js';
import { layOut, type Member } from './layout.js';
import { type Token, tokenize } from './lexer.js';
import { keywordType, STANDARD_TYPES, TYPE_KEYWORDS } from './type-names.js';

/** A named type: what one C declaration declares. The name is empty in `void (int)`. */
export interface Declaration {
  readonly name: string;
  readonly type: CType;
}

const QUALIFIERS: ReadonlySet<string> = new Set([
  'volatile',
  'restrict',
  '__restrict',
  '__restrict__',
  '__volatile__',
  'extern',
  'static',
  'inline',
  '__inline',
  'register',
  '_Noreturn',
]);

/** Attributes that change where things lie; others are passed over. */
const LAYOUT_ATTRIBUTE = /^_*(packed|aligned|mode|vector_size|transparent_union|scalar_storage_order|ms_struct)_*$/;

/** Nesting limit of declarators and structs. */
const DEPTH_LIMIT = 64;

/** Type names and struct tags a user declared, on top of the standard ones. */
export class TypeScope {
  readonly #typedefs = new Map<string, CType>();
  readonly #tags = new Map<string, StructType>();

  /** A named type: a typedef's or a standard one. */
  typedef(name: string): CType | undefined {
    return this.#typedefs.get(name) ?? STANDARD_TYPES.get(name);
  }

  /** A struct, union or enum by its tag; made (incomplete) when new. */
  tag(name: string, union: boolean): StructType {
    const known = this.#tags.get(name);
    if (known) return known;
    const made: StructType = { kind: 'struct', union, name, definition: {} };
    this.#tags.set(name, made);
    return made;
  }

  define(name: string, type: CType): void {
    this.#typedefs.set(name, type);
  }

  /**
   * Reads C declarations: structs, unions, enums and typedefs, each ended by `;`.
   * @throws HostError PROTOTYPE
   */
  declare(text: string): void {
    new Parser(text, this).declarations();
  }
}

/**
 * Parses one declaration such as `int f(const char *name, ...)` or `uint32_t table[16]`; a final `;` is allowed.
 * @throws HostError PROTOTYPE with the character offset
 */
export function parseDeclaration(text: string, scope: TypeScope = new TypeScope()): Declaration {
  return new Parser(text, scope).single();
}

/** Parses a function's prototype, with or without a name. @throws HostError PROTOTYPE */
export function parsePrototype(text: string, scope?: TypeScope): Declaration & { readonly type: FunctionType } {
  const { name, type } = parseDeclaration(text, scope);
  if (type.kind !== 'function')
    throw new HostError('PROTOTYPE', `"${text}" does not declare a function`, { text, offset: 0 });
  return { name, type };
}

/** Parses a type, as in a cast: `const char *`. @throws HostError PROTOTYPE */
export function parseType(text: string, scope?: TypeScope): CType {
  const { name, type } = parseDeclaration(text, scope);
  if (name !== '')
    throw new HostError('PROTOTYPE', `"${text}" declares ${name}; a type alone is wanted`, { text, offset: 0 });
  return type;
}

class Parser {
  readonly #text: string;
  readonly #tokens: Token[];
  readonly #scope: TypeScope;
  #position = 0;
  #depth = 0;
  #anonymous = 0;

  constructor(text: string, scope: TypeScope) {
    this.#text = text;
    this.#tokens = tokenize(text);
    this.#scope = scope;
  }

  single(): Declaration {
    const base = this.#specifiers();
    const declaration = this.#declarator(base);
    this.#accept(';');
    if (this.#peek().kind !== 'end') this.#fail(`unexpected ${this.#describe()}`);
    return declaration;
  }

  declarations(): void {
    while (this.#peek().kind !== 'end') {
      const typedef = this.#accept('typedef');
      const base = this.#specifiers();
      if (this.#accept(';')) continue;
      do {
        const { name, type } = this.#declarator(base);
        if (!typedef) this.#fail('only typedef, struct, union and enum declarations belong here');
        if (name === '') this.#fail('a typedef needs a name');
        this.#scope.define(name, type);
      } while (this.#accept(','));
      this.#expect(';');
    }
  }

  /** Declaration specifiers: qualifiers, storage classes and one type. */
  #specifiers(): CType {
    const words: string[] = [];
    let named: CType | undefined;
    let constant = false;
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'word') break;
      if (token.text === 'const' || token.text === '__const') constant = true;
      else if (token.text === '__attribute__') this.#attribute();
      else if (TYPE_KEYWORDS.has(token.text) && !named) words.push(token.text);
      else if (!QUALIFIERS.has(token.text)) {
        if (named || words.length > 0) break;
        named = this.#namedType(token);
        continue;
      }
      this.#position += 1;
    }
    const type = named ?? keywordType(words);
    if (!type)
      this.#fail(words.length > 0 ? `"${words.join(' ')}" is no type` : `a type is expected, not ${this.#describe()}`);
    return constant ? { ...type, constant } : type;
  }

  #namedType(token: Token): CType {
    this.#position += 1;
    if (token.text === 'struct' || token.text === 'union') return this.#struct(token.text === 'union');
    if (token.text === 'enum') return this.#enum();
    const type = this.#scope.typedef(token.text);
    if (!type) {
      this.#position -= 1;
      this.#fail(`unknown type name "${token.text}"`);
    }
    return type;
  }

  #struct(union: boolean): CType {
    const tag = this.#peek().kind === 'word' ? this.#next().text : '';
    this.#anonymous += tag === '' ? 1 : 0;
    const type: StructType =
      tag === ''
        ? { kind: 'struct', union, name: `<anonymous ${this.#anonymous}>`, definition: {} }
        : this.#scope.tag(tag, union);
    if (!this.#accept('{')) {
      if (tag === '') this.#fail('a struct needs a tag or a body');
      return type;
    }
    this.#enter();
    const members: Member[] = [];
    while (!this.#accept('}')) {
      const base = this.#specifiers();
      if (this.#accept(';')) {
        if (base.kind !== 'struct' || !base.definition.layout) this.#fail('a member needs a name');
        members.push({ name: '', type: base });
        continue;
      }
      do {
        if (this.#accept(':')) {
          members.push({ name: '', type: base, bits: this.#number() });
          continue;
        }
        const { name, type: memberType } = this.#declarator(base);
        if (this.#accept(':')) members.push({ name, type: memberType, bits: this.#number() });
        else members.push({ name, type: memberType });
      } while (this.#accept(','));
      this.#expect(';');
    }
    this.#depth -= 1;
    type.definition.layout = layOut(members, union);
    return type;
  }

  #enum(): CType {
    if (this.#peek().kind === 'word') this.#position += 1;
    if (this.#accept('{')) {
      while (!this.#accept('}')) {
        if (this.#peek().kind === 'end') this.#fail('"}" is expected');
        this.#position += 1;
      }
    }
    return { kind: 'integer', name: 'int', size: 4, signed: true };
  }

  #attribute(): void {
    this.#position += 1;
    this.#expect('(');
    let open = 1;
    while (open > 0) {
      const token = this.#next();
      if (token.kind === 'end') this.#fail('")" is expected');
      if (token.text === '(') open += 1;
      if (token.text === ')') open -= 1;
      if (LAYOUT_ATTRIBUTE.test(token.text)) this.#fail(`the attribute ${token.text} is not supported`, token);
    }
    this.#position -= 1;
  }

  /** A declarator, named or abstract; C's inside-out rule is kept by building the outer type first. */
  #declarator(base: CType): Declaration {
    this.#enter();
    let type = base;
    while (this.#accept('*')) {
      let constant = false;
      for (;;) {
        if (this.#accept('const')) constant = true;
        else if (this.#peek().kind === 'word' && QUALIFIERS.has(this.#peek().text)) this.#position += 1;
        else break;
      }
      type = constant ? { kind: 'pointer', to: type, constant } : { kind: 'pointer', to: type };
    }
    let name = '';
    let inner: number | undefined;
    if (this.#peek().text === '(' && this.#groups()) {
      inner = this.#position;
      this.#skipGroup();
    } else if (this.#peek().kind === 'word' && this.#peek().text !== '__attribute__') {
      name = this.#next().text;
      if (TYPE_KEYWORDS.has(name)) this.#fail(`"${name}" cannot be a name`);
    }
    type = this.#suffixes(type);
    while (this.#peek().text === '__attribute__') {
      this.#attribute();
      this.#position += 1;
    }
    if (inner === undefined) {
      this.#depth -= 1;
      return { name, type };
    }
    const after = this.#position;
    this.#position = inner + 1;
    const declaration = this.#declarator(type);
    this.#expect(')');
    this.#position = after;
    this.#depth -= 1;
    return declaration;
  }

  /** Whether `(` here groups a declarator; otherwise it opens a parameter list. */
  #groups(): boolean {
    const next = this.#tokens[this.#position + 1];
    if (next.text === '*' || next.text === '(') return true;
    if (next.kind !== 'word') return false;
    return !(
      TYPE_KEYWORDS.has(next.text) ||
      QUALIFIERS.has(next.text) ||
      ['const', '__const', 'struct', 'union', 'enum'].includes(next.text) ||
      this.#scope.typedef(next.text)
    );
  }

  #skipGroup(): void {
    let open = 0;
    do {
      const token = this.#next();
      if (token.kind === 'end') this.#fail('")" is expected');
      if (token.text === '(') open += 1;
      if (token.text === ')') open -= 1;
    } while (open > 0);
  }

  #suffixes(base: CType): CType {
    if (this.#accept('(')) {
      const { parameters, variadic } = this.#parameters();
      const returns = this.#suffixes(base);
      if (returns.kind === 'array' || returns.kind === 'function')
        this.#fail('a function cannot return an array or a function');
      return { kind: 'function', returns, parameters, variadic };
    }
    if (this.#accept('[')) {
      const length = this.#peek().kind === 'number' ? this.#number() : undefined;
      this.#expect(']');
      const of = this.#suffixes(base);
      if (of.kind === 'function' || of.kind === 'void') this.#fail('an array cannot hold functions or void');
      return length === undefined ? { kind: 'array', of } : { kind: 'array', of, length };
    }
    return base;
  }

  #parameters(): { parameters: Parameter[]; variadic: boolean } {
    const parameters: Parameter[] = [];
    if (this.#accept(')')) return { parameters, variadic: false };
    for (;;) {
      if (this.#accept('...')) {
        this.#expect(')');
        return { parameters, variadic: true };
      }
      const start = this.#position;
      const { name, type } = this.#declarator(this.#specifiers());
      if (type.kind === 'void') {
        if (name !== '' || parameters.length > 0 || this.#peek().text !== ')') {
          this.#position = start;
          this.#fail('a parameter cannot have type void');
        }
        this.#expect(')');
        return { parameters, variadic: false };
      }
      parameters.push(name === '' ? { type: decay(type) } : { name, type: decay(type) });
      if (this.#accept(')')) return { parameters, variadic: false };
      this.#expect(',');
    }
  }

  #number(): number {
    const token = this.#next();
    if (token.kind !== 'number') this.#fail('a number is expected', token);
    const value = Number(token.text);
    if (!(value <= 0x7fff_ffff)) this.#fail(`${token.text} is too large`, token);
    return value;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) this.#fail(`nested more than ${DEPTH_LIMIT} deep`);
  }

  #peek(): Token {
    return this.#tokens[this.#position];
  }

  #next(): Token {
    const token = this.#tokens[this.#position];
    if (token.kind !== 'end') this.#position += 1;
    return token;
  }

  #accept(text: string): boolean {
    const token = this.#peek();
    if (token.text !== text || token.kind === 'end') return false;
    this.#position += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(`"${text}" is expected, not ${this.#describe()}`);
  }

  #describe(): string {
    const token = this.#peek();
    return token.kind === 'end' ? 'the end' : `"${token.text}"`;
  }

  #fail(problem: string, token: Token = this.#peek()): never {
    throw new HostError('PROTOTYPE', `"${this.#text}": ${problem} at character ${token.offset}`, {
      text: this.#text,
      offset: token.offset,
    });
  }
}

/** Array and function parameters become pointers (C11 6.7.6.3). */
function decay(type: CType): CType {
  if (type.kind === 'array') return { kind: 'pointer', to: type.of };
  if (type.kind === 'function') return { kind: 'pointer', to: type };
  return type;
}

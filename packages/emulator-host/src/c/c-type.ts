/** A C type of a 32-bit ILP32 target (ARM, Xtensa): int, long and pointers are 4 bytes, long long and double 8. */
export type CType = VoidType | IntegerType | FloatType | PointerType | ArrayType | FunctionType | StructType;

export interface VoidType {
  readonly kind: 'void';
  readonly constant?: boolean;
}

export interface IntegerType {
  readonly kind: 'integer';
  /** As written in C, for messages: `unsigned int`, `uint8_t`. */
  readonly name: string;
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** `_Bool`: JS values are `boolean`. */
  readonly boolean?: boolean;
  /** A character type, so that a pointer to it may be a string. */
  readonly character?: boolean;
  readonly constant?: boolean;
}

export interface FloatType {
  readonly kind: 'float';
  readonly name: string;
  readonly size: 4 | 8;
  readonly constant?: boolean;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly to: CType;
  readonly constant?: boolean;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly of: CType;
  /** Elements; absent for `[]`. */
  readonly length?: number;
  readonly constant?: boolean;
}

export interface Parameter {
  readonly name?: string;
  readonly type: CType;
}

export interface FunctionType {
  readonly kind: 'function';
  readonly returns: CType;
  readonly parameters: readonly Parameter[];
  /** Ends in `...`. */
  readonly variadic: boolean;
  readonly constant?: boolean;
}

export interface StructField {
  readonly name: string;
  readonly type: CType;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  /** A bit-field: lowest bit within the unit at `offset`, and width. */
  readonly bits?: { readonly shift: number; readonly width: number };
}

/** A struct or union. Without a layout its contents are unknown, and only pointers to it can be used. */
export interface StructType {
  readonly kind: 'struct';
  readonly union: boolean;
  readonly name: string;
  /** Shared by all mentions of the struct; filled in by its definition. */
  readonly definition: { layout?: StructLayout };
  readonly constant?: boolean;
}

export interface StructLayout {
  readonly fields: readonly StructField[];
  /** Bytes, padding included. */
  readonly size: number;
  readonly align: number;
}

/** The C text of a type, with `name` in its declarator's place. */
export function typeText(type: CType, name = ''): string {
  const constant = type.constant ? 'const ' : '';
  switch (type.kind) {
    case 'void':
      return join(`${constant}void`, name);
    case 'integer':
    case 'float':
      return join(constant + type.name, name);
    case 'struct':
      return join(`${constant}${type.union ? 'union' : 'struct'} ${type.name}`, name);
    case 'pointer': {
      const inner = `*${type.constant ? 'const ' : ''}${name}`;
      return typeText(type.to, type.to.kind === 'function' || type.to.kind === 'array' ? `(${inner})` : inner);
    }
    case 'array':
      return typeText(type.of, `${name}[${type.length ?? ''}]`);
    case 'function':
      return typeText(type.returns, `${name}(${parametersText(type)})`);
  }
}

function parametersText(type: FunctionType): string {
  if (type.parameters.length === 0 && !type.variadic) return 'void';
  const list = type.parameters.map((parameter) => typeText(parameter.type, parameter.name ?? ''));
  if (type.variadic) list.push('...');
  return list.join(', ');
}

function join(type: string, name: string): string {
  return name === '' ? type : `${type} ${name}`;
}

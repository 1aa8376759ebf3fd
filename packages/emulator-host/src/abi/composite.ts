import type { CType, StructType } from '../c/c-type.js';
import { alignOf, sizeOf } from '../c/layout.js';
import { HostError } from '../error.js';

/** What an argument takes: 32-bit words, and whether it begins at an even register or a multiple of 8. */
export interface ArgumentShape {
  readonly words: number;
  readonly doubleAligned: boolean;
}

/** @throws HostError UNSUPPORTED for types that are no values, and for structs without definition */
export function shapeOf(type: CType): ArgumentShape {
  switch (type.kind) {
    case 'integer':
    case 'float':
      return type.size === 8 ? DOUBLE_WORD : WORD;
    case 'pointer':
      return WORD;
    case 'struct':
      return { words: Math.ceil(sizeOf(type) / 4), doubleAligned: alignOf(type) >= 8 };
    default:
      throw new HostError('UNSUPPORTED', `arguments of kind ${type.kind} cannot be passed by value`, {
        kind: type.kind,
      });
  }
}

const WORD: ArgumentShape = { words: 1, doubleAligned: false };
const DOUBLE_WORD: ArgumentShape = { words: 2, doubleAligned: true };

/** A struct of one to four floats or doubles and nothing else. */
export interface HomogeneousAggregate {
  /** Bytes of one member. */
  readonly size: 4 | 8;
  readonly count: number;
}

/** AAPCS32 section 5.3.5.1 (homogeneous aggregates) and 6.1.2.1: the floats a struct consists of, when they are one to four of one type. */
export function homogeneousAggregate(type: StructType): HomogeneousAggregate | undefined {
  const found = floatsOf(type);
  return found && found.count >= 1 && found.count <= 4 ? found : undefined;
}

function floatsOf(type: CType): HomogeneousAggregate | undefined {
  if (type.kind === 'float') return { size: type.size, count: 1 };
  if (type.kind === 'array') {
    const element = floatsOf(type.of);
    return element && { size: element.size, count: element.count * (type.length ?? 0) };
  }
  if (type.kind !== 'struct' || !type.definition.layout) return undefined;
  let whole: HomogeneousAggregate | undefined;
  for (const field of type.definition.layout.fields) {
    const part = floatsOf(field.type);
    if (!part || (whole && whole.size !== part.size)) return undefined;
    const count = whole ? (type.union ? Math.max(whole.count, part.count) : whole.count + part.count) : part.count;
    whole = { size: part.size, count };
  }
  // Padding would mean that something else decides the size.
  return whole && whole.size * whole.count === type.definition.layout.size ? whole : undefined;
}

/** A group of constants: name without its prefix -> value. */
export type Constants = Readonly<Record<string, number>>;

const reversed = new WeakMap<Constants, Map<number, string>>();

/** The first name of `value` in a group, without the group's prefix; undefined when it has none. */
export function nameOf(constants: Constants, value: number): string | undefined {
  let names = reversed.get(constants);
  if (names === undefined) {
    names = new Map();
    for (const [name, known] of Object.entries(constants)) if (!names.has(known)) names.set(known, name);
    reversed.set(constants, names);
  }
  return names.get(value);
}

/** The names of the bits set in `value`, lowest first; bits without a name are one last item `0x…`. */
export function flagNames(constants: Constants, value: number): string[] {
  const names: string[] = [];
  let rest = BigInt(value);
  for (const [name, mask] of Object.entries(constants).sort((a, b) => a[1] - b[1])) {
    const bits = BigInt(mask);
    if (bits !== 0n && (BigInt(value) & bits) === bits) {
      names.push(name);
      rest &= ~bits;
    }
  }
  if (rest !== 0n) names.push(`0x${rest.toString(16)}`);
  return names;
}

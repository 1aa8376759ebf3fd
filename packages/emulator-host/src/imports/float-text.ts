/** Exact decimal and hexadecimal text of doubles, rounded to nearest even as C's printf does (C11 7.21.6.1). */

const view = new DataView(new ArrayBuffer(8));

/** A finite double's magnitude as mantissa * 2^exponent. */
function decompose(value: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0) & 0x7fff_ffff_ffff_ffffn;
  const field = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return field === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: field - 1075 };
}

/** |value| * 10^power, rounded to an integer. */
function scaled(value: number, power: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  const quotient = numerator / denominator;
  const twice = (numerator - quotient * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** Digits behind the point of the double with the most of them, 2^-1074; all further ones are 0. */
const MOST_PLACES = 1074;
/** Significant digits of the double with the most of them. */
const MOST_DIGITS = 767;

/** `%f` digits of |value|. */
export function fixedText(value: number, precision: number, point: boolean): string {
  const places = Math.min(precision, MOST_PLACES);
  const digits = scaled(value, places)
    .toString()
    .padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).padEnd(precision, '0');
  return precision > 0 || point ? `${whole}.${fraction}` : whole;
}

/** Decimal digits and exponent of |value|, rounded to `count` significant digits. */
function significant(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  if (count > MOST_DIGITS) {
    const { digits, exponent } = significant(value, MOST_DIGITS);
    return { digits: digits.padEnd(count, '0'), exponent };
  }
  let exponent = Math.floor(Math.log10(Math.abs(value)));
  for (;;) {
    const digits = scaled(value, count - 1 - exponent).toString();
    if (digits.length === count) return { digits, exponent };
    exponent += digits.length > count ? 1 : -1;
  }
}

/** `%e` text of |value|. */
export function exponentText(value: number, precision: number, point: boolean): string {
  const { digits, exponent } = significant(value, precision + 1);
  return `${digits[0]}${precision > 0 || point ? '.' : ''}${digits.slice(1)}e${exponentPart(exponent)}`;
}

function exponentPart(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `%g` text of |value|; `keep` is the `#` flag. */
export function generalText(value: number, precision: number, keep: boolean): string {
  const wanted = precision === 0 ? 1 : precision;
  const { exponent } = significant(value, wanted);
  if (exponent < -4 || exponent >= wanted) {
    const text = exponentText(value, wanted - 1, keep);
    const at = text.indexOf('e');
    return keep ? text : trimZeros(text.slice(0, at)) + text.slice(at);
  }
  const text = fixedText(value, wanted - 1 - exponent, keep);
  return keep ? text : trimZeros(text);
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `%a` text of |value|; precision -1 gives as many digits as needed. Subnormal numbers start with 0, as glibc prints them. */
export function hexFloatText(value: number, precision: number, point: boolean): string {
  const { mantissa, exponent } = decompose(value);
  if (mantissa === 0n) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : point ? '.' : ''}p+0`;
  let bits = mantissa;
  const power = exponent + 52;
  if (precision >= 0 && precision < 13) {
    const drop = BigInt(4 * (13 - precision));
    const rest = bits & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    bits >>= drop;
    if (rest > half || (rest === half && (bits & 1n) === 1n)) bits += 1n;
    bits <<= drop;
  }
  const lead = bits >> 52n;
  let digits = (bits & 0xf_ffff_ffff_ffffn).toString(16).padStart(13, '0');
  digits = precision < 0 ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  return `0x${lead}${digits !== '' || point ? '.' : ''}${digits}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

import { type BlockBuilder, konst, ltU, Op, type Operand as Value } from '@loadstone/cpu-core';
import { AS, AT, MW, MX, MY } from '../operands.js';
import { type Decoded, type Operand, type Row, row } from '../row.js';
import { ACCHI, ACCLO } from '../slots.js';

/**
 * MAC16 Option: 16 x 16 bit products into the 40-bit accumulator ACCHI:ACCLO. Names end in the halves used: the first letter is
 * the first factor's.
 */

const HALVES = ['ll', 'hl', 'lh', 'hh'];

type Accumulate = (b: BlockBuilder, product: Value) => void;

/** The signed product of the chosen halves; bit 0 of `halves`: high half of x, bit 1: of y. */
function signedProduct(b: BlockBuilder, x: Value, y: Value, halves: number): Value {
  const half = (value: Value, high: boolean): Value =>
    high ? b.sar(value, konst(16)) : b.unary(Op.SignExtend16, value);
  return b.mul(half(x, (halves & 1) !== 0), half(y, (halves & 2) !== 0));
}

const set: Accumulate = (b, product) => {
  b.sar(product, konst(31), ACCHI);
  b.mov(ACCLO, product);
};

const add: Accumulate = (b, product) => {
  const low = b.add(ACCLO, product);
  const high = b.add(b.add(ACCHI, b.sar(product, konst(31))), b.set(ltU(low, product)));
  b.unary(Op.SignExtend8, high, ACCHI);
  b.mov(ACCLO, low);
};

const subtract: Accumulate = (b, product) => {
  const high = b.sub(b.sub(ACCHI, b.sar(product, konst(31))), b.set(ltU(ACCLO, product)));
  b.unary(Op.SignExtend8, high, ACCHI);
  b.sub(ACCLO, product, ACCLO);
};

interface Factors {
  readonly name: string;
  /** Bits 23 to 20. */
  readonly op2: string;
  /** Bits 15 to 4, without a load. */
  readonly low: string;
  readonly operands: readonly Operand[];
  readonly x: (i: Decoded) => number;
  readonly y: (i: Decoded) => number;
}

/** A factor is an address register (a) or a MAC16 register (d). */
const FACTORS: readonly Factors[] = [
  { name: 'aa', op2: '0111', low: '0000 ssss tttt', operands: [AS, AT], x: (i) => i.s, y: (i) => i.t },
  { name: 'ad', op2: '0011', low: '0000 ssss 0y00', operands: [AS, MY], x: (i) => i.s, y: (i) => i.y },
  { name: 'da', op2: '0110', low: '0x00 0000 tttt', operands: [MX, AT], x: (i) => i.x, y: (i) => i.t },
  { name: 'dd', op2: '0010', low: '0x00 0000 0y00', operands: [MX, MY], x: (i) => i.x, y: (i) => i.y },
];

const ACCUMULATIONS: readonly { readonly name: string; readonly op1: string; readonly run: Accumulate }[] = [
  { name: 'mul', op1: '01', run: set },
  { name: 'mula', op1: '10', run: add },
  { name: 'muls', op1: '11', run: subtract },
];

const binary2 = (value: number): string => value.toString(2).padStart(2, '0');

const multiplyRows = FACTORS.flatMap((factors) =>
  ACCUMULATIONS.flatMap((accumulation) =>
    HALVES.map((halves, index) =>
      row(
        `${factors.op2} ${accumulation.op1}${binary2(index)} ${factors.low} 0100`,
        `${accumulation.name}.${factors.name}.${halves}`,
        factors.operands,
        (b, i) => accumulation.run(b, signedProduct(b, factors.x(i), factors.y(i), index)),
      ),
    ),
  ),
);

const unsignedRows = HALVES.map((halves, index) =>
  row(`0111 00${binary2(index)} 0000 ssss tttt 0100`, `umul.aa.${halves}`, [AS, AT], (b, i) => {
    const half = (value: Value, high: boolean): Value =>
      high ? b.shr(value, konst(16)) : b.unary(Op.ZeroExtend16, value);
    b.mul(half(i.s, (index & 1) !== 0), half(i.t, (index & 2) !== 0), ACCLO);
    b.mov(ACCHI, konst(0));
  }),
);

interface Step {
  readonly name: string;
  readonly bytes: number;
  /** Bits 23 to 20 with the second factor an address register, a MAC16 register, and of the plain load. */
  readonly da: string;
  readonly dd: string;
  readonly alone: string;
}

/** The load's address register steps before the access. */
const STEPS: readonly Step[] = [
  { name: 'ldinc', bytes: 4, da: '0100', dd: '0000', alone: '1000' },
  { name: 'lddec', bytes: -4, da: '0101', dd: '0001', alone: '1001' },
];

/** Multiplies what the registers held before, then writes the loaded word and the new address. */
function multiplyAndLoad(bits: string, name: string, y: Operand, index: number, bytes: number): Row {
  return row(bits, name, [MW, AS, MX, y], (b, i) => {
    const address = b.add(i.s, konst(bytes));
    const loaded = b.load(Op.Load32, address, konst(0));
    add(b, signedProduct(b, i.x, y === MY ? i.y : i.t, index));
    b.mov(i.w, loaded);
    b.mov(i.s, address);
  });
}

const loadRows = STEPS.flatMap((step) => [
  ...HALVES.flatMap((halves, index) => [
    multiplyAndLoad(
      `${step.da} 10${binary2(index)} 0xww ssss tttt 0100`,
      `mula.da.${halves}.${step.name}`,
      AT,
      index,
      step.bytes,
    ),
    multiplyAndLoad(
      `${step.dd} 10${binary2(index)} 0xww ssss 0y00 0100`,
      `mula.dd.${halves}.${step.name}`,
      MY,
      index,
      step.bytes,
    ),
  ]),
  row(`${step.alone} 0000 00ww ssss 0000 0100`, step.name, [MW, AS], (b, i) => {
    const address = b.add(i.s, konst(step.bytes));
    b.load(Op.Load32, address, konst(0), i.w);
    b.mov(i.s, address);
  }),
]);

export const mac16Rows: readonly Row[] = [...multiplyRows, ...unsignedRows, ...loadRows];

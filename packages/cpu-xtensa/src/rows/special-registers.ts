import { type BlockBuilder, konst, Op, type Operand as Value } from '@loadstone/cpu-core';
import { HelperNumber } from '../helper-numbers.js';
import { AR, AT, fixedName } from '../operands.js';
import { type Row, row, Trait } from '../row.js';
import { CALLINC, FCR_MASK, FCSR, FSR_MASK, LBEG, LEND, PS, PS_CALLINC_SHIFT, PS_SLOT_MASK } from '../slots.js';
import { CONFIG_ID, SPECIAL_REGISTERS, type SpecialRegister, USER_REGISTERS } from '../special-registers.js';

/** RSR, WSR, XSR, RUR and WUR: one row for each register that exists. */

const binary8 = (value: number): string => value.toString(2).padStart(8, '0');

/** The register as the guest reads it. */
function read(b: BlockBuilder, register: SpecialRegister): Value {
  switch (register.kind) {
    case 'ps':
      return b.or(PS, b.shl(CALLINC, konst(PS_CALLINC_SHIFT)));
    case 'cycle-count':
      return b.helper(HelperNumber.CycleCount);
    case 'window-base':
      return b.helper(HelperNumber.WindowBase);
    case 'window-start':
      return b.helper(HelperNumber.WindowStart);
    default:
      return register.slot;
  }
}

function write(b: BlockBuilder, register: SpecialRegister, value: Value): void {
  const { slot, mask } = register;
  switch (register.kind) {
    case 'ps':
      b.and(value, konst(PS_SLOT_MASK), PS);
      b.and(b.shr(value, konst(PS_CALLINC_SHIFT)), konst(3), CALLINC);
      b.helper(HelperNumber.RefreshMode);
      break;
    case 'acchi':
      b.unary(Op.SignExtend8, value, slot);
      break;
    case 'window-base':
      b.helper(HelperNumber.SetWindowBase, value);
      break;
    case 'window-start':
      b.helper(HelperNumber.SetWindowStart, value);
      break;
    case 'loop-count':
      b.mov(slot, value);
      b.helper(HelperNumber.LoopEnd, LEND, LBEG);
      break;
    case 'loop-end':
      b.mov(slot, value);
      b.helper(HelperNumber.LoopEnd, value, LBEG);
      break;
    case 'interrupt-set':
      b.or(slot, value, slot);
      break;
    case 'interrupt-clear':
      b.andNot(slot, value, slot);
      break;
    default:
      if (mask === 0xffff_ffff) b.mov(slot, value);
      else b.and(value, konst(mask), slot);
      if (register.changesMode) b.helper(HelperNumber.RefreshMode);
  }
}

function rowsOf(register: SpecialRegister): Row[] {
  const operands = [AT, fixedName(register.name)];
  const bits = binary8(register.number);
  const traits = register.changesMode ? Trait.ChangesMode : Trait.None;
  const rows: Row[] = [];
  if (register.access !== 'w') {
    rows.push(
      row(`0000 0011 ${bits} tttt 0000`, 'rsr', operands, (b, i) => {
        b.mov(i.t, read(b, register));
      }),
    );
  }
  if (register.access !== 'r') {
    rows.push(row(`0001 0011 ${bits} tttt 0000`, 'wsr', operands, (b, i) => write(b, register, i.t), traits));
  }
  if (register.access === 'rwx') {
    rows.push(row(`0110 0001 ${bits} tttt 0000`, 'xsr', operands, (b, i) => exchange(b, register, i.t), traits));
  }
  return rows;
}

/** The window base changes which register `at` is: the old value goes to the register that at was before. */
function exchange(b: BlockBuilder, register: SpecialRegister, at: number): void {
  const value = b.mov(b.temp(), at);
  b.mov(at, read(b, register));
  write(b, register, value);
}

const configRows = [176, 208].map((number, index) =>
  row(`0000 0011 ${binary8(number)} tttt 0000`, 'rsr', [AT, fixedName(`configid${index}`)], (b, i) => {
    b.mov(i.t, konst(CONFIG_ID[index]));
  }),
);

/** WSR.CONFIGID0 exists and changes nothing. */
const configWrite = row(`0001 0011 ${binary8(176)} tttt 0000`, 'wsr', [AT, fixedName('configid0')], () => {});

function userRows(number: number, name: string, get: (b: BlockBuilder) => Value, put: UserWrite, traits: Trait): Row[] {
  return [
    row(
      `1110 0011 rrrr ${binary8(number)} 0000`,
      'rur',
      [AR, fixedName(name)],
      (b, i) => {
        b.mov(i.r, get(b));
      },
      traits,
    ),
    row(`1111 0011 ${binary8(number)} tttt 0000`, 'wur', [AT, fixedName(name)], (b, i) => put(b, i.t), traits),
  ];
}

type UserWrite = (b: BlockBuilder, value: Value) => void;

export const specialRegisterRows: readonly Row[] = [
  ...SPECIAL_REGISTERS.flatMap(rowsOf),
  ...configRows,
  configWrite,
  ...USER_REGISTERS.flatMap(({ number, name, slot }) =>
    userRows(
      number,
      name,
      () => slot,
      (b, value) => {
        b.mov(slot, value);
      },
      Trait.None,
    ),
  ),
  ...userRows(
    232,
    'fcr',
    (b) => b.and(FCSR, konst(FCR_MASK)),
    (b, value) => {
      b.or(b.and(FCSR, konst(FSR_MASK)), b.and(value, konst(FCR_MASK)), FCSR);
    },
    Trait.Float,
  ),
  ...userRows(
    233,
    'fsr',
    (b) => b.and(FCSR, konst(FSR_MASK)),
    (b, value) => {
      b.or(b.andNot(FCSR, konst(FSR_MASK)), b.and(value, konst(FSR_MASK)), FCSR);
    },
    Trait.Float,
  ),
];

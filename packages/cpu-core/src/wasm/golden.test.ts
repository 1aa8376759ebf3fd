import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import initWabt from 'wabt';
import { createAddressSpace } from '../address-space.js';
import { GuestMemory } from '../guest-memory.js';
import { BlockLifter } from '../lift-block.js';
import { CODE, CODE_DATA, DATA, type GoldenProgram, goldenPrograms, HOST } from '../testing/golden-programs.js';
import { randomFloat } from '../testing/random-program.js';
import { scriptArchitecture } from '../testing/script-architecture.js';
import type { DirectRange } from './checks.js';
import type { Graph } from './graph.js';
import { GraphBuilder } from './graph-builder.js';
import { ExitReason, stateLayout } from './layout.js';
import { compileModule } from './module.js';

// The texts show changes of the generated code, and are for reading: `UPDATE_GOLDEN=1 npx vitest run packages/cpu-core/src/wasm/golden`
// writes them anew. What must hold of them is tested apart from that, below.

const wabt = await initWabt();
const unused = () => 0;
const architectureOf = ({ rows }: GoldenProgram) =>
  scriptArchitecture(rows, {
    float: randomFloat({ add: unused, sub: unused, mul: unused, div: unused, sqrt: unused, mulAdd: unused }),
  });
/** Place in the state of the bounds of CODE_DATA. */
const GUARD = 0x800;

function range(low: number, host: number, isVolatile: boolean): DirectRange {
  return { low, size: 0x1000, host, sample: low, isVolatile, alignedOnly: false };
}

function textOf(program: GoldenProgram): string {
  const { rows, jumps } = program;
  const memory = createAddressSpace([{ name: 'code', start: CODE, size: 0x1000, kind: 'rom', executable: true }]);
  if (!(memory instanceof GuestMemory)) throw new TypeError('not our memory');
  memory.write(CODE, new Uint8Array(Uint32Array.from(rows, (_, i) => i).buffer));
  const architecture = architectureOf(program);
  const graphs: Graph[] = [];
  const add = (pc: number): void => {
    const builder = new GraphBuilder(architecture, new BlockLifter(architecture, memory), {
      instructions: 100,
      stopBefore: () => false,
      jumpTargets: (address) => (jumps !== undefined && address === CODE + 4 * jumps.at ? jumps.targets : []),
      word: () => undefined,
    });
    builder.gather(pc, 0);
    graphs.push(builder.build(pc, 0));
  };
  add(CODE);
  for (const { ending } of [...graphs[0].nodes]) {
    if (ending.kind === 'call' && ending.target < CODE + 4 * rows.length) add(ending.target);
  }
  const { bytes } = compileModule(
    graphs,
    {
      architecture,
      layout: stateLayout(architecture.slots.length),
      oracle: {
        // The instruction at CODE stores near code in the programs of that name; all others touch DATA.
        ranges: () => [
          program === goldenPrograms['store-near-code'] || program === goldenPrograms['stores-near-code']
            ? range(CODE_DATA, 0x2_0000, true)
            : range(DATA, 0x1_0000, false),
        ],
        rangeAt: () => undefined,
        noteStore: () => {},
        guard: () => GUARD,
        wasLeft: () => false,
      },
    },
    (pc) => pc === HOST,
  );
  const module = wabt.readWasm(bytes, {});
  module.validate();
  const text = module.toText({ foldExprs: false, inlineExport: false });
  module.destroy();
  return text;
}

function count(text: string, pattern: RegExp): number {
  return text.match(new RegExp(pattern, 'g'))?.length ?? 0;
}

/** The text of the first loop, up to the last way back to its head: what follows is run once. */
function loop(text: string): string {
  const [head, label] = / loop {2};; label = @(\d+)/.exec(text) ?? ['', ''];
  const from = text.indexOf(head);
  return text.slice(from, text.lastIndexOf(`(;@${label};)`));
}

/** The text of function number `i` of the module. */
function functionText(text: string, i: number): string {
  return text.split(/^ {2}\(func /m)[i + 1];
}

const texts = Object.fromEntries(Object.entries(goldenPrograms).map(([name, program]) => [name, textOf(program)]));
const CALL = / call \d+/;
const ACCESS = /\b(i32|f32)\.(load|store)/;
const BRANCH_OUT = /br_if/;
/** A look at the fuel: compared, signed, with the longest way. */
const FUEL_LOOK = /i32\.lt_s\s+br_if/;
/** A constant that says where and why compiled code is left. */
const exitFor = (reason: ExitReason): RegExp => {
  const first = BigInt(reason) << 48n;
  return new RegExp(`i64\\.const (${Array.from({ length: 4 * 40 }, (_, i) => first + BigInt(CODE + i)).join('|')})\\s`);
};

describe('the text of the generated code', () => {
  it.each(Object.entries(goldenPrograms))('%s', (name, { see }) => {
    const file = new URL(`golden/${name}.wat`, import.meta.url);
    const text = `;; ${see}\n${texts[name]}`;
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, text);
    expect(existsSync(file)).toBe(true);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });
});

describe('what the texts show', () => {
  it('straight-line: registers are read and written once', () => {
    const text = texts['straight-line'];
    expect(count(text, / loop/)).toBe(0);
    expect(count(text, BRANCH_OUT)).toBe(1);
    // r0, r1 and lr; r0, r2, r3 and the pc; the two words of an exit.
    expect(count(text, /i32\.load/)).toBe(3);
    expect(count(text, /i32\.store/)).toBe(4 + 2);
  });

  it('counted-loop: four copies in one loop without memory or calls', () => {
    const text = texts['counted-loop'];
    expect(count(text, / loop/)).toBe(1);
    expect(count(loop(text), ACCESS)).toBe(0);
    expect(count(loop(text), CALL)).toBe(0);
    for (const k of [1, 2, 3, 4]) expect(count(loop(text), new RegExp(`i32\\.const -${k}\\s+i32\\.add`))).toBe(1);
    expect(count(loop(text), FUEL_LOOK)).toBe(1);
    expect(count(loop(text), exitFor(ExitReason.Fuel))).toBe(1);
  });

  it('constant-turns: no loop', () => {
    const text = texts['constant-turns'];
    expect(count(text, / loop/)).toBe(0);
    expect(count(text, / if /)).toBe(0);
    expect(count(text, /i32\.const 6\s+i32\.add/)).toBe(1);
  });

  it.each(['walking-loop', 'indexed-loop'])('%s: four loads, one check', (name) => {
    const text = texts[name];
    expect(count(loop(text), ACCESS)).toBe(4);
    expect(count(loop(text), /i32\.gt_u\s+br_if/)).toBe(1);
    expect(count(loop(text), exitFor(ExitReason.Memory))).toBe(1);
  });

  it('nested-loop: one loop in the other', () => {
    const text = texts['nested-loop'];
    expect(count(text, / loop/)).toBe(2);
    expect(count(loop(text), / loop/)).toBe(2);
    expect(count(loop(text), ACCESS)).toBe(0);
    expect(count(loop(text), FUEL_LOOK)).toBe(2);
  });

  it('conditional-select: a select', () => {
    const text = texts['conditional-select'];
    expect(count(text, / select/)).toBe(1);
    expect(count(text, / if /)).toBe(0);
  });

  it('load-store: one check per base register', () => {
    const text = texts['load-store'];
    expect(count(text, BRANCH_OUT)).toBe(1 + 2);
    expect(count(text, /i32\.gt_u\s+br_if/)).toBe(2);
    expect(count(text, exitFor(ExitReason.Memory))).toBe(1);
    expect(count(text, CALL)).toBe(0);
  });

  it('store-near-code: the bounds come from memory', () => {
    const text = texts['store-near-code'];
    expect(count(text, new RegExp(`i32\\.load offset=${GUARD}\\s`))).toBe(1);
    expect(text).toMatch(new RegExp(`i32\\.load offset=${GUARD + 4}\\s+local\\.tee \\d+\\s+i32\\.ge_u\\s+br_if`));
    expect(count(text, BRANCH_OUT)).toBe(1 + 1);
  });

  it('stores-near-code: the bounds are read once', () => {
    const text = texts['stores-near-code'];
    for (const place of [GUARD, GUARD + 4]) {
      expect(count(text, new RegExp(`i32\\.load offset=${place}\\s`))).toBe(1);
    }
    expect(count(text, BRANCH_OUT)).toBe(1 + 2);
  });

  it('direct-call: the second function of the module, by its number', () => {
    const [caller, callee] = [functionText(texts['direct-call'], 0), functionText(texts['direct-call'], 1)];
    const number = Number(/^\(;(\d+);\)/.exec(callee)?.[1]);
    expect(count(caller, new RegExp(` call ${number}\\s`))).toBe(1);
    expect(count(caller, CALL)).toBe(1);
    expect(count(callee, CALL)).toBe(0);
    expect(count(texts['direct-call'], /global\.get/)).toBe(0);
  });

  it('call-by-slot: a global says which function, and link calls it', () => {
    const text = texts['call-by-slot'];
    const link = Number(/"link" \(func \(;(\d+);\)/.exec(text)?.[1]);
    const host = Number(/"host" \(func \(;(\d+);\)/.exec(text)?.[1]);
    expect(count(text, new RegExp(`global\\.get 0\\s+call ${link}\\s`))).toBe(1);
    expect(count(text, new RegExp(`i32\\.const ${HOST | 0}\\s+call ${host}\\s`))).toBe(1);
    expect(count(text, CALL)).toBe(2);
  });

  it('loop-with-call: what is written before the loop goes to memory once', () => {
    const text = texts['loop-with-call'];
    const store = (slot: number): RegExp => new RegExp(`i32\\.store offset=${4 * slot}\\s`);
    expect(count(text, store(4))).toBe(1);
    expect(count(loop(text), store(4))).toBe(0);
    expect(count(loop(text), store(5))).toBe(1);
  });

  it('jump-table: a br_table, and a way out for other targets', () => {
    const text = texts['jump-table'];
    expect(count(text, /br_table/)).toBe(1);
    expect(count(text, CALL)).toBe(0);
    // The reason is stored as it is behind the table.
    expect(count(text, new RegExp(`i32\\.const ${ExitReason.Computed}\\s+i32\\.store`))).toBe(1);
  });

  it('switch-table: the byte chooses', () => {
    const text = texts['switch-table'];
    expect(text).toMatch(/i32\.load8_u[^\n]*\s+local\.set (\d+)\s[\s\S]{0,300}?local\.get \1\s+br_table/);
    expect(count(text, /i32\.rotr/)).toBe(0);
  });

  it('float-row: f32 operations without a call, the control word looked at once', () => {
    const text = texts['float-row'];
    for (const operation of ['mul', 'add', 'sub']) expect(count(text, new RegExp(`f32\\.${operation}\\b`))).toBe(1);
    expect(count(text, CALL)).toBe(0);
    // Three operands; what an operation gives the next one stays a float.
    expect(count(text, /f32\.reinterpret_i32/)).toBe(3);
    expect(count(text, exitFor(ExitReason.Float))).toBe(1);
  });

  it('fuel-exit: one look at the fuel for both ways', () => {
    const text = texts['fuel-exit'];
    expect(count(text, / loop/)).toBe(1);
    expect(count(loop(text), FUEL_LOOK)).toBe(1);
    expect(count(loop(text), exitFor(ExitReason.Fuel))).toBe(1);
    expect(count(loop(text), ACCESS)).toBe(0);
  });

  it('pending-flags: operands are compared, no flag is computed', () => {
    const text = texts['pending-flags'];
    expect(count(text, /i32\.lt_s\s+(?!\s|br_if)/)).toBe(1);
    expect(count(text, /i32\.sub/)).toBe(count(texts['straight-line'], /i32\.sub/) + 1);
    // The two operands and which flags are pending, behind the slots.
    const first = stateLayout(scriptArchitecture([]).slots.length).pendingFlags;
    for (const word of [0, 4, 8]) expect(count(text, new RegExp(`i32\\.store offset=${first + word}\\s`))).toBe(1);
  });

  it('pending-sum: operands are compared, no flag is computed', () => {
    const text = texts['pending-sum'];
    expect(count(text, /i32\.const -5\s+i32\.ge_u\s+(?!\s|br_if)/)).toBe(1);
    expect(count(text, /i32\.xor/)).toBe(0);
  });
});

import type { Command } from 'commander';
import {
  type Board,
  boardForModule,
  boardNames,
  type CallResult,
  createBoard,
  faultText,
  host,
  type ImportGroupName,
  importGroupNames,
  loadModuleFrom,
  openLocation,
  type SharedVariable,
  type SymbolDefinitions,
  variable,
} from 'loadstone';
import { engineOptions, type ImportPackage } from '../engine.js';
import { Failure } from '../failure.js';
import { faultJson } from '../fault-json.js';
import { colours, type Terminal, toJson, withoutEmpty } from '../output.js';
import {
  boardName,
  engineName,
  parseCount,
  parseImports,
  parseInteger,
  parseSymbol,
  parseVariable,
} from '../values.js';

interface CallCommandOptions {
  readonly board?: string;
  readonly var: readonly string[];
  readonly stub: readonly string[];
  readonly symbol: readonly string[];
  readonly import: readonly string[];
  readonly prototype?: string;
  readonly engine?: string;
  readonly fuel?: string;
  readonly json?: boolean;
}

/** One call a stub recorded. */
interface RecordedCall {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly result: number;
}

const collect = (value: string, all: readonly string[]) => [...all, value];

/** `loadstone call`: load a module and call one of its functions. */
export function callCommand(program: Command, terminal: Terminal, importPackage: ImportPackage): void {
  program
    .command('call')
    .description('load an ELF module and call one of its functions')
    .argument('<module>', 'PATH, IMAGE:/path/inside or FLASH@OFFSET')
    .argument('<symbol>', 'name of the function')
    .argument('[args...]', 'integer arguments, or what --prototype asks for')
    .option('--board <name>', `one of ${boardNames.join(', ')} (default: by the module's machine)`)
    .option('--var <name=type:value>', 'a firmware variable, e.g. d_e_a=i32:9 (repeatable)', collect, [])
    .option(
      '--stub <prototype>',
      "a firmware function that records its calls and returns 0, e.g. 'int f(int)'",
      collect,
      [],
    )
    .option('--symbol <name=address>', 'a firmware symbol at an address (repeatable)', collect, [])
    .option(
      '--import <groups>',
      `ready-made firmware functions: ${importGroupNames.join(',')} (default: none)`,
      collect,
      [],
    )
    .option('--prototype <c>', 'C prototype of the function (default: ints in, int out)')
    .option('--engine <name>', 'interpreter, wasm or unicorn (default: the best that works here)')
    .option('--fuel <instructions>', 'stop after that many guest instructions')
    .option('--json', 'print JSON')
    .action(async (location: string, symbol: string, args: readonly string[], options: CallCommandOptions) => {
      const setup = prepare(options, symbol, args);
      const engine = engineName(options.engine);
      const name = options.board === undefined ? undefined : boardName(options.board);
      const { source, name: file } = await openLocation(location);
      const board = name ?? boardForModule(source);
      const module = loadModuleFrom(source, {
        board: createBoard(board, await engineOptions(engine, board, importPackage)),
        symbols: setup.symbols,
        imports: setup.imports,
        name: file,
      });
      const result = module.board.call(module.find(symbol), setup.prototype, setup.args, setup.limits);
      terminal.out(
        options.json
          ? `${toJson(resultJson(result, setup, module.board))}\n`
          : resultText(symbol, result, setup, module.board, terminal),
      );
      if (result.status !== 'returned') throw new Failure();
    });
}

interface Setup {
  readonly symbols: SymbolDefinitions;
  readonly imports: readonly ImportGroupName[];
  readonly variables: readonly SharedVariable[];
  readonly calls: readonly RecordedCall[];
  readonly prototype: string;
  readonly args: readonly unknown[];
  readonly limits: { readonly fuel?: number };
}

/** Reads every option before anything is opened, so that wrong usage is found first. */
function prepare(options: CallCommandOptions, symbol: string, args: readonly string[]): Setup {
  const calls: RecordedCall[] = [];
  const variables = options.var.map((text) => {
    const { declaration, value } = parseVariable(text);
    return variable(declaration, value);
  });
  const stubs = options.stub.map((prototype) => {
    const stub = host(prototype, (...given: unknown[]) => {
      // The last argument is the call itself.
      calls.push({ name: stub.name, args: given.slice(0, stub.type.parameters.length), result: 0 });
      return stub.type.returns.kind === 'void' ? undefined : 0;
    });
    return stub;
  });
  const addresses = options.symbol.map(parseSymbol);
  const symbols: Record<string, SymbolDefinitions[string]> = {};
  for (const definition of [...variables, ...stubs]) symbols[definition.name] = definition;
  for (const { name, address } of addresses) symbols[name] = address;
  return {
    symbols,
    imports: options.import.flatMap(parseImports),
    variables,
    calls,
    prototype: options.prototype ?? `int ${symbol}(${args.map(() => 'int').join(', ') || 'void'})`,
    args: args.map((text) => argument(text, options.prototype !== undefined)),
    limits: options.fuel === undefined ? {} : { fuel: parseCount(options.fuel, '--fuel', 0, Number.MAX_SAFE_INTEGER) },
  };
}

/** An argument: a number where it reads as one; with a prototype, other text stays a string. */
function argument(text: string, typed: boolean): unknown {
  if (typed && !/^-?(0x[0-9a-f]+|0b[01]+|\d+)$/i.test(text)) {
    const number = Number(text);
    return text.trim() !== '' && !Number.isNaN(number) ? number : text;
  }
  const integer = parseInteger(text, 'argument');
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

function resultJson(result: CallResult, setup: Setup, board: Board): Record<string, unknown> {
  return withoutEmpty({
    status: status(result),
    returnValue: result.returnValue,
    instructions: result.instructions,
    seconds: result.seconds,
    engine: result.engine,
    engineReason: board.engineReason,
    calls: setup.calls,
    vars: Object.fromEntries(setup.variables.map((each) => [each.name, each.value])),
    console: board.console.text,
    fault: faultJson(result.status === 'fault' ? result.fault : undefined),
    error:
      result.status === 'returned' || !result.fault
        ? undefined
        : { code: result.status, message: result.fault.message },
  });
}

/** The four words of the interface; other limits count as faults. */
function status(result: CallResult): 'returned' | 'fault' | 'fuel' {
  return result.status === 'returned' || result.status === 'fuel' ? result.status : 'fault';
}

function resultText(symbol: string, result: CallResult, setup: Setup, board: Board, terminal: Terminal): string {
  const { bold, dim, red } = colours(terminal);
  let text = board.console.text;
  for (const call of setup.calls) text += `  ${call.name}(${call.args.map(String).join(', ')}) -> ${call.result}\n`;
  if (result.status === 'returned') {
    text += `${bold(`${symbol} returned`)}${result.returnValue === undefined ? '' : ` ${String(result.returnValue)}`}\n`;
  } else if (result.status === 'fuel') {
    text += `${red('out of fuel')} after ${result.instructions} instructions\n`;
  } else if (result.fault) {
    text += `${red('fault:')} ${faultText(result.fault)}`;
  }
  for (const each of setup.variables) text += `  ${each.name} = ${String(each.value)}\n`;
  return `${text}${dim(`${result.instructions} instructions, ${result.engine}`)}\n`;
}

import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import { Board } from '../board/board.js';
import { esp32 } from '../board/esp32.js';
import type { BoardOptions } from '../board/options.js';
import { tencentosEvbMxPlus } from '../board/tencentos-evb-mx-plus.js';
import type { CallOptions, CallResult } from '../call/result.js';
import { LineTable } from '../debug-line/line-table.js';
import type { ModuleInfo } from '../fault/module-info.js';
import { faultText } from '../fault/text.js';
import { commonImports } from '../imports/common.js';
import { fixture, fixtureJson } from './images.js';

/** fixtures/crash on a board: `crash.o` of an EVB_MX_Plus, or in the IRAM of an ESP32. */
export class CrashBoard {
  readonly board: Board;
  readonly #arm: boolean;
  readonly #symbols: Record<string, [string, string]>;

  constructor(kind: 'arm' | 'xtensa', options: Partial<BoardOptions> = {}) {
    this.#arm = kind === 'arm';
    const start = this.#arm ? 0x3000_0000 : 0x4009_0000;
    this.board = new Board(this.#arm ? tencentosEvbMxPlus : esp32, {
      architecture: this.#arm ? thumb : xtensa,
      firmwareAt: this.#arm ? 0x3010_0000 : 'firmware',
      ...options,
      regions: [
        ...(this.#arm ? [{ name: 'module memory', start, size: 0x1000, kind: 'ram' as const, executable: true }] : []),
        ...(options.regions ?? []),
      ],
    });
    const bytes = fixture(`crash/crash-${kind}.bin`);
    this.#symbols = fixtureJson(`crash/crash-${kind}.json`);
    this.board.write(start, bytes);
    this.board.addModule(this.#module(start, bytes.length));
    this.board.define(...commonImports(this.board));
    this.board.host('int visit(int value, int (*back)(int))', (value: number, back: (n: number) => number) =>
      back(value),
    );
    ['visit', 'malloc', 'free', 'strlen', 'abort', '__assert_func', 'printf'].forEach((name, index) => {
      this.board.memory.write32(Number(this.#symbols['api'][0]) + 4 * index, this.board.resolve(name));
    });
  }

  address(name: string): number {
    return Number(this.#symbols[name][0]) + (this.#arm ? 1 : 0);
  }

  call(prototype: string, args: readonly unknown[] = [], options: CallOptions = {}): CallResult {
    return this.board.call(this.address(/(\w+)\(/.exec(prototype)?.[1] ?? ''), prototype, args, options);
  }

  /** The text of the fault that a call ends in. */
  text(prototype: string, args: readonly unknown[] = [], options: CallOptions = {}): string {
    const { fault, status } = this.call(prototype, args, options);
    return fault ? faultText(fault) : status;
  }

  #module(start: number, size: number): ModuleInfo {
    const symbols = Object.entries(this.#symbols)
      .map(([name, [address, length]]) => ({ name, address: Number(address), size: Number(length) }))
      .sort((a, b) => a.address - b.address);
    return {
      name: 'crash.o',
      contains: (address) => address >= start && address < start + size,
      symbolAt: (address) => {
        const symbol = symbols.filter((each) => each.address <= address).at(-1);
        return symbol && { name: symbol.name, offset: address - symbol.address };
      },
      ...(this.#arm && { lineTable: () => new LineTable({ line: fixture('crash/crash-arm.line') }) }),
    };
  }
}

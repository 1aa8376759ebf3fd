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
import { Listing } from './listing.js';

/** The host functions of crash.c's `struct api`, in its order. */
const API = ['visit', 'malloc', 'free', 'strlen', 'abort', '__assert_func', 'printf'] as const;

/** fixtures/crash on a board: `crash.o` of an EVB_MX_Plus, or in the IRAM of an ESP32. */
export class CrashBoard {
  readonly board: Board;
  readonly #arm: boolean;
  readonly #symbols: Record<string, [string, string]>;
  readonly #listing: Listing;

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
    this.#listing = new Listing(`crash-${kind}`);
    const bytes = fixture(`crash/crash-${kind}.bin`);
    this.#symbols = fixtureJson(`crash/crash-${kind}.json`);
    this.board.write(start, bytes);
    this.board.addModule(this.#module(start, bytes.length));
    this.board.define(...commonImports(this.board));
    this.board.host('int visit(int value, int (*back)(int))', (value: number, back: (n: number) => number) =>
      back(value),
    );
    for (const name of API) this.replace(name, this.board.resolve(name));
  }

  address(name: string): number {
    return Number(this.#symbols[name][0]) + (this.#arm ? 1 : 0);
  }

  call(prototype: string, args: readonly unknown[] = [], options: CallOptions = {}): CallResult {
    return this.board.call(this.address(/(\w+)\(/.exec(prototype)?.[1] ?? ''), prototype, args, options);
  }

  /** The text of the fault that a call ends in; all it says of code must agree with the toolchain's listing. */
  text(prototype: string, args: readonly unknown[] = [], options: CallOptions = {}): string {
    const { fault, status } = this.call(prototype, args, options);
    if (!fault) return status;
    const text = faultText(fault);
    const wrong = this.#listing.disagreements(text);
    return wrong.length === 0 ? text : `${text}The listing says:\n${wrong.join('\n')}\n`;
  }

  /** Puts another host function into the guest's table of host functions. */
  replace(name: (typeof API)[number], address: number): void {
    this.board.memory.write32(Number(this.#symbols['api'][0]) + 4 * API.indexOf(name), address);
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

/** A device whose registers read as 0. */
export const gpio = {
  name: 'GPIOA',
  start: 0x4800_0000,
  size: 0x400,
  kind: 'mmio',
  executable: false,
  device: { read: () => 0, write: () => undefined },
} as const;

/** A module `linked.o` of one word, which a relocation wrote. */
export function relocated(word: number, typeName: string, symbol: string): ModuleInfo {
  return {
    name: 'linked.o',
    contains: () => false,
    sections: [{ name: '.data', address: word, size: 4 }],
    relocationAt: (address) => (address === word ? { place: word, typeName, symbol } : undefined),
  };
}

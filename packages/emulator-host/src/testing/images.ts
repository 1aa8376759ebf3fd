import { readFileSync } from 'node:fs';
import { thumb } from '@loadstone/cpu-thumb';
import { xtensa } from '@loadstone/cpu-xtensa';
import type { AbiName } from '../abi/convention.js';
import { Board } from '../board/board.js';
import { genericCortexM, genericXtensa } from '../board/generic.js';
import type { BoardOptions } from '../board/options.js';

/** A flat image compiled from fixtures/abi, on a generic board with memory at the image's link address. */
export interface ImageBoard {
  readonly board: Board;
  /** Address of a symbol as a C pointer: functions of Thumb code have bit 0 set. */
  address(name: string): number;
  has(name: string): boolean;
}

export type ImageName = 'arm-soft' | 'arm-hard' | 'xtensa-windowed' | 'xtensa-call0';

const abis: Record<ImageName, AbiName> = {
  'arm-soft': 'aapcs',
  'arm-hard': 'aapcs-vfp',
  'xtensa-windowed': 'xtensa-windowed',
  'xtensa-call0': 'xtensa-call0',
};

export const imageNames = Object.keys(abis) as ImageName[];

const fixtures = new URL('../../fixtures/', import.meta.url);

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, fixtures)));
}

export function fixtureJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, fixtures), 'utf8'));
}

/** @param data names of variables, which carry no Thumb bit */
export function loadImage(name: ImageName, folder = 'abi', options: Partial<BoardOptions> = {}): ImageBoard {
  const arm = name.startsWith('arm');
  const start = arm ? 0x3000_0000 : 0x4200_0000;
  const board = new Board(arm ? genericCortexM : genericXtensa, {
    architecture: arm ? thumb : xtensa,
    abi: abis[name],
    ...options,
    regions: [{ name: 'image', start, size: 0x1_0000, kind: 'ram', executable: true }, ...(options.regions ?? [])],
  });
  const symbols = fixtureJson<Record<string, string>>(`${folder}/${name}.json`);
  const kinds = new Set(['seen', 'result', 'host_table', 'api', 'counter', 'text', 'bag', 'hosts']);
  board.write(start, fixture(`${folder}/${name}.bin`));
  return {
    board,
    has: (symbol) => symbol in symbols,
    address: (symbol) => {
      if (!(symbol in symbols)) throw new Error(`${name} has no ${symbol}`);
      return (Number(symbols[symbol]) | (arm && !kinds.has(symbol) ? 1 : 0)) >>> 0;
    },
  };
}

import { type BoardName, boardMachine, type CreateBoardOptions } from 'loadstone';
import { UsageError } from './usage-error.js';
import type { EngineName } from './values.js';

/** The packages that `--engine unicorn` needs; neither is installed with this one, because unicorn.js is under the GPL. */
const UNICORN_PACKAGES = ['@loadstone/cpu-unicorn', '@alexaltea/unicorn-js'] as const;

/** Imports a package by name: the module, or an error of the module system. */
export type ImportPackage = (name: (typeof UNICORN_PACKAGES)[number]) => Promise<object>;

/** The packages as installed beside this one. */
export const installedPackage: ImportPackage = (name) =>
  name === '@loadstone/cpu-unicorn' ? import('@loadstone/cpu-unicorn') : import(/* @vite-ignore */ name);

/**
 * Board options for an engine.
 * @param engine undefined: the best that works here
 * @throws UsageError for Unicorn on an Xtensa board, or when a package it needs is not installed
 */
export async function engineOptions(
  engine: EngineName | undefined,
  board: BoardName,
  importPackage: ImportPackage,
): Promise<CreateBoardOptions> {
  if (engine === undefined) return {};
  if (engine !== 'unicorn') return { engine };
  if (boardMachine(board) === 'xtensa') {
    throw new UsageError(
      `--engine unicorn: ${board} has an Xtensa CPU, and unicorn.js has none; interpreter and wasm do`,
    );
  }
  const [adapter, engineModule] = [
    await optionalPackage('@loadstone/cpu-unicorn', importPackage),
    await optionalPackage('@alexaltea/unicorn-js', importPackage),
  ];
  const uc = await unicorn(engineModule);
  const { createUnicornCpu } = adapter as typeof import('@loadstone/cpu-unicorn');
  return { cpu: (architecture, memory) => createUnicornCpu(uc, architecture, memory) };
}

async function optionalPackage(name: (typeof UNICORN_PACKAGES)[number], importPackage: ImportPackage): Promise<object> {
  try {
    return await importPackage(name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError(
      `--engine unicorn: ${name} is not installed; \`npm install ${UNICORN_PACKAGES.join(' ')}\` where loadstone is installed`,
    );
  }
}

/** What unicorn.js's factory gives. @throws UsageError when the package is none */
async function unicorn(module: object): Promise<import('@loadstone/cpu-unicorn').UnicornModule> {
  const factory: unknown = 'default' in module ? module.default : module;
  const uc: unknown = typeof factory === 'function' ? await factory() : factory;
  if (isUnicorn(uc)) return uc;
  throw new UsageError('--engine unicorn: @alexaltea/unicorn-js exports no engine; version 2.1.4 is known to');
}

function isUnicorn(value: unknown): value is import('@loadstone/cpu-unicorn').UnicornModule {
  return typeof value === 'object' && value !== null && 'Unicorn' in value && typeof value.Unicorn === 'function';
}

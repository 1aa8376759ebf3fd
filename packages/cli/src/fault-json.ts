import type { FaultReport } from 'loadstone';

/** A fault report as JSON. */
export function faultJson(fault: FaultReport | undefined): Record<string, unknown> | undefined {
  if (!fault) return undefined;
  const { cause, ...rest } = fault;
  return cause === undefined ? rest : { ...rest, cause: cause instanceof Error ? cause.message : String(cause) };
}

import { type Board, byteString, bytesOf, type CType, formatPrintf } from '@loadstone/emulator-host';
import { LoadstoneError } from './error.js';

/** An argument of a `printf` that the host calls: a number, pointers too, or a string of the firmware's constants. */
export type PrintfArgument = number | bigint | string;

/**
 * C's conversions over arguments of the host.
 * @throws LoadstoneError BAD_OPTION when there are fewer arguments than conversions
 */
export function formatOnHost(board: Board, format: string, args: readonly PrintfArgument[]): string {
  let at = 0;
  const text = formatPrintf(
    byteString(new TextEncoder().encode(format)),
    {
      next(_type: CType | string) {
        const value = args[at++];
        if (value === undefined) {
          throw new LoadstoneError('BAD_OPTION', `printf("${format}") has only ${args.length} arguments`, { format });
        }
        return typeof value === 'string' ? board.constantString(value) : value;
      },
    },
    board.access,
  );
  return new TextDecoder().decode(bytesOf(text));
}

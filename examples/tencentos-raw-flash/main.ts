import { type Board, type CreateBoardOptions, createBoard } from 'loadstone';
import { createTencentos, ELFLOADER_ERR_NONE, el_module_t, host, variable } from 'loadstone/tencentos';

/** Where the three shared objects are burnt. */
const MODULE_ADDRESSES = [0x8000_0000, 0x8000_2000, 0x8000_4000];

/**
 * The elfLoader guide's third example: three shared objects in raw flash, without any file system. `elfloader_fd_read` is
 * replaced, so that descriptors 0, 1 and 2 mean the places in flash.
 * @param print receives what the firmware prints
 * @param flash bytes of the flash from 0x80000000 on
 * @param options engine and other settings of the board
 * @returns the board it ran on
 */
export async function main(
  print: (text: string) => void,
  flash: Uint8Array,
  options: CreateBoardOptions = {},
): Promise<Board> {
  const d_e_a = variable('int d_e_a', 9);
  const f_e_a = host('int f_e_a(int a)', (a: number) => {
    print(`f_e_a: ${a}\n`);
    return a;
  });

  const board = createBoard('tencentos-evb-mx-plus', {
    ...options,
    regions: [{ name: 'raw flash', start: 0x8000_0000, size: flash.length, kind: 'rom', executable: true }],
  });
  board.write(0x8000_0000, flash);

  const elfloader_fd_read = (fd: number, offset: number, buf: Uint8Array): number => {
    const address = MODULE_ADDRESSES[fd];
    if (address === undefined) return -1;
    const end = 0x8000_0000 + flash.length;
    const count = Math.max(0, Math.min(buf.length, end - (address + offset)));
    board.read(address + offset, buf.subarray(0, count));
    return count;
  };

  const { function_pointer, printf, tos_elfloader_load, tos_elfloader_find_symbol, tos_elfloader_unload } =
    await createTencentos({ board, el_symbols: { d_e_a, f_e_a }, elfloader_fd_read, print });

  for (let fd = 0; fd < MODULE_ADDRESSES.length; fd++) {
    const module = new el_module_t();
    if (tos_elfloader_load(module, fd) !== ELFLOADER_ERR_NONE) {
      printf('load failed!\n');
      return board;
    }
    const addr = tos_elfloader_find_symbol(module, 'f_g_a');
    if (addr === null) {
      printf('symbol NOT FOUND: %s\n', 'f_g_a');
      return board;
    }
    printf('addr: %x\n', addr);

    const f_g_a = function_pointer(addr, 'int (void)');
    f_g_a();

    tos_elfloader_unload(module);
  }
  return board;
}

import { type Board, type CreateBoardOptions, createBoard } from 'loadstone';
import {
  createTencentos,
  ELFLOADER_ERR_NONE,
  el_module_t,
  host,
  VFS_ERR_NONE,
  VFS_OFLAG_EXISTING,
  VFS_OFLAG_READ,
  variable,
} from 'loadstone/tencentos';

/**
 * The elfLoader guide's second example: a shared object from a FAT32 SD card, loaded, called and unloaded.
 * @param print receives what the firmware prints
 * @param sdCard bytes of the card's image
 * @param options engine and other settings of the board
 * @returns the board it ran on
 */
export async function main(
  print: (text: string) => void,
  sdCard: Uint8Array,
  options: CreateBoardOptions = {},
): Promise<Board> {
  const board = createBoard('tencentos-evb-mx-plus', options);
  const d_e_a = variable('int d_e_a', 9);
  const f_e_a = host('int f_e_a(int a)', (a: number) => {
    print(`f_e_a: ${a}\n`);
    return a;
  });

  const {
    sd_dev,
    fatfs_ops,
    function_pointer,
    printf,
    tos_vfs_block_device_register,
    tos_vfs_fs_register,
    tos_vfs_fs_mount,
    tos_vfs_open,
    tos_vfs_close,
    tos_elfloader_load,
    tos_elfloader_find_symbol,
    tos_elfloader_unload,
  } = await createTencentos({ board, el_symbols: { d_e_a, f_e_a }, sdCard, print });

  if (tos_vfs_block_device_register('/dev/sd', sd_dev) !== VFS_ERR_NONE) return board;
  if (tos_vfs_fs_register('fatfs_sd', fatfs_ops) !== VFS_ERR_NONE) return board;
  if (tos_vfs_fs_mount('/dev/sd', '/fs/fatfs_sd', 'fatfs_sd') !== VFS_ERR_NONE) {
    printf('mount failed!\n');
    return board;
  }

  const fd = tos_vfs_open('/fs/fatfs_sd/1.so', VFS_OFLAG_READ | VFS_OFLAG_EXISTING);
  if (fd < 0) {
    printf('open failed!\n');
    return board;
  }

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
  tos_vfs_close(fd);
  return board;
}

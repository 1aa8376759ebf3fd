import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { createTencentos, el_module_t } from '../tencentos.js';

vi.mock('@loadstone/vfs-fat', async (original) => ({
  ...(await original<typeof import('@loadstone/vfs-fat')>()),
  createFatFs: () => Promise.reject(new Error('WebAssembly may not be compiled')),
}));

it('a firmware without FatFs works until it asks for FAT, which then says why it is not there', async () => {
  const path = fileURLToPath(new URL('../../../testkit/fixtures/modules/tencentos/1.so', import.meta.url));
  const file = new Uint8Array(readFileSync(path));
  const { tos_elfloader_load, tos_vfs_fs_register, fatfs_ops } = await createTencentos({
    el_symbols: { d_e_a: 0x2000_1000, f_e_a: 0x0803_c001 },
    elfloader_fd_read(_fd, offset, buf) {
      const part = file.subarray(Math.min(offset, file.length), offset + buf.length);
      buf.set(part);
      return part.length;
    },
  });
  expect(tos_elfloader_load(new el_module_t(), 0)).toBe(0);
  expect(() => tos_vfs_fs_register('fatfs_sd', fatfs_ops)).toThrow(
    expect.objectContaining({
      code: 'UNAVAILABLE',
      message: 'FatFs cannot be used here: WebAssembly may not be compiled',
    }),
  );
});

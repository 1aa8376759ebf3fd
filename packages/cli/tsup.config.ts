import { cpSync } from 'node:fs';
import { packageConfig } from '../../tsup.base.js';

export default packageConfig({
  entry: ['src/main.ts'],
  platform: 'node',
  onSuccess: async () => {
    // The images of `loadstone demo` come with the package.
    for (const name of ['sd.img.gz', 'spiffs.img.gz', 'flash.bin']) {
      cpSync(`../testkit/fixtures/images/${name}`, `images/${name}`);
    }
  },
});

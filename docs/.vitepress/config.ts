import { defineConfig } from 'vitepress';

export default defineConfig({
  title: 'Loadstone',
  description: 'Load and run TencentOS tiny and ESP32 modules on a PC, in CI and in a browser',
  srcExclude: ['api/README.md'],
  // API pages are made from the sources; their links into files outside this site are not pages.
  ignoreDeadLinks: [/^\.\.?\/.*(LICENSE|CHANGELOG)/],
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide' },
      { text: 'Fidelity', link: '/fidelity' },
      { text: 'Design', link: '/DESIGN' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Using Loadstone',
        items: [
          { text: 'Guide', link: '/guide' },
          { text: 'The command', link: '/command' },
          { text: 'Fidelity ledger', link: '/fidelity' },
        ],
      },
      {
        text: 'Inside',
        items: [
          { text: 'Design', link: '/DESIGN' },
          { text: 'The compiled engine', link: '/jit' },
          { text: 'API', link: '/api/' },
        ],
      },
    ],
    search: { provider: 'local' },
  },
});

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian packages the tests use, with a file that shows each is there. */
const needed = [
  { package: 'mtools', files: ['/usr/bin/mcopy'], use: 'reads FAT images independently' },
  { package: 'dosfstools', files: ['/usr/sbin/fsck.fat', '/sbin/fsck.fat'], use: 'checks FAT images independently' },
  { package: 'chromium', files: ['/usr/bin/chromium'], use: 'runs the browser tests' },
  {
    package: 'libunicorn2',
    files: ['/usr/lib/x86_64-linux-gnu/libunicorn.so.2', '/usr/lib/aarch64-linux-gnu/libunicorn.so.2'],
    use: 'drives the unicorn adapter',
  },
];

/** Installs missing Debian packages where apt-get exists and may be used; else says what is missing and what for. */
export function installSystemPackages() {
  const missing = needed.filter(({ files }) => !files.some((file) => existsSync(file)));
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.package);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', '-q', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, rest, { stdio: ['ignore', 2, 'inherit'], env }).status === 0;
  };
  if (existsSync('/usr/bin/apt-get') && apt('update') && apt('install', '-y', '--no-install-recommends', ...names))
    return;
  for (const { package: name, use } of missing) {
    process.stderr.write(
      `Missing: Debian package ${name} (${use}). Its tests will fail; install it with your package manager.\n`,
    );
  }
}

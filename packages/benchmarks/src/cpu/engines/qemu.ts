import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, now, type Prepared } from '../engine.js';
import { loadProgram, type Target } from '../workload.js';

/** QEMU user mode as a process; the time of a run with no rounds is taken off. */
function qemu(name: string, command: string, args: readonly string[], targets: readonly Target[]): Engine {
  return {
    name,
    targets,
    unavailable: () =>
      spawnSync(command, ['--version']).error ? `${command} is not installed (Debian package qemu-user)` : undefined,
    prepare(workload, target): Prepared | undefined {
      const program = target && loadProgram(workload, target);
      if (!program) return undefined;
      const folder = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
      const file = join(folder, workload);
      const image = readFileSync(program.path);
      const timed = (rounds: number) => {
        image.writeUInt32LE(rounds, program.roundsOffset);
        writeFileSync(file, image);
        chmodSync(file, 0o755);
        const start = now();
        const { stdout, status, signal } = spawnSync(command, [...args, file]);
        const seconds = now() - start;
        if (status !== 0 || stdout.length !== 4) {
          throw new Error(`${command} ${workload}: status ${status ?? signal}, ${stdout.length} bytes of output`);
        }
        return { checksum: stdout.readUInt32LE(0), seconds };
      };
      let startup: number | undefined;
      return {
        run(rounds) {
          startup ??= Math.min(timed(0).seconds, timed(0).seconds, timed(0).seconds);
          const { checksum, seconds } = timed(rounds);
          return { checksum, seconds: Math.max(seconds - startup, 1e-6) };
        },
        close() {
          rmSync(folder, { recursive: true });
        },
      };
    },
  };
}

export const qemuArm = qemu('qemu-arm', 'qemu-arm', ['-cpu', 'max'], ['thumb-soft', 'thumb-hard']);

/** de233_fpu is the Debian core nearest to the ESP32's: windowed, density, loops, MAC16, FPU. */
export const qemuXtensa = qemu('qemu-xtensa', 'qemu-xtensa', ['-cpu', 'de233_fpu'], ['xtensa']);

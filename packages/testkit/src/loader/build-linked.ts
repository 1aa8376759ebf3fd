/**
 * Links the objects of fixtures/loader/linked with GNU ld at the addresses where the loader puts their sections. What ld
 * writes there is the oracle; the loader only says where.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LINKED_FOLDER, LINKED_OBJECTS, loadLinkedObject, OUTER, OUTER_VALUE } from './linked-case.js';

const EXTERNALS = {
  arm: `.syntax unified
.thumb
.section .outer,"ax"
.global outer
.thumb_func
outer: bx lr
.global __aeabi_unwind_cpp_pr0
__aeabi_unwind_cpp_pr0: bx lr
.section .outer_value,"aw"
.global outer_value
outer_value: .word 0
`,
  xtensa: `.section .outer,"ax"
.global outer
outer: ret
.section .outer_value,"aw"
.global outer_value
outer_value: .word 0
`,
};

const work = mkdtempSync(join(tmpdir(), 'linked-'));
mkdirSync(`${LINKED_FOLDER}linked`, { recursive: true });
for (const name of LINKED_OBJECTS) {
  const machine = name.startsWith('arm') ? 'arm' : 'xtensa';
  const prefix = machine === 'arm' ? 'arm-none-eabi-' : 'xtensa-lx106-elf-';
  writeFileSync(join(work, 'outer.s'), EXTERNALS[machine]);
  execFileSync(`${prefix}as`, [join(work, 'outer.s'), '-o', join(work, 'outer.o')]);
  const object = `${LINKED_FOLDER}obj/${name}.o`;
  const seen = new Set<string>();
  const lines = [...loadLinkedObject(name).module.sections]
    .sort((a, b) => a.address - b.address)
    .filter((section) => section.size > 0 && !seen.has(section.name) && seen.add(section.name))
    .map(({ name: section, address }, i) => `  at_${i} 0x${address.toString(16)} : { *(${section}) }`);
  const script = join(work, 'layout.ld');
  writeFileSync(
    script,
    `SECTIONS {\n${lines.join('\n')}\n  outer_at 0x${OUTER.address.toString(16)} : { *(.outer) }\n` +
      `  outer_value_at 0x${OUTER_VALUE.toString(16)} : { *(.outer_value) }\n  /DISCARD/ : { *(.comment) *(.xt.*) *(.xtensa.info) }\n}\n`,
  );
  const options = [
    '-T',
    script,
    '--no-relax',
    '--no-check-sections',
    '-n',
    '--entry',
    '0',
    ...(machine === 'arm' ? ['--no-merge-exidx-entries', '--no-warn-mismatch', '--target2=rel'] : []),
  ];
  const linked = `${LINKED_FOLDER}linked/${name}.elf`;
  execFileSync(`${prefix}ld`, [...options, object, join(work, 'outer.o'), '-o', linked], { stdio: 'inherit' });
  execFileSync(`${prefix}strip`, ['-s', linked]);
  console.log(`${name}: ${lines.length} sections`);
}
rmSync(work, { recursive: true });

import type { Command } from 'commander';
import { createBoard, host, inspect, loadModule, openImage, openLocation, runBlob, variable } from 'loadstone';
import { imagePath } from '../images.js';
import { colours, hex32, type Terminal } from '../output.js';

/** Sections a person looks for; hash and symbol tables are loaded too, but tell nothing. */
const SHOWN = new Set(['.text', '.plt', '.got', '.rodata', '.data', '.bss']);

/** `loadstone demo`: both seed programs from real images, told step by step. */
export function demoCommand(program: Command, terminal: Terminal): void {
  program
    .command('demo')
    .description('run both seed programs from their images, step by step')
    .action(async () => {
      await tencentosDemo(terminal);
      await esp32Demo(terminal);
    });
}

/** TencentOS tiny: the guide's module as an object, as a shared object, and from three places in raw flash. */
async function tencentosDemo(terminal: Terminal): Promise<void> {
  const { bold, dim, green } = colours(terminal);
  const say = (text: string) => terminal.out(`${text}\n`);
  say(bold('TencentOS tiny elfLoader: ARM modules from a FAT32 SD card and from raw flash'));
  const card = await openImage(imagePath('sd.img.gz'));
  const listed = card.files().map((file) => `${file.path} ${file.size}`);
  say(`The card is ${card.kind.toUpperCase()}; its files and their bytes: ${listed.join(', ')}`);
  const places: readonly (readonly [string, string])[] = [
    ['1.o on the card', `${imagePath('sd.img.gz')}:/1.o`],
    ['1.so on the card', `${imagePath('sd.img.gz')}:/1.so`],
    ['flash at 0x80000000', `${imagePath('flash.bin')}@0`],
    ['flash at 0x80002000', `${imagePath('flash.bin')}@0x2000`],
    ['flash at 0x80004000', `${imagePath('flash.bin')}@0x4000`],
  ];
  for (const [title, location] of places) {
    say(`\n${bold(title)}`);
    const elf = await inspect(location);
    if (elf.kind !== 'elf') throw new TypeError(`${location} is no ELF file`);
    say(
      `  ${elf.header.machine} ${elf.header.type === 'REL' ? 'relocatable object' : 'shared object'}, imports ${elf.imports.join(' and ')}`,
    );
    const board = createBoard('tencentos-evb-mx-plus');
    const d_e_a = variable('int d_e_a', 9);
    const f_e_a = host('int f_e_a(int a)', (a: number) => {
      say(`  f_e_a: ${a}`);
      return a;
    });
    const module = await loadModule(location, { board, symbols: { d_e_a, f_e_a } });
    for (const section of module.loaded.sections.filter(({ name, size }) => size > 0 && SHOWN.has(name))) {
      say(dim(`  ${section.name.padEnd(10)} ${String(section.size).padStart(4)} bytes at ${hex32(section.address)}`));
    }
    const stubs = module.loaded.veneers.map(
      (veneer) => `, a veneer at ${hex32(veneer.address)} reaches ${hex32(veneer.target)}`,
    );
    say(dim(`  ${module.loaded.relocationCount} relocations applied${stubs.join('')}`));
    const result = module.tryCall('int f_g_a(void)');
    if (result.status !== 'returned') throw new Error(result.fault?.message ?? result.status);
    say(
      `  ${green('f_g_a returned')}; d_e_a went from 9 to ${String(d_e_a.value)} in ${result.instructions} instructions`,
    );
    module.unload();
  }
}

/** GP-IOT's runner: a flat blob from SPIFFS, with the lines of its serial log. */
async function esp32Demo(terminal: Terminal): Promise<void> {
  const { bold, dim, green } = colours(terminal);
  terminal.out(`\n${bold('GP-IOT Runner on ESP32: a flat blob from a SPIFFS partition')}\n`);
  const partition = await openImage(imagePath('spiffs.img.gz'));
  const { pageSize, blockSize, totalSize } = partition.geometry;
  terminal.out(
    `The partition is SPIFFS, page ${pageSize}, block ${blockSize}, size 0x${Number(totalSize).toString(16)}; its files: ` +
      `${partition
        .files()
        .map((file) => file.path)
        .join(', ')}\n\n`,
  );
  const { source } = await openLocation(`${imagePath('spiffs.img.gz')}:/task.bin`);
  const run = await runBlob(source, {
    onText: (text) => terminal.out(text.replace(/^(?=.)/gm, '  | ').replaceAll('\r\n', '\n')),
  });
  if (run.status !== 'returned') throw new Error(run.fault?.message ?? run.status);
  terminal.out(dim(`  ${run.instructions} instructions, engine ${run.engine}\n`));
  terminal.out(`  ${green('output')} ${run.output}\n`);
}

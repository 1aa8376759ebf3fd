import type { Command } from 'commander';
import { type InspectedElf, type Inspection, inspect } from 'loadstone';
import { colours, columns, hex32, type Terminal, toJson } from '../output.js';

/** `loadstone inspect`: what lies at a location. */
export function inspectCommand(program: Command, terminal: Terminal): void {
  program
    .command('inspect')
    .description('show an ELF file, a blob, or the files of an image')
    .argument('<location>', 'PATH, IMAGE:/path/inside or FLASH@OFFSET')
    .option('--json', 'print JSON')
    .action(async (location: string, options: { json?: boolean }) => {
      const result = await inspect(location);
      terminal.out(options.json ? `${toJson(result)}\n` : describe(result, terminal));
    });
}

function describe(result: Inspection, terminal: Terminal): string {
  if (result.kind === 'elf') return describeElf(result, terminal);
  if (result.kind === 'blob') {
    return `Flat blob, ${result.size} bytes\n  entry     0x${result.entry.toString(16)}\n  metadata  "${result.text}"\n`;
  }
  const geometry = Object.entries(result.geometry).map(([name, value]) => ['', name, String(value)]);
  const files = result.files.map((file) => ['', String(file.size).padStart(10), file.path]);
  return `${result.fileSystem.toUpperCase()} image, ${result.files.length} files\n${columns(geometry)}\nFiles\n${columns(files)}`;
}

function describeElf(elf: InspectedElf, terminal: Terminal): string {
  const { bold } = colours(terminal);
  const { header } = elf;
  const title = (text: string) => `\n${bold(text)}\n`;
  let text = `ELF${header.class} ${header.byteOrder}-endian ${header.machine} ${header.type}, entry ${hex32(header.entry)}, flags ${hex32(header.flags)}\n`;
  if (elf.sections.length > 1) {
    text += title('Sections');
    text += columns(
      elf.sections
        .filter((section) => section.index > 0)
        .map((section) => [
          '',
          String(section.index).padStart(2),
          section.name,
          section.type,
          section.flags.join(' '),
          hex32(section.address),
          `${section.size} bytes`,
          `align ${section.align}`,
        ]),
    );
  }
  if (elf.segments.length > 0) {
    text += title('Segments');
    text += columns(
      elf.segments.map((segment) => [
        '',
        segment.type,
        segment.flags.join(' '),
        hex32(segment.address),
        `${segment.fileSize} of ${segment.memorySize} bytes from 0x${segment.offset.toString(16)}`,
        `align ${segment.align}`,
      ]),
    );
  }
  const named = elf.symbols.filter((symbol) => symbol.name !== '' && !symbol.name.startsWith('$'));
  if (named.length > 0) {
    text += title('Symbols');
    text += columns(
      named.map((symbol) => [
        '',
        hex32(symbol.value),
        String(symbol.size),
        symbol.binding,
        symbol.type,
        symbol.section,
        symbol.name,
      ]),
    );
  }
  if (elf.relocations.length > 0) {
    text += title('Relocations');
    text += columns(
      elf.relocations.map((relocation) => [
        '',
        relocation.section,
        hex32(relocation.offset),
        relocation.type,
        relocation.symbol,
        relocation.addend === undefined ? '' : String(relocation.addend),
      ]),
    );
  }
  text += `${title('Imports')}  ${elf.imports.join(' ') || 'none'}\n${title('Exports')}  ${elf.exports.join(' ') || 'none'}\n`;
  return text;
}

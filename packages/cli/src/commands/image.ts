import type { Command } from 'commander';
import type { Terminal } from '../output.js';
import { addCommand } from './image/add.js';
import { catCommand } from './image/cat.js';
import { checkImageCommand } from './image/check.js';
import { createCommand } from './image/create.js';
import { extractCommand } from './image/extract.js';
import { listCommand } from './image/list.js';
import { removeCommand } from './image/remove.js';

/** `loadstone image`: makes, reads, changes and checks file-system images. */
export function imageCommand(program: Command, terminal: Terminal): void {
  const image = program.command('image').description('make, read, change and check SPIFFS and FAT images');
  createCommand(image, terminal);
  listCommand(image, terminal);
  catCommand(image, terminal);
  extractCommand(image, terminal);
  addCommand(image, terminal);
  removeCommand(image, terminal);
  checkImageCommand(image, terminal);
}

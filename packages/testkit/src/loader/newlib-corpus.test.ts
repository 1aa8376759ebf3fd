import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { archiveMembers } from './ar-archive.js';
import { LibraryIndex } from './library-closure.js';
import { LIBRARY_CHECKS, LibraryFunctions, libraryCheckProblem } from './library-functions.js';
import { libraryMembers, loadLibraryMember } from './newlib-corpus.js';

const path = fileURLToPath(new URL('../../fixtures/loader/library/libsample.a', import.meta.url));
const members = [...libraryMembers(path)];

describe('sample library', () => {
  test('the archive has its members, long names included', () => {
    expect(members.map(({ name }) => /\((.*)\)/.exec(name)?.[1])).toEqual([
      'a_member_with_a_long_name_memory.o',
      'a_member_with_a_long_name_sort.o',
      'a_member_with_a_long_name_string.o',
    ]);
  });

  test.each(members)('$name loads with its far calls through veneers', (member) => {
    const result = loadLibraryMember(member);
    expect(result.machine).toBe('arm');
    expect(result.veneers).toBe(member.name.includes('sort') ? 2 : 0);
  });

  const library = new LibraryIndex();
  for (const member of members) library.add(member);
  const runnable = LIBRARY_CHECKS.filter(({ roots }) => library.closure(roots).missing.length === 0);

  test('two checks need nothing but this library', () => {
    expect(runnable.map(({ roots }) => roots[0])).toEqual(['qsort', 'memmove']);
  });

  test.each(runnable)('$name', (check) => {
    expect(libraryCheckProblem(library, check)).toBeUndefined();
  });

  test('members loaded together bind to one another', () => {
    const functions = new LibraryFunctions(library, ['qsort']);
    const sort = functions.registry.modules.find(({ name }) => name.includes('sort'))?.name ?? '';
    const memory = functions.registry.modules.find(({ name }) => name.includes('memory'))?.name ?? '';
    expect(functions.registry.usersOf(memory)).toEqual([sort]);
  });
});

test('a damaged archive is an error', () => {
  const bytes = new Uint8Array(readFileSync(path));
  expect(() => [...archiveMembers(bytes.subarray(0, bytes.length - 10))]).toThrow('cut off');
  expect(() => [...archiveMembers(bytes.subarray(1))]).toThrow('not an archive');
  bytes[66] = 0x20;
  expect(() => [...archiveMembers(bytes)]).toThrow('damaged archive header');
});

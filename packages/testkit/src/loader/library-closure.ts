import { ElfFile, STB } from '@loadstone/elf-reader';
import { memorySource } from '@loadstone/fd-sources';
import type { ArchiveMember } from './ar-archive.js';

/** A member with what it defines and what it needs. */
interface IndexedMember {
  readonly member: ArchiveMember;
  readonly needs: readonly string[];
}

/** Which member of a set of archives defines a symbol, as a linker's archive search sees it. */
export class LibraryIndex {
  private readonly definers = new Map<string, IndexedMember>();

  /** Of several definitions the first counts. */
  add(member: ArchiveMember): void {
    const needs: string[] = [];
    const indexed: IndexedMember = { member, needs };
    for (const symbol of ElfFile.open(memorySource(member.bytes)).symbols('.symtab') ?? []) {
      if (symbol.name === '' || symbol.binding === STB.LOCAL) continue;
      if (symbol.isUndefined) {
        if (symbol.binding === STB.GLOBAL) needs.push(symbol.name);
      } else if (!this.definers.has(symbol.name)) {
        this.definers.set(symbol.name, indexed);
      }
    }
  }

  /** The members that `roots` need, each once, and the symbols nobody defines. */
  closure(roots: readonly string[]): { members: ArchiveMember[]; missing: string[] } {
    const members = new Set<ArchiveMember>();
    const missing = new Set<string>();
    const open = [...roots];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const found = this.definers.get(name);
      if (found === undefined) missing.add(name);
      else if (!members.has(found.member)) {
        members.add(found.member);
        open.push(...found.needs);
      }
    }
    return { members: [...members], missing: [...missing] };
  }
}

import type { FirmwareSymbols } from '../board/firmware-symbols.js';
import type { Executor } from '../call/executor.js';
import type { GuestThread } from '../call/thread.js';
import type { BoardConsole } from '../console.js';
import { HostError } from '../error.js';
import type { GuestHeap } from '../heap/guest-heap.js';
import type { GuestMemory } from '../memory/guest-memory.js';
import { capturePages, type Pages, restorePages } from './pages.js';
import { Snapshot } from './snapshot.js';
import type { StateKeeper } from './state-keeper.js';

/** The parts of a board that change. */
export interface BoardParts {
  readonly name: string;
  readonly memory: GuestMemory;
  readonly main: GuestThread;
  readonly executor: Executor;
  readonly guestHeap: GuestHeap;
  readonly console: BoardConsole;
  readonly firmware: FirmwareSymbols;
}

/** Takes snapshots of one board and puts them back. */
export class Snapshots {
  readonly #board: BoardParts;
  readonly #keepers = new Map<string, StateKeeper>();
  /** Pages of the latest snapshot. */
  #pages: Pages | undefined;

  constructor(board: BoardParts) {
    this.#board = board;
  }

  add(keeper: StateKeeper): void {
    this.#keepers.set(keeper.name, keeper);
  }

  /** @throws HostError STATE while the guest runs */
  take(): Snapshot {
    this.#requireIdle();
    const { name, memory, main, executor, guestHeap, console, firmware } = this.#board;
    this.#pages = capturePages(memory, this.#pages);
    return new Snapshot({
      board: name,
      main: executor.threadState(main),
      pages: this.#pages,
      heap: guestHeap.save(),
      console: { text: console.text, bytes: console.bytes },
      ...firmware.save(),
      kept: [...this.#keepers.values()].map((keeper) => [keeper.name, keeper.save()] as const),
    });
  }

  /** @throws HostError SNAPSHOT when it is another board's, STATE while the guest runs */
  restore(snapshot: Snapshot): void {
    this.#requireIdle();
    const { name, memory, main, executor, guestHeap, console, firmware } = this.#board;
    const { content } = snapshot;
    if (content.board !== name || content.main.registers.slots.length !== executor.slots) {
      throw new HostError('SNAPSHOT', `the snapshot is one of ${content.board}, not of this ${name}`, {
        board: content.board,
      });
    }
    restorePages(memory, content.pages);
    this.#pages = content.pages;
    executor.restoreThread(main, content.main);
    guestHeap.restore(content.heap);
    console.reset(content.console.text, content.console.bytes);
    firmware.restore(content);
    const kept = new Map(content.kept);
    for (const keeper of this.#keepers.values()) keeper.restore(kept.get(keeper.name));
  }

  #requireIdle(): void {
    const { current } = this.#board.executor;
    if (current) throw new HostError('STATE', `thread ${current.name} is running`, { thread: current.name });
  }
}

import type { FirmwareState } from '../board/firmware-symbols.js';
import type { ThreadState } from '../call/thread.js';
import { HostError } from '../error.js';
import type { GuestHeap } from '../heap/guest-heap.js';
import type { Pages } from './pages.js';
import type { KeptState } from './state-keeper.js';

/** Everything of a board that changes while it runs. */
export interface SnapshotContent extends FirmwareState {
  /** Name of the board description. */
  readonly board: string;
  readonly main: ThreadState;
  readonly pages: Pages;
  readonly heap: ReturnType<GuestHeap['save']>;
  readonly console: { readonly text: string; readonly bytes: number };
  /** What the board's state keepers saved, by name. */
  readonly kept: readonly (readonly [string, KeptState])[];
}

const MAGIC = 0x504e534c;
const VERSION = 2;

/** A board's state. Memory is kept in pages that snapshots of the same board share. */
export class Snapshot {
  readonly content: SnapshotContent;

  constructor(content: SnapshotContent) {
    this.content = content;
  }

  /** Bytes of guest memory this snapshot holds, shared pages included. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const page of this.content.pages.values()) bytes += page.length;
    return bytes;
  }

  /**
   * The snapshot as bytes, the same for the same state: 4 bytes magic, 4 version, 4 length of a JSON text, the text, then the
   * pages it lists. Little-endian.
   * @throws HostError STATE while a stopped call waits to be resumed, or a state keeper's state is bound to this process
   */
  toBytes(): Uint8Array {
    const { pages, main, kept, ...rest } = this.content;
    if (main.frames.length > 0)
      throw new HostError('STATE', 'a snapshot with a stopped call in it cannot leave this process');
    for (const [name, { local }] of kept) {
      if (local !== undefined)
        throw new HostError('STATE', `this snapshot cannot leave this process: ${local}`, { name });
    }
    const { registers } = main;
    const list = [...pages].sort(([a], [b]) => a - b);
    const text = JSON.stringify({
      ...rest,
      main: { ...main, frames: [], registers: { pc: registers.pc, slots: [...registers.slots] } },
      kept: kept.map(([name, { data }]) => [name, { data }]),
      pages: list.map(([address, bytes]) => [address, bytes.length]),
    });
    const header = new TextEncoder().encode(text);
    const result = new Uint8Array(12 + header.length + this.memoryBytes);
    const view = new DataView(result.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, VERSION, true);
    view.setUint32(8, header.length, true);
    result.set(header, 12);
    let at = 12 + header.length;
    for (const [, bytes] of list) {
      result.set(bytes, at);
      at += bytes.length;
    }
    return result;
  }

  /** @throws HostError SNAPSHOT for bytes that `toBytes` did not make */
  static fromBytes(bytes: Uint8Array): Snapshot {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 12 || view.getUint32(0, true) !== MAGIC)
      throw new HostError('SNAPSHOT', 'these bytes are no snapshot');
    if (view.getUint32(4, true) !== VERSION) {
      throw new HostError('SNAPSHOT', `snapshot version ${view.getUint32(4, true)} is unknown`, {
        version: view.getUint32(4, true),
      });
    }
    const end = 12 + view.getUint32(8, true);
    if (end > bytes.length) throw new HostError('SNAPSHOT', 'the snapshot is cut short');
    const header = parseHeader(new TextDecoder().decode(bytes.subarray(12, end)));
    const pages = new Map<number, Uint8Array>();
    let at = end;
    for (const [address, length] of header.pages) {
      if (!Number.isInteger(length) || length <= 0 || at + length > bytes.length)
        throw new HostError('SNAPSHOT', 'the snapshot is cut short');
      pages.set(address, bytes.slice(at, at + length));
      at += length;
    }
    if (at !== bytes.length) throw new HostError('SNAPSHOT', 'there are bytes behind the snapshot');
    return new Snapshot({
      ...header,
      main: {
        ...header.main,
        registers: { pc: header.main.registers.pc, slots: Uint32Array.from(header.main.registers.slots) },
      },
      pages,
    });
  }
}

interface Header extends Omit<SnapshotContent, 'main' | 'pages'> {
  readonly main: Omit<ThreadState, 'registers'> & {
    readonly registers: { readonly pc: number; readonly slots: readonly number[] };
  };
  readonly pages: readonly (readonly [number, number])[];
}

function parseHeader(text: string): Header {
  let header: Partial<Header>;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new HostError('SNAPSHOT', 'the snapshot has no readable header', {}, { cause });
  }
  const { board, main, pages, heap, console, strings, constants, kept } = header;
  const complete =
    heap && console && constants && [main?.registers?.slots, main?.frames, pages, strings, kept].every(Array.isArray);
  if (!complete || typeof board !== 'string') throw new HostError('SNAPSHOT', 'the snapshot has no complete header');
  return header as Header;
}

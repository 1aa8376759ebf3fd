import type { CallFrame, SavedState } from '../call/thread.js';
import { HostError } from '../error.js';
import type { GuestHeap } from '../heap/guest-heap.js';
import type { Pages } from './pages.js';

/** Everything of a board that changes while it runs. */
export interface SnapshotContent {
  /** Name of the board description. */
  readonly board: string;
  /** The main thread's registers. */
  readonly state: SavedState;
  /** The registers are left-overs. */
  readonly dirty: boolean;
  readonly pages: Pages;
  readonly heap: ReturnType<GuestHeap['save']>;
  readonly console: { readonly text: string; readonly bytes: number };
  /** String constants placed so far, and the bytes they take. */
  readonly strings: readonly (readonly [string, number])[];
  readonly constants: { readonly used: number; readonly temporary: number };
  /** The main thread's unfinished calls, which only this process knows. */
  readonly frames: readonly CallFrame[];
  readonly consumed: number;
}

const MAGIC = 0x504e534c;
const VERSION = 1;

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
   * @throws HostError STATE while a stopped call waits to be resumed
   */
  toBytes(): Uint8Array {
    const { pages, state, frames, ...rest } = this.content;
    if (frames.length > 0)
      throw new HostError('STATE', 'a snapshot with a stopped call in it cannot leave this process');
    const list = [...pages].sort(([a], [b]) => a - b);
    const text = JSON.stringify({
      ...rest,
      frames: [],
      state: { pc: state.pc, slots: [...state.slots] },
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
      state: { pc: header.state.pc, slots: Uint32Array.from(header.state.slots) },
      pages,
    });
  }
}

interface Header extends Omit<SnapshotContent, 'state' | 'pages'> {
  readonly state: { readonly pc: number; readonly slots: readonly number[] };
  readonly pages: readonly (readonly [number, number])[];
}

function parseHeader(text: string): Header {
  let header: Partial<Header>;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new HostError('SNAPSHOT', 'the snapshot has no readable header', {}, { cause });
  }
  const { state, pages, heap, console, strings, frames } = header;
  const complete = state && Array.isArray(state.slots) && pages && heap && console && strings && frames;
  if (!complete || typeof header.board !== 'string')
    throw new HostError('SNAPSHOT', 'the snapshot has no complete header');
  return header as Header;
}

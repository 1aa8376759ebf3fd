import type { WindowLayout } from '../architecture.js';
import { canRotate, PLACES, pushRoom } from './emit-windows.js';
import { FunctionBody, ModuleBuilder, W } from './encoder.js';
import { NO_CALLER, type StateLayout } from './layout.js';

/** What the host does in the rare cases; the module exports functions of the same names and types for all cases. */
export interface WindowFunctions {
  /** ENTRY has no room: 1 when it has now, 0 when everything is left. */
  readonly room: () => number;
  /** RETW to a caller that is not live: the pc, or EXIT when everything is left. The pc of RETW is in the state. */
  readonly leave: () => number;
}

/** Made once for each shape of architectures. */
const modules = new Map<string, WebAssembly.Module>();

/** The functions for the CPU with `memory`. Where there is no register file that compiled code can rotate, they are the host's own. */
export function windowFunctions(
  memory: WebAssembly.Memory,
  layout: StateLayout,
  windows: WindowLayout | undefined,
  host: WindowFunctions,
): WindowFunctions {
  if (windows === undefined || !canRotate(windows)) return host;
  const key = JSON.stringify([layout, windows]);
  let module = modules.get(key);
  if (module === undefined) modules.set(key, (module = new WebAssembly.Module(windowModule(layout, windows))));
  const { room, leave } = new WebAssembly.Instance(module, { e: { m: memory, ...host } }).exports;
  return { room: room as WindowFunctions['room'], leave: leave as WindowFunctions['leave'] };
}

/** Register of a frame that holds its stack pointer. */
const STACK_POINTER = 1;

/**
 * The module whose functions spill and reload frames in memory that `StateLayout.windowSpace` allows, as `WindowLayout` says, and leave
 * all else to the host. They change nothing before they have checked everything.
 */
function windowModule(layout: StateLayout, windows: WindowLayout): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const type = { parameters: [], results: [W.TypeI32 as const] };
  const hostRoom = builder.import('room', type);
  const hostLeave = builder.import('leave', type);
  builder.add('room', type, new WindowFunction(layout, windows).room(hostRoom));
  builder.add('leave', type, new WindowFunction(layout, windows).leave(hostLeave));
  return builder.finish();
}

/** Quads are named by their place in the physical file, in bytes: 0, 16 ... 240. */
class WindowFunction {
  private readonly body = new FunctionBody(0);
  /** Blocks that are open inside of the one behind which the host is called. */
  private depth = 0;

  /** The current window, the oldest frame, and how many quads are needed or a frame has. */
  private readonly base = this.local();
  private readonly oldest = this.local();
  private readonly size = this.local();
  /** Guest addresses of the two save areas of a frame. */
  private readonly first = this.local();
  private readonly others = this.local();

  constructor(
    private readonly layout: StateLayout,
    private readonly windows: WindowLayout,
  ) {}

  /** Spills the oldest frames until ENTRY's window fits in. */
  room(host: number): FunctionBody {
    const { body, layout, windows, base, oldest, size } = this;
    const increment = this.local();
    const above = this.local();
    const below = this.local();
    body.open(W.Block);
    this.load(windows.increment * 4);
    body.tee(increment);
    body.i32(1);
    body.op(W.I32Sub);
    body.i32(NO_CALLER - 1);
    body.op(W.I32GeU);
    this.toHost();
    this.start();
    this.inside(W.Loop, () => {
      pushRoom(body, layout, base);
      this.bytes(increment);
      body.op(W.I32GeU);
      this.inside(W.If, () => {
        body.i32(1);
        body.op(W.Return);
      });
      // Down from the current frame to the one above the oldest, which tells the oldest one's size.
      body.get(base);
      body.set(above);
      this.inside(W.Loop, () => {
        body.get(above);
        body.memory(W.I32Load, layout.windowFrames, 2);
        body.tee(size);
        body.i32(NO_CALLER);
        body.op(W.I32Eq);
        this.toHost();
        this.move(above, W.I32Sub, size);
        body.tee(below);
        body.get(oldest);
        body.op(W.I32Ne);
        this.inside(W.If, () => {
          body.get(below);
          body.set(above);
          body.br(W.Br, 1);
        });
      });
      this.findAreas(above, () => this.register(oldest, STACK_POINTER));
      this.eachQuad((quad, area, offset) => {
        for (const half of [0, 8]) {
          this.host(area);
          this.quad(oldest, quad);
          body.memory(W.I64Load, windows.physical * 4 + half, 2);
          body.memory(W.I64Store, offset + half, 2);
        }
      });
      this.setFrame(above);
      this.move(oldest, W.I32Add, size);
      body.set(oldest);
      this.setLast();
      body.br(W.Br, 0);
    });
    body.op(W.Unreachable);
    body.op(W.End);
    body.call(host);
    return body;
  }

  /** Reloads the caller of the oldest frame and returns to it. */
  leave(host: number): FunctionBody {
    const { body, layout, windows, base, oldest, size, first } = this;
    const link = this.local();
    const caller = this.local();
    body.open(W.Block);
    this.start();
    body.get(base);
    body.get(oldest);
    body.op(W.I32Ne);
    this.toHost();
    this.register(base, 0);
    body.tee(link);
    body.i32(30);
    body.op(W.I32ShrU);
    body.tee(size);
    body.op(W.I32Eqz);
    this.toHost();
    // In the quarter of the address space that EXIT lies in, the host looks at the target.
    this.load(layout.pc);
    body.i32(0xc000_0000 | 0);
    body.op(W.I32GeU);
    this.toHost();
    this.findAreas(base, () => {
      this.host(first);
      body.memory(W.I32Load, STACK_POINTER * 4, 2);
    });
    this.move(base, W.I32Sub, size);
    body.set(caller);
    this.eachQuad((quad, area, offset) => {
      for (const half of [0, 8]) {
        this.quad(caller, quad);
        this.host(area);
        body.memory(W.I64Load, offset + half, 2);
        body.memory(W.I64Store, windows.physical * 4 + half, 2);
      }
    });
    this.setFrame(caller);
    body.get(caller);
    body.set(oldest);
    this.setLast();
    this.store(layout.windowBase, () => body.get(caller));
    this.store(layout.fuel, () => {
      this.load(layout.fuel);
      body.i32(1);
      body.op(W.I32Sub);
    });
    this.load(layout.pc);
    body.i32(0xc000_0000 | 0);
    body.op(W.I32And);
    body.get(link);
    body.i32(0x3fff_ffff);
    body.op(W.I32And);
    body.op(W.I32Or);
    body.op(W.Return);
    body.op(W.End);
    body.call(host);
    return body;
  }

  /** Takes up the current window and the oldest frame, four quads above `windowLast`. */
  private start(): void {
    const { body, layout } = this;
    this.load(layout.windowBase);
    body.set(this.base);
    this.load(layout.windowLast);
    body.i32(64);
    body.op(W.I32Add);
    body.i32(PLACES);
    body.op(W.I32And);
    body.set(this.oldest);
  }

  private setLast(): void {
    this.store(this.layout.windowLast, () => {
      this.body.get(this.oldest);
      this.body.i32(64);
      this.body.op(W.I32Sub);
      this.body.i32(PLACES);
      this.body.op(W.I32And);
    });
  }

  /** No caller below the frame at `quad` is live. */
  private setFrame(quad: number): void {
    this.body.get(quad);
    this.body.i32(NO_CALLER);
    this.body.memory(W.I32Store, this.layout.windowFrames, 2);
  }

  /**
   * Finds the save areas of a frame of `size` quads; to the host when they are not in the space.
   * @param callee quad of the frame that it called
   * @param stackPointer pushes its stack pointer
   */
  private findAreas(callee: number, stackPointer: () => void): void {
    const { body, size, first, others } = this;
    this.register(callee, STACK_POINTER);
    body.i32(16);
    body.op(W.I32Sub);
    this.checked(first);
    body.get(size);
    body.i32(1);
    body.op(W.I32GtU);
    this.inside(W.If, () => {
      stackPointer();
      body.i32(12);
      body.op(W.I32Sub);
      this.checked(others);
      this.host(others);
      body.memory(W.I32Load, 0, 2);
      this.bytes(size);
      body.op(W.I32Sub);
      this.checked(others);
    });
  }

  /** Sets the local to the guest address on the stack; to the host when it is not one of aligned words in the space. */
  private checked(local: number): void {
    const { body, layout } = this;
    body.tee(local);
    body.i32(3);
    body.op(W.I32And);
    this.toHost();
    body.get(local);
    this.load(layout.windowSpace);
    body.op(W.I32Sub);
    this.load(layout.windowSpace + 4);
    body.op(W.I32GeU);
    this.toHost();
  }

  /** For each quad of the frame: its number, the local with the address of its area, and where in the area it is. */
  private eachQuad(copy: (quad: number, area: number, offset: number) => void): void {
    copy(0, this.first, 0);
    for (const quad of [1, 2]) {
      this.body.get(this.size);
      this.body.i32(quad);
      this.body.op(W.I32GtU);
      this.inside(W.If, () => copy(quad, this.others, (quad - 1) * 16));
    }
  }

  /** Pushes the host offset of the guest address in a local. */
  private host(local: number): void {
    this.body.get(local);
    this.load(this.layout.windowSpace + 8);
    this.body.op(W.I32Add);
  }

  /** Pushes a register of the frame at `quad`. */
  private register(quad: number, register: number): void {
    this.body.get(quad);
    this.body.memory(W.I32Load, (this.windows.physical + register) * 4, 2);
  }

  /** Pushes the place of quad number `number` of the frame at `quad`. */
  private quad(quad: number, number: number): void {
    const { body } = this;
    body.get(quad);
    if (number === 0) return;
    body.i32(16 * number);
    body.op(W.I32Add);
    body.i32(PLACES);
    body.op(W.I32And);
  }

  /** Pushes a place moved by a number of quads. */
  private move(quad: number, opcode: W.I32Add | W.I32Sub, size: number): void {
    this.body.get(quad);
    this.bytes(size);
    this.body.op(opcode);
    this.body.i32(PLACES);
    this.body.op(W.I32And);
  }

  private bytes(quads: number): void {
    this.body.get(quads);
    this.body.i32(4);
    this.body.op(W.I32Shl);
  }

  private load(offset: number): void {
    this.body.loadWord(offset);
  }

  private store(offset: number, push: () => void): void {
    this.body.i32(0);
    push();
    this.body.memory(W.I32Store, offset, 2);
  }

  private local(): number {
    return this.body.local(W.TypeI32);
  }

  private inside(opcode: W.Loop | W.If, write: () => void): void {
    this.body.open(opcode);
    this.depth++;
    write();
    this.depth--;
    this.body.op(W.End);
  }

  /** On the condition on the stack, leaves it to the host. */
  private toHost(): void {
    this.body.br(W.BrIf, this.depth);
  }
}

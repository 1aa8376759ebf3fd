import type { FunctionBody, W } from './encoder.js';

/** Locals for values inside a node. */
export class LocalPool {
  private readonly locals: number[] = [];
  private used = 0;

  constructor(
    private readonly body: FunctionBody,
    private readonly type: W.TypeI32 | W.TypeF32,
  ) {}

  take(): number {
    if (this.used === this.locals.length) this.locals.push(this.body.local(this.type));
    return this.locals[this.used++];
  }

  /** All locals are free again: a node ends. */
  reset(): void {
    this.used = 0;
  }

  get mark(): number {
    return this.used;
  }

  release(mark: number): void {
    this.used = mark;
  }
}

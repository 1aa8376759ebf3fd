import { LimitReached } from './call/limit.js';

/** What the guest and host functions printed. */
export class BoardConsole {
  /** Called with each piece as it is printed. */
  onText: ((text: string) => void) | undefined;
  readonly #limit: number;
  #parts: string[] = [];
  #bytes = 0;

  /** @param limit most bytes (UTF-8) until the guest is stopped */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Everything printed since creation or `clear`. */
  get text(): string {
    if (this.#parts.length > 1) this.#parts = [this.#parts.join('')];
    return this.#parts[0] ?? '';
  }

  /** Bytes printed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws LimitReached before anything is printed, when the limit would be passed */
  print(text: string): void {
    const bytes = new TextEncoder().encode(text).length;
    if (this.#bytes + bytes > this.#limit) {
      throw new LimitReached('console', `the console limit of ${this.#limit} bytes is reached`);
    }
    this.#bytes += bytes;
    this.#parts.push(text);
    this.onText?.(text);
  }

  clear(): void {
    this.#parts = [];
    this.#bytes = 0;
  }

  /** Puts the console into an earlier state (snapshots). */
  reset(text: string, bytes: number): void {
    this.#parts = [text];
    this.#bytes = bytes;
  }
}

import { type Formatter, Print } from './print.js';

/** Arduino's `Serial`: prints on the board's console. Nothing ever arrives on it. */
export class HardwareSerial extends Print {
  readonly #print: (text: string) => void;
  readonly #decoder = new TextDecoder();

  constructor(format: Formatter, print: (text: string) => void) {
    super(format);
    this.#print = print;
  }

  /** Opens the port; the rate does not matter here. */
  begin(_baud: number): void {}

  end(): void {}

  flush(): void {}

  available(): number {
    return 0;
  }

  /** -1: there is nothing to read. */
  read(): number {
    return -1;
  }

  /** A character whose bytes come one by one appears with its last byte. */
  protected writeBytes(bytes: Uint8Array): number {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (text !== '') this.#print(text);
    return bytes.length;
  }
}

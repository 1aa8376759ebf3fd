import type { Board } from '../board/board.js';
import type { HostCall } from '../host/host-call.js';
import { type BoardSymbol, type HostImplementation, host, variable } from '../host/symbol.js';
import { byteString, bytesOf, formatPrintf } from './printf.js';

/** Arduino's `Print::printNumber`: any base from 2; bases below 2 print as 10. */
function digits(value: number, base: number): string {
  return value.toString(base < 2 || base > 36 ? 10 : base).toUpperCase();
}

/**
 * Arduino's `Serial` for modules: `Print::print`, `println`, `printf` and `write` under their mangled C++ names, the object `Serial`
 * itself, and delay, millis, micros on a clock that only delays move. Lines end in CR LF, as on the device.
 */
export function arduinoImports(board: Board): BoardSymbol[] {
  let microseconds = 0;
  const decoder = new TextDecoder();
  const print = (text: string): number => {
    board.print(decoder.decode(bytesOf(text)));
    return text.length;
  };
  const raw = (prototype: string, implementation: HostImplementation) =>
    host(prototype, implementation, { rawPointers: true });
  /** One overload of print and println: mangled argument types, C parameter, text. */
  const pair = (
    mangled: string,
    parameters: string,
    text: (values: number[], call: HostCall) => string,
  ): BoardSymbol[] =>
    (['print', 'println'] as const).map((name) =>
      raw(`size_t _ZN5Print${name.length}${name}E${mangled}(void *self, ${parameters})`, (...values: unknown[]) => {
        const call = values[values.length - 1] as HostCall;
        return print(text(values.slice(1, -1).map(Number), call) + (name === 'println' ? '\r\n' : ''));
      }),
    );
  const fixed = (value: number, places: number): string => value.toFixed(Math.min(Math.max(places, 0), 20));
  return [
    variable('uint32_t Serial[8]'),
    raw('size_t _ZN5Print7printlnEv(void *self)', () => print('\r\n')),
    ...pair('PKc', 'const char *s', ([s], call) => byteString(call.access.cStringBytes(s))),
    ...pair('c', 'char c', ([c]) => String.fromCharCode(c)),
    ...pair('ii', 'int n, int base', ([n, base]) => (base === 10 ? String(n) : digits(n >>> 0, base))),
    ...pair('ji', 'unsigned n, int base', ([n, base]) => digits(n, base)),
    ...pair('li', 'long n, int base', ([n, base]) => (base === 10 ? String(n) : digits(n >>> 0, base))),
    ...pair('mi', 'unsigned long n, int base', ([n, base]) => digits(n, base)),
    ...pair('hi', 'unsigned char n, int base', ([n, base]) => digits(n, base)),
    ...pair('di', 'double n, int places', ([n, places]) => fixed(n, places)),
    raw(
      'size_t _ZN5Print6printfEPKcz(void *self, const char *format, ...)',
      (_self: number, format: number, call: HostCall) =>
        print(formatPrintf(byteString(call.access.cStringBytes(format)), call.varargs, call.access)),
    ),
    raw('size_t _ZN14HardwareSerial5writeEh(void *self, uint8_t byte)', (_self: number, byte: number) =>
      print(String.fromCharCode(byte)),
    ),
    raw(
      'size_t _ZN14HardwareSerial5writeEPKhj(void *self, const uint8_t *bytes, size_t size)',
      (_self: number, from: number, size: number, call: HostCall) => print(byteString(call.access.bytes(from, size))),
    ),
    host('void delay(uint32_t ms)', (ms: number) => {
      microseconds += ms * 1000;
    }),
    host('void delayMicroseconds(uint32_t us)', (us: number) => {
      microseconds += us;
    }),
    host('unsigned long millis(void)', () => Math.floor(microseconds / 1000) >>> 0),
    host('unsigned long micros(void)', () => microseconds % 2 ** 32),
  ];
}

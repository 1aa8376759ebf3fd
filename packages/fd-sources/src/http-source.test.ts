import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { byteSourceConformance } from './conformance.js';
import { SourceError } from './error.js';
import { httpRangeSource } from './http-source.js';
import { withFetching } from './range-cache.js';
import { windowSource } from './window-source.js';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

interface Served {
  readonly url: string;
  readonly ranges: string[];
}

/** A server whose every answer `answer` gives; the ranges asked for are kept. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Served> {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? '');
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.bin`, ranges };
}

/** RFC 9110 section 14: one range, answered with 206, or 416 when it starts past the end. */
function serveRanges(bytes: () => Uint8Array, etag: () => string = () => '"1"'): Promise<Served> {
  return serve((request, response) => {
    const content = bytes();
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const start = Number(match?.[1]);
    const end = Math.min(Number(match?.[2]), content.length - 1);
    if (start >= content.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${content.length}`, ETag: etag() }).end();
      return;
    }
    response.writeHead(206, { 'Content-Range': `bytes ${start}-${end}/${content.length}`, ETag: etag() });
    response.end(content.subarray(start, end + 1));
  });
}

const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const code = (wanted: string) => expect.objectContaining({ name: 'SourceError', code: wanted });

describe('conformance', () => {
  const make = async (bytes: Uint8Array) => {
    const { url } = await serveRanges(() => bytes);
    const source = await httpRangeSource(url, { chunkBytes: 999, cacheBytes: 50_000 });
    await source.prefetch(0, bytes.length);
    return source;
  };
  test.each(byteSourceConformance(make))('$name', ({ run }) => run());
});

describe('cache', () => {
  test('a read of bytes not fetched is NOT_CACHED with the range, and prefetch brings them', async () => {
    const bytes = numbered(10_000);
    const { url, ranges } = await serveRanges(() => bytes);
    const source = await httpRangeSource(url, { chunkBytes: 1000 });
    const into = new Uint8Array(1500);
    expect(source.read(0, into.subarray(0, 1000))).toBe(1000);
    expect(() => source.read(4500, into)).toThrow(code('NOT_CACHED'));
    expect(() => source.read(4500, into)).toThrow(
      expect.objectContaining({ data: { offset: 4500, length: 1500, size: 10_000 } }),
    );
    await source.prefetch(4500, 1500);
    expect(source.read(4500, into)).toBe(1500);
    expect(into).toEqual(bytes.subarray(4500, 6000));
    expect(ranges).toEqual(['bytes=0-999', 'bytes=4000-5999']);
    source.close();
  });

  test('stays inside its bound and drops what was read longest ago', async () => {
    const { url } = await serveRanges(() => numbered(10_000));
    const source = await httpRangeSource(url, { chunkBytes: 1000, cacheBytes: 3500 });
    const one = new Uint8Array(1);
    await source.prefetch(1000, 2000);
    source.read(0, one);
    await source.prefetch(5000, 1);
    expect(source.cachedBytes).toBe(3000);
    expect(source.read(0, one)).toBe(1);
    expect(() => source.read(1000, one)).toThrow(code('NOT_CACHED'));
    await expect(source.prefetch(0, 4000)).rejects.toThrow(code('BAD_ARGUMENT'));
  });

  test('does not ask twice for what is on its way', async () => {
    const { url, ranges } = await serveRanges(() => numbered(10_000));
    const source = await httpRangeSource(url, { chunkBytes: 1000 });
    await Promise.all([source.prefetch(2000, 10), source.prefetch(2500, 10), source.prefetch(1000, 3000)]);
    expect(ranges.sort()).toEqual(['bytes=0-999', 'bytes=1000-1999', 'bytes=2000-2999', 'bytes=3000-3999']);
    expect(source.fetchedBytes).toBe(4000);
  });
});

describe('withFetching', () => {
  test('runs the work again until what it reads is there, also through a window', async () => {
    const bytes = numbered(10_000);
    const { url } = await serveRanges(() => bytes);
    const source = await httpRangeSource(url, { chunkBytes: 100, cacheBytes: 1000 });
    const window = windowSource(source, 5000);
    let starts = 0;
    const sum = await withFetching(source, () => {
      starts++;
      const into = new Uint8Array(50);
      let total = 0;
      for (const offset of [0, 1000, 2000]) {
        window.read(offset, into);
        for (const byte of into) total += byte;
      }
      return total;
    });
    const expected = [5000, 6000, 7000].flatMap((at) => [...bytes.subarray(at, at + 50)]).reduce((a, b) => a + b, 0);
    expect(sum).toBe(expected);
    expect(starts).toBe(4);
  });

  test('work that needs more than the cache holds ends with an error', async () => {
    const { url } = await serveRanges(() => numbered(10_000));
    const source = await httpRangeSource(url, { chunkBytes: 100, cacheBytes: 200 });
    const one = new Uint8Array(1);
    const work = () => {
      for (let offset = 0; offset < 1000; offset += 100) source.read(offset, one);
    };
    await expect(withFetching(source, work)).rejects.toThrow(code('NOT_CACHED'));
  });

  test('other errors of the work come through', async () => {
    const { url } = await serveRanges(() => numbered(100));
    const source = await httpRangeSource(url);
    const work = () => {
      throw new RangeError('mine');
    };
    await expect(withFetching(source, work)).rejects.toThrow(RangeError);
  });
});

describe('servers that will not do', () => {
  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, RegExp]>([
    ['ignore Range', (_, response) => response.end(numbered(100_000)), /ignores Range/],
    ['have no such file', (_, response) => response.writeHead(404).end('no'), /404/],
    ['fail', (_, response) => response.writeHead(500).end('no'), /500/],
    [
      'hide the total length',
      (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 0-65535/*' }).end(numbered(65_536)),
      /total length/,
    ],
    [
      'give no Content-Range',
      (_, response) => response.writeHead(206).end(numbered(65_536)),
      /no readable Content-Range/,
    ],
    [
      'answer with another range',
      (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 1-65536/99999' }).end(numbered(65_536)),
      /the answer has 1-65536/,
    ],
    [
      'answer with fewer bytes than they say',
      (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 0-65535/99999' }).end(numbered(100)),
      /100 bytes instead of 65536/,
    ],
  ])('%s', async (_, answer, message) => {
    const { url } = await serve(answer);
    const opening = httpRangeSource(url);
    await expect(opening).rejects.toThrow(code('HTTP'));
    await expect(opening).rejects.toThrow(message);
  });

  test('nobody listens: IO', async () => {
    const { url } = await serve((_, response) => response.end());
    servers.at(-1)?.close();
    await expect(httpRangeSource(url)).rejects.toThrow(code('IO'));
  });

  test('the connection breaks off: IO', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(206, { 'Content-Range': 'bytes 0-65535/99999', 'Content-Length': '65536' });
      response.write(numbered(10), () => response.destroy());
    });
    await expect(httpRangeSource(url)).rejects.toThrow(code('IO'));
  });

  test('the file changes while it is read: HTTP', async () => {
    let version = 1;
    const { url } = await serveRanges(
      () => numbered(10_000),
      () => `"${version}"`,
    );
    const source = await httpRangeSource(url, { chunkBytes: 1000 });
    version = 2;
    await expect(source.prefetch(5000, 10)).rejects.toThrow(/changed while/);
  });

  test('closing while bytes are on their way: CLOSED', async () => {
    const { url } = await serveRanges(() => numbered(10_000));
    const source = await httpRangeSource(url, { chunkBytes: 1000 });
    const waiting = source.prefetch(5000, 10);
    source.close();
    await expect(waiting).rejects.toThrow(code('CLOSED'));
  });

  test('an error is a SourceError with url and status', async () => {
    const { url } = await serve((_, response) => response.writeHead(403).end());
    const error: unknown = await httpRangeSource(url).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ data: { url, status: 403 } });
  });
});

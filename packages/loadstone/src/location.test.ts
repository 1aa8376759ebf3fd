import { describe, expect, it } from 'vitest';
import { parseLocation } from './location.js';

describe('parseLocation', () => {
  it.each([
    ['1.o', { kind: 'file', path: '1.o' }],
    ['/sd/a b.o', { kind: 'file', path: '/sd/a b.o' }],
    ['sd.img:/1.o', { kind: 'image', path: 'sd.img', inside: '/1.o' }],
    ['dir/sd.img.gz:/sub/1.o', { kind: 'image', path: 'dir/sd.img.gz', inside: '/sub/1.o' }],
    ['C:/modules/1.o', { kind: 'file', path: 'C:/modules/1.o' }],
    ['C:/cards/sd.img:/1.o', { kind: 'image', path: 'C:/cards/sd.img', inside: '/1.o' }],
    ['https://host/sd.img:/1.o', { kind: 'image', path: 'https://host/sd.img', inside: '/1.o' }],
    ['https://host:8080/1.o', { kind: 'file', path: 'https://host:8080/1.o' }],
    ['flash.bin@0x2000', { kind: 'flash', path: 'flash.bin', offset: 0x2000 }],
    ['flash.bin@64', { kind: 'flash', path: 'flash.bin', offset: 64 }],
    ['user@host.o', { kind: 'file', path: 'user@host.o' }],
  ])('%s', (text, expected) => {
    expect(parseLocation(text)).toEqual(expected);
  });

  it('refuses an empty path and an offset beyond 2^53', () => {
    expect(() => parseLocation('')).toThrowError(expect.objectContaining({ code: 'BAD_LOCATION' }));
    expect(() => parseLocation('f@0xffffffffffffffffff')).toThrowError(
      expect.objectContaining({ code: 'BAD_LOCATION' }),
    );
  });
});

import { OpenFlags } from '@loadstone/spiffs';

const FLAGS: Readonly<Record<string, number>> = {
  r: OpenFlags.RDONLY,
  'r+': OpenFlags.RDWR,
  w: OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC,
  'w+': OpenFlags.RDWR | OpenFlags.CREAT | OpenFlags.TRUNC,
  a: OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.APPEND,
  'a+': OpenFlags.RDWR | OpenFlags.CREAT | OpenFlags.APPEND,
};

/** SPIFFS flags of a mode of C's fopen (C11 7.21.5.3; `b` changes nothing); undefined for text that is no mode. */
export function openFlags(mode: string): number | undefined {
  return FLAGS[mode.replace('b', '')];
}

import type { Architecture } from '@loadstone/cpu-core';
import { Aapcs } from './aapcs.js';
import type { AbiName, CallingConvention } from './convention.js';
import { XtensaCall0, XtensaWindowed } from './xtensa.js';

/** The calling convention `name` on a CPU. @throws HostError BOARD when the CPU lacks its registers */
export function callingConvention(name: AbiName, architecture: Architecture): CallingConvention {
  switch (name) {
    case 'aapcs':
      return new Aapcs(architecture, false);
    case 'aapcs-vfp':
      return new Aapcs(architecture, true);
    case 'xtensa-windowed':
      return new XtensaWindowed(architecture);
    case 'xtensa-call0':
      return new XtensaCall0(architecture);
  }
}

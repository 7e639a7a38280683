import { header } from '../../compiler/layout.ts';
import type { Host, HostFunctions } from '../host.ts';

/**
 * What old programs ask the machine they run on. There is none here, so memory reads as zero and no key is ever down;
 * answers that make sense without one are given.
 */
export function machineFunctions(host: Host): HostFunctions {
  const { heap } = host;
  return {
    'fn:TIMER': () => {
      const ms = host.nowMs + host.utcOffsetMinutes * 60_000;
      return (((ms % 86_400_000) + 86_400_000) % 86_400_000) / 1000;
    },
    'fn:INKEY': () => heap.emptyText,
    'fn:PEEK': () => 0,
    'fn:INP': () => 0,
    'fn:USR': () => 0,
    'fn:VARPTR': () => 0,
    'fn:FRE': () => Math.max(0, heap.limit - heap.word(header.hp)),
    'fn:POS': () => host.printer.column + 1,
    'fn:LPOS': () => 1,
    'fn:CSRLIN': () => 1,
    'fn:ENVIRON': () => heap.emptyText,
  };
}

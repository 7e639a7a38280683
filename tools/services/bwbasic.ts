import { interpreter } from './interpreter.ts';

/** A BASIC in the manner of the 1980s: a second opinion on what a classic program prints. */
export const bwbasic = interpreter({
  name: 'bwbasic',
  variable: 'BWBASIC',
  packages: ['bwbasic'],
  programs: ['bwbasic'],
  file: 'ready.bas',
  prints42: '10 PRINT 6 * 7\n20 SYSTEM\n',
});

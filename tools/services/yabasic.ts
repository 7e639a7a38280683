import { interpreter } from './interpreter.ts';

/** A BASIC of today, interpreted: what our programs are compared with for speed. */
export const yabasic = interpreter({
  name: 'yabasic',
  variable: 'YABASIC',
  packages: ['yabasic'],
  programs: ['yabasic'],
  file: 'ready.yab',
  prints42: 'print 6 * 7\n',
});

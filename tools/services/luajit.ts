import { interpreter } from './interpreter.ts';

/** Lua with a compiler that works while the program runs. */
export const luajit = interpreter({
  name: 'luajit',
  variable: 'LUAJIT',
  packages: ['luajit'],
  programs: ['luajit'],
  file: 'ready.lua',
  prints42: 'print(6 * 7)\n',
});

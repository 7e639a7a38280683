import { interpreter } from './interpreter.ts';

/** The fastest of the plain interpreters. */
export const lua = interpreter({
  name: 'lua',
  variable: 'LUA',
  packages: ['lua5.4'],
  programs: ['lua5.4', 'lua'],
  file: 'ready.lua',
  prints42: 'print(6 * 7)\n',
});

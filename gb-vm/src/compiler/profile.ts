/**
 * Which BASIC a script is written in. `bot` is the dialect of the product; `minimal` is Minimal BASIC exactly as
 * ECMA-55 (ANSI X3.60) defines it; `classic` is what Microsoft's interpreters of the 1970s and 80s ran.
 */
export type Profile = 'bot' | 'minimal' | 'classic';

export const profiles: readonly Profile[] = ['bot', 'minimal', 'classic'];

import type { Locale } from 'gb-vm/compiler';
import { oneOf } from './command-line.ts';

/** Of messages and of numbers in answers: what was asked for, else the language of this system. */
export function localeOption(text: string | undefined): Locale {
  const own = new Intl.DateTimeFormat().resolvedOptions().locale.startsWith('pt') ? 'pt-BR' : 'en';
  return oneOf('locale', text, ['en', 'pt-BR'], own);
}

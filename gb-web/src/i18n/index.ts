import type { Locale } from 'gb-protocol';
import { createContext, use } from 'react';
import type { en } from './en.ts';

/** A sentence, or one sentence per plural form of `count`. `{name}` is replaced by the argument of that name. */
export type Sentence = string | { readonly one: string; readonly other: string };
export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, Sentence>>;
export type Arguments = Readonly<Record<string, string | number>>;
export type Translate<Key extends string = MessageKey> = (key: Key, args?: Arguments) => string;

export const locales: readonly { readonly id: Locale; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'pt-BR', name: 'Português (Brasil)' },
];

/** Each language is a file of its own, fetched when it is needed. */
export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  if (locale === 'pt-BR') return (await import('./pt-BR.ts')).ptBR;
  return (await import('./en.ts')).en;
}

export function localeFrom(languages: readonly string[]): Locale {
  for (const language of languages) {
    const [name] = language.toLowerCase().split('-');
    if (name === 'pt') return 'pt-BR';
    if (name === 'en') return 'en';
  }
  return 'en';
}

export function createTranslate<Key extends string>(locale: Locale, catalogue: Readonly<Record<Key, Sentence>>): Translate<Key> {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (key, args) => {
    const entry = catalogue[key];
    const text =
      typeof entry === 'string' ? entry : entry[rules.select(Number(args?.['count'] ?? 0)) === 'one' ? 'one' : 'other'];
    if (args === undefined) return text;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = args[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? numbers.format(value) : value;
    });
  };
}

export interface Language {
  readonly locale: Locale;
  readonly t: Translate;
}

export const LanguageContext = createContext<Language>({ locale: 'en', t: (key) => key });

export function useT(): Translate {
  return use(LanguageContext).t;
}

export function useLocale(): Locale {
  return use(LanguageContext).locale;
}

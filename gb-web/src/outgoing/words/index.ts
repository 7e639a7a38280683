import type { Locale } from 'gb-protocol';
import { useMemo } from 'react';
import { type Arguments, createTranslate, type MessageKey, type Sentence, useT as useAppT, useLocale } from '../../i18n/index.ts';
import { en } from './en.ts';
import { ptBR } from './pt-BR.ts';

export type OutgoingKey = keyof typeof en;
export type OutgoingCatalogue = Readonly<Record<OutgoingKey, Sentence>>;
export type OutgoingTranslate = (key: OutgoingKey | MessageKey, args?: Arguments) => string;

const catalogues: Readonly<Record<Locale, OutgoingCatalogue>> = { en, 'pt-BR': ptBR };

/** The words of these pages and of the application: the former are not part of what everybody loads first. */
export function useT(): OutgoingTranslate {
  const app = useAppT();
  const locale = useLocale();
  return useMemo(() => {
    const own = createTranslate<OutgoingKey>(locale, catalogues[locale]);
    return (key, args) => (Object.hasOwn(catalogues[locale], key) ? own(key as OutgoingKey, args) : app(key as MessageKey, args));
  }, [app, locale]);
}

import type { Locale } from 'gb-protocol';
import { useMemo } from 'react';
import { type Arguments, createTranslate, type MessageKey, type Sentence, useT as useAppT, useLocale } from '../../i18n/index.ts';
import { en } from './en.ts';
import { ptBR } from './pt-BR.ts';

export type StudioKey = keyof typeof en;
export type StudioCatalogue = Readonly<Record<StudioKey, Sentence>>;
export type StudioTranslate = (key: StudioKey | MessageKey, args?: Arguments) => string;

const catalogues: Readonly<Record<Locale, StudioCatalogue>> = { en, 'pt-BR': ptBR };

/** The words of the studio and of the application: the former are not part of what everybody loads first. */
export function useT(): StudioTranslate {
  const app = useAppT();
  const locale = useLocale();
  return useMemo(() => {
    const own = createTranslate<StudioKey>(locale, catalogues[locale]);
    return (key, args) => (Object.hasOwn(catalogues[locale], key) ? own(key as StudioKey, args) : app(key as MessageKey, args));
  }, [app, locale]);
}

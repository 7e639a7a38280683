import type { Locale } from 'gb-protocol';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { type Catalogue, createTranslate, LanguageContext, loadCatalogue } from '../i18n/index.ts';
import { usePreferences } from './preferences.ts';

/** Draws nothing until the reader's language is there: a moment of calm beats a flash of another language. */
export function LanguageProvider({ initialLocale, children }: { initialLocale: Locale; children: ReactNode }) {
  const locale = usePreferences().locale ?? initialLocale;
  const [loaded, setLoaded] = useState<{ locale: Locale; catalogue: Catalogue } | null>(null);

  useEffect(() => {
    let isCurrent = true;
    loadCatalogue(locale).then(
      (catalogue) => isCurrent && setLoaded({ locale, catalogue }),
      // The file did not come, most likely because a new version replaced it: the page is asked for again.
      () => isCurrent && !document.hidden && setTimeout(() => window.location.reload(), 2_000),
    );
    return () => {
      isCurrent = false;
    };
  }, [locale]);

  const language = useMemo(
    () => (loaded ? { locale: loaded.locale, t: createTranslate(loaded.locale, loaded.catalogue) } : null),
    [loaded],
  );

  useEffect(() => {
    if (language) document.documentElement.lang = language.locale;
  }, [language]);

  if (!language) return null;
  return (
    <LanguageContext value={language}>
      <I18nProvider locale={language.locale}>{children}</I18nProvider>
    </LanguageContext>
  );
}

import type { Locale } from 'gb-protocol';
import { type ReactNode, useId } from 'react';
import { setPreferences } from '../app/preferences.ts';
import { Logo } from '../design/logo.tsx';
import { locales, useLocale, useT } from '../i18n/index.ts';

/** The frame of every screen before the workspace: the mark, one thing to do, and the language below. */
export function Entrance({ children, progress }: { children: ReactNode; progress?: { step: number; of: number } }) {
  const t = useT();
  const locale = useLocale();
  const id = useId();
  return (
    <div className="entrance">
      <header className="entrance-header">
        <Logo size={32} />
        <span className="entrance-name">General Bots</span>
      </header>
      <main className="entrance-main">
        {progress ? (
          <div
            className="progress"
            role="progressbar"
            aria-valuemin={1}
            aria-valuemax={progress.of}
            aria-valuenow={progress.step}
            aria-label={t('setup.progress', { step: progress.step, of: progress.of })}
          >
            {Array.from({ length: progress.of }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is its number
              <span key={index} className={index < progress.step ? 'is-done' : ''} />
            ))}
          </div>
        ) : null}
        {children}
      </main>
      <footer className="entrance-footer">
        <label htmlFor={id} className="soft">
          {t('language.label')}
        </label>
        <select id={id} value={locale} onChange={(event) => setPreferences({ locale: event.target.value as Locale })}>
          {locales.map(({ id: value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </footer>
    </div>
  );
}

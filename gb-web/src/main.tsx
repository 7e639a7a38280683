import './design/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { applyTheme, preferences } from './app/preferences.ts';
import { reloadWhenReplaced } from './app/reload-when-replaced.ts';
import { localeFrom } from './i18n/index.ts';

applyTheme();
reloadWhenReplaced();
const locale = preferences().locale ?? localeFrom(navigator.languages);
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App initialLocale={locale} />
  </StrictMode>,
);

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const server = 'http://127.0.0.1:8080';

/**
 * React Aria carries its few sentences in thirty languages; the application speaks two. The others are left out of the
 * build, a tenth of the first load.
 */
function onlyOurLanguages(): Plugin {
  return {
    name: 'only-our-languages',
    enforce: 'pre',
    load(id) {
      const locale = /\/react-(?:aria|stately|aria-components)\/.*\/intl\/.*\/([a-z]{2}-[A-Z]{2})\.mjs$/.exec(id)?.[1];
      return locale && locale !== 'en-US' && locale !== 'pt-BR' ? 'export default {}' : null;
    },
  };
}

export default defineConfig({
  plugins: [onlyOurLanguages(), react()],
  build: {
    target: 'es2023',
    // The page's policy allows scripts and styles from its own origin only, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    sourcemap: false,
    chunkSizeWarningLimit: 600,
  },
  worker: { format: 'es' },
  server: { port: 5173, host: '127.0.0.1', proxy: { '/api': server, '/ws': { target: server, ws: true } } },
});

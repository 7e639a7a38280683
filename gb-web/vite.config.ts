import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The page's policy allows scripts and styles from its own origin only, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    sourcemap: false,
  },
  worker: { format: 'es' },
  server: { port: 5173, host: '127.0.0.1', proxy: { '/api': server, '/ws': { target: server, ws: true } } },
});

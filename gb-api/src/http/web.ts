import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { fail } from 'gb-core';
import type { ApiOptions } from '../options.ts';
import type { App } from './server.ts';

/**
 * Only our own files run; nobody may frame us. Styles may be inline: the widgets insert a few rules of their own, which
 * change with every release of theirs, and a style cannot act.
 * Images may come from memory (QR codes, previews), never from another host: a picture in a message must not call home.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the built web client. Every address that is not a file is the application's: it has its own router. */
export async function serveWeb(app: App, options: ApiOptions): Promise<void> {
  const { webDir } = options;
  if (webDir === null || !existsSync(join(webDir, 'index.html'))) {
    app.setNotFoundHandler(() => {
      throw fail('not_found', 'There is nothing at this address.');
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: webDir,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      // Names under assets/ carry a hash of their content, so they never change.
      const isHashed = path.includes('/assets/');
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('content-security-policy', contentSecurityPolicy);
    },
  });
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
  app.setNotFoundHandler((request, reply) => {
    const wantsPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      !request.url.startsWith('/assets/') &&
      !request.url.startsWith('/api/');
    if (!wantsPage) throw fail('not_found', 'There is nothing at this address.');
    return reply.sendFile('index.html');
  });
}

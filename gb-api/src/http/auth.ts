import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, authenticate, authenticateBotKey, fail, type KeyHolder, type ToolCaller } from 'gb-core';
import type { ApiOptions } from '../options.ts';
import { cookieName, isOwnOrigin } from './origin.ts';
import type { App } from './server.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the gate on every route that is not public. */
    actor: Actor | null;
    /** Set instead when a key of a bot was shown, on routes that take them. */
    keyHolder: KeyHolder | null;
  }
  interface FastifyContextConfig {
    /** The route answers strangers. Everything else asks for a session: a new route is closed until it says otherwise. */
    isPublic?: boolean;
    /** Answers other sites: it looks at no cookie, so nobody's session can be used through it. */
    isForeign?: boolean;
    /** Takes keys of bots: besides sessions, or alone. */
    keys?: 'also' | 'only';
    /** Its body is a file: bytes, and more time for them. */
    isUpload?: boolean;
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The gate of every /api route: who asks, from where, and how often. */
export function addAuth(app: App, options: ApiOptions): void {
  app.decorateRequest('actor', null);
  app.decorateRequest('keyHolder', null);
  app.addHook('onRequest', async (request) => {
    // The route that was found, not the address as written: /%61pi/ and http://host/api/ lead to the same routes.
    if (!(request.routeOptions.url ?? request.url).startsWith('/api/')) return;
    const { origin } = request.headers;
    const { isForeign, isPublic, keys } = request.routeOptions.config;
    const mustBeOwn = !isForeign && origin !== undefined && !safeMethods.has(request.method);
    if (mustBeOwn && !isOwnOrigin(origin, request.host, options.publicUrl)) {
      throw fail('csrf', 'This request came from another site.');
    }
    if (isPublic || request.is404) return;
    const { token, fromCookie } = readToken(request, options);
    // A cookie travels by itself, so a change asked with one must prove that our own page asked for it.
    if (token && fromCookie && origin === undefined && !safeMethods.has(request.method))
      throw fail('csrf', 'This request does not say where it came from.');
    if (!token) throw fail('unauthenticated', 'Sign in first.');
    if (token.startsWith('gbk_') && keys !== undefined) {
      const holder = await authenticateBotKey(options.ctx, token);
      await options.rates.request(holder);
      request.keyHolder = holder;
      return;
    }
    if (keys === 'only') throw fail('unauthenticated', 'This address asks for a key of the bot.');
    const actor = await authenticate(options.ctx, token);
    await options.rates.request(actor);
    request.actor = actor;
  });
}

export function requireActor(request: FastifyRequest): Actor {
  if (!request.actor) throw fail('unauthenticated', 'Sign in first.');
  return request.actor;
}

/** A program with a key of a bot, on a route that takes nothing else. */
export function requireKey(request: FastifyRequest): KeyHolder {
  if (!request.keyHolder) throw fail('unauthenticated', 'This address asks for a key of the bot.');
  return request.keyHolder;
}

/** Whoever may call tools: a person with a session, or a program with a key. */
export function requireCaller(request: FastifyRequest): ToolCaller {
  return request.keyHolder ?? requireActor(request);
}

function readToken(request: FastifyRequest, options: ApiOptions): { token: string | null; fromCookie: boolean } {
  const { authorization } = request.headers;
  if (authorization?.startsWith('Bearer ')) return { token: authorization.slice(7), fromCookie: false };
  return { token: request.cookies[cookieName(isSecure(request, options))] ?? null, fromCookie: true };
}

export function isSecure(request: FastifyRequest, options: ApiOptions): boolean {
  return options.publicUrl === null ? request.protocol === 'https' : options.publicUrl.startsWith('https:');
}

/** Gives a session to a browser as a cookie that scripts cannot read, to a program as a token. */
export function sendSession(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ApiOptions,
  issued: { token: string; userId: Actor['userId'] },
) {
  const isBrowser = request.headers.origin !== undefined;
  if (isBrowser) {
    const secure = isSecure(request, options);
    reply.setCookie(cookieName(secure), issued.token, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure,
      maxAge: 400 * 24 * 3600,
    });
  }
  return { token: isBrowser ? null : issued.token, userId: issued.userId };
}

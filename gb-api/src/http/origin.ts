import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser's request came from our own pages (OWASP's "verifying origin"). Browsers send Origin with every
 * WebSocket upgrade and every request that is not GET or HEAD, and scripts cannot forge it.
 */
export function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string | null): boolean {
  let parsed: URL;
  try {
    parsed = new URL(origin);
  } catch {
    // "null" and other opaque origins are nobody's.
    return false;
  }
  if (publicUrl !== null && parsed.origin === new URL(publicUrl).origin) return true;
  return host !== undefined && parsed.host === host;
}

/** The plain name on http, where browsers refuse the `__Host-` prefix (RFC 6265bis, section 4.1.3.2). */
export const cookieName = (isSecure: boolean): string => (isSecure ? '__Host-gb_session' : 'gb_session');

/** The session token of a browser, for the upgrade request, which no framework has parsed for us. */
export function cookieToken(request: IncomingMessage, isSecure: boolean): string | null {
  const name = cookieName(isSecure);
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

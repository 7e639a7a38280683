import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { fail } from '../fail.ts';

/** How far the time of a signature may be from ours. */
const signatureMsMax = 5 * 60_000;

/** Names in lower case, as Node has them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Proof {
  readonly headers: Headers;
  readonly query: Readonly<Record<string, string>>;
}

/**
 * How a caller proves to know the `webhook-secret` of a bot: by itself, or by a signature over the body. Gives the
 * signature when that was it, and fails with `unauthenticated` otherwise.
 */
export function proveSecret(secret: string, proof: Proof & { readonly rawBody: Uint8Array }, nowMs: number): string | null {
  if (saysSecret(secret, proof)) return null;
  const [, time, signature] = /^t=(\d{1,12}),\s*v1=([0-9a-f]{64})$/.exec(given(proof.headers[signatureHeader]) ?? '') ?? [];
  if (time !== undefined && signature !== undefined && Math.abs(nowMs - Number(time) * 1000) <= signatureMsMax) {
    const wanted = createHmac('sha256', secret).update(`${time}.`).update(proof.rawBody).digest('hex');
    if (isSame(signature, wanted)) return `signed:${signature}`;
  }
  throw unproved();
}

/**
 * The same for a body that was not read yet: who shows neither the secret nor a signature need not send it. Gives whether
 * it is proved already; a signature, which anybody can write, is proved by the body.
 */
export function expectProof(secret: string, proof: Proof): boolean {
  const isProved = saysSecret(secret, proof);
  if (!isProved && proof.headers[signatureHeader] === undefined) throw unproved();
  return isProved;
}

const signatureHeader = 'x-gb-signature';

function saysSecret(secret: string, { headers, query }: Proof): boolean {
  const authorization = given(headers['authorization']);
  if (authorization?.startsWith('Bearer ') && isSame(authorization.slice(7), secret)) return true;
  return query['key'] !== undefined && isSame(query['key'], secret);
}

const unproved = () => fail('unauthenticated', 'This bot has a webhook-secret, which the request does not prove to know.');

/** In the same time whatever is different. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function given(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'object' ? header.join(', ') : header;
}

import { createHmac } from 'node:crypto';
import type { WebhookRow } from '../ports/index.ts';

/** As the Standard Webhooks specification writes it, so that its libraries can read it. */
export const secretText = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`;

/**
 * The headers that prove a delivery: the same id at every attempt, the time of this one, and a signature over both and the
 * body. While the secret is being changed there are two signatures, and a receiver that knows either is content.
 */
export function signedHeaders(
  { secret, oldSecret }: Pick<WebhookRow, 'secret' | 'oldSecret'>,
  { id, body, nowMs }: { readonly id: string; readonly body: string; readonly nowMs: number },
): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(nowMs / 1000));
  const secrets = [secret, ...(oldSecret && oldSecret.until > nowMs ? [oldSecret.secret] : [])];
  const signatures = secrets.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}

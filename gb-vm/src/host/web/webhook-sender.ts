import { isIP } from 'node:net';
import { type WebhookSender, WebhookUnanswered } from 'gb-core';
import type { WebhookReason } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { OperationFailed } from '../operation.ts';
import { AllowList, isLocalName, isPublicAddress } from './addresses.ts';
import type { HttpClient } from './http-client.ts';
import { HttpFailed, type HttpFailure } from './http-failed.ts';

/** Of an answer so much is read; the connection ends then, however much was to come. */
const answerBytesMax = 1_024;

export interface WebhookSenderOptions {
  /** Made with the same `allow`: it checks addresses once more, when names are known. */
  readonly http: HttpClient;
  readonly allow: readonly string[];
}

/**
 * Webhooks over the guarded client: the public internet and what the operator allowed. Outside of that only https, since
 * people's words are in it.
 */
export function createWebhookSender({ http, allow }: WebhookSenderOptions): WebhookSender {
  const allowed = new AllowList(allow);

  return {
    check(text) {
      const address = URL.canParse(text) ? new URL(text) : null;
      if (!address || (address.protocol !== 'https:' && address.protocol !== 'http:'))
        throw new GbError('malformed', 'An address of a webhook begins with https://');
      if (address.username !== '' || address.password !== '')
        throw new GbError('malformed', 'An address of a webhook has no user and password in it: deliveries are signed instead');
      const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
      const isAllowed = isIP(host)
        ? allowed.allowsAddress(host)
        : // What a name of this network leads to is known when it is looked up, and checked then.
          allowed.allowsHost(host) || (isLocalName(host) && allow.length > 0);
      if (isAllowed) return;
      if (isIP(host) ? !isPublicAddress(host) : isLocalName(host))
        throw new GbError(
          'malformed',
          'This address is not of the public internet, and the operator of the server did not allow it',
        );
      if (address.protocol !== 'https:') throw new GbError('malformed', 'An address of a webhook begins with https://');
    },

    async post({ customerId, address, headers, body }, signal) {
      try {
        this.check(address);
      } catch (cause) {
        // It was allowed when it was given, and is not any more.
        throw new WebhookUnanswered('refused', '', { cause });
      }
      try {
        const answer = await http.open({
          method: 'POST',
          address,
          headers,
          body,
          customer: customerId,
          signal,
          redirectsMax: 0,
          retriesMax: 0,
        });
        try {
          return { status: answer.status, text: await firstOf(answer.body) };
        } finally {
          answer.close();
        }
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (error instanceof HttpFailed) throw new WebhookUnanswered(reasons[error.failure], detailOf(error), { cause: error });
        // Our own places are taken: it says nothing of the address.
        if (error instanceof OperationFailed) throw new WebhookUnanswered('busy', '', { cause: error });
        throw error;
      }
    },
  };
}

const reasons: Readonly<Record<HttpFailure, WebhookReason>> = {
  refused: 'refused',
  not_connected: 'unreachable',
  broken: 'broken',
  timeout: 'timeout',
  too_large: 'broken',
  status: 'broken',
};

/** What the system says, like ECONNREFUSED or CERT_HAS_EXPIRED: the client's sentences end with it. */
function detailOf(error: HttpFailed): string {
  return /\(([A-Z][A-Z0-9_]{2,60})\)$/.exec(error.message)?.[1] ?? '';
}

/** What of it is there before it breaks off is shown, too: the status has arrived, and that is the answer. */
async function firstOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= answerBytesMax) break;
    }
  } catch (error) {
    if (!(error instanceof HttpFailed)) throw error;
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, answerBytesMax));
}

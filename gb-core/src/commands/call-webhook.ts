import { type BotId, type ConversationId, type CustomerId, limits } from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import type { Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import type { PlainValue } from '../ports/index.ts';
import { beginRun } from './bot-runs.ts';
import { given, type Headers, proveSecret } from './webhook-secret.ts';

/** What a script may see of a request's headers: nothing that lets one in elsewhere. */
const shownHeaders = /^(accept-language|content-type|user-agent|x-(?!forwarded|real-ip|gb-signature)[a-z0-9-]{1,80})$/;
const secretHeaders = /key|secret|token|auth|password|cookie/;
const shownHeadersMax = 50;
const shownHeaderMax = 1_000;

export interface WebhookPlace {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly name: string;
}

export interface WebhookRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly query: Readonly<Record<string, string>>;
  /** As it came: what a signature is over. */
  readonly rawBody: Uint8Array;
}

/**
 * Starts the script of a webhook. Fails with `not_found` for everything that is not there, whatever of it is not, with
 * `unauthenticated` when the bot's `webhook-secret` was not proved. A request that says who it is - by an idempotency key,
 * or by its signature - starts one run, however often it comes.
 */
export async function callWebhook(ctx: Context, place: WebhookPlace, request: WebhookRequest): Promise<ConversationId> {
  const hook = await findWebhook(ctx, place, request);
  const body = readBody(request);
  const key = given(request.headers['idempotency-key']);
  if (key !== undefined && key.length > limits.idempotencyKeyMax)
    throw fail('malformed', `An idempotency key has at most ${limits.idempotencyKeyMax} characters.`);
  const own = key === undefined ? (hook.signature ?? uuidv7(ctx.clock.nowMs())) : `key:${key}`;
  const { key: _key, ...query } = request.query;
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  return beginRun(ctx, place.customerId, {
    botId: place.botId,
    script: hook.script,
    params: {
      params: { ...query, ...fields } as PlainValue,
      body,
      headers: shown(request.headers),
      method: request.method,
      query,
    },
    cause: 'webhook',
    key: `webhook:${place.name.toLowerCase()}:${own}`,
  });
}

/** Checks that somebody who may call a webhook asks for one of its own runs. */
export async function requireWebhookRun(
  ctx: Context,
  place: WebhookPlace,
  request: WebhookRequest,
  runId: ConversationId,
): Promise<void> {
  const { script } = await findWebhook(ctx, place, request);
  const row = isUuid(runId) ? await ctx.store.read(place.customerId, (tx) => tx.conversations.get(runId)) : null;
  const isOwn = row?.botId === place.botId && row.script === script && row.state.run?.cause === 'webhook';
  if (!isOwn) throw notFound('run');
}

async function findWebhook(
  ctx: Context,
  { customerId, botId, name }: WebhookPlace,
  request: WebhookRequest,
): Promise<{ script: string; signature: string | null }> {
  const found =
    isUuid(customerId) && isUuid(botId)
      ? await ctx.store.read(customerId, async (tx) => {
          // Of published bots whose account is active.
          const trigger = (await tx.triggers.find('webhook', name)).find((one) => one.botId === botId);
          return trigger && { trigger, settings: (await tx.bots.published(botId))?.about?.settings ?? {} };
        })
      : undefined;
  if (!found) throw notFound('webhook');
  const secret = found.settings['webhook-secret']?.trim() ?? '';
  const signature = secret === '' ? null : proveSecret(secret, request, ctx.clock.nowMs());
  return { script: found.trigger.script, signature };
}

function readBody({ headers, rawBody }: WebhookRequest): PlainValue {
  if (rawBody.length === 0) return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
  } catch (cause) {
    throw fail('malformed', 'The body is not valid UTF-8.', { cause });
  }
  const type = (given(headers['content-type']) ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) {
    try {
      return JSON.parse(text) as PlainValue;
    } catch (cause) {
      throw fail('malformed', 'The body is not valid JSON.', { cause });
    }
  }
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text));
  return text;
}

function shown(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => shownHeaders.test(name) && !secretHeaders.test(name))
      .slice(0, shownHeadersMax)
      .map(([name, value]) => [name, (given(value) ?? '').slice(0, shownHeaderMax)]),
  );
}

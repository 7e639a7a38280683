import { randomBytes } from 'node:crypto';
import {
  type ChannelId,
  limits,
  type NewWebhook,
  type Webhook,
  type WebhookChange,
  type WebhookDelivery,
  type WebhookDeliveryPage,
  type WebhookKind,
  type WebhookMade,
} from 'gb-protocol';
import { isUuid, sleep, uuidv7 } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { putDelivery } from '../jobs/webhook-delivery.ts';
import { knownMsMax } from '../jobs/webhook-feed.ts';
import { isWebhookKind } from '../jobs/webhook-reach.ts';
import { secretText } from '../jobs/webhook-signature.ts';
import { canSee } from '../policies/channel.ts';
import { requireAdmin } from '../policies/role.ts';
import type { DeliveryRow, Tx, WebhookPatch, WebhookRow } from '../ports/index.ts';
import { checkName } from './accounts.ts';

const secretBytes = 32;
/** A secret that was replaced goes on signing for so long. */
const oldSecretMs = 24 * 3_600_000;

/** Makes a webhook, which hears of everything that happens after this returned. Its secret is in this answer and nowhere else. */
export async function createWebhook(ctx: Context, actor: Actor, input: NewWebhook): Promise<WebhookMade> {
  requireAdmin(actor);
  const secret = new Uint8Array(randomBytes(secretBytes));
  const nowMs = ctx.clock.nowMs();
  const making = ctx.store.transaction(actor.customerId, async (tx) => {
    const webhook: WebhookRow = {
      id: uuidv7(nowMs),
      name: checkName(input.name),
      address: checkAddress(ctx, input.address),
      kinds: checkKinds(input.kinds),
      isEverywhere: input.channelIds === undefined,
      channels: await choose(tx, actor, input.channelIds ?? [], []),
      secret,
      oldSecret: null,
      createdBy: actor.userId,
      createdAt: nowMs,
      offReason: null,
      failures: 0,
      failingSince: null,
    };
    await tx.webhooks.insert(webhook);
    const facts = { name: webhook.name, host: new URL(webhook.address).host };
    await tx.audit.write({ actorId: actor.userId, action: 'webhook.created', target: webhook.id, facts });
    return { webhook: await present(tx, actor, webhook), secret: secretText(secret) };
  });
  // How many there may be is a quota, which the insert keeps.
  const made = await ctx.quotas.watch(actor.customerId, making);
  await sleep(knownMsMax);
  return made;
}

export async function listWebhooks(ctx: Context, actor: Actor): Promise<readonly Webhook[]> {
  requireAdmin(actor);
  return ctx.store.read(actor.customerId, async (tx) => {
    const shown: Webhook[] = [];
    for (const webhook of await tx.webhooks.list()) shown.push(await present(tx, actor, webhook));
    return shown;
  });
}

/**
 * Changes it, or switches it on or off. Of chosen channels, those that others chose stay theirs. Who gives it another
 * address chooses all of them anew: private ones that they are not in are let go of, or they would be read there.
 */
export async function updateWebhook(ctx: Context, actor: Actor, id: string, change: WebhookChange): Promise<Webhook> {
  requireAdmin(actor);
  const changed = await ctx.store.transaction(actor.customerId, async (tx) => {
    const before = await requireWebhook(tx, id);
    const address = change.address === undefined ? before.address : checkAddress(ctx, change.address);
    const isElsewhere = address !== before.address;
    const wanted =
      change.channelIds === undefined ? before.channels.map(({ channelId }) => channelId) : (change.channelIds ?? []);
    const mine = isElsewhere ? await seenOf(tx, actor, wanted) : wanted;
    const patch: WebhookPatch = {
      address,
      ...(change.name === undefined ? {} : { name: checkName(change.name) }),
      ...(change.kinds === undefined ? {} : { kinds: checkKinds(change.kinds) }),
      ...(change.channelIds === undefined ? {} : { isEverywhere: change.channelIds === null }),
      channels: await choose(tx, actor, mine, isElsewhere ? [] : before.channels),
      ...(change.isOn === undefined ? {} : { offReason: change.isOn ? null : ('person' as const) }),
    };
    const after = await tx.webhooks.update(id, patch);
    if (!after) throw notFound('webhook');
    const facts = { name: after.name, host: new URL(after.address).host, isOn: after.offReason === null };
    await tx.audit.write({ actorId: actor.userId, action: 'webhook.changed', target: id, facts });
    return present(tx, actor, after);
  });
  await sleep(knownMsMax);
  return changed;
}

/** Another secret, shown this once; the one before it goes on signing for a day, so that a receiver can change over. */
export async function replaceWebhookSecret(ctx: Context, actor: Actor, id: string): Promise<WebhookMade> {
  requireAdmin(actor);
  const secret = new Uint8Array(randomBytes(secretBytes));
  return ctx.store.transaction(actor.customerId, async (tx) => {
    const before = await requireWebhook(tx, id);
    const oldSecret = { secret: before.secret, until: ctx.clock.nowMs() + oldSecretMs };
    const after = await tx.webhooks.update(id, { secrets: { secret, oldSecret } });
    if (!after) throw notFound('webhook');
    await tx.audit.write({ actorId: actor.userId, action: 'webhook.secret_replaced', target: id, facts: {} });
    return { webhook: await present(tx, actor, after), secret: secretText(secret) };
  });
}

/** From the moment this returns nothing begins to be sent there; what waits is dropped when its turn comes. */
export async function deleteWebhook(ctx: Context, actor: Actor, id: string): Promise<void> {
  requireAdmin(actor);
  await ctx.store.transaction(actor.customerId, async (tx) => {
    const webhook = await requireWebhook(tx, id);
    await tx.webhooks.delete(id);
    await tx.audit.write({ actorId: actor.userId, action: 'webhook.deleted', target: id, facts: { name: webhook.name } });
  });
}

/** Sends an event of the kind `webhook.test`, once, whether it is on or off. */
export async function testWebhook(ctx: Context, actor: Actor, id: string): Promise<WebhookDelivery> {
  requireAdmin(actor);
  const deliveryId = uuidv7(ctx.clock.nowMs());
  const delivery = await ctx.store.transaction(actor.customerId, async (tx) => {
    await requireWebhook(tx, id);
    return tx.webhooks.addDelivery({ id: deliveryId, webhookId: id, kind: 'webhook.test', entry: null });
  });
  if (!delivery) throw notFound('webhook');
  await putDelivery(ctx, actor.customerId, delivery);
  return presentDelivery(delivery);
}

/** Sends one again, under the same id: who has it already knows it by that. */
export async function repeatWebhookDelivery(
  ctx: Context,
  actor: Actor,
  id: string,
  deliveryId: string,
): Promise<WebhookDelivery> {
  requireAdmin(actor);
  const delivery = await ctx.store.transaction(actor.customerId, async (tx) => {
    await requireWebhook(tx, id);
    const before = isUuid(deliveryId) ? await tx.webhooks.delivery(deliveryId) : null;
    if (before?.webhookId !== id) throw notFound('delivery');
    return tx.webhooks.repeatDelivery(deliveryId);
  });
  if (!delivery) throw notFound('delivery');
  await putDelivery(ctx, actor.customerId, delivery);
  return presentDelivery(delivery);
}

export async function listWebhookDeliveries(
  ctx: Context,
  actor: Actor,
  id: string,
  query: { readonly before?: string; readonly limit?: number },
): Promise<WebhookDeliveryPage> {
  requireAdmin(actor);
  const limit = Math.min(query.limit ?? limits.pageSizeDefault, limits.pageSizeMax);
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireWebhook(tx, id);
    const before = query.before === undefined ? {} : { before: query.before };
    const rows = await tx.webhooks.deliveries(id, { ...before, limit: limit + 1 });
    return { deliveries: rows.slice(0, limit).map(presentDelivery), hasMore: rows.length > limit };
  });
}

async function requireWebhook(tx: Tx, id: string): Promise<WebhookRow> {
  const webhook = isUuid(id) ? await tx.webhooks.get(id) : null;
  if (!webhook) throw notFound('webhook');
  return webhook;
}

/** Only channels that this person may read themselves; a private one, or a list of others, is somebody's own choice. */
async function choose(
  tx: Tx,
  actor: Actor,
  channelIds: readonly ChannelId[],
  before: WebhookRow['channels'],
): Promise<WebhookRow['channels']> {
  if (channelIds.length > limits.webhookChannelsMax)
    throw fail('quota_exceeded', `A webhook hears of at most ${limits.webhookChannelsMax} chosen channels.`);
  const ids = [...new Set(channelIds)];
  if (!ids.every(isUuid)) throw notFound('channel');
  const found = await tx.channels.accessMany(ids, actor.userId);
  return ids.map((channelId) => {
    const kept = before.find((one) => one.channelId === channelId);
    if (kept) return kept;
    const access = found.get(channelId) ?? null;
    if (!canSee(actor, access)) throw notFound('channel');
    if (access.channel.kind !== 'public' && access.channel.kind !== 'private')
      throw fail('forbidden', 'Direct conversations are not sent anywhere.');
    return { channelId, chosenBy: actor.userId };
  });
}

async function seenOf(tx: Tx, actor: Actor, ids: readonly ChannelId[]): Promise<readonly ChannelId[]> {
  const found = await tx.channels.accessMany(ids, actor.userId);
  return ids.filter((id) => canSee(actor, found.get(id) ?? null));
}

function checkAddress(ctx: Context, raw: string): string {
  const address = raw.trim();
  if (address.length > limits.webhookAddressMax)
    throw fail('too_large', `An address has at most ${limits.webhookAddressMax} characters.`);
  if (!ctx.webhookSender) throw fail('unavailable', 'This server sends no webhooks.');
  ctx.webhookSender.check(address);
  return address;
}

function checkKinds(kinds: readonly string[]): readonly WebhookKind[] {
  const known = [...new Set(kinds)].filter(isWebhookKind);
  if (known.length === 0 || known.length < new Set(kinds).size)
    throw fail('malformed', 'Choose at least one kind of event, of those there are.');
  return known;
}

/** Private channels that this administrator is not in are counted among the chosen, without their names. */
async function present(tx: Tx, actor: Actor, webhook: WebhookRow): Promise<Webhook> {
  const found = await tx.channels.accessMany(
    webhook.channels.map(({ channelId }) => channelId),
    actor.userId,
  );
  const { id, name, address, kinds, createdBy, createdAt, offReason, failures, failingSince } = webhook;
  const channels = webhook.channels.map(({ channelId }) => {
    const access = found.get(channelId) ?? null;
    return canSee(actor, access)
      ? { id: channelId, name: access.channel.name, kind: access.channel.kind }
      : { id: channelId, name: '', kind: 'private' as const };
  });
  return {
    id,
    name,
    address,
    kinds: kinds.filter(isWebhookKind),
    channels: webhook.isEverywhere ? null : channels,
    createdBy,
    createdAt,
    offReason,
    failures,
    failingSince,
  };
}

function presentDelivery(row: DeliveryRow): WebhookDelivery {
  const { id, kind, entry, status, attempts, createdAt, triedAt, httpStatus, answer, reason, durationMs } = row;
  return {
    id,
    kind: kind === 'webhook.test' || isWebhookKind(kind) ? kind : 'webhook.test',
    channelId: entry?.channelId ?? null,
    seq: entry?.seq ?? null,
    status,
    attempts,
    createdAt,
    triedAt,
    httpStatus,
    answer,
    reason,
    durationMs,
  };
}

import type { CustomerId } from 'gb-protocol';
import { LruMap, uuidv7 } from 'gb-utils';
import type { Context } from '../context.ts';
import type { DeliveryRow, OutboxEntry, WebhookRow } from '../ports/index.ts';
import { putDelivery } from './webhook-delivery.ts';
import { isWebhookKind, mayHear } from './webhook-reach.ts';
import { switchOff } from './webhook-switch.ts';

/** Which webhooks a customer has is known for so long. Whoever changes one waits as long, and then every process knows. */
export const knownMsMax = 500;
const customersMax = 50_000;
/** Deliveries of one webhook that may wait; at more it is switched off. Looked at now and then, because it is counted. */
const openDeliveriesMax = 10_000;
const openCountedEvery = 64;

export interface WebhookFeedOptions {
  readonly openMax?: number;
  /** Entries of a channel. */
  readonly countedEvery?: number;
}

/**
 * Makes deliveries of the entries of all logs. It is a group of the event log, so no entry passes it by: who dies in the
 * middle gets the entry again, finds the deliveries that are there already, and puts those into the queue that are not
 * over. The queue knows a task by its key, so that is no second one.
 */
export class WebhookFeed {
  readonly #ctx: Context;
  readonly #openMax: number;
  readonly #countedEvery: number;
  readonly #known = new LruMap<CustomerId, { readonly webhooks: readonly WebhookRow[]; readonly atMs: number }>(customersMax);

  constructor(ctx: Context, { openMax = openDeliveriesMax, countedEvery = openCountedEvery }: WebhookFeedOptions = {}) {
    this.#ctx = ctx;
    this.#openMax = openMax;
    this.#countedEvery = countedEvery;
  }

  async handle({ customerId, channelId, seq, kind }: OutboxEntry): Promise<void> {
    if (!isWebhookKind(kind)) return;
    const wanting = (await this.#webhooks(customerId)).filter((one) => one.offReason === null && one.kinds.includes(kind));
    if (wanting.length === 0) return;
    const { store, clock } = this.#ctx;
    const found = await store.read(customerId, async (tx) => {
      const [channel, event] = [await tx.channels.get(channelId), await tx.log.get(channelId, seq)];
      if (!channel || !event) return null;
      const hearing: WebhookRow[] = [];
      for (const webhook of wanting) if (await mayHear(tx, webhook, channel, kind)) hearing.push(webhook);
      return { epoch: event.epoch, hearing };
    });
    if (!found || found.hearing.length === 0) return;
    const entry = { channelId, epoch: found.epoch, seq };
    const deliveries = await store.transaction(customerId, async (tx) => {
      const made: DeliveryRow[] = [];
      for (const { id: webhookId } of found.hearing) {
        const delivery = await tx.webhooks.addDelivery({ id: uuidv7(clock.nowMs()), webhookId, kind, entry });
        if (delivery && (delivery.status === 'waiting' || delivery.status === 'retrying')) made.push(delivery);
      }
      return made;
    });
    for (const delivery of deliveries) {
      await putDelivery(this.#ctx, customerId, delivery);
      if (seq % this.#countedEvery === 0) await this.#count(customerId, delivery.webhookId);
    }
  }

  async #webhooks(customerId: CustomerId): Promise<readonly WebhookRow[]> {
    const nowMs = performance.now();
    const known = this.#known.get(customerId);
    if (known && nowMs - known.atMs < knownMsMax) return known.webhooks;
    const webhooks = await this.#ctx.store.read(customerId, (tx) => tx.webhooks.list());
    this.#known.set(customerId, { webhooks, atMs: nowMs });
    return webhooks;
  }

  async #count(customerId: CustomerId, webhookId: string): Promise<void> {
    const most = this.#openMax + 1;
    const open = await this.#ctx.store.read(customerId, (tx) => tx.webhooks.openCount(webhookId, most));
    if (open < most) return;
    await switchOff(this.#ctx, customerId, webhookId, 'flooded');
    this.#known.delete(customerId);
  }
}

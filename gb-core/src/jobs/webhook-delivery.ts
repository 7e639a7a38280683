import type { CustomerId, WebhookReason } from 'gb-protocol';
import { GbError, isUuid } from 'gb-utils';
import type { Context } from '../context.ts';
import {
  type DeliveryOutcome,
  type DeliveryRow,
  type NewTask,
  type Task,
  type TaskHandling,
  type Tx,
  type WebhookRow,
  type WebhookSender,
  WebhookUnanswered,
} from '../ports/index.ts';
import { reasonOf, taskAttemptsMax } from '../task-attempts.ts';
import { eventBody, testBody } from './webhook-body.ts';
import { mayHear } from './webhook-reach.ts';
import { signedHeaders } from './webhook-signature.ts';
import { switchOff } from './webhook-switch.ts';

export const webhookTaskKind = 'webhook';

/** Attempts over about a day: pauses of 10 s, 20 s, 40 s ... six hours. */
export const webhookHandling: TaskHandling = {
  concurrency: 32,
  attemptsMax: 16,
  retryMsMin: 10_000,
  retryMsMax: 6 * 3_600_000,
};

/** From the connection to the last byte that is read of the answer. */
const answerMsMax = 15_000;
/** How old the first attempts of earlier entries may be that one waits for, and how long somebody may be at one. */
const turnAgeMsMax = 120_000;
const claimMsMax = 30_000;
/** Whoever waits comes again after a quarter of a second, then after twice as long each time; in all, for half a minute. */
const deferMsMin = 250;
const deferMsMax = 5_000;
const deferredMax = 9;
/** How long one goes on with a channel that is busy. */
const goOnMsMax = 20_000;
/** Requests of one webhook at a time, in one process. */
const requestsOfOneMax = 4;
/** After so many failures in a row order is given up, and nobody waits for its address. */
const illFailures = 5;
/** What was without success for so long, and failed so often, is switched off. Both, because a clock may jump. */
const failingMsMax = 48 * 3_600_000;
const failuresMin = 20;
const answerLengthMax = 1_024;

/** Into the queue. Of one delivery there is one task, and one more for each time that a person asked for it again. */
export function putDelivery(ctx: Context, customerId: CustomerId, { id, again }: DeliveryRow): Promise<void> {
  return ctx.tasks.put({ kind: webhookTaskKind, customerId, key: `${id}:${again}`, payload: { deliveryId: id } });
}

/**
 * Attempts at deliveries, for one process. Each is at least once: dying between the answer and writing it down sends it
 * again, under the same id.
 *
 * Nobody waits in here, except for an answer: places are the organization's, and a webhook whose address hangs must not
 * take those of another. Whose turn it is not goes back into the queue for a moment, and whoever had the turn goes on with
 * those that come next in the log of the channel, so that a channel that is busy costs one place.
 */
export class WebhookDeliverer {
  readonly #ctx: Context;
  readonly #sender: WebhookSender;
  readonly #handling: TaskHandling;
  /** Requests at a time, by webhook. */
  readonly #underWay = new Map<string, number>();

  constructor(ctx: Context, { sender, handling }: { readonly sender: WebhookSender; readonly handling: TaskHandling }) {
    this.#ctx = ctx;
    this.#sender = sender;
    this.#handling = handling;
  }

  /** Throws when there is another attempt to be made, or none that could help. */
  async deliver(task: Task, signal: AbortSignal): Promise<void> {
    const { customerId } = task;
    const { deliveryId, deferred = 0 } = task.payload as { deliveryId?: unknown; deferred?: number };
    if (!isUuid(deliveryId)) throw new GbError('malformed', 'The task names no delivery');
    const found = await this.#find(customerId, deliveryId);
    if (found === null) return;
    const { delivery, webhook } = found;
    const isLast = task.attempt >= (this.#handling.attemptsMax ?? taskAttemptsMax);
    const isIll = webhook.failures >= illFailures;
    const isPatient = deferred < deferredMax;
    const isInTurn = isFirst(delivery) && !isIll;
    if ((this.#underWay.get(webhook.id) ?? 0) >= requestsOfOneMax && !isLast) {
      if (isIll || !isPatient || task.attempt > 1) throw new WebhookUnanswered('busy');
      return this.#defer(task, delivery, deferred);
    }
    if (isInTurn && isPatient && !(await this.#takeTurn(customerId, delivery))) return this.#defer(task, delivery, deferred);
    const outcome = await this.#attempt(customerId, { ...found, isLast }, signal);
    if (outcome.status === 'delivered') {
      if (isInTurn) await this.#goOn(customerId, delivery, signal);
      return;
    }
    const reason = outcome.reason ?? `answer ${outcome.httpStatus}`;
    throw new GbError('unavailable', reason, { retryable: outcome.status === 'retrying' });
  }

  /** First attempts of what comes next in the channel, until there is no more, one fails, or others are to have their turn. */
  async #goOn(customerId: CustomerId, after: DeliveryRow, signal: AbortSignal): Promise<void> {
    const beganAt = performance.now();
    const sinceMs = this.#ctx.clock.nowMs() - turnAgeMsMax;
    for (let last = after; performance.now() - beganAt < goOnMsMax && !signal.aborted; ) {
      const next = await this.#ctx.store.read(customerId, (tx) => tx.webhooks.nextDelivery(last, sinceMs));
      if (next === null || !(await this.#takeTurn(customerId, next))) return;
      const found = await this.#find(customerId, next.id);
      // What fails is tried again by its own task, which is in the queue.
      if (found !== null && (await this.#attempt(customerId, { ...found, isLast: false }, signal)).status !== 'delivered') return;
      last = next;
    }
  }

  async #attempt(
    customerId: CustomerId,
    given: Found & { readonly isLast: boolean },
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const { webhook, delivery } = given;
    this.#count(webhook.id, 1);
    try {
      const outcome = await send(this.#ctx, this.#sender, { ...given, customerId }, signal);
      await record(this.#ctx, customerId, webhook, delivery, outcome);
      return outcome;
    } finally {
      this.#count(webhook.id, -1);
    }
  }

  /** What is to be sent; null when nothing is, which is written down where that is news. */
  async #find(customerId: CustomerId, id: string): Promise<Found | null> {
    const ctx = this.#ctx;
    const found = await ctx.store.read(customerId, (tx) => find(ctx, tx, customerId, id));
    if (found === null || !('reason' in found)) return found;
    const skipped = { status: 'skipped', httpStatus: null, answer: null, reason: found.reason, durationMs: null } as const;
    await ctx.store.transaction(customerId, (tx) => tx.webhooks.settleDelivery(id, skipped));
    return null;
  }

  /** Nobody before it in the channel, and nobody else at it. */
  async #takeTurn(customerId: CustomerId, delivery: DeliveryRow): Promise<boolean> {
    const nowMs = this.#ctx.clock.nowMs();
    return this.#ctx.store.transaction(
      customerId,
      async (tx) =>
        !(await tx.webhooks.isPreceded(delivery, nowMs - turnAgeMsMax)) &&
        (await tx.webhooks.claimDelivery(delivery.id, nowMs - claimMsMax)),
    );
  }

  async #defer(task: Task, { id, again }: DeliveryRow, deferred: number): Promise<void> {
    const { kind, customerId, priority } = task;
    const key = `${id}:${again}:${deferred + 1}:${task.attempt}`;
    const delayMs = Math.min(deferMsMin * 2 ** deferred, deferMsMax);
    const payload = { deliveryId: id, deferred: deferred + 1 };
    await this.#ctx.tasks.put({ kind, customerId, key, payload, priority, delayMs } as NewTask);
  }

  #count(webhookId: string, change: 1 | -1): void {
    const count = (this.#underWay.get(webhookId) ?? 0) + change;
    if (count === 0) this.#underWay.delete(webhookId);
    else this.#underWay.set(webhookId, count);
  }
}

const isFirst = ({ attempts, again, entry }: DeliveryRow): boolean => attempts === 0 && again === 0 && entry !== null;

interface Found {
  readonly delivery: DeliveryRow;
  readonly webhook: WebhookRow;
  readonly body: string;
}

/** What is to be sent, why it is not, or null when it is over. */
async function find(
  ctx: Context,
  tx: Tx,
  customerId: CustomerId,
  id: string,
): Promise<Found | { readonly reason: WebhookReason } | null> {
  const delivery = await tx.webhooks.delivery(id);
  const webhook = delivery && (await tx.webhooks.get(delivery.webhookId));
  if (!delivery || !webhook || delivery.status === 'delivered' || delivery.status === 'skipped') return null;
  const { entry } = delivery;
  // A test is to show why nothing arrives, of one that is off as well.
  if (entry === null) return { delivery, webhook, body: testBody(customerId, ctx.clock.nowMs()) };
  if (webhook.offReason !== null) return { reason: 'off' };
  const channel = await tx.channels.get(entry.channelId);
  const event = channel && (await tx.log.get(entry.channelId, entry.seq));
  if (!channel || !event || event.epoch !== entry.epoch) return { reason: 'gone' };
  if (!(await mayHear(tx, webhook, channel, event.kind))) return { reason: 'unseen' };
  const actor = await tx.users.get(event.actorId);
  return { delivery, webhook, body: eventBody(customerId, event, channel, actor ?? undefined) };
}

async function send(
  ctx: Context,
  sender: WebhookSender,
  given: Found & { readonly customerId: CustomerId; readonly isLast: boolean },
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { customerId, delivery, webhook, body, isLast } = given;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GeneralBots-Webhooks/1',
    ...signedHeaders(webhook, { id: delivery.id, body, nowMs: ctx.clock.nowMs() }),
  };
  const beganAt = performance.now();
  const durationMs = () => Math.round(performance.now() - beganAt);
  // The person looks at a test: it is not sent for a day.
  const failed = isLast || delivery.entry === null ? 'dead' : 'retrying';
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]);
    const { status, text } = await sender.post({ customerId, address: webhook.address, headers, body }, within);
    const isWell = status >= 200 && status < 300;
    return {
      status: isWell ? 'delivered' : status === 410 ? 'dead' : failed,
      httpStatus: status,
      answer: text.replaceAll('\0', '').slice(0, answerLengthMax),
      reason: null,
      durationMs: durationMs(),
    };
  } catch (error) {
    // We are ending: it says nothing of the address.
    if (signal.aborted) throw error;
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
    const reason = isTimeout ? ('timeout' satisfies WebhookReason) : reasonOf(error);
    return { status: failed, httpStatus: null, answer: null, reason, durationMs: durationMs() };
  }
}

async function record(
  ctx: Context,
  customerId: CustomerId,
  webhook: WebhookRow,
  delivery: DeliveryRow,
  outcome: DeliveryOutcome,
): Promise<void> {
  const health = await ctx.store.transaction(customerId, async (tx) => {
    await tx.webhooks.settleDelivery(delivery.id, outcome);
    return delivery.entry === null ? null : tx.webhooks.health(webhook.id, outcome.status === 'delivered');
  });
  if (health === null || health.offReason !== null || outcome.status === 'delivered') return;
  const failingMs = ctx.clock.nowMs() - (health.failingSince ?? ctx.clock.nowMs());
  if (outcome.httpStatus === 410) await switchOff(ctx, customerId, webhook.id, 'gone');
  else if (failingMs >= failingMsMax && health.failures >= failuresMin) await switchOff(ctx, customerId, webhook.id, 'failing');
}

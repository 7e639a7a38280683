import type { ChannelId, CustomerId, EventKind, Seq, UserId, WebhookOffReason, WebhookReason, WebhookStatus } from 'gb-protocol';
import { GbError } from 'gb-utils';

/** An address outside that hears of what happens, with the secret that signs what it hears. */
export interface WebhookRow {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly kinds: readonly EventKind[];
  /** All public channels; otherwise `channels`. */
  readonly isEverywhere: boolean;
  /** A private one is told of for as long as the person who chose it is in it. */
  readonly channels: readonly { readonly channelId: ChannelId; readonly chosenBy: UserId }[];
  readonly secret: Uint8Array;
  /** Signs too, until then. */
  readonly oldSecret: { readonly secret: Uint8Array; readonly until: number } | null;
  readonly createdBy: UserId;
  readonly createdAt: number;
  /** null: it is on. */
  readonly offReason: WebhookOffReason | null;
  /** Failures in a row, and when they began. */
  readonly failures: number;
  readonly failingSince: number | null;
}

export interface WebhookPatch {
  readonly name?: string;
  readonly address?: string;
  readonly kinds?: readonly EventKind[];
  readonly isEverywhere?: boolean;
  readonly channels?: WebhookRow['channels'];
  readonly secrets?: Pick<WebhookRow, 'secret' | 'oldSecret'>;
  /** Switching it on forgets its failures. */
  readonly offReason?: WebhookOffReason | null;
}

/** One entry for one webhook. */
export interface DeliveryRow {
  readonly id: string;
  readonly webhookId: string;
  /** `webhook.test`, for one that a person asked for. */
  readonly kind: EventKind | 'webhook.test';
  /** null for a test. */
  readonly entry: DeliveredEntry | null;
  readonly status: WebhookStatus;
  readonly attempts: number;
  /** How often a person asked for it again. */
  readonly again: number;
  readonly createdAt: number;
  readonly triedAt: number | null;
  readonly httpStatus: number | null;
  readonly answer: string | null;
  readonly reason: string | null;
  readonly durationMs: number | null;
}

export interface DeliveredEntry {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly seq: Seq;
}

export interface DeliveryOutcome {
  readonly status: WebhookStatus;
  readonly httpStatus: number | null;
  readonly answer: string | null;
  readonly reason: string | null;
  /** null: nothing was sent, and this is no attempt. */
  readonly durationMs: number | null;
}

export interface WebhookRepository {
  insert(webhook: WebhookRow): Promise<void>;
  /** The oldest first. */
  list(): Promise<readonly WebhookRow[]>;
  get(id: string): Promise<WebhookRow | null>;
  update(id: string, patch: WebhookPatch): Promise<WebhookRow | null>;
  /** With its deliveries. */
  delete(id: string): Promise<boolean>;
  /** Counts one more failure in a row, or forgets them. Gives what is true then; null when it is gone. */
  health(id: string, isWell: boolean): Promise<Pick<WebhookRow, 'failures' | 'failingSince' | 'offReason'> | null>;
  /** Of an entry there is one for each webhook: of a second the first comes back. Null when the webhook is gone. */
  addDelivery(delivery: Pick<DeliveryRow, 'id' | 'webhookId' | 'kind' | 'entry'>): Promise<DeliveryRow | null>;
  delivery(id: string): Promise<DeliveryRow | null>;
  /** The newest first; those before one. */
  deliveries(webhookId: string, query: { before?: string; limit: number }): Promise<readonly DeliveryRow[]>;
  settleDelivery(id: string, outcome: DeliveryOutcome): Promise<void>;
  /** As if it had just come. Null when it is gone. */
  repeatDelivery(id: string): Promise<DeliveryRow | null>;
  /** Whether an earlier entry of the same channel, not older than this, was not tried yet. */
  isPreceded(delivery: DeliveryRow, sinceMs: number): Promise<boolean>;
  /** Says that somebody is at its first attempt. False when somebody else has been since this, or it had one. */
  claimDelivery(id: string, sinceMs: number): Promise<boolean>;
  /** The next one of the channel that was not tried and is not older than this. */
  nextDelivery(after: DeliveryRow, sinceMs: number): Promise<DeliveryRow | null>;
  /** Deliveries that wait for an attempt, counted up to `most`. */
  openCount(webhookId: string, most: number): Promise<number>;
  /** Takes away some that are over: older than this, or beyond so many of one webhook. True when there may be more. */
  prune(beforeMs: number, keptMax: number): Promise<boolean>;
}

/**
 * POST to addresses that tenants chose. It reaches the public internet and what the operator allowed, and follows no
 * redirect: a 302 is an answer like others. Resolves with an answer of any status; rejects with `WebhookUnanswered` when
 * there was none, or with the signal's reason.
 */
export interface WebhookSender {
  /** Throws `malformed` for what can never be reached: no address of the web, one of ours, http where https is asked for. */
  check(address: string): void;
  post(request: WebhookRequestOut, signal: AbortSignal): Promise<WebhookAnswer>;
}

export interface WebhookRequestOut {
  readonly customerId: CustomerId;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookAnswer {
  readonly status: number;
  /** The first kilobyte of it, as text. */
  readonly text: string;
}

/** There was no answer. Its message is the reason as deliveries and tasks keep it. */
export class WebhookUnanswered extends GbError {
  constructor(reason: WebhookReason, detail = '', options: { cause?: unknown; retryable?: boolean } = {}) {
    super('unavailable', detail === '' ? reason : `${reason} ${detail}`, { retryable: true, ...options });
  }
}

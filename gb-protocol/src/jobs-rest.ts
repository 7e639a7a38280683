import type { Channel } from './entities.ts';
import type { EventKind } from './events.ts';
import type { ChannelId, UserId } from './ids.ts';

/** What a workspace tells other systems, writes into files, and does when there is time: for those who look after it. */

/** Kinds of events that webhooks may ask for. Those of a person's own log are nobody else's business. */
export const webhookKinds = [
  'message.posted',
  'message.edited',
  'message.deleted',
  'reaction.added',
  'reaction.removed',
  'member.joined',
  'member.left',
  'channel.updated',
  'user.updated',
  'bot.updated',
  'bot.removed',
] as const satisfies readonly EventKind[];

export type WebhookKind = (typeof webhookKinds)[number];

/** By a person; because it failed for long; because its address said that it is gone; because too much waited for it. */
export type WebhookOffReason = 'person' | 'failing' | 'gone' | 'flooded';

/** `skipped`: the webhook was off, or might not hear of it any more. */
export type WebhookStatus = 'waiting' | 'retrying' | 'delivered' | 'dead' | 'skipped';

/**
 * Why there was no answer, or nothing was sent; what a system says of it may follow, as in `unreachable ECONNREFUSED`.
 * `refused`: the guard lets nothing out to this address. `off`, `unseen`: the webhook was off, or might not hear of it any
 * more. `gone`: the entry is not there. `answer 503` is said of tasks; of a delivery the status tells it.
 */
export const webhookReasons = ['timeout', 'unreachable', 'refused', 'broken', 'busy', 'off', 'unseen', 'gone', 'answer'] as const;

export type WebhookReason = (typeof webhookReasons)[number];

export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly kinds: readonly WebhookKind[];
  /** null: all public channels. */
  readonly channels: readonly Pick<Channel, 'id' | 'name' | 'kind'>[] | null;
  readonly createdBy: UserId;
  readonly createdAt: number;
  /** null: it is on. */
  readonly offReason: WebhookOffReason | null;
  readonly failures: number;
  readonly failingSince: number | null;
}

export interface NewWebhook {
  readonly name: string;
  readonly address: string;
  readonly kinds: readonly WebhookKind[];
  /** Absent: all public channels. */
  readonly channelIds?: readonly ChannelId[];
}

export interface WebhookChange {
  readonly name?: string;
  readonly address?: string;
  readonly kinds?: readonly WebhookKind[];
  /** null: all public channels. */
  readonly channelIds?: readonly ChannelId[] | null;
  readonly isOn?: boolean;
}

/** The secret is in this answer and nowhere else. */
export interface WebhookMade {
  readonly webhook: Webhook;
  readonly secret: string;
}

export interface WebhookDelivery {
  readonly id: string;
  readonly kind: WebhookKind | 'webhook.test';
  readonly channelId: ChannelId | null;
  readonly seq: number | null;
  readonly status: WebhookStatus;
  readonly attempts: number;
  readonly createdAt: number;
  /** Of the last attempt: when, what came back, how long it took; when nothing did, a `WebhookReason` and its detail. */
  readonly triedAt: number | null;
  readonly httpStatus: number | null;
  readonly answer: string | null;
  readonly reason: string | null;
  readonly durationMs: number | null;
}

export interface WebhookDeliveryPage {
  readonly deliveries: readonly WebhookDelivery[];
  readonly hasMore: boolean;
}

export type ExportStatus = 'waiting' | 'running' | 'done' | 'failed';

export interface Export {
  readonly id: string;
  /** null: the workspace. */
  readonly channelId: ChannelId | null;
  readonly requestedBy: UserId;
  readonly status: ExportStatus;
  /** Entries of channels' logs gone through, and how many there are. */
  readonly written: number;
  readonly total: number;
  readonly bytes: number | null;
  /** Of one that failed: an error code. */
  readonly reason: string | null;
  readonly createdAt: number;
  /** When the file leaves. */
  readonly endsAt: number | null;
}

export interface NewExport {
  /** Absent: the workspace, which only owners may ask for. */
  readonly channelId?: ChannelId;
}

export interface ExportLink {
  /** Leads to the file without signing in. */
  readonly path: string;
  readonly until: number;
}

export interface TaskCounts {
  readonly kind: string;
  /** null: a broker does not know them by organization. */
  readonly ready: number | null;
  readonly delayed: number | null;
  readonly running: number | null;
  readonly dead: number;
}

export interface DeadTaskInfo {
  readonly id: string;
  readonly kind: string;
  readonly attempts: number;
  readonly reason: string;
  readonly diedAt: number;
}

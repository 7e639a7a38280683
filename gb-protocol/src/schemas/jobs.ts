import Type from 'typebox';
import type { ChannelId, UserId } from '../ids.ts';
import type {
  DeadTaskInfo,
  Export,
  ExportLink,
  NewExport,
  NewWebhook,
  TaskCounts,
  Webhook,
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookMade,
} from '../jobs-rest.ts';
import { webhookKinds } from '../jobs-rest.ts';
import { limits } from '../limits.ts';
import { as, Id, Nullable, TimeMs, Uuid } from './common.ts';

const Kinds = Type.Array(Type.Enum([...webhookKinds]), { minItems: 1, maxItems: webhookKinds.length });
const ChannelIds = Type.Array(Uuid, { maxItems: limits.webhookChannelsMax });
const Name = Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 });
const Address = Type.String({ minLength: 1, maxLength: limits.webhookAddressMax });
const Count = Type.Integer({ minimum: 0 });
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax }));

// ---------------------------------------------------------------- bodies of requests
export const NewWebhookBody = as<NewWebhook>(
  Type.Object({ name: Name, address: Address, kinds: Kinds, channelIds: Type.Optional(ChannelIds) }),
);
export const WebhookChangeBody = as<WebhookChange>(
  Type.Object({
    name: Type.Optional(Name),
    address: Type.Optional(Address),
    kinds: Type.Optional(Kinds),
    channelIds: Type.Optional(Nullable(ChannelIds)),
    isOn: Type.Optional(Type.Boolean()),
  }),
);
export const NewExportBody = as<NewExport>(Type.Object({ channelId: Type.Optional(Uuid) }));
export const OutgoingWebhookParams = Type.Object({ webhookId: Uuid });
export const DeliveryParams = Type.Object({ webhookId: Uuid, deliveryId: Uuid });
export const DeliveriesQuerystring = Type.Object({ before: Type.Optional(Uuid), limit: Limit });
export const ExportParams = Type.Object({ exportId: Uuid });
export const DeadTasksQuerystring = Type.Object({
  kind: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' })),
  limit: Limit,
});
export const TaskParams = Type.Object({ taskId: Uuid });

// ---------------------------------------------------------------- answers
export const WebhookSchema = as<Webhook>(
  Type.Object({
    id: Uuid,
    name: Type.String(),
    address: Type.String(),
    kinds: Type.Array(Type.String()),
    channels: Nullable(
      Type.Array(
        Type.Object({
          id: Id<ChannelId>(),
          name: Type.String({ description: 'Empty for a private channel that you are not in' }),
          kind: Type.String(),
        }),
      ),
    ),
    createdBy: Id<UserId>(),
    createdAt: TimeMs,
    offReason: Nullable(Type.String({ description: 'person, failing, gone or flooded; null when it is on' })),
    failures: Type.Integer({ description: 'In a row' }),
    failingSince: Nullable(TimeMs),
  }),
);
export const WebhooksSchema = as<{ webhooks: readonly Webhook[] }>(Type.Object({ webhooks: Type.Array(WebhookSchema) }));
export const WebhookMadeSchema = as<WebhookMade>(
  Type.Object({ webhook: WebhookSchema, secret: Type.String({ description: 'Shown this one time' }) }),
);
export const DeliverySchema = as<WebhookDelivery>(
  Type.Object({
    id: Uuid,
    kind: Type.String(),
    channelId: Nullable(Uuid),
    seq: Nullable(Type.Integer()),
    status: Type.String({ description: 'waiting, retrying, delivered, dead or skipped' }),
    attempts: Count,
    createdAt: TimeMs,
    triedAt: Nullable(TimeMs),
    httpStatus: Nullable(Type.Integer()),
    answer: Nullable(Type.String({ description: 'The first kilobyte of it' })),
    reason: Nullable(Type.String()),
    durationMs: Nullable(Count),
  }),
);
export const DeliveryPageSchema = as<WebhookDeliveryPage>(
  Type.Object({ deliveries: Type.Array(DeliverySchema), hasMore: Type.Boolean() }),
);
export const ExportSchema = as<Export>(
  Type.Object({
    id: Uuid,
    channelId: Nullable(Uuid),
    requestedBy: Uuid,
    status: Type.String({ description: 'waiting, running, done or failed' }),
    written: Count,
    total: Count,
    bytes: Nullable(Count),
    reason: Nullable(Type.String()),
    createdAt: TimeMs,
    endsAt: Nullable(TimeMs),
  }),
);
export const ExportsSchema = as<{ exports: readonly Export[] }>(Type.Object({ exports: Type.Array(ExportSchema) }));
export const ExportLinkSchema = as<ExportLink>(Type.Object({ path: Type.String(), until: TimeMs }));
const Figure = Nullable(Count);
export const TaskCountsSchema = as<{ tasks: readonly TaskCounts[] }>(
  Type.Object({
    tasks: Type.Array(Type.Object({ kind: Type.String(), ready: Figure, delayed: Figure, running: Figure, dead: Count })),
  }),
);
export const DeadTasksSchema = as<{ tasks: readonly DeadTaskInfo[] }>(
  Type.Object({
    tasks: Type.Array(Type.Object({ id: Uuid, kind: Type.String(), attempts: Count, reason: Type.String(), diedAt: TimeMs })),
  }),
);

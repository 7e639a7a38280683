import type { DeliveryRow, WebhookRepository, WebhookRow } from 'gb-core';
import type { ChannelId, EventKind, Seq, UserId, WebhookOffReason, WebhookStatus } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  webhook_id: string;
  name: string;
  address: string;
  kinds: EventKind[];
  is_everywhere: boolean;
  channels: { channelId: ChannelId; chosenBy: UserId }[] | null;
  secret: Uint8Array;
  old_secret: Uint8Array | null;
  old_secret_until: number | null;
  created_by: UserId;
  created_at: number;
  off_reason: WebhookOffReason | null;
  failures: number;
  failing_since: number | null;
}

interface Delivery {
  delivery_id: string;
  webhook_id: string;
  kind: DeliveryRow['kind'];
  channel_id: ChannelId | null;
  epoch: number | null;
  seq: Seq | null;
  status: WebhookStatus;
  attempts: number;
  again: number;
  created_at: number;
  tried_at: number | null;
  http_status: number | null;
  answer: string | null;
  reason: string | null;
  duration_ms: number | null;
}

const webhookSelect = `select w.webhook_id, w.name, w.address, w.kinds, w.is_everywhere, w.secret, w.old_secret, w.old_secret_until,
    w.created_by, w.created_at, w.off_reason, w.failures, w.failing_since,
    (select json_agg(json_build_object('channelId', c.channel_id, 'chosenBy', c.chosen_by) order by c.channel_id)
     from webhook_channels c where c.customer_id = w.customer_id and c.webhook_id = w.webhook_id) as channels
  from webhooks w where w.customer_id = $1`;

const deliveryColumns = `d.delivery_id, d.webhook_id, d.kind, d.channel_id, d.epoch, d.seq, d.status, d.attempts, d.again, d.created_at,
  d.tried_at, d.http_status, d.answer, d.reason, d.duration_ms`;

const pruneMax = 1_000;

export function webhookRepository({ sql, customerId, nowMs }: Scope): WebhookRepository {
  const now = time(nowMs);

  async function setChannels(id: string, channels: WebhookRow['channels']): Promise<void> {
    await sql.change('delete from webhook_channels where customer_id = $1 and webhook_id = $2', [customerId, id]);
    await sql.change(
      `insert into webhook_channels (customer_id, webhook_id, channel_id, chosen_by)
       select $1, $2, c.id, c.by from unnest($3::uuid[], $4::uuid[]) c (id, by)`,
      [customerId, id, channels.map(({ channelId }) => channelId), channels.map(({ chosenBy }) => chosenBy)],
    );
  }

  return {
    async insert(webhook) {
      await sql.change(
        `insert into webhooks (customer_id, webhook_id, name, address, kinds, is_everywhere, secret, created_by, created_at, is_active, off_reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text is null, $10)`,
        [
          customerId,
          webhook.id,
          webhook.name,
          webhook.address,
          webhook.kinds,
          webhook.isEverywhere,
          webhook.secret,
          webhook.createdBy,
          time(webhook.createdAt),
          webhook.offReason,
        ],
      );
      await setChannels(webhook.id, webhook.channels);
    },

    async list() {
      return (await sql.rows<Row>(`${webhookSelect} order by w.created_at, w.webhook_id`, [customerId])).map(toWebhook);
    },

    async get(id) {
      const row = await sql.row<Row>(`${webhookSelect} and w.webhook_id = $2`, [customerId, id]);
      return row && toWebhook(row);
    },

    async update(id, patch) {
      const isOn = patch.offReason === null;
      const old = patch.secrets?.oldSecret ?? null;
      await sql.change(
        `update webhooks set
           name = coalesce($3, name), address = coalesce($4, address), kinds = coalesce($5::text[], kinds),
           is_everywhere = coalesce($6, is_everywhere),
           off_reason = case when $7 then null else coalesce($8, off_reason) end,
           is_active = case when $7 then true else is_active and $8::text is null end,
           failures = case when $7 then 0 else failures end,
           failing_since = case when $7 then null else failing_since end,
           secret = coalesce($9, secret),
           old_secret = case when $9::bytea is null then old_secret else $10 end,
           old_secret_until = case when $9::bytea is null then old_secret_until else $11::timestamptz end
         where customer_id = $1 and webhook_id = $2`,
        [
          customerId,
          id,
          patch.name ?? null,
          patch.address ?? null,
          patch.kinds ?? null,
          patch.isEverywhere ?? null,
          isOn,
          patch.offReason ?? null,
          patch.secrets?.secret ?? null,
          old?.secret ?? null,
          old && time(old.until),
        ],
      );
      if (patch.channels) await setChannels(id, patch.channels);
      return this.get(id);
    },

    async delete(id) {
      return (await sql.change('delete from webhooks where customer_id = $1 and webhook_id = $2', [customerId, id])) > 0;
    },

    async health(id, isWell) {
      // One that is well already is not written: deliveries that succeed do not wait for each other.
      const row = await sql.row<Pick<Row, 'failures' | 'failing_since' | 'off_reason'>>(
        isWell
          ? `with healed as (
               update webhooks set failures = 0, failing_since = null
               where customer_id = $1 and webhook_id = $2 and failures > 0 and $3::timestamptz is not null
             ) select 0 as failures, null::timestamptz as failing_since, off_reason from webhooks where customer_id = $1 and webhook_id = $2`
          : `update webhooks set failures = failures + 1, failing_since = coalesce(failing_since, $3)
             where customer_id = $1 and webhook_id = $2 returning failures, failing_since, off_reason`,
        [customerId, id, now],
      );
      return row && { failures: row.failures, failingSince: row.failing_since, offReason: row.off_reason };
    },

    async addDelivery({ id, webhookId, kind, entry }) {
      await sql.change(
        `insert into webhook_deliveries (customer_id, delivery_id, webhook_id, kind, channel_id, epoch, seq, status, created_at)
         select $1, $2, w.webhook_id, $4, $5, $6, $7, 'waiting', $8
         from webhooks w where w.customer_id = $1 and w.webhook_id = $3
         on conflict do nothing`,
        [customerId, id, webhookId, kind, entry?.channelId ?? null, entry?.epoch ?? null, entry?.seq ?? null, now],
      );
      if (!entry) return this.delivery(id);
      const row = await sql.row<Delivery>(
        `select ${deliveryColumns} from webhook_deliveries d
         where d.customer_id = $1 and d.webhook_id = $2 and d.channel_id = $3 and d.epoch = $4 and d.seq = $5`,
        [customerId, webhookId, entry.channelId, entry.epoch, entry.seq],
      );
      return row && toDelivery(row);
    },

    async delivery(id) {
      const row = await sql.row<Delivery>(
        `select ${deliveryColumns} from webhook_deliveries d where d.customer_id = $1 and d.delivery_id = $2`,
        [customerId, id],
      );
      return row && toDelivery(row);
    },

    async deliveries(webhookId, { before, limit }) {
      const rows = await sql.rows<Delivery>(
        `select ${deliveryColumns} from webhook_deliveries d
         where d.customer_id = $1 and d.webhook_id = $2 and ($3::uuid is null or (d.created_at, d.delivery_id) < (
           select b.created_at, b.delivery_id from webhook_deliveries b where b.customer_id = $1 and b.delivery_id = $3))
         order by d.created_at desc, d.delivery_id desc limit $4`,
        [customerId, webhookId, before ?? null, limit],
      );
      return rows.map(toDelivery);
    },

    async settleDelivery(id, { status, httpStatus, answer, reason, durationMs }) {
      await sql.change(
        `update webhook_deliveries set status = $3, http_status = $4, answer = $5, reason = $6,
           attempts = attempts + case when $7::int is null then 0 else 1 end,
           duration_ms = coalesce($7, duration_ms), tried_at = case when $7::int is null then tried_at else $8::timestamptz end
         where customer_id = $1 and delivery_id = $2`,
        [customerId, id, status, httpStatus, answer, reason, durationMs, now],
      );
    },

    async repeatDelivery(id) {
      const row = await sql.row<Delivery>(
        `update webhook_deliveries d set status = 'waiting', again = again + 1
         where d.customer_id = $1 and d.delivery_id = $2 returning ${deliveryColumns}`,
        [customerId, id],
      );
      return row && toDelivery(row);
    },

    async isPreceded({ webhookId, entry }, sinceMs) {
      if (!entry) return false;
      const row = await sql.row<{ is_preceded: boolean }>(
        `select exists (
           select from webhook_deliveries d
           where d.customer_id = $1 and d.webhook_id = $2 and d.channel_id = $3 and d.epoch = $4 and d.seq < $5
             and d.status = 'waiting' and d.attempts = 0 and d.created_at > $6
         ) as is_preceded`,
        [customerId, webhookId, entry.channelId, entry.epoch, entry.seq, time(sinceMs)],
      );
      return row?.is_preceded === true;
    },

    async claimDelivery(id, sinceMs) {
      const claimed = await sql.change(
        `update webhook_deliveries set tried_at = $3
         where customer_id = $1 and delivery_id = $2 and status = 'waiting' and attempts = 0
           and (tried_at is null or tried_at < $4)`,
        [customerId, id, now, time(sinceMs)],
      );
      return claimed > 0;
    },

    async nextDelivery({ webhookId, entry }, sinceMs) {
      if (!entry) return null;
      const row = await sql.row<Delivery>(
        `select ${deliveryColumns} from webhook_deliveries d
         where d.customer_id = $1 and d.webhook_id = $2 and d.channel_id = $3 and d.epoch = $4 and d.seq > $5
           and d.status = 'waiting' and d.attempts = 0 and d.created_at > $6
         order by d.seq limit 1`,
        [customerId, webhookId, entry.channelId, entry.epoch, entry.seq, time(sinceMs)],
      );
      return row && toDelivery(row);
    },

    async openCount(webhookId, most) {
      const row = await sql.row<{ count: number }>(
        `select count(*) as count from (
           select from webhook_deliveries
           where customer_id = $1 and webhook_id = $2 and status in ('waiting', 'retrying') limit $3
         ) few`,
        [customerId, webhookId, most],
      );
      return row?.count ?? 0;
    },

    async prune(beforeMs, keptMax) {
      const old = await sql.change(
        `delete from webhook_deliveries where customer_id = $1 and delivery_id in (
           select delivery_id from webhook_deliveries where customer_id = $1 and created_at < $2 order by created_at limit $3)`,
        [customerId, time(beforeMs), pruneMax],
      );
      // What waits is kept: the tasks of it are still to come.
      const more = await sql.change(
        `delete from webhook_deliveries where customer_id = $1 and delivery_id in (
           select d.delivery_id from webhooks w cross join lateral (
             select delivery_id, status from webhook_deliveries
             where customer_id = $1 and webhook_id = w.webhook_id order by created_at desc, delivery_id desc offset $2
           ) d where w.customer_id = $1 and d.status not in ('waiting', 'retrying') limit $3)`,
        [customerId, keptMax, pruneMax],
      );
      return old === pruneMax || more === pruneMax;
    },
  };
}

function toWebhook(row: Row): WebhookRow {
  return {
    id: row.webhook_id,
    name: row.name,
    address: row.address,
    kinds: row.kinds,
    isEverywhere: row.is_everywhere,
    channels: row.channels ?? [],
    secret: row.secret,
    oldSecret: row.old_secret && { secret: row.old_secret, until: row.old_secret_until ?? 0 },
    createdBy: row.created_by,
    createdAt: row.created_at,
    offReason: row.off_reason,
    failures: row.failures,
    failingSince: row.failing_since,
  };
}

function toDelivery(row: Delivery): DeliveryRow {
  const { channel_id: channelId, epoch, seq } = row;
  return {
    id: row.delivery_id,
    webhookId: row.webhook_id,
    kind: row.kind,
    entry: channelId === null || epoch === null || seq === null ? null : { channelId, epoch, seq },
    status: row.status,
    attempts: row.attempts,
    again: row.again,
    createdAt: row.created_at,
    triedAt: row.tried_at,
    httpStatus: row.http_status,
    answer: row.answer,
    reason: row.reason,
    durationMs: row.duration_ms,
  };
}

import type { ChannelId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { ExportRow } from '../exports.ts';
import type { Store } from '../store.ts';
import type { WebhookRow } from '../webhooks.ts';
import { newId, type World, world } from './world.ts';

/** What leaves a workspace by itself. `later` opens a store whose clock is ahead. */
export function storeJobsContract(store: () => Store, later: (ms: number) => Promise<Store>): void {
  async function webhook(w: World, more: Partial<WebhookRow> = {}): Promise<WebhookRow> {
    const row: WebhookRow = {
      id: newId(),
      name: 'CRM',
      address: 'https://example.com/',
      kinds: ['message.posted', 'member.joined'],
      isEverywhere: true,
      channels: [],
      secret: new Uint8Array([1, 2, 3]),
      oldSecret: null,
      createdBy: w.owner,
      createdAt: Date.now(),
      offReason: null,
      failures: 0,
      failingSince: null,
      ...more,
    };
    await store().transaction(w.customerId, (tx) => tx.webhooks.insert(row));
    return row;
  }
  const deliver = (w: World, webhookId: string, channelId: ChannelId, seq: number) =>
    store().transaction(w.customerId, (tx) =>
      tx.webhooks.addDelivery({ id: newId(), webhookId, kind: 'message.posted', entry: { channelId, epoch: 1, seq } }),
    );
  const failed = { status: 'retrying', httpStatus: 500, answer: 'no', reason: null, durationMs: 7 } as const;

  test('a webhook is found as it was put, changes in part, and goes with its deliveries', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const row = await webhook(w, { isEverywhere: false, channels: [{ channelId: general, chosenBy: w.owner }] });
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.webhooks.get(row.id)).toEqual(row);
      const until = Date.now() + 1_000;
      const secrets = { secret: new Uint8Array([9]), oldSecret: { secret: row.secret, until } };
      expect(await tx.webhooks.update(row.id, { name: 'Other', secrets, offReason: 'person' })).toEqual({
        ...row,
        ...secrets,
        name: 'Other',
        offReason: 'person',
      });
      expect(await tx.webhooks.update(row.id, { channels: [], isEverywhere: true, offReason: null })).toMatchObject({
        channels: [],
        isEverywhere: true,
        offReason: null,
        oldSecret: secrets.oldSecret,
      });
      expect(await tx.webhooks.update(newId(), { name: 'x' })).toBeNull();
    });
    const delivery = await deliver(w, row.id, general, 1);
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.webhooks.delete(row.id)).toBe(true);
      expect(await tx.webhooks.delete(row.id)).toBe(false);
      expect(await tx.webhooks.delivery(delivery!.id)).toBeNull();
    });
    expect(await deliver(w, row.id, general, 2)).toBeNull();
  });

  test('of an entry there is one delivery for each webhook, whoever makes it, and another customer sees none', async () => {
    const [w, other] = [await world(store()), await world(store())];
    const general = await w.channel('general');
    const [one, two] = [await webhook(w), await webhook(w)];
    const made = await Promise.all(Array.from({ length: 5 }, () => deliver(w, one.id, general, 1)));
    expect(new Set(made.map((row) => row?.id)).size).toBe(1);
    expect((await deliver(w, two.id, general, 1))?.id).not.toBe(made[0]!.id);
    await store().transaction(other.customerId, async (tx) => {
      expect(await tx.webhooks.list()).toEqual([]);
      expect(await tx.webhooks.get(one.id)).toBeNull();
      expect(await tx.webhooks.delivery(made[0]!.id)).toBeNull();
      expect(await tx.webhooks.deliveries(one.id, { limit: 10 })).toEqual([]);
      expect(await tx.webhooks.delete(one.id)).toBe(false);
    });
  });

  test('first attempts have an order, and one of them has one taker', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const { id } = await webhook(w);
    const [second, first] = [(await deliver(w, id, general, 9))!, (await deliver(w, id, general, 4))!];
    const long = Date.now() - 60_000;
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.webhooks.isPreceded(second, long)).toBe(true);
      expect(await tx.webhooks.isPreceded(second, Date.now() + 60_000)).toBe(false);
      expect(await tx.webhooks.isPreceded(first, long)).toBe(false);
      expect((await tx.webhooks.nextDelivery(first, long))?.id).toBe(second.id);
    });
    const claims = await Promise.all(
      [1, 2, 3].map(() => store().transaction(w.customerId, (tx) => tx.webhooks.claimDelivery(first.id, long))),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    await store().transaction(w.customerId, async (tx) => {
      await tx.webhooks.settleDelivery(first.id, failed);
      expect(await tx.webhooks.delivery(first.id)).toMatchObject({ ...failed, attempts: 1, triedAt: expect.any(Number) });
      expect(await tx.webhooks.claimDelivery(first.id, Date.now() + 60_000)).toBe(false);
      expect(await tx.webhooks.isPreceded(second, long)).toBe(false);
      expect(await tx.webhooks.openCount(id, 10)).toBe(2);
      expect(await tx.webhooks.openCount(id, 1)).toBe(1);
      expect(await tx.webhooks.repeatDelivery(first.id)).toMatchObject({ status: 'waiting', again: 1, attempts: 1 });
    });
  });

  test('failures in a row are counted from the first, and forgotten with a success', async () => {
    const w = await world(store());
    const { id } = await webhook(w);
    const health = (isWell: boolean) => store().transaction(w.customerId, (tx) => tx.webhooks.health(id, isWell));
    const first = (await health(false))!;
    expect(first).toEqual({ failures: 1, failingSince: expect.any(Number), offReason: null });
    expect(await health(false)).toEqual({ failures: 2, failingSince: first.failingSince, offReason: null });
    expect(await health(true)).toEqual({ failures: 0, failingSince: null, offReason: null });
    expect(await store().read(w.customerId, (tx) => tx.webhooks.get(id))).toMatchObject({ failures: 0, failingSince: null });
  });

  test('old deliveries go, and of many the oldest; what waits stays', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const { id } = await webhook(w);
    for (let seq = 1; seq <= 6; seq++) {
      const { id: deliveryId } = (await deliver(w, id, general, seq))!;
      if (seq !== 2)
        await store().transaction(w.customerId, (tx) => tx.webhooks.settleDelivery(deliveryId, { ...failed, status: 'dead' }));
    }
    const seqs = async () =>
      (await store().read(w.customerId, (tx) => tx.webhooks.deliveries(id, { limit: 10 }))).map(({ entry }) => entry?.seq);
    expect(await seqs()).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await store().transaction(w.customerId, (tx) => tx.webhooks.prune(0, 3))).toBe(false);
    expect(await seqs()).toEqual([6, 5, 4, 2]);
    const newest = (await store().read(w.customerId, (tx) => tx.webhooks.deliveries(id, { limit: 1 })))[0]!;
    const next = await store().read(w.customerId, (tx) => tx.webhooks.deliveries(id, { before: newest.id, limit: 2 }));
    expect(next.map(({ entry }) => entry?.seq)).toEqual([5, 4]);
    const ahead = await later(3_600_000);
    await ahead.transaction(w.customerId, (tx) => tx.webhooks.prune(Date.now() + 1_800_000, 100));
    expect(await seqs()).toEqual([]);
  });

  test('an export is taken by one at a time, and its pieces are listed in order', async () => {
    const [w, other] = [await world(store()), await world(store())];
    const general = await w.channel('general');
    const row: ExportRow = {
      id: newId(),
      channelId: general,
      requestedBy: w.owner,
      status: 'waiting',
      state: { locale: 'pt-BR', channels: null, afterSeq: 0, page: 0, onPage: 0, parts: 0, packed: 0, entries: 0 },
      written: 0,
      total: 0,
      revision: 0,
      fileId: null,
      bytes: null,
      reason: null,
      createdAt: Date.now(),
      changedAt: Date.now(),
      endsAt: null,
    };
    await store().transaction(w.customerId, (tx) => tx.exports.insert(row));
    const saved = { ...row, status: 'running', state: { ...row.state, channels: [general], parts: 3 } } as const;
    const saves = await Promise.all([1, 2, 3].map(() => store().transaction(w.customerId, (tx) => tx.exports.save(saved))));
    expect(saves.filter(Boolean)).toHaveLength(1);
    await store().transaction(w.customerId, async (tx) => {
      const found = (await tx.exports.get(row.id))!;
      expect(found).toEqual({ ...saved, revision: 1, changedAt: found.changedAt });
      expect(await tx.exports.openCounts(w.owner)).toEqual({ all: 1, own: 1 });
      const entry = { number: 1, name: 'a', crc: 4_294_967_295, size: 1, packed: 2, parts: [1] };
      await tx.exports.putEntries(row.id, [entry, { ...entry, number: 0, name: 'b' }]);
      await tx.exports.putEntries(row.id, [{ ...entry, size: 9, parts: [1, 12] }]);
      expect(await tx.exports.entry(row.id, 1)).toEqual({ ...entry, size: 9, parts: [1, 12] });
      expect((await tx.exports.entries(row.id, -1, 10)).map(({ name }) => name)).toEqual(['b', 'a']);
      expect((await tx.exports.entries(row.id, 0, 10)).map(({ name }) => name)).toEqual(['a']);
      expect(await tx.exports.over({ endedBeforeMs: 0, stillSinceMs: 0, limit: 10 })).toEqual([]);
      expect(await tx.exports.over({ endedBeforeMs: 0, stillSinceMs: Date.now() + 60_000, limit: 10 })).toHaveLength(1);
      expect((await tx.exports.list(w.owner, 10)).map(({ id }) => id)).toEqual([row.id]);
    });
    await store().transaction(other.customerId, async (tx) => {
      expect(await tx.exports.get(row.id)).toBeNull();
      expect(await tx.exports.list(w.owner, 10)).toEqual([]);
      expect(await tx.exports.save({ ...saved, revision: 1 })).toBe(false);
    });
    await store().transaction(w.customerId, async (tx) => {
      await tx.exports.delete(row.id);
      expect(await tx.exports.entries(row.id, -1, 10)).toEqual([]);
    });
  });
}

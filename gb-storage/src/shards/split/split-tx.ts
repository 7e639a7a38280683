import type {
  AppendedMessage,
  Figure,
  FigureRepository,
  HandoverRepository,
  LogRepository,
  MessageRepository,
  NewMessage,
  Tx,
} from 'gb-core';
import type { ChannelId, ClientId, CustomerId, FileId, LogEvent, LogPosition, Seq, UserId } from 'gb-protocol';
import { assert } from 'gb-utils';
import { time } from '../../connection.ts';
import { letGoOfFiles } from '../../repositories/messages.ts';
import { ChannelElsewhere } from './part.ts';
import type { Participant } from './participant.ts';
import { splitChannels } from './split-channels.ts';
import type { SplitTransaction } from './split-transaction.ts';
import { bringUsers } from './users-of-parts.ts';

/**
 * What a transaction of a split customer can do. What concerns a log goes to its part, all else home; what needs both asks
 * both, home first, so that locks are taken in one order.
 */
export function splitTx(transaction: SplitTransaction): Tx {
  const home = homeTx(transaction);
  return withOwn(home, {
    channels: withOwn(home.channels, splitChannels(transaction, home.channels)),
    messages: splitMessages(transaction),
    log: splitLog(transaction),
    figures: splitFigures(transaction),
    handovers: withOwn(home.handovers, splitHandovers(transaction, home.handovers)),
  });
}

/** The home's own Tx, begun when the first of its methods is called. */
function homeTx(transaction: SplitTransaction): Tx {
  const repository = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          async (...args: readonly unknown[]) => {
            const { tx } = await transaction.home();
            const own = tx[name as keyof Tx] as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
            return own[String(method)]!(...args);
          },
      },
    );
  return new Proxy({}, { get: (_, name) => repository(String(name)) }) as Tx;
}

function withOwn<T extends object>(base: T, own: Partial<T>): T {
  return new Proxy(base, { get: (target, name) => Reflect.get(name in own ? own : target, name) });
}

function splitMessages(transaction: SplitTransaction): MessageRepository {
  async function withUsers(channelId: ChannelId, userIds: readonly UserId[]): Promise<Participant> {
    const participant = await transaction.with(channelId);
    if (participant.customerId !== transaction.customerId) await bringUsers(() => transaction.home(), participant, userIds);
    return participant;
  }
  const messages = async (channelId: ChannelId) => (await transaction.with(channelId)).tx.messages;
  return {
    get: async (channelId, seq) => (await messages(channelId)).get(channelId, seq),
    page: async (channelId, query) => (await messages(channelId)).page(channelId, query),
    edit: async (channelId, seq, change) =>
      (await withUsers(channelId, change.mentions)).tx.messages.edit(channelId, seq, change),
    async delete(channelId, seq) {
      const participant = await transaction.with(channelId);
      await participant.tx.messages.delete(channelId, seq);
      // Which messages show a file is noted at home, where the file is.
      if (participant.customerId !== transaction.customerId) await letGoOfFiles(await transaction.home(), channelId, seq);
    },
    versions: async (channelId, seq) => (await messages(channelId)).versions(channelId, seq),
    addReaction: async (channelId, seq, userId, emoji) =>
      (await withUsers(channelId, [userId])).tx.messages.addReaction(channelId, seq, userId, emoji),
    removeReaction: async (channelId, seq, userId, emoji) =>
      (await messages(channelId)).removeReaction(channelId, seq, userId, emoji),
    reactionKinds: async (channelId, seq) => (await messages(channelId)).reactionKinds(channelId, seq),
  };
}

function splitLog(transaction: SplitTransaction): LogRepository {
  const { customerId } = transaction;

  async function positions(
    channelIds: readonly ChannelId[],
    { skipsAway = false }: { readonly skipsAway?: boolean } = {},
  ): Promise<LogPosition[]> {
    const places = await transaction.placesOf(channelIds);
    const byPlace = Map.groupBy(
      channelIds.filter((id) => places.get(id) !== null),
      (id) => places.get(id)!,
    );
    const found = await Promise.all(
      [...byPlace].map(async ([place, ids]) => {
        const ask = ({ tx }: Participant) => tx.log.positions(ids);
        const own = skipsAway ? await transaction.ifThere(place, ask) : await ask(await transaction.at(place));
        // Home says that they are there, so the part shows them in a moment.
        if (own && place !== customerId && own.length < ids.length) throw new ChannelElsewhere();
        return own ?? [];
      }),
    );
    const byId = new Map(found.flat().map((position) => [position.channelId, position]));
    return channelIds.map((id) => byId.get(id)).filter((position) => position !== undefined);
  }

  async function logOf(channelId: ChannelId): Promise<LogRepository> {
    return (await transaction.with(channelId)).tx.log;
  }

  return {
    position: async (channelId) => (await positions([channelId]))[0] ?? null,
    positions,
    read: async (channelId, afterSeq, limit) => (await logOf(channelId)).read(channelId, afterSeq, limit),
    get: async (channelId, seq) => (await logOf(channelId)).get(channelId, seq),

    async append(entries, messages = []) {
      const channelIds = [...new Set([...entries, ...messages].map((one) => one.channelId))];
      const places = await transaction.placesOf(channelIds);
      const placeOf = (one: { channelId: ChannelId }) => places.get(one.channelId) ?? customerId;
      // Home first, then the parts by their ids: everybody locks heads in this order.
      const order = [...new Set([...entries, ...messages].map(placeOf))].sort((a, b) =>
        a === customerId ? -1 : b === customerId ? 1 : a < b ? -1 : 1,
      );
      const events = new Map<object, LogEvent>();
      const appended = new Map<object, AppendedMessage>();
      for (const place of order) {
        const participant = await transaction.at(place);
        for (const channelId of channelIds) if (placeOf({ channelId }) === place) await transaction.with(channelId);
        const own = entries.filter((entry) => placeOf(entry) === place);
        const ownMessages = messages.filter((message) => placeOf(message) === place);
        if (place !== customerId) {
          const mentioned = ownMessages.flatMap((message) => message.mentions);
          await bringUsers(() => transaction.home(), participant, mentioned);
        }
        const result = await participant.tx.log.append(own, ownMessages);
        for (const [index, entry] of own.entries()) events.set(entry, result.events[index]!);
        for (const [index, message] of ownMessages.entries()) appended.set(message, result.messages[index]!);
        if (place === customerId) continue;
        for (const message of ownMessages) await noteFiles(await transaction.home(), message, appended.get(message)!);
      }
      return { events: entries.map((one) => events.get(one)!), messages: messages.map((one) => appended.get(one)!) };
    },
  };

  /** The files that a message in a part shows are held, as `note_file_uses` does where both are in one database. */
  async function noteFiles({ sql }: Participant, message: NewMessage, { seq, isDuplicate }: AppendedMessage): Promise<void> {
    const fileIds = attachmentsOf(message);
    if (fileIds.length === 0 || isDuplicate) return;
    await sql.change(
      `with used as materialized (
         select f.file_id from files f where f.customer_id = $1 and f.file_id = any ($4::uuid[])
       ), held as (
         update files f set leaving_at = null from used
         where f.customer_id = $1 and f.file_id = used.file_id and f.leaving_at is not null
       )
       insert into file_uses (customer_id, file_id, channel_id, seq) select $1, used.file_id, $2, $3 from used on conflict do nothing`,
      [customerId, message.channelId, seq, fileIds],
    );
  }
}

export function attachmentsOf({ parts }: NewMessage): readonly FileId[] {
  return parts?.attachments?.map(({ id }) => id) ?? [];
}

function splitFigures(transaction: SplitTransaction): FigureRepository {
  const everywhere = () => Promise.all([transaction.customerId, ...transaction.parts].map((place) => transaction.at(place)));
  return {
    async count(figure: Figure, fromMs, toMs, intervalMs) {
      const { tx } = await transaction.home();
      if (figure !== 'messages' && figure !== 'people') return tx.figures.count(figure, fromMs, toMs, intervalMs);
      const totals = new Map<number, number>();
      const add = (atMs: number, value: number) => totals.set(atMs, (totals.get(atMs) ?? 0) + value);
      if (figure === 'messages') {
        for (const own of await Promise.all(
          (await everywhere()).map((one) => one.tx.figures.count(figure, fromMs, toMs, intervalMs)),
        ))
          for (const { atMs, value } of own) add(atMs, value);
      } else {
        // Somebody who wrote in two parts is one person, so the people themselves have to be put together.
        const found = await Promise.all(
          (await everywhere()).map(({ sql, customerId }) =>
            sql.rows<{ bucket: number; author_id: UserId }>(
              `select distinct floor(extract(epoch from at - $2::timestamptz) * 1000 / $4::float8)::bigint as bucket, author_id
               from messages where customer_id = $1 and at >= $2 and at < $3`,
              [customerId, time(fromMs), time(toMs), intervalMs],
            ),
          ),
        );
        const people = new Set(found.flat().map((row) => `${row.bucket} ${row.author_id}`));
        for (const one of people) add(fromMs + Number(one.split(' ')[0]) * intervalMs, 1);
      }
      return [...totals].sort(([a], [b]) => a - b).map(([atMs, value]) => ({ atMs, value }));
    },
  };
}

/** The thread of a handover begins with a message, which is looked for where its log is. */
function splitHandovers(
  transaction: SplitTransaction,
  home: HandoverRepository,
): Pick<HandoverRepository, 'ofThread' | 'threadOf'> {
  const { customerId } = transaction;
  const partWith = async (channelId: ChannelId): Promise<Participant | null> => {
    const place: CustomerId | null = await transaction.place(channelId);
    return place === null || place === customerId ? null : transaction.with(channelId);
  };
  return {
    async ofThread(botId, deskId, threadSeq) {
      const part = await partWith(deskId);
      if (!part) return home.ofThread(botId, deskId, threadSeq);
      const root = await part.sql.row<{ client_id: ClientId }>(
        'select client_id from messages where customer_id = $1 and channel_id = $2 and seq = $3',
        [part.customerId, deskId, threadSeq],
      );
      if (!root) return null;
      const { sql } = await transaction.home();
      const row = await sql.row<{ handover_id: Parameters<HandoverRepository['get']>[0] }>(
        'select handover_id from handovers where customer_id = $1 and desk_id = $2 and root_client_id = $3 and bot_id = $4',
        [customerId, deskId, root.client_id, botId],
      );
      return row && home.get(row.handover_id);
    },

    async threadOf(handover) {
      const { deskId, rootClientId, botId } = handover;
      const part = await partWith(deskId);
      if (!part) return home.threadOf(handover);
      const { sql } = await transaction.home();
      const bot = await sql.row<{ user_id: UserId }>('select user_id from bots where customer_id = $1 and bot_id = $2', [
        customerId,
        botId,
      ]);
      if (!bot) return null;
      const row = await part.sql.row<{ seq: Seq }>(
        'select seq from messages where customer_id = $1 and channel_id = $2 and client_id = $3 and author_id = $4',
        [part.customerId, deskId, rootClientId, bot.user_id],
      );
      assert(row === null || row.seq > 0, 'messages are numbered from one');
      return row?.seq ?? null;
    },
  };
}

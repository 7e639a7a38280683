import type { Store, Table } from 'gb-core';
import type { World } from 'gb-core/contract';
import type { BotId, ChannelId, ClientId, Seq } from 'gb-protocol';
import { GbError, uuidv7 } from 'gb-utils';

export interface TrafficOptions {
  readonly channels?: number;
  /** Messages that one sender has under way at a time; they are to arrive in the order they were sent in. */
  readonly inFlight?: number;
  readonly bot?: { readonly botId: BotId; readonly table: () => Promise<Table> };
}

/** People and a bot at work until told to stop, who remember everything that was acknowledged. */
export interface Traffic {
  readonly acknowledged: () => number;
  /** Rows of the bot's table that were committed. */
  readonly rows: () => number;
  /** The longest time between two acknowledgements of a sender. */
  readonly longestPauseMs: () => number;
  stop(): Promise<void>;
  /** Fails when anything that was acknowledged is not there once, at its place and in order. */
  check(store?: Store): Promise<void>;
}

export async function startTraffic(w: World, { channels = 2, inFlight = 4, bot }: TrafficOptions = {}): Promise<Traffic> {
  const { store, customerId, owner } = w;
  let isOver = false;
  let longestPauseMs = 0;
  const acks: { channelId: ChannelId; sender: number; n: number; seq: Seq; clientId: ClientId }[] = [];
  const entries: { channelId: ChannelId; seq: Seq }[] = [];
  const rows = new Set<number>();
  /** Who was told to send again, and did: later than what they sent after it. */
  const sentAgain = new Set<string>();
  const faults: unknown[] = [];
  /** As a client does: the same id again until there is an answer. */
  const send = async (channelId: ChannelId, sender: number, n: number) => {
    const clientId = uuidv7() as ClientId;
    for (;;) {
      try {
        const { seq } = await store.appendMessage(customerId, w.message(channelId, { clientId, text: `${sender}:${n}` }));
        acks.push({ channelId, sender, n, seq, clientId });
        return;
      } catch (error) {
        if (!(error instanceof GbError && error.retryable)) throw error;
        sentAgain.add(String(sender));
      }
    }
  };
  const sender = async (channelId: ChannelId, number: number) => {
    const underWay: Promise<void>[] = [];
    let answeredMs = performance.now();
    for (let n = 1; !isOver; n++) {
      const sent = send(channelId, number, n).then(() => {
        longestPauseMs = Math.max(longestPauseMs, performance.now() - answeredMs);
        answeredMs = performance.now();
      });
      sent.catch(() => {}); // Told when it is waited for.
      underWay.push(sent);
      if (underWay.length >= inFlight) await underWay.shift();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(underWay);
  };
  const until = async (work: () => Promise<void>) => {
    while (!isOver) {
      try {
        await work();
      } catch (error) {
        // A commit that is not known to have happened may have: nobody counted on it.
        if (!(error instanceof GbError && error.retryable)) throw error;
      }
    }
  };
  const ids = await Promise.all(Array.from({ length: channels }, (_, i) => w.channel(`traffic ${i} ${uuidv7()}`)));
  const work = [
    ...ids.flatMap((channelId, i) => [sender(channelId, 2 * i), sender(channelId, 2 * i + 1)]),
    until(async () => {
      const channelId = ids[entries.length % ids.length]!;
      const { events } = await store.transaction(customerId, (tx) =>
        tx.log.append([{ channelId, actorId: owner, body: { kind: 'member.joined', userId: owner } }]),
      );
      entries.push({ channelId, seq: events[0]!.seq });
    }),
    until(async () => {
      const written = acks.at(-1);
      if (!written) return new Promise((resolve) => setTimeout(resolve, 5));
      await store.transaction(customerId, async (tx) => {
        await tx.messages.addReaction(written.channelId, written.seq, owner, '👍');
        await tx.messages.removeReaction(written.channelId, written.seq, owner, '👍');
        await tx.channels.saveDraft(written.channelId, owner, null, `draft ${written.n % 3 === 0 ? '' : written.n}`);
      });
    }),
    ...(bot
      ? [
          until(async () => {
            const table = await bot.table();
            const [row] = await store.transaction(customerId, (tx) => tx.tables.insert(table, [{ name: `row ${rows.size}` }]));
            if (rows.has(Number(row!['id']))) throw new RangeError(`The number ${String(row!['id'])} was given twice`);
            rows.add(Number(row!['id']));
          }),
        ]
      : []),
  ].map((one) => one.catch((error: unknown) => void faults.push(error)));
  return {
    acknowledged: () => acks.length,
    rows: () => rows.size,
    longestPauseMs: () => longestPauseMs,
    async stop() {
      isOver = true;
      await Promise.all(work);
      if (faults.length > 0) throw faults[0];
    },
    async check(other = store) {
      for (const channelId of ids) await checkChannel(other, w, channelId);
      const counted = new Set(acks.map(({ channelId, seq }) => `${channelId} ${seq}`));
      for (const { channelId, seq } of entries) counted.add(`${channelId} ${seq}`);
      if (counted.size !== acks.length + entries.length) throw new Error('Two things were acknowledged under one number');
      if (bot) {
        const table = await bot.table();
        const count = await other.read(customerId, (tx) => tx.tables.count(table));
        if (count < rows.size) throw new Error(`${rows.size} rows were committed, and ${count} are there`);
      }
    },
  };

  async function checkChannel(other: Store, world: World, channelId: ChannelId): Promise<void> {
    const log = await readLog(other, world, channelId);
    const seqs = log.map(({ seq }) => seq);
    if (seqs.some((seq, i) => seq !== i + 1)) throw new Error(`The log of ${channelId} has a gap or a double`);
    const texts = new Map(log.map(({ seq, text }) => [seq, text]));
    const seen = new Map<string, number>();
    for (const { text } of log) if (text !== null) seen.set(text, (seen.get(text) ?? 0) + 1);
    for (const ack of acks.filter((one) => one.channelId === channelId)) {
      const text = `${ack.sender}:${ack.n}`;
      if (texts.get(ack.seq) !== text)
        throw new Error(`${text} was acknowledged as ${ack.seq}, where there is ${texts.get(ack.seq)}`);
      if (seen.get(text) !== 1) throw new Error(`${text} is there ${seen.get(text)} times`);
    }
    for (const [number, own] of Map.groupBy(
      log.filter(({ text }) => text !== null),
      ({ text }) => text!.split(':')[0],
    )) {
      if (sentAgain.has(number!)) continue;
      const order = own.map(({ text }) => Number(text!.split(':')[1]));
      if (order.some((n, i) => i > 0 && n <= order[i - 1]!)) throw new Error(`What ${number} sent was put in another order`);
    }
  }
}

/** The whole log of a channel, the texts of messages with it. */
export async function readLog(
  store: Store,
  { customerId }: World,
  channelId: ChannelId,
): Promise<{ seq: Seq; text: string | null }[]> {
  const found: { seq: Seq; text: string | null }[] = [];
  for (;;) {
    const page = await store.read(customerId, (tx) => tx.log.read(channelId, found.at(-1)?.seq ?? 0, 1_000));
    if (page.length === 0) return found;
    for (const entry of page) found.push({ seq: entry.seq, text: entry.kind === 'message.posted' ? entry.message.text : null });
  }
}

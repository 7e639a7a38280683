import type { Client } from 'gb-client';
import { createHttp, createRest, type Rest } from 'gb-client';
import { createNodeClient } from 'gb-client/node';
import type { ChannelId, LogEvent, Posted } from 'gb-protocol';
import { assert, sleep, uuidv7 } from 'gb-utils';
import { expect } from 'vitest';

/** The machine has other things to do, such as starting again what was killed. */
const pauseMs = 20;
const password = 'three unrelated long words';

export const restOf = (url: string, token?: string): Rest =>
  createRest(createHttp({ baseUrl: url, fetch, token: () => token, timeoutMs: 30_000 }));

/** People of one organization who write to a channel all the time, wherever they are connected, and remember what they were told. */
export class Traffic {
  readonly channelId: ChannelId;
  readonly tokens: readonly string[];
  readonly acked: (Posted & { readonly text: string })[] = [];
  readonly #url: string;
  readonly #clients: Client[] = [];
  readonly #seen: LogEvent[][] = [];
  #isSending = true;
  #sending: Promise<unknown>[] = [];

  private constructor(url: string, channelId: ChannelId, tokens: readonly string[]) {
    this.#url = url;
    this.channelId = channelId;
    this.tokens = tokens;
  }

  static async start(url: string, senders: number): Promise<Traffic> {
    const mail = () => `p.${uuidv7()}@example.org`;
    const { token } = await restOf(url).signUp({ organization: 'Acme', name: 'Ana', email: mail(), password, locale: 'en' });
    const rest = restOf(url, token!);
    const { code } = await rest.createInvitation({ role: 'member', usesMax: senders });
    const tokens = [token!];
    for (let n = 1; n < senders; n++)
      tokens.push((await restOf(url).acceptInvitation(code, { name: `P${n}`, email: mail(), password })).token!);
    const { channels } = await rest.snapshot();
    const general = channels.find(({ channel }) => channel.name === 'general')!.channel.id;
    const traffic = new Traffic(url, general, tokens);
    await traffic.#begin();
    return traffic;
  }

  async #begin(): Promise<void> {
    const tuning = { backoffBaseMs: 50, backoffMaxMs: 500, ackMs: 3_000 };
    for (const token of this.tokens) {
      const client = createNodeClient({ baseUrl: this.#url, token, tuning });
      const events: LogEvent[] = [];
      client.on('event', (event) => event.channelId === this.channelId && events.push(event));
      this.#clients.push(client);
      this.#seen.push(events);
      await client.start();
      await client.live();
    }
    this.#sending = this.#clients.map(async (client, who) => {
      for (let n = 0; this.#isSending; n++) {
        const text = `${who}/${n}`;
        this.acked.push({ ...(await client.sendAndWait(this.channelId, text)), text });
        await sleep(pauseMs);
      }
    });
  }

  /** Until so many more were acknowledged. */
  async goOn(count: number): Promise<void> {
    const wanted = this.acked.length + count;
    for (const deadlineMs = performance.now() + 90_000; this.acked.length < wanted; await sleep(20))
      if (performance.now() > deadlineMs)
        throw new Error(`Only ${this.acked.length} of ${wanted} were acknowledged: ${this.#states()}`);
  }

  #states(): string {
    return this.#clients.map((client) => `${client.status().phase} with ${client.outbox().waiting} waiting`).join(', ');
  }

  /** What was acknowledged is in the log once, in the order of each sender, without holes; and everybody saw all of it so. */
  async check(): Promise<void> {
    this.#isSending = false;
    await Promise.all(this.#sending);
    const log = await this.log();
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
    const posted = log.flatMap((event) => (event.kind === 'message.posted' ? [event.message] : []));
    const bySeq = new Map(posted.map((message) => [message.seq, message]));
    for (const { seq, text, clientId } of this.acked) expect(bySeq.get(seq)).toMatchObject({ text, clientId });
    expect(new Set(posted.map(({ clientId }) => clientId)).size).toBe(posted.length);
    for (let who = 0; who < this.tokens.length; who++) {
      const numbers = posted.flatMap(({ text }) => (text.startsWith(`${who}/`) ? [Number(text.split('/')[1])] : []));
      expect(numbers).toEqual(numbers.map((_, i) => i));
    }
    for (const events of this.#seen) {
      await expect.poll(() => events.at(-1)?.seq ?? 0, { timeout: 60_000 }).toBe(log.length);
      expect(events.map(({ seq }) => seq)).toEqual(log.slice(events[0]!.seq - 1).map(({ seq }) => seq));
    }
  }

  async log(): Promise<LogEvent[]> {
    const rest = restOf(this.#url, this.tokens[0]);
    const events: LogEvent[] = [];
    for (let more = true; more; ) {
      const page = await rest.log(this.channelId, { epoch: 1, after: events.length });
      assert(page.kind === 'events', 'a log keeps its epoch');
      events.push(...page.events);
      more = page.hasMore;
    }
    return events;
  }

  async close(): Promise<void> {
    this.#isSending = false;
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.allSettled(this.#sending);
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'gb-client';
import { createNodeClient } from 'gb-client/node';
import type { ChannelId, LogEvent, Posted } from 'gb-protocol';
import { afterAll, expect, test } from 'vitest';
import { type Person, type World, world } from './world.ts';

/** Half of the rounds kill the server, the other half the database under it. */
const rounds = 20;
const senders = 6;

let w: World | undefined;
const clients: Client[] = [];
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await w?.close();
});

test(`over ${rounds} kills under load every acknowledged message is there once, in order, and clients resume by themselves`, async () => {
  w = await world({ env: { GB_LOG_LEVEL: 'error' } });
  const people: Person[] = [await w.signUp('Person 0')];
  for (let n = 1; n < senders; n++) people.push(await w.invite(people[0]!, `Person ${n}`));
  const channelId = await w.general(people[0]!);

  const seen = new Map<Client, LogEvent[]>();
  for (const { token } of people) {
    const client = createNodeClient({
      baseUrl: w.server.url,
      token,
      tuning: { backoffBaseMs: 50, backoffMaxMs: 300, ackMs: 2_000 },
    });
    const events: LogEvent[] = [];
    client.on('event', (event) => event.channelId === channelId && events.push(event));
    seen.set(client, events);
    clients.push(client);
    await client.start();
    await client.live();
  }

  const acked: (Posted & { text: string })[] = [];
  let isSending = true;
  const sending = clients.map(async (client, who) => {
    for (let n = 0; isSending; n++) {
      const text = `${who}/${n}`;
      acked.push({ ...(await client.sendAndWait(channelId, text)), text });
    }
    return who;
  });

  let { server } = w;
  for (let round = 0; round < rounds; round++) {
    await delay(100 + Math.random() * 300);
    const before = acked.length;
    if (round % 2 === 0) {
      await server.kill();
      server = await server.restart();
    } else {
      process.kill(Number(readFileSync(join(server.dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    }
    // The next round begins when sends are acknowledged again: nobody but the clients themselves brings them back.
    for (const deadlineMs = performance.now() + 30_000; acked.length < before + senders; await delay(20)) {
      if (performance.now() > deadlineMs)
        throw new Error(`Round ${round}: nothing was acknowledged after the kill.\n${server.log().slice(-2_000)}`);
    }
  }
  isSending = false;
  await Promise.all(sending);

  const log = await wholeLog(people[0]!, channelId);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
  const posted = log.flatMap((event) => (event.kind === 'message.posted' ? [event.message] : []));
  const bySeq = new Map(posted.map((message) => [message.seq, message]));
  expect(acked.length).toBeGreaterThan(rounds * senders);
  for (const { seq, text, clientId } of acked) expect(bySeq.get(seq)).toMatchObject({ text, clientId });
  expect(new Set(posted.map(({ clientId }) => clientId)).size).toBe(posted.length);
  for (let who = 0; who < senders; who++) {
    const numbers = posted.flatMap(({ text }) => (text.startsWith(`${who}/`) ? [Number(text.split('/')[1])] : []));
    expect(numbers).toEqual(numbers.map((_, i) => i));
  }

  // What every client saw is the log from where it came in: once, in order, without a hole.
  for (const [client, events] of seen) {
    for (
      const deadlineMs = performance.now() + 15_000;
      (events.at(-1)?.seq ?? 0) < log.length && performance.now() < deadlineMs;
    )
      await delay(20);
    const first = events[0]!.seq;
    expect(events.map(({ seq }) => seq)).toEqual(log.slice(first - 1).map(({ seq }) => seq));
    expect(client.status().phase).toBe('live');
    expect(client.outbox()).toEqual({ waiting: 0, failed: 0 });
  }
  w = { ...w, close: () => server.dispose() };
}, 240_000);

async function wholeLog(person: Person, channelId: ChannelId): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (let more = true; more; ) {
    const page = await person.rest.log(channelId, { epoch: 1, after: events.length });
    if (page.kind !== 'events') throw new Error('The epoch changed.');
    events.push(...page.events);
    more = page.hasMore;
  }
  return events;
}

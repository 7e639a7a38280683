import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Admin, Consumer, type Message, type MessageToProduce, Producer } from '@platformatic/kafka';
import type { OutboxEntry, Store } from 'gb-core';
import { type World, world } from 'gb-core/contract';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { type Logger, silentLogger, uuidv7 } from 'gb-utils';
import { type StartedService, startMsMax, startService } from 'tools/services';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientOptions } from './client-options.ts';
import { type KafkaConnection, readKafkaConnection } from './connection.ts';
import { createKafkaEventLog, type KafkaEventLog, type KafkaEventLogOptions } from './event-log.kafka.ts';

let kafka: StartedService | null = null;
let database: TestDatabase;
let store: Store;
let prefix = '';
const logs: KafkaEventLog[] = [];
const children: ChildProcess[] = [];
const talks: Talk[] = [];

beforeAll(async () => {
  kafka = await startService('kafka');
  if (!kafka) return;
  database = await startTestDatabase();
  store = await database.openStore();
}, startMsMax);

beforeEach((context) => {
  if (!kafka) context.skip('Kafka cannot be had here');
  prefix = `faults-${uuidv7()}.`;
});

afterEach(async () => {
  if (!kafka) return;
  await Promise.all(talks.splice(0).map((talk) => talk.end()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(logs.splice(0).map((log) => log.close()));
  const left = await store.outbox.take(100_000);
  await store.outbox.done(left.map((entry) => entry.id));
});

afterAll(async () => {
  await database?.close();
  await kafka?.close();
}, 150_000);

const brokers = (): string => kafka!.env['KAFKA_BROKERS']!;

function openLog(more: Partial<KafkaEventLogOptions> = {}): KafkaEventLog {
  const log = createKafkaEventLog({
    connection: readKafkaConnection(brokers()),
    store,
    log: silentLogger,
    prefix,
    partitions: 4,
    attemptsMax: 3,
    retryMsMin: 10,
    retryMsMax: 40,
    sessionMs: 10_000,
    ...more,
  });
  logs.push(log);
  return log;
}

/** What a group was given, and whether that was ever out of order. */
class Witness {
  readonly seen = new Map<string, Set<number>>();
  readonly mistakes: string[] = [];
  count = 0;

  readonly handler = async ({ channelId, seq }: Pick<OutboxEntry, 'channelId' | 'seq'>): Promise<void> => {
    const seqs = this.seen.get(channelId) ?? new Set<number>();
    this.seen.set(channelId, seqs);
    // Earlier ones may come again. One that is new comes right after those that are known.
    if (!seqs.has(seq) && seq !== seqs.size + 1) this.mistakes.push(`${seq} came when ${seqs.size} were there`);
    seqs.add(seq);
    this.count += 1;
  };

  expectAll(channels: readonly string[], count: number): void {
    expect(this.mistakes).toEqual([]);
    expect(channels.map((id) => this.seen.get(id)?.size)).toEqual(channels.map(() => count));
  }
}

interface Talk {
  /** Gives how much was said in each channel. */
  end(): Promise<number>;
}

/** Says something in all channels at once, again and again. */
function talk(w: World, channels: readonly OutboxEntry['channelId'][], pauseMs: number): Talk {
  let isOver = false;
  const talking = (async () => {
    let said = 0;
    for (; !isOver; said++) {
      await Promise.all(channels.map((id) => w.say(id, `m${said}`)));
      await pause(pauseMs);
    }
    return said;
  })();
  const own: Talk = {
    end() {
      isOver = true;
      return talking;
    },
  };
  talks.push(own);
  return own;
}

async function channelsOf(w: World, count: number): Promise<OutboxEntry['channelId'][]> {
  const channels = [];
  for (let i = 0; i < count; i++) channels.push(await w.channel(`c${i}`));
  return channels;
}

async function until(condition: () => boolean | Promise<boolean>, msMax = 120_000): Promise<void> {
  for (const deadline = Date.now() + msMax; !(await condition()); await pause(20))
    if (Date.now() > deadline) throw new Error('It did not happen in time');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function produce(messages: MessageToProduce[]): Promise<void> {
  const producer = new Producer(clientOptions(readKafkaConnection(brokers()), 'stranger'));
  try {
    await producer.send({ messages, acks: -1 });
  } finally {
    await producer.close(true);
  }
}

/** Reads a topic from its beginning, as a consumer of somebody else does. */
async function readTopic(topic: string, count: number): Promise<Message[]> {
  const consumer = new Consumer({
    ...clientOptions(readKafkaConnection(brokers()), 'stranger'),
    groupId: `stranger-${uuidv7()}`,
  });
  try {
    const messages: Message[] = [];
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
    for await (const message of stream) {
      messages.push(message);
      if (messages.length === count) break;
    }
    return messages;
  } finally {
    await consumer.close(true);
  }
}

const headersOf = (message: Message): Record<string, string> =>
  Object.fromEntries(message.headerEntries.map(([name, value]) => [String(name), String(value)]));

test('a broker that is killed under load, twice, loses nothing and disorders nothing', async () => {
  const w = await world(store);
  const channels = await channelsOf(w, 8);
  const log = openLog();
  const [bots, search] = [new Witness(), new Witness()];
  log.consume('bots', bots.handler);
  log.consume('search', search.handler);
  log.start();
  const talking = talk(w, channels, 5);
  for (const round of [1, 2]) {
    await until(() => bots.count > round * 200);
    await kafka!.kill();
    await pause(500);
    await kafka!.restart();
  }
  const said = await talking.end();
  await log.drained();
  bots.expectAll(channels, said);
  search.expectAll(channels, said);
  expect(await store.outbox.take(10)).toEqual([]);
}, 300_000);

test('a broker that hangs for a while holds nobody else up, and afterwards all goes on', async () => {
  const w = await world(store);
  const channels = await channelsOf(w, 4);
  const log = openLog();
  const bots = new Witness();
  log.consume('bots', bots.handler);
  log.start();
  await log.drained();
  kafka!.hold();
  for (let i = 0; i < 20; i++) {
    await Promise.all(channels.map((id) => w.say(id, `m${i}`))); // Acknowledged all the same: the outbox has them.
    await pause(100);
  }
  kafka!.release();
  await log.drained();
  bots.expectAll(channels, 20);
}, 180_000);

test('without a broker a log starts, waits, and closes; entries stay in the outbox', async () => {
  const w = await world(store);
  const channels = await channelsOf(w, 1);
  await kafka!.kill();
  const log = openLog();
  const bots = new Witness();
  log.consume('bots', bots.handler);
  log.start();
  await w.say(channels[0]!, 'hello');
  await expect(log.figures()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await log.close();
  expect(await store.outbox.take(10)).toHaveLength(1);
  const later = openLog();
  later.consume('bots', bots.handler);
  later.start();
  await kafka!.restart();
  await later.drained();
  bots.expectAll(channels, 1);
}, 180_000);

test('a relay that dies between sending and striking off sends again, and its successor changes no order', async () => {
  const w = await world(store);
  const channels = await channelsOf(w, 3);
  for (let i = 0; i < 10; i++) await Promise.all(channels.map((id) => w.say(id, `m${i}`)));
  let struckOff = 0;
  const dying = openLog({
    store: {
      read: store.read.bind(store),
      outbox: {
        take: () => store.outbox.take(12),
        onCommitted: (listener) => store.outbox.onCommitted(listener),
        park: (entry, group, reason) => store.outbox.park(entry, group, reason),
        async done() {
          struckOff += 1;
          throw new Error('the process is gone');
        },
      },
    },
  });
  dying.start();
  await until(() => struckOff >= 2);
  await dying.close();
  const log = openLog();
  const [bots, fresh] = [new Witness(), new Witness()];
  log.consume('bots', bots.handler);
  log.start();
  await log.drained();
  bots.expectAll(channels, 10);
  // In the topic they are more than once, each time in order; a consumer that remembers gets them once.
  const topic = `${prefix}events`;
  const copies = await readTopic(topic, 30 + 12 * struckOff);
  for (const message of copies) {
    const { seq } = headersOf(message);
    await fresh.handler({ channelId: String(message.key).split(':')[1] as OutboxEntry['channelId'], seq: Number(seq) });
  }
  fresh.expectAll(channels, 10);
  expect(bots.count).toBe(30);
}, 180_000);

test('three processes share a group under load; one is killed and one goes: nothing is lost, no channel is in two hands', async () => {
  const w = await world(store);
  // So many that each partition has some.
  const channels = await channelsOf(w, 40);
  const events: { readonly what: string; readonly at: number; readonly channelId: string; readonly seq: number }[] = [];
  const join = (): ChildProcess => {
    const file = fileURLToPath(new URL('testing/consume.ts', import.meta.url));
    const child = spawn(process.execPath, [file, brokers(), prefix, 'bots', '5'], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let rest = '';
    child.stdout!.on('data', (data) => {
      const lines = `${rest}${data}`.split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [what, at, channelId, seq] = line.split(' ');
        events.push({ what: what!, at: Number(at), channelId: channelId!, seq: Number(seq) });
      }
    });
    return child;
  };
  const log = openLog({ sessionMs: 3_000 });
  const now = () => performance.timeOrigin + performance.now();
  log.consume('bots', async ({ channelId, seq }) => {
    events.push({ what: 'begin', at: now(), channelId, seq });
    await pause(5);
    events.push({ what: 'end', at: now(), channelId, seq });
  });
  log.start();
  const talking = talk(w, channels, 100);
  const lines = (child: ChildProcess) => {
    let count = 0;
    child.stdout!.on('data', () => {
      count += 1;
    });
    return () => count;
  };
  const [first, second] = [join(), join()];
  const [ofFirst, ofSecond] = [lines(first), lines(second)];
  await until(() => ofFirst() > 20 && ofSecond() > 20);
  first.kill('SIGKILL');
  const killedAt = now();
  await pause(5_000);
  const before = ofSecond();
  await until(() => ofSecond() > before + 20);
  second.kill('SIGTERM');
  const [code] = await new Promise<[number | null]>((resolve) => second.once('exit', (status) => resolve([status])));
  expect(code).toBe(0);
  const said = await talking.end();
  await log.drained();

  const witness = new Witness();
  const inHand = new Map<string, number>();
  for (const { what, at, channelId, seq } of events.toSorted((a, b) => a.at - b.at)) {
    if (!(channels as readonly string[]).includes(channelId)) continue;
    if (what === 'begin') {
      // What the killed one had in hand never ends.
      const other = inHand.get(channelId);
      if (other !== undefined && other > killedAt) witness.mistakes.push(`${seq} began while another was in hand`);
      inHand.set(channelId, at);
      await witness.handler({ channelId: channelId as OutboxEntry['channelId'], seq });
    } else inHand.delete(channelId);
  }
  witness.expectAll(channels, said);
}, 300_000);

test('a handler may take far longer than the silence a broker puts up with', async () => {
  const w = await world(store);
  const [slow] = await channelsOf(w, 1);
  const log = openLog({ sessionMs: 1_500 });
  const seen: number[] = [];
  log.consume('bots', async ({ seq }) => {
    seen.push(seq);
    if (seq === 1) await pause(5_000);
  });
  log.start();
  for (let i = 0; i < 3; i++) await w.say(slow!, `m${i}`);
  await log.drained();
  expect(seen).toEqual([1, 2, 3]);
}, 150_000);

test('what cannot be read is parked with the reason, counted, and stops nobody', async () => {
  const w = await world(store);
  const [general] = await channelsOf(w, 1);
  const log = openLog();
  const bots = new Witness();
  log.consume('bots', bots.handler);
  log.start();
  await log.drained();
  await w.say(general!, 'before');
  await log.drained();
  const topic = `${prefix}events`;
  const key = Buffer.from(`${w.customerId}:${general}`);
  const header = (fields: Record<string, string>) =>
    new Map(Object.entries(fields).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
  await produce([
    { topic, key, value: Buffer.from('{"v":9}'), headers: header({ schema: '9', seq: '2' }) },
    { topic, key, value: Buffer.from([0, 255, 254]) },
    { topic, key, value: Buffer.alloc(0), headers: header({ schema: '1', id: 'x', seq: '-2', epoch: '1', kind: 'k' }) },
    { topic, key: Buffer.alloc(2_000, 'k'), value: Buffer.from('null') },
  ]);
  await w.say(general!, 'after');
  await log.drained();
  bots.expectAll([general!], 2);
  const { parked, deadLetters, lags } = await log.figures();
  expect(parked).toEqual(
    expect.arrayContaining([
      { group: 'bots', cause: 'version', count: 1 },
      { group: 'bots', cause: 'corrupt', count: 3 },
    ]),
  );
  expect(deadLetters).toBe(4);
  expect(lags.map((one) => one.lag)).toEqual([0, 0, 0, 0]);
  const dead = await readTopic(`${prefix}dead-letters`, 4);
  const version = dead.find((message) => headersOf(message)['dead-cause'] === 'version')!;
  expect(headersOf(version)).toMatchObject({ schema: '9', seq: '2', 'dead-group': 'bots', 'dead-topic': topic });
  expect([version.key, String(version.value)]).toEqual([key, '{"v":9}']);
}, 150_000);

test('an entry that a handler fails on for good is a dead letter with its reason; figures show it, and the lag of others', async () => {
  const w = await world(store);
  const [general] = await channelsOf(w, 1);
  const log = openLog();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const good: number[] = [];
  log.consume('bots', async ({ seq }) => {
    if (seq === 1) throw new TypeError('poison');
    good.push(seq);
  });
  log.consume('search', () => released);
  log.start();
  await w.say(general!, 'one');
  await w.say(general!, 'two');
  await until(() => good.length === 1);
  await until(async () => {
    const { lags } = await log.figures();
    const sum = (group: string) => lags.filter((one) => one.group === group).reduce((all, one) => all + one.lag, 0);
    return sum('bots') === 0 && sum('search') === 2 && lags.every((one) => one.isHere);
  });
  release();
  await log.drained();
  expect(good).toEqual([2]);
  const figures = await log.figures();
  expect(figures).toMatchObject({
    sent: 2,
    relayFailure: null,
    deadLetters: 1,
    parked: [{ group: 'bots', cause: 'failed', count: 1 }],
  });
  const [dead] = await readTopic(`${prefix}dead-letters`, 1);
  expect(headersOf(dead!)).toMatchObject({ seq: '1', kind: 'message.posted', 'dead-reason': 'TypeError: poison' });
}, 150_000);

test('the topic is what the documentation promises: with events only where they were asked for', async () => {
  const w = await world(store);
  const [general] = await channelsOf(w, 1);
  await w.say(general!, 'olá');
  const plain = openLog();
  plain.start();
  await plain.drained();
  await plain.close();
  await w.say(general!, 'tudo bem?');
  const full = openLog({ withEvents: true });
  full.start();
  await full.drained();
  const [first, second] = await readTopic(`${prefix}events`, 2);
  const fact = { v: 1, customerId: w.customerId, channelId: general, epoch: 1, kind: 'message.posted' };
  expect(String(first!.key)).toBe(`${w.customerId}:${general}`);
  expect(headersOf(first!)).toEqual({ schema: '1', id: expect.any(String), epoch: '1', seq: '1', kind: 'message.posted' });
  expect(JSON.parse(String(first!.value))).toEqual({ ...fact, seq: 1, id: expect.any(String) });
  expect(String(first!.value)).not.toContain('olá');
  const { event, ...rest } = JSON.parse(String(second!.value));
  expect(rest).toEqual({ ...fact, seq: 2, id: expect.any(String) });
  expect(event).toEqual(JSON.parse(JSON.stringify(await store.read(w.customerId, (tx) => tx.log.get(general!, 2)))));
  expect(JSON.stringify(event)).toContain('tudo bem?');
}, 150_000);

test('a group that was away for longer than entries are kept says so and goes on with what there is', async () => {
  const w = await world(store);
  const [general] = await channelsOf(w, 1);
  const first = openLog();
  const seen: number[] = [];
  first.consume('bots', async ({ seq }) => void seen.push(seq));
  first.start();
  await w.say(general!, 'one');
  await first.drained();
  await first.close();
  const relay = openLog();
  relay.start();
  await w.say(general!, 'two');
  await relay.drained();
  const admin = new Admin(clientOptions(readKafkaConnection(brokers()), 'test'));
  const partitions = Array.from({ length: 4 }, (_, partition) => ({ partition, offset: -1n }));
  await admin.deleteRecords({ topics: [{ name: `${prefix}events`, partitions }] });
  await admin.close();
  await w.say(general!, 'three');
  await relay.drained();
  await relay.close();
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (_, message) => void errors.push(message), child: () => log };
  const second = openLog({ log });
  second.consume('bots', async ({ seq }) => void seen.push(seq));
  second.start();
  await second.drained();
  expect(seen).toEqual([1, 3]);
  expect(errors.join()).toMatch(/gone before they were read/);
}, 150_000);

test('a compacted topic is refused, because it would keep one entry a channel', async () => {
  const admin = new Admin(clientOptions(readKafkaConnection(brokers()), 'test'));
  await admin.createTopics({
    topics: [{ topic: `${prefix}events`, partitions: 1, replicas: 1 }],
    configs: [{ name: 'cleanup.policy', value: 'compact' }],
  });
  await admin.close();
  const warned: unknown[] = [];
  const log: Logger = { ...silentLogger, warn: (facts) => void warned.push(facts), child: () => log };
  const opened = openLog({ log });
  opened.start();
  await until(() => warned.some((facts) => (facts as { err?: { code?: string } }).err?.code === 'kafka_topic'));
}, 150_000);

test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
  'over TLS, logged in by %s; a wrong password gets nowhere',
  async (mechanism) => {
    const { TEST_KAFKA_USER: user, TEST_KAFKA_PASSWORD: password, TEST_KAFKA_CA: ca } = kafka!.env;
    const address = (word: string): KafkaConnection =>
      readKafkaConnection(`kafkas://${user}:${word}@${kafka!.env['TEST_KAFKA_SECURE_BROKERS']}?mechanism=${mechanism}`, {
        ca: readFileSync(ca!, 'utf8'),
      });
    const w = await world(store);
    const channels = await channelsOf(w, 1);
    await w.say(channels[0]!, 'hello');
    const warned: string[] = [];
    const quiet: Logger = { ...silentLogger, warn: (_, message) => void warned.push(message), child: () => quiet };
    const stranger = openLog({ connection: address('wrong'), log: quiet });
    stranger.start();
    await until(() => warned.length > 0);
    await stranger.close();
    expect(await store.outbox.take(10)).toHaveLength(1);
    const log = openLog({ connection: address(password!) });
    const bots = new Witness();
    log.consume('bots', bots.handler);
    log.start();
    await log.drained();
    bots.expectAll(channels, 1);
  },
  150_000,
);

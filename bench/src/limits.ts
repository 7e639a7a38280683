import { loadavg } from 'node:os';
import { defaultRates, MessageMeter, type RateLimits, Rates, type Store, scaleRates } from 'gb-core';
import { createInProcessRateLimits } from 'gb-messaging';
import { createRedisRateLimits } from 'gb-messaging/redis';
import { redisProgram, TestRedis } from 'gb-messaging/testing';
import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { startTestDatabase } from 'gb-storage/testing';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { median } from './load/processes.ts';

interface Place {
  readonly customerId: CustomerId;
  readonly userId: UserId;
  readonly channelId: ChannelId;
}

/** What is done before a message is stored. */
type Gate = (place: Place) => Promise<unknown>;

interface Cell {
  readonly perSecond: number;
  readonly p50Ms: number;
  /** Microseconds of CPU of this process for a message. */
  readonly cpuUs: number;
}

const senders = 64;

/**
 * What limits cost a message that passes them: nothing asked, all asked in this process, the rates asked of Redis, and
 * what was not chosen: a row of the database that every message counts in. In turns, in one run, on one server.
 */
export async function benchLimits(options: { rounds?: number; cellMs?: number } = {}): Promise<void> {
  const { rounds = 5, cellMs = 600 } = options;
  process.stdout.write(`Limits on the path of a message (load ${loadavg()[0]!.toFixed(1)})\n`);
  const database = await startTestDatabase();
  const program = await redisProgram();
  const redis = program ? await TestRedis.start(program) : null;
  const shared = redis && createRedisRateLimits({ url: redis.url, clock: systemClock, log: silentLogger, answerMsMax: 1_000 });
  try {
    const store = await database.openStore();
    const meter = new MessageMeter({ store, log: silentLogger, onCounted: () => {} });
    const asked = (engine: RateLimits): Gate => {
      const rates = new Rates(engine, scaleRates(defaultRates, 1_000_000));
      return async ({ customerId, userId, channelId }) => {
        await rates.message(customerId, userId, channelId);
        return meter.admit(customerId, false);
      };
    };
    const gates: (readonly [string, Gate])[] = [
      ['nothing asked', async () => null],
      ['rates and quota, in this process', asked(createInProcessRateLimits({ clock: systemClock }))],
      ...(shared ? ([['rates over Redis, quota here', asked(shared)]] as const) : []),
      [
        'a row that each message counts in',
        ({ customerId }) => store.transaction(customerId, (tx) => tx.quotas.countMessages(1)),
      ],
    ];
    if (shared) await shared.connected(5_000);
    for (const customers of [1, 4, 16]) {
      const places = await Promise.all(Array.from({ length: customers }, () => makePlace(store)));
      const cells = new Map(gates.map(([name]) => [name, [] as Cell[]]));
      for (let round = 0; round <= rounds; round++)
        for (const [name, gate] of gates) {
          const cell = await closedLoop(store, places, gate, cellMs);
          if (round > 0) cells.get(name)!.push(cell); // The first round warms up.
        }
      process.stdout.write(`  ${senders} senders, ${customers} customer${customers === 1 ? '' : 's'}\n`);
      let plain = 0;
      for (const [name] of gates) {
        const of = (key: keyof Cell) => median(cells.get(name)!.map((cell) => cell[key]));
        plain ||= of('perSecond');
        process.stdout.write(
          `    ${name.padEnd(36)}${Math.round(of('perSecond')).toString().padStart(7)}/s  ${(of('perSecond') / plain).toFixed(2)} of plain  p50 ${of('p50Ms').toFixed(1)} ms  CPU ${of('cpuUs').toFixed(0)} us a message\n`,
        );
      }
    }
    await meter.close();
  } finally {
    await shared?.close();
    await redis?.close();
    await database.close();
  }
}

async function makePlace(store: Store): Promise<Place> {
  const { customerId, userId } = await store.createCustomer({
    organizationName: 'Bench',
    userName: 'Ana',
    handle: 'ana',
    email: `${uuidv7()}@example.org`,
    passwordHash: '',
    locale: 'en',
  });
  const channelId = uuidv7() as ChannelId;
  await store.transaction(customerId, (tx) =>
    tx.channels.insert({ id: channelId, kind: 'public', name: 'bench', topic: '', directKey: null, createdBy: userId }),
  );
  return { customerId, userId, channelId };
}

async function closedLoop(store: Store, places: readonly Place[], gate: Gate, ms: number): Promise<Cell> {
  const untilMs = performance.now() + ms;
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const tookMs: number[] = [];
  const sender = async (n: number) => {
    const place = places[n % places.length]!;
    while (performance.now() < untilMs) {
      const beganMs = performance.now();
      await gate(place);
      await store.appendMessage(place.customerId, {
        channelId: place.channelId,
        authorId: place.userId,
        clientId: uuidv7() as ClientId,
        text: 'm'.repeat(200),
        threadSeq: null,
        mentions: [],
        mentionsChannel: false,
        suggestions: [],
      });
      tookMs.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, n) => sender(n)));
  const { user, system } = process.cpuUsage(before);
  tookMs.sort((a, b) => a - b);
  return {
    perSecond: (tookMs.length / (performance.now() - startedMs)) * 1_000,
    p50Ms: tookMs[Math.floor(tookMs.length / 2)]!,
    cpuUs: (user + system) / tookMs.length,
  };
}

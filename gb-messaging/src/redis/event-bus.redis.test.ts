import { spawn } from 'node:child_process';
import type { Published, Signal } from 'gb-core';
import { eventBusContract } from 'gb-core/contract';
import type { ChannelId, CustomerId, LogEvent, UserId } from 'gb-protocol';
import { type Logger, silentLogger, uuidv7 } from 'gb-utils';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisEventBus, type RedisEventBus } from './event-bus.redis.ts';
import { redisProgram, TestRedis, Wire } from './testing/servers.ts';

const program = await redisProgram();
const beatMs = 100;
let server: TestRedis;
const opened: RedisEventBus[] = [];
const wires: Wire[] = [];

beforeAll(async () => {
  if (program) server = await TestRedis.start(program);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await Promise.all(wires.splice(0).map((one) => one.close()));
});
afterAll(() => server?.close());

const customerId = uuidv7() as CustomerId;
const general = uuidv7() as ChannelId;
const event = (seq: number, text = ''): Published => ({
  customerId,
  event: {
    kind: 'message.edited',
    target: 1,
    text,
    mentions: [],
    mentionsChannel: false,
    channelId: general,
    epoch: 1,
    seq,
    actorId: uuidv7() as UserId,
    at: 0,
  } satisfies LogEvent,
});

async function open(url = server.url, log: Logger = silentLogger): Promise<RedisEventBus> {
  const bus = await start(url, log);
  expect(await bus.connected(10_000)).toBe(true);
  return bus;
}

async function start(url: string, log: Logger = silentLogger): Promise<RedisEventBus> {
  const bus = createRedisEventBus({ url, log, beatMs });
  opened.push(bus);
  return bus;
}

function listen(bus: RedisEventBus) {
  const heard = { seqs: [] as number[], signals: [] as Signal[], gaps: 0 };
  bus.onEvent(({ event: { seq } }) => heard.seqs.push(seq));
  bus.onSignal((signal) => heard.signals.push(signal));
  bus.onGap(() => {
    heard.gaps += 1;
  });
  return heard;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Both know each other and nothing is left to be told. */
async function settled(...buses: RedisEventBus[]): Promise<void> {
  await expect.poll(() => buses.every((bus) => bus.figures().nodes >= buses.length)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, beatMs * 5));
}

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('with a server', () => {
  eventBusContract('Redis', () => open());

  test('two processes hear each other in order, each thing once, and nobody misses anything', async () => {
    const [a, b] = [await open(), await open()];
    await settled(a, b);
    const [atA, atB] = [listen(a), listen(b)];
    for (const seq of numbers(1, 500)) {
      a.publish(event(seq));
      if (seq % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(atA.seqs).toEqual(numbers(1, 500));
    await expect.poll(() => atB.seqs.length).toBe(500);
    a.signal({ type: 'session.ended', customerId, sessionId: 's' });
    await expect.poll(() => atB.signals).toEqual([{ type: 'session.ended', customerId, sessionId: 's' }]);
    await new Promise((resolve) => setTimeout(resolve, beatMs * 6));
    expect(atB.seqs).toEqual(numbers(1, 500));
    expect(atA).toEqual({ seqs: numbers(1, 500), signals: atB.signals, gaps: 0 });
    expect(atB.gaps).toBe(0);
    expect(a.figures()).toMatchObject({ published: 501, received: 0, dropped: 0, unreadable: 0, nodes: 2, isConnected: true });
    expect(b.figures()).toMatchObject({ published: 0, received: 501 });
    expect(a.figures().batchesSent).toBeLessThan(100);
  });

  test('a process that joins is told to look, and misses nobody who was there before', async () => {
    const a = await open();
    await settled(a);
    const b = await start(server.url);
    const atB = listen(b);
    await settled(a, b);
    expect(atB.gaps).toBe(1);
  });

  test('what is large travels in several batches, whatever its letters', async () => {
    const [a, b] = [await open(), await open()];
    const heard: string[] = [];
    b.onEvent(({ event: one }) => heard.push(one.kind === 'message.edited' ? one.text : ''));
    const text = `ção 日本 🙂 \n \u0000 "${'x'.repeat(60_000)}`;
    for (const seq of numbers(1, 20)) a.publish(event(seq, text));
    await expect.poll(() => heard.length).toBe(20);
    expect(heard.every((one) => one === text)).toBe(true);
    expect(b.figures().unreadable).toBe(0);
  });

  test('what nobody of us wrote is counted, makes everybody look, and hurts nobody', async () => {
    const [a, b] = [await open(), await open()];
    await settled(a, b);
    const atB = listen(b);
    const stranger = new Redis(server.url);
    const node = uuidv7();
    const bodies = [
      '',
      'hello',
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      `gb2 ${node} 1 -\n[]`,
      `gb1 ${node} 1 -`,
      `gb1 ${node} 1 -\n[{"e":{"customerId":"c","event":{"kind"`,
      `gb1 ${node} 2 -\n{"e":1}`,
      `gb1 ${node} 3 -\n[{"e":{"customerId":"c","event":{"kind":"x","channelId":"y","epoch":1}}}]`,
      `gb1 ${node} 4 -\n[null]`,
      `gb1 ${node} 5 -\n[{"s":{"type":5}}]`,
      `gb1 ${node} 99999999999999999999 -\n[]`,
    ];
    for (const body of bodies) await stranger.publish('gb:bus', body);
    stranger.disconnect();
    await expect.poll(() => b.figures().unreadable).toBe(bodies.length);
    await expect.poll(() => atB.gaps).toBeGreaterThan(0);
    a.publish(event(1));
    await expect.poll(() => atB.seqs).toEqual([1]);
    expect(atB.signals).toEqual([]);
  });

  test('a batch that comes twice is heard once, and one that is missing is noticed at the next', async () => {
    const b = await open();
    const stranger = new Redis(server.url);
    await settled(b);
    const atB = listen(b);
    const node = uuidv7();
    const say = (counter: number, seq: number, marks = '-') =>
      stranger.publish('gb:bus', `gb1 ${node} ${counter} ${marks}\n[${JSON.stringify({ e: event(seq) })}]`);
    await say(1, 1);
    await say(1, 1);
    await say(2, 2);
    await expect.poll(() => atB.seqs).toEqual([1, 2]);
    expect(atB.gaps).toBe(0);
    await say(4, 4);
    await expect.poll(() => atB.seqs).toEqual([1, 2, 4]);
    expect(atB.gaps).toBe(1);
    await say(3, 3);
    await say(5, 5, 'l');
    await expect.poll(() => atB.seqs).toEqual([1, 2, 4, 5]);
    // It said farewell: its silence means nothing.
    await new Promise((resolve) => setTimeout(resolve, beatMs * 6));
    expect(atB.gaps).toBe(1);
    stranger.disconnect();
  });

  test('a process whose wire is cut works on by itself, looks at every beat, and the others look when it is back', async () => {
    const wire = await Wire.to(server.port);
    wires.push(wire);
    const [a, b] = [await open(wire.url), await open()];
    await settled(a, b);
    const [atA, atB] = [listen(a), listen(b)];
    wire.cut();
    a.publish(event(1));
    expect(atA.seqs).toEqual([1]);
    await expect.poll(() => a.figures().isConnected).toBe(false);
    await expect.poll(() => atA.gaps).toBeGreaterThan(2);
    // The others miss it: what it writes now they must find by themselves.
    await expect.poll(() => atB.gaps).toBeGreaterThan(0);
    b.publish(event(2));
    wire.mend();
    await expect.poll(() => a.figures().isConnected).toBe(true);
    a.publish(event(3));
    await expect.poll(() => atB.seqs.at(-1)).toBe(3);
    expect(atA.seqs).toEqual([1, 3]);
    await settled(a, b);
    const before = [atA.gaps, atB.gaps];
    await new Promise((resolve) => setTimeout(resolve, beatMs * 6));
    expect([atA.gaps, atB.gaps]).toEqual(before);
  });

  test('bytes that no Redis would send end the connection and not the process', async () => {
    const wire = await Wire.to(server.port);
    wires.push(wire);
    const [a, b] = [await open(wire.url), await open()];
    await settled(a, b);
    const atA = listen(a);
    for (const bytes of ['\u0000\u0001garbage\r\n', '*3\r\n$7\r\nmessage\r\n:5\r\n+x\r\n', '-ERR out of the blue\r\n']) {
      const { gaps } = atA;
      wire.inject(bytes);
      b.publish(event(1));
      await expect.poll(() => atA.gaps + atA.seqs.length).toBeGreaterThan(gaps);
      await expect.poll(() => a.figures().isConnected).toBe(true);
    }
    const heard = listen(b);
    await expect
      .poll(() => {
        a.publish(event(2));
        return heard.seqs;
      })
      .toContain(2);
  });

  test('a wire that is cut and mended at once: what was lost in that moment is told as a gap', async () => {
    const wire = await Wire.to(server.port);
    wires.push(wire);
    const [a, b] = [await open(wire.url), await open()];
    await settled(a, b);
    const atB = listen(b);
    wire.cut();
    // It has not noticed yet and hands this to a dead socket.
    a.publish(event(1));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    wire.mend();
    await expect.poll(() => a.figures().isConnected && a.figures().nodes).toBe(2);
    a.publish(event(2));
    await expect.poll(() => atB.seqs.at(-1)).toBe(2);
    expect(a.figures().dropped + atB.seqs.length).toBe(2);
    if (atB.seqs.length < 2) await expect.poll(() => atB.gaps).toBeGreaterThan(0);
  });
});

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('with a server of its own', () => {
  let own: TestRedis;
  afterEach(() => own?.close());

  test('a server that is killed under load and comes back: nobody waits, all that was not heard is told as a gap', async () => {
    own = await TestRedis.start(program!);
    const [a, b] = [await open(own.url), await open(own.url)];
    await settled(a, b);
    const atB = listen(b);
    let seq = 0;
    let isDone = false;
    const gapsAt: { gaps: number; heard: number } = { gaps: 0, heard: 0 };
    const load = (async () => {
      while (!isDone) {
        for (let i = 0; i < 20; i++) a.publish(event(++seq));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await expect.poll(() => atB.seqs.length).toBeGreaterThan(200);
    await own.kill();
    Object.assign(gapsAt, { gaps: atB.gaps, heard: atB.seqs.length });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await own.start();
    await Promise.all([a, b].map((bus) => expect.poll(() => bus.figures().isConnected).toBe(true)));
    await expect.poll(() => atB.seqs.length).toBeGreaterThan(gapsAt.heard + 200);
    isDone = true;
    await load;
    await expect.poll(() => atB.seqs.at(-1)).toBe(seq);
    // In order, nothing twice, whatever is missing.
    expect(atB.seqs.every((one, i) => i === 0 || one > atB.seqs[i - 1]!)).toBe(true);
    expect(atB.gaps).toBeGreaterThan(gapsAt.gaps);
  });

  test('a server that stands still is given up, and found again', async () => {
    own = await TestRedis.start(program!);
    const [a, b] = [await open(own.url), await open(own.url)];
    await settled(a, b);
    const atA = listen(a);
    own.freeze();
    a.publish(event(1));
    await expect.poll(() => a.figures().isConnected).toBe(false);
    await expect.poll(() => atA.gaps).toBeGreaterThan(1);
    own.thaw();
    await expect.poll(() => [a, b].every((bus) => bus.figures().isConnected)).toBe(true);
    const atB = listen(b);
    a.publish(event(2));
    await expect.poll(() => atB.seqs).toContain(2);
  });

  test('what waits for a server that is away is bounded, dropped, and counted', async () => {
    own = await TestRedis.start(program!);
    const [a, b] = [await open(own.url), await open(own.url)];
    await settled(a, b);
    await own.kill();
    const text = 'x'.repeat(1_000);
    for (const seq of numbers(1, 30_000)) a.publish(event(seq, text));
    expect(a.figures().dropped).toBeGreaterThan(10_000);
    const atB = listen(b);
    await own.start();
    await Promise.all([a, b].map((bus) => expect.poll(() => bus.figures().isConnected).toBe(true)));
    expect(atB.gaps).toBeGreaterThan(0);
  });

  test('a server that was never there: the bus works within its process, closes at once, and says why once', async () => {
    own = await TestRedis.start(program!);
    const { url } = own;
    await own.close();
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (facts, text) => warnings.push(`${text} ${JSON.stringify(facts)}`) };
    const bus = await start(url.replace('//', '//:secret@'), log);
    const heard = listen(bus);
    bus.publish(event(1));
    expect(heard.seqs).toEqual([1]);
    expect(await bus.connected(700)).toBe(false);
    expect(heard.gaps).toBeGreaterThan(2);
    await bus.close();
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThan(4);
    expect(warnings.join()).not.toContain('secret');
  });

  test('a password is used, and a wrong one is said without being shown', async () => {
    own = await TestRedis.start(program!, { args: ['--requirepass', 'p@ss word'] });
    const right = own.url.replace('//', `//:${encodeURIComponent('p@ss word')}@`);
    const [a, b] = [await open(right), await open(right)];
    const atB = listen(b);
    a.publish(event(1));
    await expect.poll(() => atB.seqs).toEqual([1]);
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (facts, text) => warnings.push(`${text} ${JSON.stringify(facts)}`) };
    const wrong = await start(own.url.replace('//', '//:wrong-one@'), log);
    expect(await wrong.connected(500)).toBe(false);
    expect(warnings.join()).toContain('WRONGPASS');
    expect(warnings.join()).not.toContain('wrong-one');
  });

  test('another process of the machine hears, and its death by force is missed', async () => {
    own = await TestRedis.start(program!);
    const a = await open(own.url);
    const source = `
      const { createRedisEventBus } = await import(${JSON.stringify(new URL('./event-bus.redis.ts', import.meta.url).href)});
      const { silentLogger } = await import(${JSON.stringify(new URL('../../../gb-utils/src/index.ts', import.meta.url).href)});
      const bus = createRedisEventBus({ url: ${JSON.stringify(own.url)}, log: silentLogger, beatMs: ${beatMs} });
      bus.onEvent(({ event, customerId }) => event.seq === 1 && bus.publish({ customerId, event: { ...event, seq: 2 } }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' });
    try {
      await expect.poll(() => a.figures().nodes).toBe(2);
      const atA = listen(a);
      a.publish(event(1));
      await expect.poll(() => atA.seqs).toEqual([1, 2]);
      await new Promise((resolve) => setTimeout(resolve, beatMs * 4));
      const before = atA.gaps;
      child.kill('SIGKILL');
      await expect.poll(() => atA.gaps).toBeGreaterThan(before);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

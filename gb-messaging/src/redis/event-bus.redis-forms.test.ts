import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Published } from 'gb-core';
import type { ChannelId, CustomerId, UserId } from 'gb-protocol';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { createRedisEventBus, type RedisEventBus } from './event-bus.redis.ts';
import { createRedisRateLimits } from './rate-limits.redis.ts';
import { freePort, redisProgram, TestRedis } from './testing/servers.ts';

// The ways to run Redis that an address can name, each with real servers, and what happens when the main one of them dies.

const program = await redisProgram();
const dir = mkdtempSync(path.join(tmpdir(), 'gb-redis-forms-'));
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (let close = closers.pop(); close; close = closers.pop()) await close();
  rmSync(dir, { recursive: true, force: true });
});

const waits = { timeout: 30_000, interval: 50 };

async function server(args: readonly string[], more: { port?: number; isTls?: boolean } = {}): Promise<TestRedis> {
  const one = await TestRedis.start(program!, { ...more, args });
  closers.push(() => one.close());
  return one;
}

async function pair(url: string): Promise<[RedisEventBus, RedisEventBus]> {
  const open = () => createRedisEventBus({ url, log: silentLogger, beatMs: 100 });
  const both: [RedisEventBus, RedisEventBus] = [open(), open()];
  closers.push(() => Promise.all(both.map((bus) => bus.close())));
  for (const bus of both) expect(await bus.connected(20_000)).toBe(true);
  return both;
}

const channelId = uuidv7() as ChannelId;
const event = (seq: number): Published => ({
  customerId: uuidv7() as CustomerId,
  event: { kind: 'message.deleted', target: 1, channelId, epoch: 1, seq, actorId: uuidv7() as UserId, at: 0 },
});

/** One publishes for as long as it takes the other to hear again. Gives what was heard, and how often a gap was told. */
async function keepsTalking(a: RedisEventBus, b: RedisEventBus, trouble: () => Promise<unknown>): Promise<void> {
  const seqs: number[] = [];
  let gaps = 0;
  b.onEvent((published) => seqs.push(published.event.seq));
  b.onGap(() => {
    gaps += 1;
  });
  let seq = 0;
  const timer = setInterval(() => a.publish(event(++seq)), 5);
  try {
    await expect.poll(() => seqs.length, waits).toBeGreaterThan(20);
    await trouble();
    const at = seq;
    await expect.poll(() => seqs.at(-1), waits).toBeGreaterThan(at + 20);
    await expect.poll(() => a.figures().isConnected && b.figures().isConnected, waits).toBe(true);
  } finally {
    clearInterval(timer);
  }
  await expect.poll(() => seqs.at(-1), waits).toBe(seq);
  expect(seqs.every((one, i) => i === 0 || one > seqs[i - 1]!)).toBe(true);
  // From the first that was heard: what is said before two nodes know of each other is not counted as missed.
  if (seqs.length <= seq - seqs[0]!) expect(gaps).toBeGreaterThan(0);
}

// Skipped where Redis cannot be had; `redisProgram` has said why.
test.skipIf(program === null)(
  'sentinels: when the master dies, the bus goes on with the one they choose',
  async () => {
    const master = await server([]);
    const replica = await server(['--replicaof', '127.0.0.1', String(master.port)]);
    const file = path.join(dir, 'sentinel.conf');
    writeFileSync(
      file,
      [
        `sentinel monitor main 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 3000',
        '',
      ].join('\n'),
    );
    const sentinel = await server([file, '--sentinel']);
    const asked = new Redis(sentinel.port);
    closers.push(() => asked.disconnect());
    await expect.poll(async () => ((await asked.call('sentinel', 'replicas', 'main')) as unknown[]).length, waits).toBe(1);
    const [a, b] = await pair(`redis+sentinel://127.0.0.1:${sentinel.port}/main`);
    await keepsTalking(a, b, () => master.kill());
    const chosen = (await asked.call('sentinel', 'get-master-addr-by-name', 'main')) as string[];
    expect(chosen[1]).toBe(String(replica.port));
  },
  120_000,
);

/** The keys of one question lie on several servers: it is asked in turn, up to the first that refuses. */
async function sharesLimits(url: string): Promise<void> {
  const open = async () => {
    const limits = createRedisRateLimits({ url, clock: systemClock, log: silentLogger, answerMsMax: 20_000 });
    closers.push(() => void limits.close());
    expect(await limits.connected(20_000)).toBe(true);
    return limits;
  };
  const both = [await open(), await open()];
  const asks = ['person', 'channel', 'customer'].map((name, n) => ({
    rule: { name, burst: 10 * (n + 1), perSecond: 1 / 3600 },
    key: uuidv7(),
  }));
  const waits = await Promise.all(Array.from({ length: 60 }, (_, n) => both[n % 2]!.takeAll(asks)));
  expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(10);
  expect(both.map((limits) => limits.figures())).toEqual(Array(2).fill({ isConnected: true, shared: 30, alone: 0 }));
  // Who was refused by the narrowest used up nothing of the others.
  const another = [{ ...asks[0]!, key: uuidv7() }, ...asks.slice(1)];
  expect(await both[0]!.takeAll(another)).toBe(0);
}

// Skipped where Redis cannot be had; `redisProgram` has said why.
test.skipIf(program === null)(
  'a cluster: any of its servers hears all, and the bus survives the death of the one it speaks to',
  async () => {
    const args = [
      ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-config-file', 'nodes.conf'],
      ...['--cluster-require-full-coverage', 'no', '--cluster-replica-validity-factor', '0'],
    ];
    const node = async () => server([...args, '--cluster-port', String(await freePort())]);
    const servers = [await node(), await node(), await node(), await node()];
    const clients = servers.map(({ port }) => new Redis(port, { retryStrategy: () => 100 }));
    for (const client of clients) client.on('error', () => {}); // One of them is killed.
    closers.push(() => clients.forEach((client) => void client.disconnect()));
    const [first] = clients as [Redis, ...Redis[]];
    for (const [i, { port }] of servers.entries()) {
      const info = (await clients[i]!.call('cluster', 'nodes')) as string;
      const busPort = /@(\d+)/.exec(info)![1]!;
      if (i > 0) await first.call('cluster', 'meet', '127.0.0.1', String(port), busPort);
      if (i < 3)
        await clients[i]!.call('cluster', 'addslotsrange', String(i * 5_461), String(i === 2 ? 16_383 : (i + 1) * 5_461 - 1));
    }
    const slot = (await first.call('cluster', 'keyslot', 'gb:bus')) as number;
    const owner = Math.min(2, Math.floor(slot / 5_461));
    const ownerId = (await clients[owner]!.call('cluster', 'myid')) as string;
    const spare = clients[3]!;
    await expect.poll(async () => (await spare.call('cluster', 'nodes')) as string, waits).toContain(ownerId);
    await spare.call('cluster', 'replicate', ownerId);
    for (const client of clients)
      await expect.poll(async () => (await client.call('cluster', 'info')) as string, waits).toContain('cluster_state:ok');
    await expect.poll(async () => (await first.call('cluster', 'nodes')) as string, waits).toContain('slave');
    await expect.poll(async () => (await spare.info('replication')) as string, waits).toContain('master_link_status:up');
    const url = `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    const [a, b] = await pair(url);
    await sharesLimits(url);
    await keepsTalking(a, b, () => servers[owner]!.kill());
  },
  120_000,
);

// Skipped where Redis cannot be had; `redisProgram` has said why.
test.skipIf(program === null)("TLS with an authority of one's own, and never without knowing who answers", async () => {
  const run = promisify(execFile);
  const made = mkdtempSync(path.join(tmpdir(), 'gb-redis-tls-'));
  closers.push(() => rmSync(made, { recursive: true, force: true }));
  const at = (name: string) => path.join(made, name);
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', at('key.pem'), '-out', at('cert.pem')],
  ]);
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-cert-file', at('cert.pem'), '--tls-key-file', at('key.pem')];
  await server([...tls, '--tls-ca-cert-file', at('cert.pem'), '--tls-auth-clients', 'no'], { port, isTls: true });
  const [a, b] = await pair(`rediss://127.0.0.1:${port}?ca=${at('cert.pem')}`);
  const seqs: number[] = [];
  b.onEvent((published) => seqs.push(published.event.seq));
  a.publish(event(1));
  await expect.poll(() => seqs).toEqual([1]);
  for (const url of [`rediss://127.0.0.1:${port}`, `redis://127.0.0.1:${port}`]) {
    const stranger = createRedisEventBus({ url, log: silentLogger, beatMs: 100 });
    closers.push(() => stranger.close());
    expect(await stranger.connected(500)).toBe(false);
  }
});

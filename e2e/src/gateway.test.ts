import type { ServerFrame } from 'gb-protocol';
import { closeCodes, limits, protocolVersion } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { eventually, type Person, type World, world } from './world.ts';

let w: World;
let ana: Person;
let mallory: Person;
beforeAll(async () => {
  w = await world({ env: { GB_RATE_FACTOR: '20' } });
  ana = await w.signUp('Ana');
  mallory = await w.signUp('Mallory', { organization: 'Other' });
});
afterAll(() => w?.close());

interface Raw {
  readonly ws: WebSocket;
  readonly frames: ServerFrame[];
  readonly closed: Promise<number>;
  next<T extends ServerFrame['type']>(type: T): Promise<Extract<ServerFrame, { type: T }>>;
  say(frame: unknown): void;
}

/** A socket and nothing else: what a program that follows no rules would send. */
async function open(options: { headers?: Record<string, string>; path?: string } = {}): Promise<Raw> {
  const ws = new WebSocket(w.server.url.replace('http', 'ws') + (options.path ?? '/ws'), { headers: options.headers ?? {} });
  const frames: ServerFrame[] = [];
  ws.on('message', (data) => frames.push(JSON.parse(data.toString()) as ServerFrame));
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    ws.on('open', () => resolve());
    ws.on('error', reject);
  });
  return {
    ws,
    frames,
    closed,
    next: <T extends ServerFrame['type']>(type: T) =>
      eventually<Extract<ServerFrame, { type: T }>>(async () => {
        const at = frames.findIndex((frame) => frame.type === type);
        return at < 0 ? null : (frames.splice(at, 1)[0] as Extract<ServerFrame, { type: T }>);
      }, `a ${type} frame`),
    say: (frame) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
  };
}

async function greet(person: Person, channels: unknown[] = []): Promise<Raw> {
  const raw = await open();
  raw.say({ type: 'hello', version: protocolVersion, token: person.token, channels });
  await raw.next('welcome');
  return raw;
}

test('what is not a frame gets an error with a stable code, and the connection goes on', async () => {
  const raw = await greet(ana);
  const cases: [unknown, string][] = [
    ['not json', 'malformed'],
    ['[1,2]', 'malformed'],
    ['{}', 'malformed'],
    ['{"type":7}', 'malformed'],
    ['{"type":"launch","id":3}', 'unknown_frame'],
    ['{"type":"send","id":4}', 'malformed'],
    ['{"type":"send","id":"four"}', 'malformed'],
    [{ type: 'send', id: 5, channelId: 'x', clientId: uuidv7(), text: 'a' }, 'malformed'],
    [{ type: 'send', id: 6, channelId: uuidv7(), clientId: uuidv7(), text: 'a' }, 'not_found'],
    [{ type: 'send', id: 7, channelId: uuidv7(), clientId: uuidv7(), text: '' }, 'malformed'],
    [{ type: 'send', id: 8, channelId: uuidv7(), clientId: uuidv7(), text: 'x'.repeat(20_000) }, 'too_large'],
    [`{"type":"ping","pad":"${'x'.repeat(limits.frameBytesMax)}"}`, 'too_large'],
    [{ type: 'hello', version: protocolVersion, token: ana.token }, 'malformed'],
    [{ type: 'subscribe', id: 9, channels: [{ channelId: uuidv7(), epoch: -1, seq: 0 }] }, 'malformed'],
  ];
  for (const [frame, code] of cases) {
    raw.say(frame);
    expect([String(JSON.stringify(frame)).slice(0, 60), (await raw.next('error')).code]).toEqual([
      String(JSON.stringify(frame)).slice(0, 60),
      code,
    ]);
  }
  raw.ws.send(Buffer.from([1, 2, 3]), { binary: true });
  expect((await raw.next('error')).code).toBe('malformed');
  raw.ws.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
  expect((await raw.next('error')).code).toBe('malformed');
  raw.say({ type: 'ping', somethingNew: true });
  expect((await raw.next('pong')).serverTime).toBeGreaterThan(0);
  raw.ws.close();
});

test('an error repeats the number of the request it answers', async () => {
  const raw = await greet(ana);
  raw.say({ type: 'send', id: 41, channelId: uuidv7(), clientId: uuidv7(), text: 'a' });
  expect((await raw.next('error')).id).toBe(41);
  raw.say({ type: 'teleport', id: 42 });
  expect((await raw.next('error')).id).toBe(42);
  raw.ws.close();
});

test('nothing is answered before hello, and a wrong hello closes for good', async () => {
  const silent = await open();
  silent.say({ type: 'subscribe', id: 1, channels: [] });
  expect((await silent.next('error')).code).toBe('unauthenticated');
  silent.say({ type: 'hello', version: protocolVersion, token: 'gbs_wrong' });
  expect(await silent.closed).toBe(closeCodes.unauthenticated);
  const old = await open();
  old.say({ type: 'hello', version: 99, token: ana.token });
  expect(await old.closed).toBe(closeCodes.versionUnsupported);
});

test('a page of another site cannot open a socket, and a cookie without an origin does not count', async () => {
  await expect(open({ headers: { origin: 'https://evil.example' } })).rejects.toThrow('403');
  await expect(open({ path: '/other' })).rejects.toThrow('404');
  const raw = await open({ headers: { cookie: `gb_session=${ana.token}` } });
  raw.say({ type: 'hello', version: protocolVersion });
  expect(await raw.closed).toBe(closeCodes.unauthenticated);
  const own = await open({ headers: { cookie: `gb_session=${ana.token}`, origin: w.server.url } });
  own.say({ type: 'hello', version: protocolVersion });
  expect((await own.next('welcome')).userId).toBe(ana.userId);
  own.ws.close();
});

test('another customer’s channel cannot be followed, written to or typed in', async () => {
  const general = await w.general(ana);
  const raw = await greet(mallory, [{ channelId: general, epoch: 1, seq: 0 }]);
  expect(await raw.next('subscribed')).toMatchObject({ channels: [], refused: [{ channelId: general, code: 'not_found' }] });
  raw.say({ type: 'send', id: 1, channelId: general, clientId: uuidv7(), text: 'hello' });
  expect((await raw.next('error')).code).toBe('not_found');
  raw.say({ type: 'typing', channelId: general });
  expect((await raw.next('error')).code).toBe('not_found');
  await ana.rest.postMessage(general, { clientId: uuidv7() as never, text: 'for us alone' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(raw.frames.filter(({ type }) => type === 'event')).toEqual([]);
  raw.ws.close();
});

test('typing and presence reach the others and are kept nowhere', async () => {
  const general = await w.general(ana);
  const bo = await w.invite(ana, 'Bo');
  const watching = await greet(ana, [{ channelId: general, epoch: 1, seq: 0 }]);
  await watching.next('subscribed');
  const typist = await greet(bo, [{ channelId: general, epoch: 1, seq: 0 }]);
  await typist.next('subscribed');
  const online = await eventually(
    async () => watching.frames.find((frame) => frame.type === 'presence' && frame.users[bo.userId] === 'online'),
    'Bo online',
  );
  expect(online).toBeTruthy();
  typist.say({ type: 'typing', channelId: general });
  expect(await watching.next('typing')).toMatchObject({ channelId: general, userId: bo.userId });
  typist.say({ type: 'presence', status: 'away' });
  await eventually(
    async () => watching.frames.find((frame) => frame.type === 'presence' && frame.users[bo.userId] === 'away'),
    'Bo away',
  );
  typist.ws.close();
  await eventually(
    async () => watching.frames.find((frame) => frame.type === 'presence' && frame.users[bo.userId] === 'offline'),
    'Bo gone',
  );
  watching.ws.close();
});

test('an ended session loses its sockets, somebody taken out their subscription', async () => {
  const bo = await w.invite(ana, 'Bo Again');
  const { state } = await ana.rest.createChannel({ kind: 'private', name: 'inner', memberIds: [bo.userId] });
  const raw = await greet(bo, [{ channelId: state.channel.id, epoch: state.epoch, seq: 0 }]);
  expect((await raw.next('subscribed')).channels).toHaveLength(1);
  await ana.rest.removeMember(state.channel.id, bo.userId);
  expect(await raw.next('unsubscribed')).toMatchObject({ channelId: state.channel.id });
  await ana.rest.postMessage(state.channel.id, { clientId: uuidv7() as never, text: 'now we can talk' });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(raw.frames.some((frame) => frame.type === 'event' && frame.kind === 'message.posted')).toBe(false);
  await bo.rest.logOut();
  expect(await raw.closed).toBe(closeCodes.unauthenticated);
});

test('whoever floods is told to slow down, then put out', async () => {
  const raw = await greet(ana);
  for (let n = 0; n < 12_000 && raw.ws.readyState === WebSocket.OPEN; n++) raw.say({ type: 'ping' });
  expect((await raw.next('error')).code).toBe('rate_limited');
  expect(await raw.closed).toBe(closeCodes.tooManyFrames);
});

test('a socket that reads nothing is not buffered without bound, and hears where to catch up', async () => {
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'flood' });
  const channelId = state.channel.id;
  const slow = await greet(ana, [{ channelId, epoch: state.epoch, seq: state.head }]);
  await slow.next('subscribed');
  slow.ws.pause();
  const fast = await greet(ana, [{ channelId, epoch: state.epoch, seq: state.head }]);
  await fast.next('subscribed');
  const text = 'y'.repeat(15_000);
  const count = 700;
  for (let n = 0; n < count; n++) {
    fast.say({ type: 'send', id: n, channelId, clientId: uuidv7(), text });
    if (n % 10 === 9)
      await eventually(
        async () => fast.frames.filter((frame) => frame.type === 'ack' || frame.type === 'error').length > n,
        'acks',
        30_000,
      );
  }
  expect(fast.frames.filter((frame) => frame.type === 'error')).toEqual([]);
  slow.ws.resume();
  const resync = await slow.next('resync');
  expect(resync.channels[0]).toMatchObject({ channelId });
  const received = slow.frames.filter((frame) => frame.type === 'event').length;
  expect(received).toBeLessThan(count);
  // And the log has them all.
  let after = state.head;
  let total = 0;
  for (let more = true; more; ) {
    const page = await ana.rest.log(channelId, { epoch: state.epoch, after });
    if (page.kind !== 'events') throw new Error('expected events');
    total += page.events.filter(({ kind }) => kind === 'message.posted').length;
    after = page.events.at(-1)?.seq ?? after;
    more = page.hasMore;
  }
  expect(total).toBe(count);
  slow.ws.close();
  fast.ws.close();
});

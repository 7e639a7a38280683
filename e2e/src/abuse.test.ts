import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type ChannelId, type ClientId, closeCodes, limits, protocolVersion } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { channelNamed, eventually, type Person, password, refusal, type World, world } from './world.ts';

/** What a hostile stranger, member or bot author tried, and must not get. Each test is a hole that was there once. */
let w: World;
let ana: Person;
let mallory: Person;
beforeAll(async () => {
  w = await world({ env: { GB_RATE_FACTOR: '5', GB_BOT_WORKERS: '1' } });
  ana = await w.signUp('Ana');
  mallory = await w.signUp('Mallory', { organization: 'Other' });
});
afterAll(() => w?.close());

const start = (text: string) => [{ name: 'start.bas', text }];
const clientId = () => uuidv7() as ClientId;

/** The longest wait of an uninvolved request while something else goes on. */
async function longestPauseMs(during: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = during.finally(() => {
    isOver = true;
  });
  let longest = 0;
  while (!isOver) {
    const startedMs = performance.now();
    await fetch(`${w.server.url}/health/live`);
    longest = Math.max(longest, performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await over;
  return longest;
}

describe('scripts made to hurt', () => {
  const many = (make: (n: number) => string) => {
    let text = '';
    for (let n = 0; text.length < 240_000; n++) text += make(n);
    return text;
  };
  test.each([
    ['many variables', many((n) => `a${n}=${n}\n`)],
    ['many names nobody knows', many((n) => `TALK zz${n}q\n`)],
    ['many parameters', `SUB s(${many((n) => `p${n},`)}z)\nEND SUB\n`],
    ['many interpolations that do not close', `TALK ${many(() => '"${')}`],
    ['an array longer than the stack', `x = [${many(() => '1,')}1]`],
  ])('%s: they do not stop the others', async (_, text) => {
    const files = ['start', 'b', 'c'].map((name) => ({
      name: `${name}.bas`,
      text: name === 'start' ? `INCLUDE "b"\n${text}` : text,
    }));
    const preview = mallory.rest.previewBot({ files }).catch((error: unknown) => error as { code: string });
    expect(await longestPauseMs(preview)).toBeLessThan(1_500);
    // It runs, or is refused with a reason; it is never a failure of the server.
    const answer = await preview;
    if ('code' in answer) expect(answer.code).toMatch(/^(program_invalid|too_large)$/);
  });

  test('after a script that was given up, the next one compiles', async () => {
    expect((await mallory.rest.previewBot({ files: start('TALK "fine"') })).replies).toEqual([{ text: 'fine' }]);
  });
});

describe('programs made to hurt', () => {
  const plain = (body: string) => `FUNCTION f()\n${body}\nRETURN 1\nEND FUNCTION\nx = f()\n`;
  test.each([
    ['calls of the host', plain('FOR i = 1 TO 100000000\ns = VAL("123.5")\nNEXT'), 'time_exhausted'],
    [
      'a search again and again',
      plain('l = SPLIT(REPEAT("a,", 100000), ",")\nWHILE TRUE\nx = "zz" IN l\nWEND'),
      'time_exhausted',
    ],
    ['a text of half a gigabyte', 's = REPLACE(REPEAT("a", 500), "a", REPEAT("b", 1000000))', 'out_of_memory'],
    ['another', 's = JOIN(SPLIT(REPEAT("a,", 500), ","), REPEAT("b", 1000000))', 'out_of_memory'],
    ['talk without end', 'b = REPEAT("a", 100000)\nFOR i = 1 TO 50\nTALK b\nNEXT', 'too_many_messages'],
  ])('%s: the program is stopped before its thread is taken for stuck', async (_, text, code) => {
    const { error, replies } = await mallory.rest.previewBot({ files: start(text) });
    expect(error?.code).toBe(code);
    expect(JSON.stringify(replies).length).toBeLessThan(600_000);
  });

  test('one person cannot run many previews at once', async () => {
    const files = start(plain('FOR i = 1 TO 100000000\ns = VAL("123.5")\nNEXT'));
    const codes = await Promise.all(
      Array.from({ length: 20 }, () =>
        mallory.rest.previewBot({ files }).then(
          ({ error }) => error?.code,
          (error: unknown) => (error as { code: string }).code,
        ),
      ),
    );
    expect(codes.filter((code) => code === 'rate_limited').length).toBeGreaterThan(10);
    expect(codes.filter((code) => code === 'time_exhausted').length).toBeGreaterThan(0);
    expect((await ana.rest.previewBot({ files: start('TALK "mine"') })).replies).toEqual([{ text: 'mine' }]);
  });

  test('what a person told a bot is not in the log when its program fails', async () => {
    const secret = `pin-${randomBytes(6).toString('hex')}`;
    const bot = await ana.rest.createBot({ name: 'Sum', handle: 'sum', files: start('TALK "?"\nHEAR x\nTALK x * 2') });
    await ana.rest.publishBot(bot.id);
    const { state } = await ana.rest.openDirect({ userIds: [bot.userId] });
    const said = async (count: number) =>
      eventually(
        async () => (await ana.rest.messages(state.channel.id)).messages.filter((m) => m.authorId === bot.userId).length >= count,
        'the bot',
      );
    await said(1);
    await ana.rest.postMessage(state.channel.id, { clientId: clientId(), text: secret });
    await said(2);
    await eventually(async () => w.server.log().includes('A bot program failed'), 'the log');
    expect(w.server.log()).not.toContain(secret);
  });
});

/** A socket that speaks WebSocket by hand and keeps no rules: it answers no close and reads only when told to. */
async function rawSocket(): Promise<{
  socket: Socket;
  say(frame: unknown): void;
  opcode(code: number, body: Buffer): void;
  heard(): string;
}> {
  const { port, hostname } = new URL(w.server.url);
  const socket = connect({ port: Number(port), host: hostname === 'localhost' ? '127.0.0.1' : hostname });
  let heard = '';
  socket.on('data', (data) => {
    heard += data.toString('latin1');
  });
  socket.on('error', () => {}); // The server may reset it: that is what is waited for.
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await eventually(async () => heard.includes('101 '), 'the upgrade');
  const opcode = (code: number, body: Buffer) => {
    const head =
      body.length < 126
        ? Buffer.from([0x80 | code, 0x80 | body.length])
        : Buffer.from([0x80 | code, 0xfe, body.length >> 8, body.length & 255]);
    socket.write(Buffer.concat([head, Buffer.alloc(4), body])); // A mask of zeros.
  };
  return {
    socket,
    opcode,
    say: (frame) => opcode(1, Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    heard: () => heard,
  };
}

describe('sockets that keep no rules', () => {
  const hello = (person: Person, channels: unknown[] = []) => ({
    type: 'hello',
    version: protocolVersion,
    token: person.token,
    channels,
  });
  const open = async (person: Person, channels: unknown[] = []) => {
    const raw = await rawSocket();
    raw.say(hello(person, channels));
    await eventually(async () => raw.heard().includes('"welcome"'), 'welcome');
    return raw;
  };

  test('a session that ended neither posts nor hears, though its client ignores the close', async () => {
    const general = await w.general(ana);
    const bo = await w.invite(ana, 'Bo Gone');
    const raw = await open(bo, [{ channelId: general, epoch: 1, seq: 0 }]);
    await eventually(async () => raw.heard().includes('"subscribed"'), 'subscribed');
    await ana.rest.updateUser(bo.userId, { isActive: false });
    await eventually(async () => raw.heard().includes('session ended'), 'the close');
    const stolen = clientId();
    raw.say({ type: 'send', id: 1, channelId: general, clientId: stolen, text: 'still here' });
    await ana.rest.postMessage(general, { clientId: clientId(), text: 'after-the-end' });
    await eventually(async () => raw.socket.closed || raw.socket.destroyed, 'the end of the socket');
    expect(raw.heard()).not.toContain('after-the-end');
    expect((await ana.rest.messages(general)).messages.map((message) => message.clientId)).not.toContain(stolen);
  });

  test('somebody made a guest has to say hello again, and follows no more than a guest may', async () => {
    const cleo = await w.invite(ana, 'Cleo');
    const { state } = await ana.rest.createChannel({ kind: 'public', name: 'not-for-guests' });
    const cursor = { channelId: state.channel.id, epoch: 1, seq: 0 };
    const raw = await open(cleo, [cursor]);
    await eventually(async () => raw.heard().includes('"subscribed"'), 'subscribed');
    await ana.rest.updateUser(cleo.userId, { role: 'guest' });
    await eventually(async () => raw.heard().includes('role changed'), 'the close');
    await ana.rest.postMessage(state.channel.id, { clientId: clientId(), text: 'members-only' });
    const again = await open(cleo, [cursor]);
    await eventually(async () => again.heard().includes('"refused":[{'), 'the refusal');
    expect(raw.heard() + again.heard()).not.toContain('members-only');
    again.socket.destroy();
  });

  test('noise is counted like frames, also before hello', async () => {
    const ws = new WebSocket(`${w.server.url.replace('http', 'ws')}/ws`);
    const closed = new Promise<number>((resolve) => ws.on('close', resolve));
    await new Promise((resolve) => ws.on('open', resolve));
    for (let n = 0; n < 5_000; n++) ws.send('{');
    expect(await closed).toBe(closeCodes.tooManyFrames);
  });

  test('who asks and never reads is given up before the answers fill the memory', async () => {
    const raw = await open(mallory);
    raw.socket.pause();
    let isOver = false;
    raw.socket.on('close', () => {
      isOver = true;
    });
    const ping = Buffer.alloc(120, 1);
    const unknown = JSON.stringify({ type: 'x'.repeat(60), id: 1 });
    for (let n = 0; n < 400 && !isOver; n++) {
      for (let i = 0; i < 20; i++) {
        raw.opcode(9, ping);
        raw.say(unknown);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    raw.socket.resume();
    await eventually(async () => isOver, 'the end of the socket');
    expect(raw.heard().length).toBeLessThan(limits.socketBacklogBytesMax * 16);
  });

  test('typing all the time is told at a bearable rate', async () => {
    const general = await w.general(ana);
    const dora = await w.invite(ana, 'Dora');
    const listener = await open(ana, [{ channelId: general, epoch: 1, seq: 0 }]);
    const typist = await open(dora);
    for (let n = 0; n < 500; n++) typist.say({ type: 'typing', channelId: general });
    typist.say({ type: 'ping' });
    await eventually(async () => typist.heard().includes('"pong"'), 'pong');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told = listener.heard().split('"typing"').length - 1;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(30);
    for (const one of [listener, typist]) one.socket.destroy();
  });
});

describe('seeing and being seen', () => {
  test('a guest learns of no public channel from the directory log, read or live', async () => {
    const guest = await w.invite(ana, 'Gus', 'guest');
    const { directory } = await guest.rest.snapshot();
    const cursor = { channelId: directory.channelId, epoch: directory.epoch, seq: directory.seq };
    const ws = new WebSocket(`${w.server.url.replace('http', 'ws')}/ws`);
    let heard = '';
    ws.on('message', (data) => {
      heard += data.toString();
    });
    await new Promise((resolve) => ws.on('open', resolve));
    ws.send(JSON.stringify({ type: 'hello', version: protocolVersion, token: guest.token, channels: [cursor] }));
    await eventually(async () => heard.includes('"subscribed"'), 'subscribed');
    await ana.rest.createChannel({ kind: 'public', name: 'secret-merger' });
    // What comes after it does come, and the log has no hole.
    await ana.rest.updateMe({ name: 'Ana Renamed' });
    await eventually(async () => heard.includes('Ana Renamed'), 'the new name');
    const page = await guest.rest.log(directory.channelId, { epoch: directory.epoch, after: directory.seq });
    if (page.kind !== 'events') throw new Error('The log starts over.');
    expect(page.events.map(({ seq }) => seq)).toEqual(page.events.map((_, n) => directory.seq + 1 + n));
    expect(heard + JSON.stringify(page)).not.toContain('secret-merger');
    ws.close();
  });

  test('who left a group does not get it back by opening it; somebody in it may ask them back', async () => {
    const [bo, cy] = [await w.invite(ana, 'Bo Group'), await w.invite(ana, 'Cy Group')];
    const { state } = await ana.rest.openDirect({ userIds: [bo.userId, cy.userId] });
    await bo.rest.removeMember(state.channel.id, bo.userId);
    expect(await refusal(bo.rest.openDirect({ userIds: [ana.userId, cy.userId] }))).toBe('forbidden');
    const again = await ana.rest.openDirect({ userIds: [bo.userId, cy.userId] });
    expect(again.state.memberIds).toContain(bo.userId);
  });

  test.each(['\u200b', 'Ana\u200b', 'Ana\u2060', '\u202eanA', '\u00ad'])(
    'an invisible sign in a name is refused: %j',
    async (name) => {
      expect(await refusal(mallory.rest.updateMe({ name }))).toBe('malformed');
    },
  );
});

describe('letting oneself in', () => {
  test('an invitation ends with its author’s right to invite', async () => {
    const eve = await w.invite(ana, 'Eve', 'admin');
    const asAdmin = await eve.rest.createInvitation({ role: 'admin', usesMax: 5 });
    const asMember = await eve.rest.createInvitation({ role: 'member', usesMax: 5 });
    const join = (code: string) =>
      w.stranger().acceptInvitation(code, { name: 'Eve Again', email: `${uuidv7()}@example.com`, password });
    await ana.rest.updateUser(eve.userId, { role: 'member' });
    expect(await refusal(join(asAdmin.code))).toBe('invitation_invalid');
    await join(asMember.code);
    await ana.rest.updateUser(eve.userId, { isActive: false });
    expect(await refusal(join(asMember.code))).toBe('invitation_invalid');
    expect((await w.stranger().invitation(asMember.code)).isUsable).toBe(false);
  });

  test('behind a proxy, an address the client made up does not escape the throttle', async () => {
    const behind = await world({ env: { GB_TRUST_PROXY: 'true', GB_RATE_FACTOR: '1' } });
    try {
      const codes: number[] = [];
      for (let n = 0; n < 8; n++) {
        const response = await fetch(`${behind.server.url}/api/sessions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${n}, 203.0.113.9` },
          body: JSON.stringify({ email: 'ana@example.com', password: 'guess number one' }),
        });
        codes.push(response.status);
      }
      expect(codes).toContain(401);
      expect(codes.at(-1)).toBe(429);
    } finally {
      await behind.close();
    }
  });

  test('another way to write the address is not a way around the gate', async () => {
    const { port } = new URL(w.server.url);
    const ask = (path: string) =>
      new Promise<number>((resolve, reject) => {
        const body = JSON.stringify({ email: ana.email, password });
        const asked = request(
          {
            port: Number(port),
            host: '127.0.0.1',
            path,
            method: 'POST',
            headers: { origin: 'https://evil.example', 'content-type': 'application/json', 'content-length': body.length },
          },
          (response) => resolve(response.resume().statusCode ?? 0),
        );
        asked.on('error', reject);
        asked.end(body);
      });
    for (const path of ['/api/sessions', '/%61pi/sessions', 'http://evil.example/api/sessions'])
      expect([path, await ask(path)]).toEqual([path, 403]);
  });
});

describe('the acknowledgement rule', () => {
  test('a client id used every which way is stored once, and every ack tells the truth', async () => {
    const channelId = (await ana.rest.createChannel({ kind: 'private', name: 'ids' })).state.channel.id;
    const id = clientId();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ana.rest.postMessage(channelId, { clientId: id, text: n % 2 ? 'one' : 'two' }).then(
          ({ seq }) => seq,
          (error: unknown) => (error as { code: string }).code,
        ),
      ),
    );
    const seqs = new Set(outcomes.filter((outcome) => typeof outcome === 'number'));
    expect(seqs.size).toBe(1);
    expect(outcomes.filter((outcome) => outcome === 'duplicate_client_id')).toHaveLength(10);
    const stored = (await ana.rest.messages(channelId)).messages;
    expect(stored).toHaveLength(1);
    const { seq, text } = stored[0]!;
    const post = (by: Person, to: ChannelId, words: string) => by.rest.postMessage(to, { clientId: id, text: words });
    // Edited and deleted since: the same send again is still the same message, not a new one.
    await ana.rest.editMessage(channelId, seq, 'changed');
    expect((await post(ana, channelId, text)).seq).toBe(seq);
    await ana.rest.deleteMessage(channelId, seq);
    expect((await post(ana, channelId, text)).seq).toBe(seq);
    expect((await ana.rest.messages(channelId)).messages).toHaveLength(1);
    // Somebody else's id, even of another customer, is nobody's but theirs.
    const theirs = channelNamed(await mallory.rest.snapshot(), 'general');
    expect((await post(mallory, theirs, 'mine')).seq).toBeGreaterThan(0);
  });
});

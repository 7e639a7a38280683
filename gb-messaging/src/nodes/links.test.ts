import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, uuidv7 } from 'gb-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FrameReader, frameKinds, writeFrame } from './link-frames.ts';
import { Links } from './links.ts';
import { openSocketPlace, type SocketPlace, socketPlaces } from './socket-place.ts';

const key = Buffer.alloc(32, 7);
let dir: string;
let place: SocketPlace;
const opened: Links[] = [];
const sockets: (Socket | Server)[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gb-links-'));
  place = openSocketPlace(socketPlaces(dir)[0]!);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((links) => links.close()));
  for (const one of sockets.splice(0)) 'destroy' in one ? one.destroy() : one.close();
  rmSync(dir, { recursive: true, force: true });
});

async function open(own = key): Promise<Links> {
  const links = await Links.open({ node: uuidv7(), place, key: own, log: silentLogger });
  opened.push(links);
  return links;
}

const peersOf = (...all: Links[]) => all.map(({ node, address }) => ({ id: node, address }));

/** All dial all, and hear all. */
async function linked(...all: Links[]): Promise<void> {
  for (const one of all) one.setPeers(peersOf(...all));
  await expect
    .poll(() => all.every((a) => all.every((b) => a === b || (a.isReached(b.node) && a.isHeard(b.node)))), { timeout: 20_000 })
    .toBe(true);
}

function listen(links: Links) {
  const heard = { texts: [] as string[], gaps: 0 };
  links.onTold((body) => heard.texts.push(body.toString()));
  links.onGap(() => {
    heard.gaps += 1;
  });
  return heard;
}

/** Somebody who dials a socket and says what they like. */
function stranger(path: string): { socket: Socket; frames: FrameReader; closed: Promise<void> } {
  const socket = connect({ path });
  sockets.push(socket);
  const frames = new FrameReader(1024);
  socket.on('data', (chunk) => frames.push(chunk));
  socket.on('error', () => {});
  return { socket, frames, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

test('what is told arrives at everybody, in order, whatever its size and letters', async () => {
  const [a, b, c] = [await open(), await open(), await open()];
  await linked(a, b, c);
  const [atB, atC] = [listen(b), listen(c)];
  const texts = ['', 'ção 日本 🙂 \u0000', 'x'.repeat(3_000_000), ...Array.from({ length: 500 }, (_, n) => `n${n}`)];
  for (const text of texts) a.tell(text);
  await expect.poll(() => [atB.texts.length, atC.texts.length]).toEqual([texts.length, texts.length]);
  expect(atB.texts.map((text, n) => text === texts[n]).includes(false)).toBe(false);
  expect(atC.texts.at(-1)).toBe('n499');
  expect([atB.gaps, atC.gaps]).toEqual([0, 0]);
});

test('one that is dialled calls back, and who is told that others said something before looks at the log', async () => {
  const [old, young] = [await open(), await open()];
  old.noteSaid(3);
  const [atOld, atYoung] = [listen(old), listen(young)];
  // Only the young one has been told of the other.
  young.setPeers(peersOf(old));
  await expect.poll(() => old.isReached(young.node) && young.isHeard(old.node)).toBe(true);
  await expect.poll(() => old.isHeard(young.node)).toBe(true);
  expect([atOld.gaps, atYoung.gaps]).toEqual([0, 1]);
});

test('a question is answered, a failing answerer refuses, and nobody waits for one who does not answer', async () => {
  const [a, b] = [await open(), await open()];
  await linked(a, b);
  b.answer(async (body, from) => {
    const text = body.toString();
    if (text === 'fail') throw new Error('on purpose');
    if (text === 'never') await new Promise(() => {});
    return `${text} of ${from}`;
  });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => a.ask(b.node, `q${n}`, 20_000)));
  expect(answers.map(String)).toEqual(Array.from({ length: 50 }, (_, n) => `q${n} of ${a.node}`));
  await expect(a.ask(b.node, 'fail', 20_000)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(a.ask(b.node, 'never', 50)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(a.ask(uuidv7(), 'who?', 50)).rejects.toThrow();
  await expect(b.ask(a.node, 'nobody answers there', 20_000)).rejects.toMatchObject({ code: 'unavailable' });
});

test('what was asked of one that ends fails at once; one that closes in order leaves no gap, and nothing untold', async () => {
  const [a, b] = [await open(), await open()];
  await linked(a, b);
  const atB = listen(b);
  a.answer(() => new Promise(() => {}));
  const asked = b.ask(a.node, 'x', 600_000);
  for (let n = 0; n < 1_000; n++) a.tell(`n${n}`);
  await Promise.all([expect(asked).rejects.toMatchObject({ code: 'unavailable' }), a.close()]);
  await expect.poll(() => b.isHeard(a.node)).toBe(false);
  expect(atB).toEqual({ texts: Array.from({ length: 1_000 }, (_, n) => `n${n}`), gaps: 0 });
  b.setPeers([]);
  expect(b.isGone(a.node)).toBe(true);
});

test('one that retires is known to, also by those who come later', async () => {
  const [a, b] = [await open(), await open()];
  await linked(a, b);
  a.retire();
  await expect.poll(() => b.isRetiring(a.node)).toBe(true);
  const c = await open();
  await linked(a, b, c);
  await expect.poll(() => c.isRetiring(a.node)).toBe(true);
  expect(c.isRetiring(b.node)).toBe(false);
});

test('a process that is killed leaves a gap, is dialled until it is said to be dead, and its successor is linked', async () => {
  const a = await open();
  const heard = listen(a);
  const source = `
    const { Links } = await import(${JSON.stringify(new URL('./links.ts', import.meta.url).href)});
    const { silentLogger } = await import(${JSON.stringify(new URL('../../../gb-utils/src/index.ts', import.meta.url).href)});
    const [node, place, peer] = JSON.parse(process.argv[1]);
    const links = await Links.open({ node, place, key: Buffer.alloc(32, 7), log: silentLogger });
    links.setPeers([peer]);
    links.onTold((body) => links.tell('echo ' + body));
    setInterval(() => {}, 1000);`;
  const start = (node: string) =>
    spawn(
      process.execPath,
      ['--input-type=module', '-e', source, '--', JSON.stringify([node, place, { id: a.node, address: a.address }])],
      { stdio: 'inherit' },
    );
  const [one, two] = [uuidv7(), uuidv7()];
  let child = start(one);
  try {
    await expect.poll(() => a.isReached(one) && a.isHeard(one), { timeout: 30_000 }).toBe(true);
    a.tell('hi');
    await expect.poll(() => heard.texts).toEqual(['echo hi']);
    expect(heard.gaps).toBe(0);
    child.kill('SIGKILL');
    await expect.poll(() => heard.gaps).toBe(1);
    child = start(two);
    await expect.poll(() => a.isReached(two) && a.isHeard(two), { timeout: 30_000 }).toBe(true);
    a.tell('again');
    await expect.poll(() => heard.texts.at(-1)).toBe('echo again');
    expect(a.isReached(one)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a link that is cut is dialled again, and both sides know that something may be missing', async () => {
  const [a, b] = [await open(), await open()];
  // Between them, and under the name of b's own socket for a.
  const path = join(place.dir, 'between.sock');
  const cuts = new Set<Socket>();
  const between = createServer((socket) => {
    const inner = connect({ path: b.address });
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      cuts.add(one);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  sockets.push(between);
  await new Promise<void>((resolve) => between.listen(path, resolve));
  a.setPeers([{ id: b.node, address: path }]);
  await expect.poll(() => b.isHeard(a.node)).toBe(true);
  const atB = listen(b);
  a.tell('one');
  await expect.poll(() => atB.texts).toEqual(['one']);
  for (const socket of cuts) socket.destroy();
  a.tell('lost');
  await expect.poll(() => atB.gaps).toBeGreaterThan(0);
  await expect.poll(() => a.isReached(b.node) && b.isHeard(a.node), { timeout: 20_000 }).toBe(true);
  const { gaps } = atB;
  a.tell('two');
  await expect.poll(() => atB.texts.at(-1)).toBe('two');
  // Told when it was cut, and again when it stood: what was said in between is in the log by now.
  expect(gaps).toBeGreaterThanOrEqual(2);
});

test('a peer that does not read is not waited for, costs bounded memory, and is told that it missed something', async () => {
  const [a, b] = [await open(), await open()];
  await linked(a, b);
  const atB = listen(b);
  // In one turn of the loop nobody reads anything.
  const text = 'x'.repeat(1_000_000);
  for (let n = 0; n < 60; n++) a.tell(text);
  a.tell('the last one');
  expect(a.figures().dropped).toBeGreaterThan(30);
  await expect.poll(() => atB.gaps).toBe(1);
  expect(atB.texts.length).toBe(61 - a.figures().dropped);
  a.tell('and on');
  await expect.poll(() => atB.texts.at(-1)).toBe('and on');
});

test('who does not know the key is hung up on, on either side', async () => {
  const [a, foreign] = [await open(), await open(Buffer.alloc(32, 8))];
  const atA = listen(a);
  foreign.setPeers(peersOf(a));
  await expect.poll(() => a.figures().strangers, { timeout: 20_000 }).toBeGreaterThan(1);
  foreign.tell('let me in');
  a.setPeers(peersOf(foreign));
  await expect.poll(() => foreign.figures().strangers, { timeout: 20_000 }).toBeGreaterThan(1);
  expect([a.isReached(foreign.node), a.isHeard(foreign.node), foreign.isReached(a.node)]).toEqual([false, false, false]);
  expect(atA).toEqual({ texts: [], gaps: 0 });
});

test('an answer to a hello that another node gives is not taken for the one that was called', async () => {
  const [a, b] = [await open(), await open()];
  a.setPeers([{ id: uuidv7(), address: b.address }]);
  await expect.poll(() => b.figures().strangers, { timeout: 20_000 }).toBeGreaterThan(1);
  expect([a.figures().reached, b.figures().heard]).toEqual([0, 0]);
});

test('garbage, frames out of turn and bodies that are too large end the connection and nothing else', async () => {
  const [a, b] = [await open(), await open()];
  await linked(a, b);
  const atA = listen(a);
  const hello = { v: 1, node: uuidv7(), address: '/nowhere', nonce: 'ab'.repeat(24) };
  const said: Buffer[] = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(64, 0xff),
    writeFrame(frameKinds.told, '[]'),
    writeFrame(frameKinds.live, '{"said":1}'),
    writeFrame(frameKinds.ask, 'x', 1),
    writeFrame(frameKinds.hello, 'no json'),
    writeFrame(frameKinds.hello, 'x'.repeat(2_000)),
    writeFrame(frameKinds.hello, JSON.stringify({ ...hello, v: 2 })),
    writeFrame(frameKinds.hello, JSON.stringify({ ...hello, node: a.node })),
    writeFrame(frameKinds.hello, JSON.stringify({ ...hello, address: 'relative' })),
    Buffer.concat([writeFrame(frameKinds.hello, JSON.stringify(hello)), writeFrame(frameKinds.proof, '{"mac":"00"}')]),
    Buffer.concat([writeFrame(frameKinds.hello, JSON.stringify(hello)), writeFrame(frameKinds.proof, '{"mac":7}')]),
  ];
  for (const bytes of said) {
    const one = stranger(a.address);
    one.socket.write(bytes);
    await one.closed;
  }
  await expect.poll(() => a.figures().strangers).toBe(said.length);
  // One that says nothing at all holds a place for a while, and no more than its own.
  stranger(a.address);
  b.tell('still here');
  await expect.poll(() => atA.texts).toEqual(['still here']);
  expect(atA.gaps).toBe(0);
});

test('bytes of the protocol that come one by one, or all at once, are the same frames', () => {
  const bytes = Buffer.concat([
    writeFrame(frameKinds.ask, 'abc', 7),
    writeFrame(frameKinds.told),
    writeFrame(frameKinds.told, 'ü'),
  ]);
  const read = (chunks: Buffer[]) => {
    const reader = new FrameReader(100);
    const texts: string[] = [];
    for (const chunk of chunks) {
      reader.push(chunk);
      for (let frame = reader.next(); frame; frame = reader.next()) texts.push(`${frame.kind} ${frame.id} ${frame.body}`);
    }
    return texts;
  };
  const whole = read([bytes]);
  expect(whole).toEqual([`${frameKinds.ask} 7 abc`, `${frameKinds.told} 0 `, `${frameKinds.told} 0 ü`]);
  expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
});

test('only our user may enter the place of the sockets, and sockets of the dead are removed', async () => {
  expect(statSync(place.dir).mode & 0o777).toBe(0o700);
  chmodSync(place.dir, 0o755);
  expect(openSocketPlace(place.dir)).toEqual(place);
  expect(statSync(place.dir).mode & 0o777).toBe(0o700);

  const living = await open();
  const source = `require('node:net').createServer().listen(${JSON.stringify(join(place.dir, 'dead.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  const dead = spawn(process.execPath, ['-e', source]);
  await new Promise((resolve) => dead.once('exit', resolve));
  const old = new Date(Date.now() - 120_000);
  for (const name of readdirSync(place.dir)) if (name.endsWith('.sock')) utimesSync(join(place.dir, name), old, old);
  expect(existsSync(join(place.dir, 'dead.sock'))).toBe(true);
  await open();
  expect(existsSync(join(place.dir, 'dead.sock'))).toBe(false);
  expect(existsSync(living.address)).toBe(true);
});

test('a data directory with a long path has its sockets elsewhere, the same for all, and another is another host', async () => {
  const [only, ...none] = socketPlaces(join(dir, 'd'.repeat(120)));
  expect(none).toEqual([]);
  expect(only!.startsWith(tmpdir())).toBe(true);
  try {
    const far = openSocketPlace(only!);
    expect(openSocketPlace(only!)).toEqual(far);
    expect(far.hostId).not.toBe(place.hostId);
    const links = await Links.open({ node: uuidv7(), place: far, key, log: silentLogger });
    expect(Buffer.byteLength(links.address)).toBeLessThanOrEqual(103);
    await links.close();
    // Somebody else was there first, where everybody may make directories.
    rmSync(far.dir, { recursive: true });
    symlinkSync(dir, far.dir);
    expect(() => openSocketPlace(only!)).toThrow(/belongs to somebody else/);
  } finally {
    rmSync(only!, { recursive: true, force: true });
  }
});

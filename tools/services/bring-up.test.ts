import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bringUp, takeDown } from './bring-up.ts';
import { exchange, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Service, Unavailable } from './service.ts';

let scratch: string;
let said: string[];
const say = (text: string): void => void said.push(text);
beforeEach(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-services-'));
  said = [];
});
afterEach(() => fs.rmSync(scratch, { recursive: true }));

/** A service that notes what is asked of it. */
function fake(name: string, changes: Partial<Service> = {}): Service & { readonly asked: string[] } {
  const asked: string[] = [];
  const note = (what: string) => async () => void asked.push(what);
  return {
    name,
    asked,
    install: note('install'),
    start: note('start'),
    ready: note('ready'),
    env: () => ({ [name.toUpperCase()]: 'here' }),
    stop: note('stop'),
    ...changes,
  };
}

const refuse = (why: string) => async () => {
  throw new Unavailable(why);
};

test('what cannot be installed is said in a sentence, and the others go on', async () => {
  const good = fake('good');
  const { env, missing } = await bringUp([fake('bad', { install: refuse('only root may install it') }), good], scratch, say);
  expect({ env, missing, said }).toEqual({ env: { GOOD: 'here' }, missing: ['bad'], said: ['bad: only root may install it'] });
  expect(good.asked).toEqual(['install', 'start', 'ready']);
});

test('a server that does not answer is stopped again', async () => {
  const silent = fake('silent', { ready: refuse('it does not answer') });
  expect((await bringUp([silent], scratch, say)).missing).toEqual(['silent']);
  expect(silent.asked).toEqual(['install', 'start', 'stop']);
});

test('a fault of ours is not taken for something that cannot be had', async () => {
  const broken = fake('broken', { start: () => Promise.reject(new TypeError('x is not a function')) });
  await expect(bringUp([broken], scratch, say)).rejects.toThrow(TypeError);
});

test('what does not let itself be stopped is named, and the others are stopped', async () => {
  const good = fake('good');
  expect(await takeDown([fake('bad', { stop: refuse('it does not end') }), good], scratch, say)).toEqual(['bad']);
  expect(good.asked).toEqual(['stop']);
});

test('a scratch directory that is a link is not taken', async () => {
  const link = path.join(scratch, 'link');
  fs.symlinkSync(scratch, link);
  await expect(bringUp([fake('one')], link, say)).rejects.toThrow(/name another/);
});

/** Answers `pong` to whatever it hears, on the port of its first argument. */
const echo = `require('node:net').createServer((s) => s.on('data', () => s.write('pong'))).listen(+process.argv[1], '127.0.0.1');`;
const server = (source: string) => ({ program: process.execPath, args: (port: number) => ['-e', source, String(port)] });

test('a server is started once, answers, and is gone when it is stopped', async () => {
  const place = { dir: scratch, say };
  fs.chmodSync(scratch, 0o711);
  try {
    await startServer(place, server(echo));
    await waitUntil(place, (port) => exchange(port, 'ping', 'pong'));
    const first = running(place)!;
    await startServer(place, server(echo));
    expect(running(place)).toEqual(first);
    if (process.getuid?.() === 0) expect(fs.statSync(`/proc/${first.pid}`).uid).not.toBe(0);
    await stopServer(place);
    expect(running(place)).toBeUndefined();
    expect(await exchange(first.port, 'ping', 'pong')).toBe(false);
    await stopServer(place);
  } finally {
    await stopServer(place);
  }
});

test('another process with the same id is not taken for the server', async () => {
  const place = { dir: scratch, say };
  fs.writeFileSync(path.join(scratch, 'server.json'), JSON.stringify({ port: 1, pid: process.pid, startedAt: 'long ago' }));
  expect(running(place)).toBeUndefined();
  await stopServer(place); // Would end this test if it believed the file.
  expect(fs.existsSync(path.join(scratch, 'server.json'))).toBe(false);
});

test('a server that ends at once is told with its last words', async () => {
  const place = { dir: scratch, say };
  fs.chmodSync(scratch, 0o711);
  const started = startServer(place, server(`console.error('no such option'); process.exit(1);`)).then(() =>
    waitUntil(place, (port) => exchange(port, 'ping', 'pong')),
  );
  await expect(started).rejects.toThrow(/ended .*no such option/);
  expect(running(place)).toBeUndefined();
});

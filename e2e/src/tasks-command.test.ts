import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Person, type World, world } from './world.ts';

/** `gb tasks`, against a server whose webhooks lead nowhere. */
let w: World;
let ana: Person;
let bo: Person;
let receiver: Server;
let requests = 0;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    requests += 1;
    request.resume();
    request.on('end', () => response.writeHead(410).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  w = await world({ env: { GB_BOT_ALLOW_HOSTS: '127.0.0.0/8' } });
  ana = await w.signUp();
  bo = await w.invite(ana, 'Bo Lind');
});
afterAll(async () => {
  await w?.close();
  receiver?.closeAllConnections();
  await new Promise((resolve) => receiver?.close(resolve));
});

function gb(by: Person | null, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const main = join(import.meta.dirname, '../../gb-cli/src/main.ts');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'tasks', ...args], {
      env: { PATH: process.env['PATH'] ?? '', GB_URL: w.server.url, ...(by ? { GB_TOKEN: by.token } : {}) },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

test('what failed is counted, listed with its reason and tried again', { timeout: 180_000 }, async () => {
  expect(await gb(ana, 'dead')).toMatchObject({ code: 0, out: '', err: 'Nothing failed for good.\n' });
  const { port } = receiver.address() as AddressInfo;
  const { webhook } = await ana.rest.createWebhook({
    name: 'x',
    address: `http://127.0.0.1:${port}/`,
    kinds: ['message.posted'],
  });
  for (let i = 0; i < 2; i++) await ana.rest.testWebhook(webhook.id);
  await eventually(async () => (await ana.rest.deadTasks()).tasks.length === 2, 'both are dead', 60_000);
  const listed = await gb(ana, 'list');
  expect(listed.out).toMatch(/^kind +ready +later +running +failed\nwebhook +0 +0 +0 +2\n$/);
  const dead = JSON.parse((await gb(ana, 'dead', '--json', '--kind', 'webhook')).out);
  expect(dead).toHaveLength(2);
  expect(dead[0]).toMatchObject({ kind: 'webhook', attempts: 1, reason: 'answer 410' });
  expect((await gb(ana, 'dead', '--limit', '1')).out).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [0-9a-f-]{36} webhook after 1: answer 410\n$/,
  );
  expect((await gb(ana, 'dead', '--kind', 'export')).out).toBe('');
  expect(await gb(ana, 'retry', dead[0].id)).toMatchObject({ code: 0, err: '1 task is tried again.\n' });
  await eventually(async () => requests === 3, 'it is sent again', 60_000);
  await eventually(async () => (await ana.rest.deadTasks()).tasks.length === 2, 'it is dead again', 60_000);
  expect(await gb(ana, 'retry', '--all')).toMatchObject({ code: 0, err: '2 tasks are tried again.\n' });
  await eventually(async () => requests === 5, 'both are sent again', 60_000);
});

test('members are refused, and wrong use is said in a sentence', { timeout: 120_000 }, async () => {
  expect(await gb(bo, 'list')).toMatchObject({ code: 1, out: '' });
  expect(await gb(null, 'list')).toMatchObject({ code: 2 });
  for (const args of [['retry'], ['retry', '--all', 'x'], ['list', 'x'], ['dead', '--limit', 'many'], ['eat']])
    expect([args, (await gb(ana, ...args)).code]).toEqual([args, 2]);
  const unknown = await gb(ana, 'retry', '01890a5d-ac96-774b-bcce-b302099a8057');
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.err).toContain('There is no such task.');
  expect((await gb(ana, 'help')).out).toContain('gb tasks retry --all');
});

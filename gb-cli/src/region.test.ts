import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createHttp, createRest } from 'gb-client';
import type { ChannelId, ClientId } from 'gb-protocol';
import { type Region, startTestRegions, type TestRegions } from 'gb-storage/testing';
import { sleep, uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type SpawnedServer, spawnServer } from './testing/server.ts';

// Leases are seconds each, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

type Owner = ReturnType<TestRegions['databases']>[number]['sites'] extends ReadonlyMap<string, infer One> ? One : never;

let regions: TestRegions;
const servers: SpawnedServer[] = [];
beforeAll(async () => {
  regions = await startTestRegions({ leaseMs: 4_000 });
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.dispose()));
  await regions?.close();
});

/** As the settings name them, seen from a region. */
function shardsFrom(from: Region): string {
  const addressOf = ({ host, port, user, password, database }: Owner) => {
    const query = new URLSearchParams({ host: String(host), port: String(port) });
    return `postgres://${encodeURIComponent(String(user))}:${encodeURIComponent(String(password))}@/${database}?${query}`;
  };
  return regions
    .databases(from)
    .flatMap(({ name, sites }) => [...sites].map(([region, owner]) => `${name}@${region}=${addressOf(owner)}`))
    .join(' ');
}

async function serve(from: Region): Promise<SpawnedServer> {
  const env = { DATABASE_SHARDS: shardsFrom(from), GB_REGION: from, GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000' };
  const server = await spawnServer({ env });
  servers.push(server);
  return server;
}

interface Run {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

function gbRegion(from: Region, ...args: readonly string[]): Run {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'main.ts'), 'region', ...args],
    {
      env: { PATH: process.env['PATH'], DATABASE_SHARDS: shardsFrom(from) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data) => (text += data));
  return { child, text: () => text, ended: new Promise((resolve) => child.once('close', resolve)) };
}

async function told(from: Region, ...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { ended, text } = gbRegion(from, ...args);
  const code = await ended;
  return { code, text: text() };
}

const rest = (server: SpawnedServer, token?: string) =>
  createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 }));
const password = 'a rather long one, 17';

async function organization(server: SpawnedServer, number: number) {
  const email = `owner${number}@example.com`;
  const { token } = await rest(server).signUp({ organization: `Org ${number}`, name: 'Ana', email, password, locale: 'en' });
  const { channels } = await rest(server, token!).snapshot();
  return { email, token: token!, general: channels.find(({ channel }) => channel.name === 'general')!.channel.id };
}

/** Until it is accepted, under one client id. */
async function say(server: SpawnedServer, token: string, channelId: ChannelId, text: string): Promise<void> {
  const clientId = uuidv7() as ClientId;
  for (const untilMs = performance.now() + 200_000; ; await sleep(200)) {
    try {
      await rest(server, token).postMessage(channelId, { clientId, text });
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
  }
}

test('the home goes to another region and comes under fire on its way; what was said and replicated is there', async () => {
  const eu = await serve('eu');
  const us = await serve('us');
  const all = [];
  for (let n = 1; n <= 6; n++) all.push(await organization(eu, n));
  await Promise.all(all.map(({ token, general }) => say(us, token, general, 'said before')));

  const status = await told('eu', 'status', '--json');
  expect(status.code).toBe(0);
  const sites = JSON.parse(status.text) as {
    name: string;
    region: string;
    state: string;
    leaseLeftMs: number;
    customers: number;
  }[];
  expect(sites.map(({ name, region, state }) => [name, region, state])).toEqual([
    ['main', 'eu', 'primary'],
    ['main', 'us', 'standby'],
    ['east', 'eu', 'primary'],
    ['east', 'us', 'standby'],
  ]);
  expect(sites.reduce((sum, { customers }) => sum + customers, 0)).toBe(6);
  expect((await told('eu', 'list', '--locale', 'pt-BR')).text).toMatch(
    /REGIÃO +CASA DE +BALDES +ORGANIZAÇÕES\neu +main east +1\.024 +6\n/,
  );
  expect((await told('us', 'promote', 'us', '--dry-run')).text).toContain(
    'main: will be closed, followed to its end, and opened there',
  );

  // What was said is over there, and then nothing passes any more.
  await expect
    .poll(
      async () =>
        (await told('us', 'status', '--json').then(({ text }) => JSON.parse(text))).map(
          (site: { behindBytes: number | null }) => site.behindBytes,
        ),
      { timeout: 60_000 },
    )
    .toEqual([null, 0, null, 0]);
  regions.cut();
  const cut = gbRegion('us', 'promote', 'us');
  await expect.poll(() => cut.text(), { timeout: 120_000 }).toContain('waiting');
  cut.child.kill('SIGKILL');
  await cut.ended;
  // Promoted and not opened: nobody is let in, here or there.
  expect((await told('us', 'status')).text).toContain('promoted, not opened');
  const done = await told('us', 'promote', 'us');
  expect(done.text).toContain('main: at home in us, term 2');
  expect(done.text).toContain('east: at home in us, term 2');
  expect(done.text).toContain('clients read them anew');
  expect(done.code).toBe(0);

  await Promise.all(all.map(({ token, general }) => say(us, token, general, 'said after')));
  regions.heal();
  // The old region finds the new home by itself.
  await Promise.all(all.map(({ token, general }) => say(eu, token, general, 'said again')));
  for (const { token, general } of all) {
    const { messages } = await rest(eu, token).messages(general, { limit: 50 });
    expect(messages.map(({ text }) => text).filter((text) => text.startsWith('said'))).toEqual([
      'said before',
      'said after',
      'said again',
    ]);
  }
  const after = await told('eu', 'status');
  expect(after.text).toMatch(/main +eu +superseded +1/);
  expect(after.text).toMatch(/main +us +primary +2 +may be written without its copy/);
  expect(after.code).toBe(1);
});

test('what cannot be is refused in a sentence', async () => {
  expect(await told('eu', 'promote', 'mars')).toEqual({ code: 2, text: 'gb: there is no region mars; there are eu, us\n' });
  expect(await told('eu', 'promote', 'us', '--only', 'west')).toEqual({
    code: 2,
    text: 'gb: there is no database west; there are main, east\n',
  });
  expect(await told('eu', 'guard', 'us', '--lease', '0')).toMatchObject({ code: 2 });
  expect(await told('eu', 'rule')).toMatchObject({ code: 2 });
});

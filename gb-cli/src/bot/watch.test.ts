import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHttp, createRest, type Rest } from 'gb-client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { gb, inFolder, spawnGb } from '../basic/testing.ts';
import { type SpawnedServer, spawnServer } from '../testing/server.ts';

let server: SpawnedServer;
let env: Record<string, string>;
let rest: Rest;

beforeAll(async () => {
  server = await spawnServer();
  rest = createRest(createHttp({ baseUrl: server.url, fetch, token: () => env?.['GB_TOKEN'], timeoutMs: 20_000 }));
  await rest.signUp({ organization: 'Acme', name: 'Ana', email: 'ana@example.com', password: 'correct horse battery' });
  const { token } = await rest.logIn({ email: 'ana@example.com', password: 'correct horse battery' });
  env = { GB_URL: server.url, GB_TOKEN: token! };
});
afterAll(() => server?.dispose());

/** A watch that runs until the test is over, with all it has said. */
function watching(args: readonly string[], cwd: string) {
  const child = spawnGb(['bot', 'watch', ...args], { cwd, env });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, out: () => out, err: () => err };
}

async function eventually(isSo: () => boolean, what: () => string): Promise<void> {
  for (let left = 1200; !isSo(); left--) {
    if (left === 0) throw new Error(`This did not happen: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const filesOf = async (handle: string) => {
  const bot = (await rest.bots()).bots.find((one) => one.handle === handle)!;
  const { files, publishedVersion } = await rest.bot(bot.id);
  return { publishedVersion, files: Object.fromEntries(files.map(({ name, text }) => [name, text])) };
};

test('a save is a new version, an error is told in its place and keeps the old one, and mending it goes on', async () => {
  const cwd = inFolder({ 'shop.gbai/shop.gbdialog/start.bas': 'TALK 1', 'shop.gbai/shop.gbot/config.csv': 'Bot Name,Shop' });
  const dialog = join(cwd, 'shop.gbai', 'shop.gbdialog');
  const { child, ended, out, err } = watching(['shop.gbai'], cwd);
  const said = (version: number) => out().includes(`@shop version ${version} is what people talk to`);
  await eventually(
    () => said(1),
    () => out() + err(),
  );

  writeFileSync(join(dialog, 'start.bas'), 'TALK 1\nSET SCHEDULE "now and then"');
  await eventually(() => err().includes('start.bas:2:1: error bad_schedule'), err);
  expect((await filesOf('shop')).publishedVersion).toBe(1);

  // As editors save: another file takes the place of the old one; and a folder comes with more.
  writeFileSync(join(dialog, 'start.tmp'), 'TALK 2');
  renameSync(join(dialog, 'start.tmp'), join(dialog, 'start.bas'));
  mkdirSync(join(dialog, 'tools'));
  writeFileSync(join(dialog, 'tools', 'tool.bas'), 'DESCRIPTION "Does it."\nRETURN 1');
  await eventually(
    () => out().includes('(2 scripts)'),
    () => out() + err(),
  );
  expect((await filesOf('shop')).files).toEqual({
    'config.csv': 'Bot Name,Shop',
    'start.bas': 'TALK 2',
    'tool.bas': 'DESCRIPTION "Does it."\nRETURN 1',
  });

  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect((await rest.bots()).bots.find(({ handle }) => handle === 'shop')).toMatchObject({ name: 'Shop' });
});

test('a server that is away is waited for, and gets what was saved meanwhile', { timeout: 120_000 }, async () => {
  const cwd = inFolder({ 'away.gbai/start.bas': 'TALK 1' });
  const { out, err } = watching(['away.gbai', '--handle', '@Away'], cwd);
  await eventually(
    () => out().includes('@away version 1 '),
    () => out() + err(),
  );
  await server.stop();
  writeFileSync(join(cwd, 'away.gbai', 'start.bas'), 'TALK 2');
  await eventually(() => err().includes('trying again'), err);
  writeFileSync(join(cwd, 'away.gbai', 'start.bas'), 'TALK 3');
  server = await server.restart();
  await eventually(
    () => out().includes('@away version 2 '),
    () => out() + err(),
  );
  expect((await filesOf('away')).files['start.bas']).toMatch(/^TALK [23]$/);
  const isNewest = async () => (await filesOf('away')).files['start.bas'] === 'TALK 3';
  for (let left = 100; !(await isNewest()); left--) {
    expect(left).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(err().match(/trying again/g)).toHaveLength(1);
});

test('a folder that goes and comes back is published again', async () => {
  const cwd = inFolder({ 'gone.gbai/start.bas': 'TALK 1' });
  const { out, err } = watching(['gone.gbai'], cwd);
  await eventually(
    () => out().includes('@gone version 1 '),
    () => out() + err(),
  );
  rmSync(join(cwd, 'gone.gbai'), { recursive: true });
  await eventually(() => err().includes('gone.gbai'), err);
  mkdirSync(join(cwd, 'gone.gbai'));
  writeFileSync(join(cwd, 'gone.gbai', 'start.bas'), 'TALK 2');
  await eventually(
    () => out().includes('@gone version 2 '),
    () => out() + err(),
  );
});

test('wrong use is one sentence', async () => {
  const cwd = inFolder({ 'a.bas': 'TALK 1' });
  for (const args of [[], ['a.bas'], ['nowhere'], ['.', '.']])
    expect(await gb(['bot', 'watch', ...args], { cwd, env })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^gb: .+\n$/),
    });
});

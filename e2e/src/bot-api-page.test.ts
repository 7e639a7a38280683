import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { limits } from 'gb-protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type World, world } from './world.ts';

const page = readFileSync(new URL('../../docs/bot-api.md', import.meta.url), 'utf8');
const run = promisify(execFile);

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w?.close());

interface Example {
  readonly script: string;
  readonly answer: unknown;
}

const examples: readonly Example[] = [...page.matchAll(/```sh\n(.*?)```\n```json\n(.*?)```/gs)].map(([, script, answer]) => ({
  script: script!,
  answer: JSON.parse(answer!) as unknown,
}));

/** Names and kinds of values; what is short for an id or a time in the page is any text or number. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shape(one)]));
}

test('every example of the page runs in order and is answered as the page says', async () => {
  const ana = await w.signUp('Ana Prado');
  const bot = await ana.rest.createBot({
    name: 'Shop',
    handle: 'shop',
    files: [
      { name: 'start.bas', text: 'TALK "Hello, ${username}."\nDO\n  HEAR x\n  TALK "You said ${x}."\nLOOP' },
      {
        name: 'price.bas',
        text: 'PARAM item AS TEXT DESCRIPTION "Item"\nDESCRIPTION "What an item costs"\nRETURN { "item": item, "price": 3 }',
      },
      { name: 'order.bas', text: 'WEBHOOK "new-order"\nRETURN { "order": body.order, "source": query.source }' },
      { name: 'invoice.bas', text: 'ON EMAIL "help@example.com" SUBJECT "invoice"\nTALK body' },
      { name: 'config.csv', text: 'name,value\nwebhook-secret,hush\n' },
    ],
  });
  await ana.rest.publishBot(bot.id);
  const { path } = (await ana.rest.botTriggers(bot.id)).triggers.find(({ kind }) => kind === 'webhook')!;
  const cwd = mkdtempSync(join(tmpdir(), 'gb-page-'));
  const env: Record<string, string> = { URL: w.server.url, BOT: bot.id, TOKEN: ana.token, CUSTOMER: path!.split('/')[3]! };
  const ask = async (script: string) => {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd, env: { PATH: process.env['PATH'], ...env } });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  try {
    expect(examples.length).toBeGreaterThanOrEqual(10);
    for (const { script, answer } of examples) {
      // A poll from the start may come before the bot has spoken; then it is asked again, as a connector would.
      const given = await eventually(async () => {
        const found = await ask(script);
        return script.includes('/messages?') && JSON.stringify(found['messages']) === '[]' ? null : found;
      }, script);
      const shown = 'messages' in given ? { ...given, messages: (given['messages'] as unknown[]).slice(0, 1) } : given;
      expect([script, shape(shown)]).toEqual([script, shape(answer)]);
      if ('token' in given) env['KEY'] = String(given['token']);
      if ('contact' in given) env['CONVERSATION'] = String(given['id']);
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});

test('every limit the page names is one', () => {
  const named = [...page.matchAll(/`(\w+(?:Max|Ms))`/g)].map(([, name]) => name!).filter((name) => name !== 'waitMs');
  expect(named.length).toBeGreaterThan(4);
  for (const name of named) expect(limits).toHaveProperty(name);
});

test('every route the page names is there', async () => {
  const { paths } = (await (await fetch(`${w.server.url}/api/openapi.json`)).json()) as { paths: Record<string, object> };
  const known = new Set(Object.keys(paths).map((path) => path.replace(/\{\w+\}/g, ':x')));
  for (const [, path] of page.matchAll(/`(?:GET|POST|PUT|DELETE) (\/api\/[^`?\s]*)/g)) {
    const wanted = path!.replace(/:\w+/g, ':x');
    // The stream is no route of the API's description: it is a WebSocket.
    if (wanted !== '/api/conversations/stream') expect(known).toContain(wanted);
  }
});

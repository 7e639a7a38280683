import { createHttp, createRest } from 'gb-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gb, inFolder } from '../basic/testing.ts';
import { type SpawnedServer, spawnServer } from '../testing/server.ts';

const greeter = {
  'greeter.gbai/greeter.gbdialog/start.bas':
    'INCLUDE "parts.bas"\nTALK "Hi, what is your name?"\nHEAR name\nTALK greeting(name)\nHEAR ready AS "Yes", "No"\nTALK "You said " + ready',
  'greeter.gbai/greeter.gbdialog/parts.bas': 'FUNCTION greeting(name)\n  RETURN "Nice to meet you, " + name\nEND FUNCTION',
  'greeter.gbai/greeter.gbot/config.csv': 'name,value\nbot-name,Greeter\n',
};

describe('gb bot check', () => {
  test('compiles the start and every script that stands alone', async () => {
    const cwd = inFolder({ ...greeter, 'greeter.gbai/tools/loose.bas': 'FOR i = 1 TO 2' });
    const ended = await gb(['bot', 'check', 'greeter.gbai'], { cwd });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('greeter.gbai/tools/loose.bas:1:1: error missing_next:');
    expect(ended.err).toContain('3 files, 1 error\n');
  });

  test('a folder of packages is checked whole', async () => {
    const cwd = inFolder({ ...greeter, 'other.gbai/start.bas': 'TALK 1' });
    expect(await gb(['bot', 'check', '.'], { cwd })).toEqual({ code: 0, out: '', err: '3 files, 0 errors\n' });
  });

  test('a folder of several bots is not one bot to publish', async () => {
    const cwd = inFolder({ 'bots/a.gbai/start.bas': 'TALK 1', 'bots/b.gbai/start.bas': 'TALK 2' });
    for (const command of ['publish', 'watch']) {
      const ended = await gb(['bot', command, 'bots'], { cwd });
      expect(ended.code).toBe(2);
      expect(ended.err).toBe(`gb: bots holds several bots; name one of them, like gb bot ${command} bots/a.gbai\n`);
    }
  });

  test('tells scripts of one name, and a bot without a start', async () => {
    const cwd = inFolder({
      'a.gbai/x/tool.bas': 'TALK 1',
      'a.gbai/y/tool.bas': 'TALK 2',
      'b.gbai/one.bas': 'TALK 1',
      'b.gbai/two.bas': 'TALK 2',
    });
    const twins = await gb(['bot', 'check', 'a.gbai'], { cwd });
    expect(twins.code).toBe(2);
    expect(twins.err).toContain('a.gbai/y/tool.bas: error two_scripts: a.gbai/x/tool.bas has the same name');
    const nowhere = await gb(['bot', 'check', 'b.gbai'], { cwd });
    expect(nowhere.code).toBe(2);
    expect(nowhere.err).toContain('b.gbai: error no_entry: There is no start.bas');
  });
});

describe('gb bot test', () => {
  const story = 'Hi, what is your name?\n> Ana\nNice to *, Ana\n[Yes | No]\n> yes\nYou said Yes\n';

  test('a conversation that goes as written passes', async () => {
    const cwd = inFolder({ ...greeter, 'greeter.gbai/tests/hello.test.txt': story });
    expect(await gb(['bot', 'test', 'greeter.gbai'], { cwd })).toEqual({
      code: 0,
      out: 'passed: greeter.gbai/tests/hello.test.txt (3 steps)\n1 passed, 0 failed\n',
      err: '',
    });
  });

  test('one that does not shows the step and the difference', async () => {
    const cwd = inFolder({ ...greeter, 'greeter.gbai/hello.test.txt': story.replace('Nice to *', 'Good morning') });
    const ended = await gb(['bot', 'test', 'greeter.gbai'], { cwd });
    expect(ended.code).toBe(1);
    expect(ended.out).toBe(
      [
        'failed: greeter.gbai/hello.test.txt:2: after "Ana": the bot said something else',
        '  - Good morning, Ana',
        '  + Nice to meet you, Ana',
        '    [Yes | No]',
        '0 passed, 1 failed',
        '',
      ].join('\n'),
    );
  });

  test('a conversation that is over takes no more answers, and errors can be expected', async () => {
    const cwd = inFolder({
      'a.gbai/start.bas': 'HEAR n AS NUMBER\nTALK 10 / n',
      'a.gbai/1.test.txt': '> 0\n! division_by_zero\n',
      'a.gbai/2.test.txt': '> 5\n2\n> 6\n',
      'a.gbai/3.test.txt': '> 0\n',
      'a.gbai/4.test.txt': '> 5\n2\n! division_by_zero\n',
    });
    const ended = await gb(['bot', 'test', 'a.gbai'], { cwd });
    expect(ended.code).toBe(1);
    const lines = ended.out.split('\n');
    expect(lines[0]).toBe('passed: a.gbai/1.test.txt (2 steps)');
    expect(lines[1]).toBe('failed: a.gbai/2.test.txt:3: after "6": the conversation had ended before');
    expect(lines[2]).toMatch(/^failed: a\.gbai\/3\.test\.txt:1: after "0": division_by_zero at start\.bas:2: /);
    expect(lines[3]).toMatch(/^failed: a\.gbai\/4\.test\.txt:1: .*nothing went wrong$/);
    expect(ended.out).toContain('1 passed, 3 failed\n');
  });

  test('the clock is the test’s own', async () => {
    const cwd = inFolder({
      'a.gbai/start.bas': 'begun = NOW()\nTALK FORMAT(begun, "yyyy-MM-dd HH:mm")\nHEAR x\nTALK FORMAT(NOW(), "yyyy-MM-dd HH:mm")',
      'a.gbai/clock.test.txt':
        '@ now 2026-11-23 14:30\n2026-11-23 14:30\n@ wait 2 days\n@ wait 30 minutes\n> go\n2026-11-25 15:00\n',
    });
    const ended = await gb(['bot', 'test', 'a.gbai'], { cwd });
    expect(ended).toMatchObject({ code: 0, err: '' });
  });

  test('what cannot be played is exit code 2', async () => {
    const cwd = inFolder({
      'a.gbai/start.bas': 'FOR i = 1 TO 2',
      'a.gbai/1.test.txt': '> hi\n',
      'b.gbai/start.bas': 'TALK 1',
      'b.gbai/1.test.txt': '1\n@ colour blue\n',
      'c.gbai/start.bas': 'TALK 1',
    });
    const broken = await gb(['bot', 'test', 'a.gbai'], { cwd });
    expect(broken).toMatchObject({ code: 2, out: expect.stringContaining('a.gbai/start.bas does not compile') });
    expect(broken.err).toContain('missing_next');
    const unread = await gb(['bot', 'test', 'b.gbai'], { cwd });
    expect(unread).toMatchObject({ code: 2, out: expect.stringContaining('b.gbai/1.test.txt:2: There is no @ colour') });
    expect(await gb(['bot', 'test', 'c.gbai'], { cwd })).toMatchObject({
      code: 2,
      err: expect.stringContaining('no *.test.txt'),
    });
  });
});

describe('with a server', () => {
  let server: SpawnedServer;
  let env: Record<string, string>;

  beforeAll(async () => {
    server = await spawnServer();
    const rest = createRest(createHttp({ baseUrl: server.url, fetch, token: () => undefined, timeoutMs: 20_000 }));
    await rest.signUp({ organization: 'Acme', name: 'Ana', email: 'ana@example.com', password: 'correct horse battery' });
    const { token } = await rest.logIn({ email: 'ana@example.com', password: 'correct horse battery' });
    env = { GB_URL: server.url, GB_TOKEN: token! };
  });
  afterAll(() => server?.dispose());

  test('publish makes the bot, and again makes its next version', async () => {
    const cwd = inFolder(greeter);
    const first = await gb(['bot', 'publish', 'greeter.gbai'], { cwd, env });
    expect(first).toEqual({ code: 0, out: `@greeter version 1 is what people talk to at ${server.url} (2 scripts).\n`, err: '' });
    const second = await gb(['bot', 'publish', 'greeter.gbai'], { cwd, env });
    expect(second.out).toContain('@greeter version 2 ');
    const rest = createRest(createHttp({ baseUrl: server.url, fetch, token: () => env['GB_TOKEN'], timeoutMs: 20_000 }));
    const bot = (await rest.bots()).bots.find(({ handle }) => handle === 'greeter')!;
    expect(bot).toMatchObject({ name: 'Greeter', origin: 'editor', publishedVersion: 2 });
    expect((await rest.bot(bot.id)).files.map(({ name }) => name).sort()).toEqual(['config.csv', 'parts.bas', 'start.bas']);
  });

  test('what does not compile is not sent', async () => {
    const cwd = inFolder({ 'broken.gbai/start.bas': 'FOR i = 1 TO 2' });
    const ended = await gb(['bot', 'publish', 'broken.gbai'], { cwd, env });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('broken.gbai/start.bas:1:1: error missing_next');
    expect(ended.err).toMatch(/\nNothing was published\.\n$/);
  });

  test('a refusal of the server is one sentence', async () => {
    const cwd = inFolder(greeter);
    const stranger = await gb(['bot', 'publish', 'greeter.gbai'], { cwd, env: { ...env, GB_TOKEN: 'wrong' } });
    expect(stranger).toMatchObject({ code: 1, out: '' });
    expect(stranger.err).toMatch(/^gb: http[^\n]+\n$/);
    const taken = await gb(['bot', 'publish', 'greeter.gbai', '--handle', 'guide'], { cwd, env });
    expect(taken).toMatchObject({ code: 1, out: '' });
    expect(taken.err).toMatch(/^gb: http[^\n]+\n$/);
  });
});

test('without a server or a token the command says so', async () => {
  const cwd = inFolder(greeter);
  expect(await gb(['bot', 'publish', 'greeter.gbai'], { cwd })).toMatchObject({
    code: 2,
    err: expect.stringContaining('GB_TOKEN is not set'),
  });
  const away = await gb(['bot', 'publish', 'greeter.gbai'], { cwd, env: { GB_URL: 'http://127.0.0.1:9', GB_TOKEN: 'x' } });
  expect(away).toMatchObject({ code: 1, err: expect.stringMatching(/^gb: http:\/\/127\.0\.0\.1:9: .*no answer/) });
});

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gb, inFolder } from '../basic/testing.ts';
import { rangesOf } from './coverage.ts';
import { readBot } from './package.ts';
import { playFile } from './test.ts';

/** What `gb bot test` tells of one conversation with one script. */
async function played(script: string, conversation: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = inFolder({ 'a.gbai/start.bas': script, 'a.gbai/it.test.txt': conversation, ...files });
  const path = join(folder, 'a.gbai', 'it.test.txt');
  const { text } = await playFile(readBot(join(folder, 'a.gbai')), path, 'en', null);
  return text.replaceAll(relative('.', path), 'it');
}

const passed = /^passed: it \(\d+ steps?\)\n$/;

describe('scripts that run by themselves', () => {
  const shop = `TABLE watchers
  person string
END TABLE
HEAR tells AS BOOLEAN WITH "Shall I tell you, \${handle}?"
IF tells THEN SAVE "watchers", person = handle
TALK "Bye."`;
  const files = {
    'a.gbai/shipped.bas':
      'WEBHOOK "shipped"\nn = 0\nFOR EACH one IN FIND "watchers"\n  TALK TO one.person, "Order ${body.order} left ${by}."\n  n = n + 1\nNEXT\nTALK "done"\nRETURN {told: n}',
    'a.gbai/a.gbot/config.csv': 'param-by,the harbour\n',
  };

  test('work on the tables of the bot with the variables they are given, and tell what they return', async () => {
    const story = `@ people ana, rui
ana: yes
Shall I tell you, ana?
Bye.
@ run shipped.bas {"body": {"order": 12}}
= TALK TO "ana", "Order 12 left the harbour."
done
(returns: {"told":1})
rui: no
...
`;
    expect(await played(shop, story, files)).toMatch(passed);
    expect(await played(shop, story.replace('left the', 'left a'), files)).toContain(
      'when shipped.bas ran: operation_unavailable at shipped.bas:4',
    );
    expect(await played(shop, story.replace('"told":1', '"told":2'), files)).toContain('- (returns: {"told":2})');
  });

  test('are named with their line when there is no such script, or what they are given cannot be read', async () => {
    expect(await played(shop, '@ people ana\n@ run nothing.bas\n', files)).toMatch(/it:2: .* has no nothing\.bas/);
    expect(await played(shop, '@ people ana\n@ run shipped.bas {body: 1}\n', files)).toContain(
      'it:2: What @ run gives is no JSON',
    );
    expect(await played(shop, '@ people ana\n@ run\n', files)).toContain('it:2: @ run needs a script');
  });

  test('a name opens another conversation when the one before has ended, and only a name does', async () => {
    const script =
      'SET SESSION "seen", 1\nn = GET BOT MEMORY "n"\nSET BOT MEMORY "n", NVL(n, 0) + 1\nTALK "visit ${NVL(n, 0) + 1}"';
    expect(await played(script, '@ people ana\nana:\nvisit 1\nana:\nvisit 2\n')).toMatch(passed);
    expect(await played(script, '@ people ana\nana:\nvisit 1\n> again\nvisit 2\n')).toContain(
      'the conversation had ended before',
    );
  });
});

describe('what the bot asks of its host', () => {
  const rates = `HEAR currency
rate = GET "https://api.example.com/rates/" + currency
POST "https://api.example.com/log", {currency: currency, at: NOW()}
TALK "One is " + rate.value`;

  test('is what the test expects, and gets what the test says', async () => {
    const story = `> usd
= GET "https://api.example.com/rates/usd" -> {"value": 5.2}
= POST "https://api.example.com/*", {currency: "usd", at: "2026-01-05 *"}
One is 5.2
`;
    expect(await played(rates, story)).toMatch(passed);
  });

  test('may be anything, and its result an expression of the language', async () => {
    expect(await played(rates, '> usd\n= POST *\n= GET * -> {value: 2 + 3}\nOne is 5\n')).toMatch(passed);
  });

  test('may fail, with a sentence and a code', async () => {
    const careful =
      'TRY\n  x = GET "https://a.example"\nCATCH e\n  TALK e.code + ": " + e.message\nEND TRY\nTALK WEATHER "Recife"';
    expect(
      await played(
        careful,
        '= GET * -> ! the line is dead\n= WEATHER "Recife" -> "sun"\noperation_failed: GET *the line is dead*\nsun\n',
      ),
    ).toMatch(passed);
  });

  test('with other arguments is told with what was asked', async () => {
    const ended = await played(rates, '> usd\n= GET "https://api.example.com/rates/eur" -> {}\n');
    expect(ended).toContain('failed: it:1: after "usd": operation_failed at start.bas:2');
    expect(ended).toContain('asked: GET {"address":"https://api.example.com/rates/usd"}');
  });

  test('and that it did not ask is told at the line that says so', async () => {
    expect(await played('TALK "hi"', 'hi\n= SEND MAIL "a@b.c", "s", "t"\n')).toBe(
      'failed: it:2: at the start: the bot did not ask: SEND MAIL "a@b.c", "s", "t"\n',
    );
  });

  test('tables and memories need no such lines', async () => {
    const script =
      'SAVE "visits", 1, {name: "Ana"}\nSET BOT MEMORY "k", 2\nk = GET BOT MEMORY "k"\nrow = FIND "visits", "name=Ana"\nTALK row.name + k';
    expect(await played(script, 'Ana2\n')).toMatch(passed);
  });

  test('a line that asks nothing is told', async () => {
    expect(await played('TALK "hi"', 'hi\n= LEN("x")\n')).toMatch(
      /^failed: it:2: at the start: "LEN\("x"\)" asks nothing of the host\./,
    );
    expect(await played('TALK "hi"', 'hi\n= GET "x" -> 1 +\n')).toMatch(
      /^failed: it:2: at the start: What it gives is no value: /,
    );
  });
});

describe('the clock', () => {
  const clock = 'TALK FORMAT(NOW(), "yyyy-MM-dd HH:mm")\nHEAR x\nTALK FORMAT(NOW(), "yyyy-MM-dd HH:mm")';

  test('is set and moved, and WAIT passes at once', async () => {
    expect(await played(clock, '@ 2026-12-31 09:00\n2026-12-31 09:00\n+ 2 days\n+ 1 hour\n> go\n2027-01-02 10:00\n')).toMatch(
      passed,
    );
    expect(await played(clock, '@ 2026-12-31\n2026-12-31 00:00\n@ 2027-03-01 12:30\n> go\n2027-03-01 12:30\n')).toMatch(passed);
    expect(await played('WAIT 7200\nTALK FORMAT(NOW(), "HH:mm")', '@ 2026-12-31 09:00\n11:00\n')).toMatch(passed);
    expect(await played(clock, '@ 2026-12-31\n2026*\n@ 2026-01-01\n')).toContain('the clock cannot go back');
  });

  test('a question is given up on after the time its settings give it', async () => {
    const patient =
      'TRY\n  TALK "Still there?"\n  HEAR x\n  TALK "Yes: " + x\nCATCH e\n  TALK "Bye at " + FORMAT(NOW(), "HH:mm")\nEND TRY';
    const settings = { 'a.gbai/a.gbot/config.csv': 'name,value\nhear-timeout-secs,600\n' };
    expect(await played(patient, 'Still there?\n+ 9 minutes\n> here\nYes: here\n', settings)).toMatch(passed);
    expect(await played(patient, '@ 2026-12-31 09:00\nStill there?\n+ 1 day\nBye at 09:10\n', settings)).toMatch(passed);
    expect(await played(patient, 'Still there?\n+ 1 day\n> here\nYes: here\n')).toMatch(passed);
  });
});

describe('people', () => {
  const script = `TALK "Hi " + username
HEAR vote
mine = GET USER MEMORY "vote"
all = GET BOT MEMORY "votes"
IF ISNULL(all) THEN all = 0
SET BOT MEMORY "votes", all + 1
SET USER MEMORY "vote", vote
TALK username + " said " + vote + ", " + (all + 1) + " so far" + mine`;

  test('each has a conversation and a memory, and all have one bot', async () => {
    const story = `@ people ana, rui
ana:
Hi ana
rui: tea
Hi rui
rui said tea, 1 so far
ana: cake
ana said cake, 2 so far
`;
    expect(await played(script, story)).toMatch(passed);
  });

  test('the first is spoken to where nobody is named', async () => {
    expect(
      await played(
        script,
        '@ people ana, rui\nHi ana\n> tea\nana said tea, 1 so far\nrui: cake\nHi rui\nrui said cake, 2 so far\n',
      ),
    ).toMatch(passed);
  });

  test('a colon in what the bot says names nobody', async () => {
    expect(await played('TALK "Name: Ana"', 'Name: Ana\n')).toMatch(passed);
  });
});

describe('buttons and files', () => {
  test('a button says what it stands for, and must be there', async () => {
    const script =
      'ADD SUGGESTION "open-hours" AS "When are you open?"\nTALK "Hello"\nHEAR x\nTALK x\nHEAR y AS "Yes", "No"\nTALK y';
    expect(
      await played(script, 'Hello\n[When are you open?]\n> [When are you open?]\nopen-hours\n[Yes | No]\n> [No]\nNo\n'),
    ).toMatch(passed);
    expect(await played(script, 'Hello\n[When are you open?]\n> [Maybe]\n')).toContain(
      'there is no button [Maybe], only [When are you open?]',
    );
    expect(await played(script, 'Hello\n[When are you open?]\n> \\[Maybe]\n[Maybe]\n[Yes | No]\n')).toMatch(passed);
  });

  test('a file goes with what is said', async () => {
    expect(
      await played('HEAR photo AS IMAGE\nTALK photo.name + " " + photo.type', '@ attach cat.png\n> here\ncat.png image/png\n'),
    ).toMatch(passed);
  });

  test('a tool is given its parameters', async () => {
    expect(await played('PARAM n AS number LIKE 1 DESCRIPTION "How many"\nTALK n + 1', '@ param n 2\n3\n')).toMatch(passed);
    expect(
      await played(
        'PARAM city AS string LIKE "Recife" DESCRIPTION "Where"\nTALK "It rains in " + city',
        '@ param city Olinda\nIt rains in Olinda\n',
      ),
    ).toMatch(passed);
  });
});

describe('coverage', () => {
  const files = {
    'a.gbai/start.bas':
      'INCLUDE "parts"\nHEAR n AS NUMBER\nIF n > 5 THEN\n  TALK big(n)\nELSE\n  TALK "small"\n  TALK "very"\nEND IF',
    'a.gbai/parts.bas': 'FUNCTION big(n)\n  RETURN "big " + n\nEND FUNCTION',
    'a.gbai/other.bas': 'TALK 1\nTALK 2',
    'a.gbai/big.test.txt': '> 7\nbig 7\n',
  };

  test('says which lines ran, of all scripts, and which did not', async () => {
    const cwd = inFolder(files);
    const { code, out } = await gb(['bot', 'test', 'a.gbai', '--coverage', '--coverage-json', 'cover.json'], { cwd });
    expect(out).toBe(`passed: a.gbai/big.test.txt (2 steps)
1 passed, 0 failed
a.gbai/other.bas    0.0%  0 of 2 lines  not run: 1-2
a.gbai/parts.bas  100.0%  1 of 1 lines
a.gbai/start.bas   60.0%  3 of 5 lines  not run: 6-7
total              50.0%
`);
    expect(code).toBe(0);
    const { percent, files: told } = JSON.parse(readFileSync(join(cwd, 'cover.json'), 'utf8'));
    expect(percent).toBe(50);
    expect(told[2]).toEqual({ file: 'a.gbai/start.bas', percent: 60, lines: 5, covered: 3, uncovered: [{ from: 6, to: 7 }] });
  });

  test('less than was asked for fails', async () => {
    const cwd = inFolder(files);
    expect(await gb(['bot', 'test', 'a.gbai', '--min-coverage', '50'], { cwd })).toMatchObject({ code: 0 });
    const { code, out } = await gb(['bot', 'test', 'a.gbai', '--min-coverage', '50.1'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain('failed: fewer lines ran than the 50.1% asked for\n');
    expect(await gb(['bot', 'test', 'a.gbai', '--min-coverage', 'much'], { cwd })).toMatchObject({ code: 2 });
  });

  test('stretches are parted by lines that ran, not by remarks', () => {
    expect(rangesOf({ lines: new Set([1, 3, 4, 7, 9]), covered: new Set([4]) })).toEqual([
      [1, 3],
      [7, 9],
    ]);
  });
});

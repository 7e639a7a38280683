import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeywordCase, type KeywordWorld, openKeywordWorld } from './testing/keyword-world.ts';

// What programs written for General Bots rely on without saying so.

let database: TestDatabase;
let k: KeywordWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  k = await openKeywordWorld(database, { browser: null });
});
afterAll(async () => {
  await k?.close();
  await database?.close();
});

const orders = 'TABLE orders\n  id integer key\n  customer string(40)\n  total decimal(10,2)\nEND TABLE\n';

const cases: Readonly<Record<string, Omit<KeywordCase, 'shows'>>> = {
  'FIND without a row is NULL: no loop, no length, no yes': {
    scripts: `${orders}x = FIND "orders", "customer=Ana"
IF x THEN
  TALK "yes"
ELSE
  TALK "no row"
END IF
TALK UBOUND(x)
FOR EACH r IN x
  TALK r.customer
NEXT
TALK x IS NULL`,
    says: ['no row', '0', 'true'],
  },
  'one row is a row and a list of one, its columns in any capitals': {
    scripts: `${orders}INSERT "orders", {customer: "Ana", total: 3}
x = FIND "orders", "customer=Ana"
TALK x.customer + x[0].CUSTOMER + UBOUND(x) + LEN(x)
x.total = 5
TALK x[0].total
TALK x.missing IS NULL`,
    says: ['AnaAna11', '5', 'true'],
  },
  'filters are texts with values in them, and several of them all count': {
    scripts: `${orders}INSERT "orders", [{customer: "Ana", total: 3}, {customer: "Bia", total: 4}]
who = "Bia"
x = FIND "orders", "customer=\${who}"
TALK x.total
x = FIND "orders", "customer=" + who
TALK x.total
x = FIND "orders", "total>=3", "customer<>Ana"
TALK x.customer
x = FIND "orders", "customer in (Ana,Bia)"
TALK UBOUND(x)
x = FIRST FIND("orders")
TALK x.customer`,
    says: ['4', '4', 'Bia', '2', 'Ana'],
  },
  'SAVE names columns after variables, and the last part of a path': {
    scripts: `order.email = "a@b.c"
name = "Ana"
SAVE "leads.csv", order.email, name
r = FIND "leads.csv"
TALK KEYS(r[0])`,
    says: ['["email","name"]'],
  },
  'a PARAM with ENUM offers its values where it is asked for, and takes others': {
    scripts:
      'PARAM size AS STRING ENUM ["S", "M"] LIKE "M" DESCRIPTION "Size"\nDESCRIPTION "Buys"\nTALK "Which size?"\nHEAR size\nTALK size',
    writes: ['go', 'XL'],
    says: ['Which size?', 'XL'],
    async check({ messages }) {
      const { suggestions } = (await messages()).find(({ text }) => text === 'Which size?')!;
      expect(suggestions).toEqual(['S', 'M']);
    },
  },
  'files are sent by TALK, one or several; data are shown': {
    scripts:
      'file = DOWNLOAD "${api}/menu.txt"\nTALK file\nTALK [file, file]\nTALK {a: 1}\nTALK [1, "x"]\nTALK NULL\nTALK "a" + 1 + TRUE',
    says: ['', '', '{"a":1}', '[1,"x"]', 'a1true'],
  },
  'INCLUDE brings variables and functions': {
    scripts: {
      'start.bas': 'INCLUDE "common.bas"\nTALK greet("Ana") + " of " + shop',
      'common.bas': 'shop = "Tea"\nFUNCTION greet(who)\n  RETURN "Hi " + who\nEND FUNCTION',
    },
    says: ['Hi Ana of Tea'],
  },
  'the person, the place and the day are variables': {
    scripts: `TALK username + ", " + user_name + ", " + user + ", " + handle
TALK INSTR(from, "@") > 0
TALK message + "|" + channel + "|" + LEN(id) + LEN(user_id) + LEN(bot_id) + (session_id = id)
TALK today = TODAY() AND LEN(now) > 10 AND LEN(ENTER) = 1`,
    says: ['Ana Prado, Ana Prado, ana, ana', 'true', 'go||363636true', 'true'],
  },
  'rows of config.csv are variables: param-NAME, and single words, but no secrets': {
    scripts: 'TALK greeting + limit + pages\nTALK host + "|" + secret',
    settings: {
      'param-greeting': 'Oi',
      Limit: '5',
      Pages: '7',
      Host: 'https://x.example',
      Secret: 'sk-1',
    },
    says: ['Oi57', 'https://x.example|'],
  },
  'what is known of session, person and bot is read by its address': {
    scripts: `TALK GET "user.name"
TALK INSTR(GET("user.email"), "@") > 0
TALK GET("session.user_name") + GET("session.language")
TALK GET SESSION("user_id") = user_id
TALK GET("session.id") = id AND GET("bot.id") = bot_id
SET "user.name", "Aninha"
TALK GET "user.name"
TALK GET("session.missing") IS NULL`,
    says: ['Ana Prado', 'true', 'Ana Pradoen', 'true', 'true', 'Aninha', 'true'],
  },
  'DATEADD and DATEDIFF take their values in any order': {
    scripts: `d = "2026-01-31"
TALK DATEADD(d, "day", 1) + DATEADD(d, 1, "day") + DATEADD("day", 1, d)
TALK DATEADD(d, "months", 1)
TALK DATEDIFF("2026-01-01", d, "day") + DATEDIFF("day", "2026-01-01", d)
TALK FORMAT(d, "DD/MM/YYYY") + " " + FORMAT(1234.5, "R$ #,##0.00") + " " + FORMAT(7, "0000")`,
    says: ['2026-02-012026-02-012026-02-01', '2026-02-28', '60', '31/01/2026 R$ 1,234.50 0007'],
  },
  'a variable that is called like a function keeps the NULL it was given': {
    scripts: `second = RECALL "x"
IF second THEN
  TALK "a function"
ELSE
  TALK second IS NULL
END IF
hour = FIND "nothing"
TALK hour IS NULL
day = GET BOT MEMORY("d")
TALK "[" + day + "]"`,
    says: ['true', 'true', '[]'],
  },
  'FOR EACH goes on over the pages of a list': {
    scripts: 'SET PAGE MODE "auto"\nn = 0\nlist = GET api + "/teas"\nFOR EACH tea IN list\n  n = n + tea.price\nNEXT\nTALK n',
    says: ['12'],
  },
  'folders of the package are found under the names it gives them': {
    scripts: 'TALK GET "shop.gbdrive/menu.txt"\nTALK READ FILE "menu.txt"',
    async before({ drive }) {
      await drive.write('menu.txt', new TextEncoder().encode('green tea 10'));
    },
    says: ['green tea 10', 'green tea 10'],
  },
  'addresses below api/ go to base-url': {
    scripts: 'x = GET "/api/time"\nTALK x.path\nx = GET "api/slots" WITH "day=1"\nTALK x.path',
    settings: ({ api }) => ({ 'base-url': api }),
    says: ['/api/time', '/api/slots'],
  },
  'CALL of a script asks the person itself': {
    scripts: {
      'start.bas': 'CALL "size"\nx = GET SESSION "size"\nTALK "done"',
      'size.bas': 'TALK "Which?"\nHEAR s AS "S", "M"\nTALK "You said " + s',
    },
    writes: ['go', 'L', 'm'],
    says: ['Which?', /choose one of these/, 'You said M', 'done'],
  },
};

describe('the dialect', () => {
  test.each(Object.entries(cases))('%s', async (_, one) => {
    const { stage, said } = await k.play({ shows: [], ...one });
    expect(said).toEqual(one.says!.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))));
    await one.check?.(stage);
  });
});

describe('without its engine', () => {
  let bare: KeywordWorld;
  beforeAll(async () => {
    bare = await openKeywordWorld(database, { smtp: null, model: null, browser: null, runnerUrl: null, publicUrl: null });
  });
  afterAll(() => bare?.close());

  /** Keywords by the setting they need. */
  const needed: Readonly<Record<string, readonly string[]>> = {
    SMTP_URL: ['SEND MAIL "a@b.example", "s", "t"', 'SEND FILE TO "a@b.example", "x.txt"', 'SEND MESSAGE TO "a@b.example", "t"'],
    'mail-sales-url': [
      'SEND MAIL "a@b.example", "s", "t" USING "sales"',
      'USE ACCOUNT "sales"\nSEND MAIL "a@b.example", "s", "t"',
    ],
    LLM_URL: [
      'x = LLM "hi"',
      'x = REWRITE "hi"',
      'x = ANSWER "hi?"',
      'x = TRANSLATE "hi", "pt"',
      'x = SUMMARIZE "hi"',
      'x = CLASSIFY "hi", ["a", "b"]',
      'x = SENTIMENT "hi"',
      'x = IMAGE "tea"',
      'x = VIDEO "tea"',
      'x = AUDIO "tea"',
      'x = POLISH MESSAGE "hi"',
      'x = AI SCORE LEAD {name: "Ana"}',
      'SET TRANSLATOR ON\nTALK "hi"',
    ],
    GB_BROWSER: ['x = OPEN "https://example.com"'],
    GB_BOT_RUNNER: ['x = RUN PYTHON "1"', 'x = RUN JAVASCRIPT "1"', 'x = RUN BASH "1"'],
    'sms-url': ['SEND SMS "+5511999990000", "hi"'],
    'whatsapp-url': [
      'SEND WHATSAPP "+5511999990000", "hi"',
      'TALK TO "+5511999990000", "hi"',
      'SEND TEMPLATE TO "+5511999990000", "t"',
    ],
    'weather-url': ['x = WEATHER "Recife"'],
    'products-url': ['x = SEARCH PRODUCTS "tea"'],
    'website-url': ['x = WEBSITE OF "Acme"'],
    'stock-url': ['x = GET STOCK "tea"'],
    'pay-url': ['PAY "A-1", 3, "card"'],
    'security-url': ['SECURITY SCAN "x"'],
    'social-url': ['TWEET "hi"', 'POST TO INSTAGRAM "@shop", "x.png", "hi"', 'DELETE POST "12"'],
    'mcp-crm-url': ['x = MCP "crm", "find", "Ana"'],
    'base-url': ['x = GET "/api/x"'],
  };
  test.each(Object.entries(needed).flatMap(([setting, scripts]) => scripts.map((script) => [setting, script] as const)))(
    '%s is named by %s',
    async (setting, script) => {
      const body = `TRY\n${script}\nTALK "done"\nCATCH e\nTALK e.code + ": " + e.message\nEND TRY`;
      const { said } = await bare.play({
        shows: [],
        scripts: body,
        async before({ drive }) {
          await drive.write('x.txt', new TextEncoder().encode('x'));
        },
      });
      expect(said).toEqual([expect.stringMatching(new RegExp(`^setting_missing: .*${setting} is not set`))]);
    },
  );
});

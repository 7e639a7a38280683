import type { BotManifest, ManifestTable, PublishOutcome } from 'gb-core';
import { describe, expect, test } from 'vitest';
import { buildManifest } from './index.ts';

const options = { locale: 'en', nowMs: Date.parse('2026-07-15T12:00:00Z'), timeZone: 'America/Sao_Paulo' } as const;

function build(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
  locale: 'en' | 'pt-BR' = 'en',
): Promise<PublishOutcome> {
  const scripts = Object.entries(files).map(([name, text]) => ({ name, text }));
  return buildManifest(scripts, settings, { ...options, locale });
}

async function manifestOf(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<BotManifest> {
  const { manifest, diagnostics } = await build(files, settings);
  if (!manifest) throw new Error(JSON.stringify(diagnostics, null, 1));
  return manifest;
}

/** What is wrong, as `start.bas:2 error unknown_column_type`. */
async function findings(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { manifest, programs, diagnostics } = await build(files, settings);
  if (diagnostics.some(({ severity }) => severity === 'error')) expect([manifest, programs]).toEqual([null, []]);
  return diagnostics.map(({ severity, code, file, line }) => `${file}:${line} ${severity} ${code}`);
}

describe('programs', () => {
  test('start, scripts that nobody includes, and those that are run by name are programs of their own', async () => {
    const { manifest, programs } = await build({
      'start.bas': 'INCLUDE "words.bas"\nINCLUDE "both"\nTALK hello()\nCALL "both.bas"',
      'words.bas': 'FUNCTION hello()\n  RETURN "hi"\nEND FUNCTION',
      'both.bas': 'TALK "both"',
      'Tool.bas': 'PARAM size AS INTEGER\nDESCRIPTION "Does it."\nRETURN size',
      'shared.bas': 'DESCRIPTION "Said in the script."\nTALK 1',
      'user.bas': 'INCLUDE "shared"',
    });
    expect(Object.keys(manifest!.entries).sort()).toEqual(['both.bas', 'shared.bas', 'start.bas', 'tool.bas', 'user.bas']);
    expect(manifest!.start).toBe('start.bas');
    expect(new Set(Object.values(manifest!.entries))).toEqual(new Set(programs.map(({ hash }) => hash)));
    const tool = programs.find(({ hash }) => hash === manifest!.entries['tool.bas'])!;
    expect(WebAssembly.validate(tool.wasm as BufferSource)).toBe(true);
  });

  test('an included script that is also called by its name is a program of its own', async () => {
    const scripts = {
      'start.bas': 'TALK price(1)\nTALK tax(2)\nlist = [1]\nTALK list(0)',
      'user.bas': 'INCLUDE "price.bas"\nINCLUDE "tax.bas"\nINCLUDE "list.bas"',
      'price.bas': 'PARAM n AS NUMBER\nRETURN n',
      'tax.bas': 'RETURN 1',
      'list.bas': 'x = 1',
    };
    const { entries } = await manifestOf(scripts);
    expect(Object.keys(entries).sort()).toEqual(['price.bas', 'start.bas', 'tax.bas', 'user.bas']);
  });

  test('a bot begins at start.bas, where its settings say, or at its only script', async () => {
    expect((await manifestOf({ 'hello.bas': 'TALK 1' })).start).toBe('hello.bas');
    const two = { 'hello.bas': 'TALK 1', 'other.bas': 'TALK 2' };
    expect((await manifestOf(two, { 'start-dialog': 'Hello' })).start).toBe('hello.bas');
    expect(await findings(two)).toEqual([':1 error no_entry']);
    expect(await findings(two, { 'start-dialog': 'gone' })).toEqual([':1 error no_entry']);
  });

  test('nothing comes out when anything is wrong, and everything that is wrong is told once', async () => {
    expect(
      await findings({
        'start.bas': 'INCLUDE "shared"\nTALK 1\nFOR i = 1 TO 2',
        'tool.bas': 'INCLUDE "shared"\nTALK 1 ~ 2',
        'shared.bas': 'SUB s()\n  x = "open\nEND SUB',
        'fine.bas': 'TALK 1',
      }),
    ).toEqual([
      'start.bas:3 error missing_next',
      'tool.bas:2 error unexpected_character',
      'shared.bas:2 error unterminated_string',
    ]);
  });

  test('scripts that only include each other are told about', async () => {
    expect(
      (await findings({ 'start.bas': 'TALK 1', 'a.bas': 'INCLUDE "b"', 'b.bas': 'INCLUDE "a"' })).map((one) => one.split(' ')[2]),
    ).toEqual(['include_cycle']);
  });

  test('the same scripts give the same programs and the same manifest', async () => {
    const files = { 'start.bas': 'SET SCHEDULE "every 2 days at 9"\nTALK 1', 'b.bas': 'PARAM x AS DATE' };
    expect(await build(files)).toEqual(await build(files));
  });
});

describe('tools', () => {
  test('PARAM and DESCRIPTION make a schema for models and a form for people', async () => {
    const { tools } = await manifestOf({
      'start.bas': 'DESCRIPTION "What this bot is for."\nTALK 1',
      'Enrolment process.bas': [
        'DESCRIPTION "Enrols a person."',
        'DESCRIPTION "Ask for everything first."',
        'PARAM fullName AS NAME LIKE "Ana Silva" DESCRIPTION "The full name"',
        'PARAM age AS INTEGER OPTIONAL',
        'PARAM size AS STRING ENUM ["S", "M"] DEFAULT "M"',
        'PARAM birth AS DATE LIKE "2001-12-31"',
        'PARAM start_at AS HOUR',
        'PARAM rows AS ARRAY OPTIONAL',
        'PARAM more AS OBJECT OPTIONAL',
        'PARAM agreed AS BOOLEAN',
        'PARAM photo AS IMAGE',
        'RETURN fullName',
      ].join('\n'),
    });
    expect(tools).toEqual([
      {
        script: 'enrolment process.bas',
        name: 'enrolment_process',
        description: 'Enrols a person.\nAsk for everything first.',
        parameters: {
          type: 'object',
          properties: {
            fullName: { type: 'string', description: 'The full name. Example: Ana Silva' },
            age: { type: 'integer' },
            size: { type: 'string', enum: ['S', 'M'], default: 'M' },
            birth: { type: 'string', format: 'date', description: 'Example: 2001-12-31' },
            start_at: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' },
            rows: { type: 'array', items: {} },
            more: { type: 'object', additionalProperties: true },
            agreed: { type: 'boolean' },
            photo: { type: 'string', description: 'The id of a picture' },
          },
          required: ['fullName', 'birth', 'start_at', 'agreed', 'photo'],
          additionalProperties: false,
        },
        fields: [
          { name: 'fullName', label: 'The full name', type: 'text', isRequired: true, example: 'Ana Silva' },
          { name: 'age', label: 'Age', type: 'number' },
          { name: 'size', label: 'Size', type: 'choice', choices: ['S', 'M'], initial: 'M' },
          { name: 'birth', label: 'Birth', type: 'date', isRequired: true, example: '2001-12-31' },
          { name: 'start_at', label: 'Start at', type: 'time', isRequired: true },
          { name: 'rows', label: 'Rows', type: 'longText' },
          { name: 'more', label: 'More', type: 'longText' },
          { name: 'agreed', label: 'Agreed', type: 'boolean', isRequired: true },
          { name: 'photo', label: 'Photo', type: 'file', isRequired: true },
        ],
      },
    ]);
  });

  test('names are what models take, and no two are the same', async () => {
    const { tools } = await manifestOf({
      'start.bas': 'TALK 1',
      'matrícula.bas': 'PARAM x AS STRING',
      'matricula.bas': 'PARAM x AS STRING',
      '日本.bas': 'PARAM __proto__ AS STRING',
    });
    expect(tools.map(({ name }) => name)).toEqual(['matricula', 'matricula_2', 'tool']);
    expect(Object.keys(tools[2]!.parameters['properties'] as object)).toEqual(['__proto__']);
  });

  test('mistakes in PARAM are told in their lines', async () => {
    expect(
      await findings({
        'start.bas': 'TALK 1',
        'tool.bas':
          'DESCRIPTION "x"\nPARAM n AS INTEGER\nPARAM N AS STRING\nPARAM a AS INTEGER ENUM ["x"]\nPARAM b AS NUMBER DEFAULT "many"\nPARAM c AS INTEGER ENUM [1, 2] DEFAULT 3',
        'bare.bas': 'PARAM x AS STRING',
      }),
    ).toEqual([
      'tool.bas:3 error param_twice',
      'tool.bas:4 error bad_enum',
      'tool.bas:5 error bad_default',
      'tool.bas:6 error bad_default',
      'bare.bas:1 warning tool_without_description',
    ]);
  });
});

const tablesOf = async (text: string): Promise<readonly ManifestTable[]> =>
  (await manifestOf({ 'start.bas': `${text}\nTALK 1` })).tables;

describe('tables', () => {
  test('columns in every way they are written', async () => {
    const [table] = await tablesOf(
      [
        'TABLE Orders READ BY "admin;member" WRITE BY "all"',
        '  id integer key',
        '  customer string(80)*',
        '  Total number(10,2) DEFAULT 0',
        '  paid boolean DEFAULT FALSE',
        '  made timestamp with time zone DEFAULT now()',
        '  buyer integer references customers',
        '  FIELD due AS DATE',
        '  code varchar(10) NOT NULL UNIQUE',
        "  note text DEFAULT 'it''s new'",
        '  token uuid DEFAULT gen_random_uuid()',
        '  extra jsonb',
        '  count bigserial',
        '  size double precision',
        '  UNIQUE (customer, code)',
        '  INDEX (due)',
        'END TABLE',
        'CREATE INDEX bybuyer ON orders (Buyer, due)',
      ].join('\n'),
    );
    const column = (name: string, type: string, more: object = {}) => ({
      name,
      type,
      isKey: false,
      isRequired: false,
      isUnique: false,
      ...more,
    });
    expect(table).toEqual({
      name: 'Orders',
      connection: null,
      readBy: ['admin', 'member'],
      writeBy: [],
      columns: [
        column('id', 'integer', { isKey: true }),
        column('customer', 'text', { size: 80, isRequired: true }),
        column('Total', 'decimal', { size: 10, scale: 2, default: { value: 0 } }),
        column('paid', 'boolean', { default: { value: false } }),
        column('made', 'timestamp', { default: { made: 'now' } }),
        column('buyer', 'integer', { references: { table: 'customers', column: null } }),
        column('due', 'date'),
        column('code', 'text', { size: 10, isRequired: true, isUnique: true }),
        column('note', 'text', { default: { value: "it's new" } }),
        column('token', 'uuid', { default: { made: 'uuid' } }),
        column('extra', 'json'),
        column('count', 'bigint', { default: { made: 'next' } }),
        column('size', 'number'),
      ],
      uniques: [['customer', 'code']],
      indexes: [
        { name: 'by_due', columns: ['due'], isUnique: false },
        { name: 'bybuyer', columns: ['buyer', 'due'], isUnique: false },
      ],
    });
  });

  test('what cannot be a table is told at its line', async () => {
    expect(
      await findings({
        'start.bas': [
          'TALK 1',
          'TABLE a',
          '  id integr key',
          '  name string(0)',
          '  total numeric(10,2) GENERATED ALWAYS AS (x * 2) STORED',
          '  age integer DEFAULT (SELECT 1)',
          '  birth date DEFAULT tomorrow',
          '  x text DEFAULT pg_sleep(10)',
          '  y integer; DROP TABLE users',
          '  z text',
          '  Z text',
          '  EXCLUDE USING gist (c WITH &&)',
          '  UNIQUE (nowhere)',
          'END TABLE',
          'TABLE b READ BY "boss"',
          '  id integer CHECK (id > 0)',
          'END TABLE',
          'TABLE B',
          '  id integer',
          'END TABLE',
          'TABLE "drop table"',
          '  id integer',
          'END TABLE',
          'CREATE INDEX i ON b (nowhere)',
          'CREATE INDEX i ON gone (id)',
        ].join('\n'),
      }),
    ).toEqual([
      'start.bas:3 error unknown_column_type',
      'start.bas:4 error bad_column_size',
      'start.bas:5 error computed_type',
      'start.bas:6 error column_not_understood',
      'start.bas:7 error bad_column_default',
      'start.bas:8 error column_not_understood',
      'start.bas:9 error column_not_understood',
      'start.bas:11 error column_twice',
      'start.bas:12 error unknown_column_type',
      'start.bas:13 error unknown_column',
      'start.bas:15 warning unknown_role',
      'start.bas:16 warning column_rule_ignored',
      'start.bas:18 error table_twice',
      'start.bas:21 error bad_table_name',
      'start.bas:24 error unknown_column',
      'start.bas:25 error unknown_table',
    ]);
  });

  test('a table of too many columns is one error, however many there are', async () => {
    const columns = Array.from({ length: 5000 }, (_, index) => `  c${index} nonsense`).join('\n');
    expect(await findings({ 'start.bas': `TABLE t\n${columns}\nEND TABLE\nTALK 1` })).toEqual([
      'start.bas:1 error too_many_columns',
    ]);
  });
});

describe('what happens by itself', () => {
  test('schedules of scripts, with their names', async () => {
    const { schedules } = await manifestOf({
      'start.bas':
        'SET SCHEDULE "0 9 * * 1"\nSET SCHEDULE every 1 hour\nSET SCHEDULE "toda segunda às 9h", "report", "Weekly"\nTALK 1',
      'report.bas': 'SET SCHEDULE "daily", "Every day"\nTALK 2',
    });
    expect(schedules).toEqual([
      { script: 'start.bas', rule: { kind: 'cron', cron: '0 9 * * 1' }, text: '0 9 * * 1', label: null },
      { script: 'start.bas', rule: { kind: 'cron', cron: '0 * * * *' }, text: 'every 1 hour', label: null },
      { script: 'report.bas', rule: { kind: 'cron', cron: '0 9 * * 1' }, text: 'toda segunda às 9h', label: 'Weekly' },
      { script: 'report.bas', rule: { kind: 'cron', cron: '0 0 * * *' }, text: 'daily', label: 'Every day' },
    ]);
  });

  test('schedules that mean nothing, or never come, are told', async () => {
    expect(
      await findings({
        'start.bas':
          'SET SCHEDULE "now and then"\nSET SCHEDULE "0 0 30 2 *"\nSET SCHEDULE "daily", "gone.bas"\nSET SCHEDULE "2020-01-01"\nTALK 1',
      }),
    ).toEqual([
      'start.bas:1 error bad_schedule',
      'start.bas:2 warning schedule_never',
      'start.bas:3 error unknown_script',
      'start.bas:4 warning schedule_never',
    ]);
    const { diagnostics } = await build({ 'start.bas': 'SET SCHEDULE "now and then"\nTALK 1' }, {}, 'pt-BR');
    expect(diagnostics[0]).toMatchObject({ message: expect.stringContaining('não foi entendido'), line: 1, column: 1 });
  });

  test('webhooks, triggers, websites, hooks by name and variables', async () => {
    const manifest = await manifestOf(
      {
        'start.bas': 'USE WEBSITE "https://example.com/a" REFRESH "2w"\nUSE WEBSITE "example.org"\nTALK 1',
        'hook.bas': 'WEBHOOK "Nova Ordem!"\nTALK 2',
        'rows.bas': 'ON INSERT OF "orders"\nON UPDATE "orders"\nON DELETE OF "Orders"\nTALK 3',
        'mail.bas': 'ON EMAIL "Help@Example.com" SUBJECT "invoice"\nTALK 4',
        'files.bas': 'ON CHANGE "/invoices/" EVENTS "created, modified"\nTALK 5',
        'form.bas': 'ON FORM SUBMIT "contact"\nTALK 6',
        'event.bas': 'ON EVENT "paid" DO\n  TALK "Thank you!"\nEND ON\nTALK 7',
        'new_session.bas': 'TALK 8',
        'on-receive-email.bas': 'TALK 9',
        'auth.bas': 'TALK 10',
        'on_transfer.bas': 'TALK 11',
      },
      {
        'param-limit': '10',
        'param-greeting': 'Hi',
        'param-code': '007',
        'param-beta': 'TRUE',
        'bot-name': 'x',
        'website-expires': '1d',
      },
    );
    expect(manifest.websites).toEqual([
      { address: 'https://example.com/a', refreshDays: 14 },
      { address: 'https://example.org/', refreshDays: 1 },
    ]);
    expect(manifest.webhooks).toEqual([{ name: 'nova-ordem', script: 'hook.bas' }]);
    expect(manifest.variables).toEqual({ limit: 10, greeting: 'Hi', code: '007', beta: true });
    expect(manifest.triggers).toEqual([
      { kind: 'insert', table: 'orders', script: 'rows.bas' },
      { kind: 'update', table: 'orders', script: 'rows.bas' },
      { kind: 'delete', table: 'Orders', script: 'rows.bas' },
      { kind: 'email', address: 'help@example.com', from: null, subject: 'invoice', script: 'mail.bas' },
      { kind: 'change', folder: 'invoices', events: ['created', 'changed'], script: 'files.bas' },
      { kind: 'form', form: 'contact', script: 'form.bas' },
      { kind: 'event', event: 'paid', script: 'event.bas', procedure: expect.stringMatching(/^ON EVENT PAID /) },
      { kind: 'session', script: 'new_session.bas' },
      { kind: 'email', address: null, from: null, subject: null, script: 'on-receive-email.bas' },
      { kind: 'login', script: 'auth.bas' },
      { kind: 'transfer', script: 'on_transfer.bas' },
    ]);
  });

  test('mistakes in them are told', async () => {
    expect(
      await findings(
        {
          'start.bas':
            'USE WEBSITE "file:///etc/passwd"\nUSE WEBSITE "https://example.com" REFRESH "often"\nWEBHOOK "a b"\nWEBHOOK "A-B"\nWEBHOOK "!!"\nON CHANGE "x" EVENTS "burned"\nON INSERT OF ""\nON EMAIL "help"\nTALK 1',
        },
        { 'param-not a name!': '1' },
      ),
    ).toEqual([
      'config.csv:1 warning bad_variable',
      'start.bas:1 error bad_website',
      'start.bas:2 error bad_refresh',
      'start.bas:4 error webhook_twice',
      'start.bas:5 error bad_webhook',
      'start.bas:6 error unknown_folder_event',
      'start.bas:7 error bad_trigger',
      'start.bas:8 error bad_mail_trigger',
    ]);
  });

  test('a time zone there is none of is told, and breaks nothing', async () => {
    const scripts = [{ name: 'start.bas', text: 'SET SCHEDULE "daily"\nTALK 1' }];
    const { diagnostics } = await buildManifest(scripts, {}, { ...options, timeZone: 'Mars/Olympus' });
    expect(diagnostics.map(({ file, code }) => `${file} ${code}`)).toEqual([
      'config.csv bad_time_zone',
      'start.bas bad_schedule',
    ]);
  });

  test('there are bounds', async () => {
    const many = (count: number, line: string) => findings({ 'start.bas': `${`${line}\n`.repeat(count)}TALK 1` });
    expect(await many(50, 'SET SCHEDULE "daily"')).toEqual([]);
    expect(await many(51, 'SET SCHEDULE "daily"')).toEqual(['start.bas:51 error too_many_declarations']);
    expect(await many(101, 'ON INSERT OF "t"')).toEqual(['start.bas:101 error too_many_declarations']);
  });
});

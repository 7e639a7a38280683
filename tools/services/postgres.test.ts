import pg from 'pg';
import { expect, test } from 'vitest';
import { serverStory } from './server-story.ts';

type Env = Readonly<Record<string, string>>;

const shardsOf = (env: Env): readonly string[] =>
  env['DATABASE_SHARDS']!.split(' ').map((one) => one.slice(one.indexOf('=') + 1));

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // The server may be killed under it; its queries say so.
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

serverStory(
  'postgres',
  {
    written: 'row of 1, row of 2, row of 3',
    async write(env) {
      for (const [index, url] of shardsOf(env).entries())
        await query(url, `create table kept as select 'row of ${index + 1}' as text`);
    },
    async read(env) {
      const found = await Promise.all(shardsOf(env).map((url) => query(url, 'select text from kept')));
      return found.map((rows) => rows[0]?.['text']).join(', ');
    },
  },
  (has) => {
    test('what it acknowledges is on disk, and its owner is no superuser', async (context) => {
      const { env } = has(context);
      expect(shardsOf(env)).toEqual([1, 2, 3].map((number) => env[`TEST_POSTGRES_${number}_URL`]));
      for (const url of shardsOf(env)) {
        const [settings] = await query(
          url,
          "select current_setting('fsync') fsync, current_setting('synchronous_commit') commit, current_setting('full_page_writes') pages",
        );
        expect(settings).toEqual({ fsync: 'on', commit: 'on', pages: 'on' });
        const [owner] = await query(
          url,
          'select r.rolsuper, r.rolcreaterole from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = current_database() and r.rolname = current_user',
        );
        expect(owner).toEqual({ rolsuper: false, rolcreaterole: true });
      }
    });

    test('a log-in with another word is refused', async (context) => {
      const { env } = has(context);
      const url = Object.assign(new URL(shardsOf(env)[0]!), { password: 'another' }).href;
      await expect(query(url, 'select 1')).rejects.toThrow(/password/);
    });
  },
);

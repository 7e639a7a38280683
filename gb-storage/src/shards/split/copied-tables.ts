import type { ChannelId, Seq } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Participant } from './participant.ts';
import { bringUsers } from './users-of-parts.ts';

/** Of a channel, some of its log: a range of numbers after one up to another, or single ones. */
type Which = { readonly after: Seq; readonly to: Seq } | { readonly seqs: readonly Seq[] };

const condition = (which: Which, alias: string): string =>
  'seqs' in which ? `${alias}.seq = any ($3::bigint[])` : `${alias}.seq > $3 and ${alias}.seq <= $4`;
const valuesOf = (which: Which): readonly unknown[] => ('seqs' in which ? [which.seqs] : [which.after, which.to]);

/**
 * Copies the entries after one up to another from a customer's home to a part, and once more whatever earlier messages
 * these entries changed. Everything that is visible is in the log, so whoever goes through the log like this, in steps and
 * in order, has in the end what is there: a message was copied either after it was changed, or before, and then the entry
 * that says so comes later.
 */
export async function copyEntries(
  home: Participant,
  part: Participant,
  channelId: ChannelId,
  after: Seq,
  to: Seq,
): Promise<void> {
  const range = { after, to };
  const [posted, others] = [
    await copyMessages(home, part, channelId, range),
    await copyRows(home, part, 'log_entries', channelId, range, 'nothing'),
  ];
  // A number is in one of the two tables, and every number is in one.
  assert(posted + others === to - after, 'a log has no holes');
  const changed = await home.sql.rows<{ target: Seq }>(
    `select distinct (e.body ->> 'target')::bigint as target from log_entries e
     where e.customer_id = $1 and e.channel_id = $2 and ${condition(range, 'e')} and (e.body ->> 'target')::bigint <= $3`,
    [home.customerId, channelId, after, to],
  );
  const seqs = changed.map((row) => row.target);
  if (seqs.length > 0) await copyMessages(home, part, channelId, { seqs });
}

/** With what hangs on them, as it is now: what is not there any more goes. */
async function copyMessages(home: Participant, part: Participant, channelId: ChannelId, which: Which): Promise<number> {
  const key = [part.customerId, channelId, ...valuesOf(which)];
  const where = (alias: string) => `${alias}.customer_id = $1 and ${alias}.channel_id = $2 and ${condition(which, alias)}`;
  const mentioned = `select x.customer_id, u.user_id, x.channel_id, x.seq from messages x cross join unnest(x.mentions) u (user_id)
    where ${where('x')} and u.user_id <> x.author_id`;
  await part.sql.change(
    `delete from mentions m using (${mentioned}) old
     where m.customer_id = old.customer_id and m.user_id = old.user_id and m.channel_id = old.channel_id and m.seq = old.seq`,
    key,
  );
  await part.sql.change(`delete from reactions r where ${where('r')}`, key);
  await part.sql.change(`delete from message_versions v where ${where('v')}`, key);
  const copied = await copyRows(home, part, 'messages', channelId, which, 'update');
  const people = await home.sql.rows<{ user_id: Parameters<typeof bringUsers>[2][number] }>(
    `select distinct u.user_id from messages x cross join unnest(x.mentions) u (user_id) where ${where('x')}
     union select distinct r.user_id from reactions r where ${where('r')}`,
    [home.customerId, channelId, ...valuesOf(which)],
  );
  await bringUsers(
    async () => home,
    part,
    people.map((row) => row.user_id),
  );
  await copyRows(home, part, 'message_versions', channelId, which, 'nothing');
  await copyRows(home, part, 'reactions', channelId, which, 'nothing');
  await part.sql.change(`insert into mentions (customer_id, user_id, channel_id, seq) ${mentioned} on conflict do nothing`, key);
  return copied;
}

/** Rows as text from one database to the other: nobody here has to know what is in them. */
async function copyRows(
  home: Participant,
  part: Participant,
  table: 'messages' | 'log_entries' | 'message_versions' | 'reactions',
  channelId: ChannelId,
  which: Which,
  onConflict: 'update' | 'nothing',
): Promise<number> {
  const columns = await columnsOf(part, table);
  const found = await home.sql.row<{ rows: string; n: number }>(
    `select coalesce(json_agg(t), '[]')::text as rows, count(*) as n from ${table} t
     where t.customer_id = $1 and t.channel_id = $2 and ${condition(which, 't')}`,
    [home.customerId, channelId, ...valuesOf(which)],
  );
  if (!found || found.n === 0) return 0;
  const others = columns.filter((column) => column !== 'customer_id');
  const conflict =
    onConflict === 'nothing'
      ? 'nothing'
      : `update set ${others
          .filter((column) => !['channel_id', 'seq'].includes(column))
          .map((column) => `${column} = excluded.${column}`)
          .join(', ')}`;
  await part.sql.change(
    `insert into ${table} (customer_id, ${others.join(', ')})
     select $1, ${others.map((column) => `r.${column}`).join(', ')} from json_populate_recordset(null::${table}, $2::json) r
     on conflict ${onConflict === 'update' ? '(customer_id, channel_id, seq) ' : ''}do ${conflict}`,
    [part.customerId, found.rows],
  );
  return found.n;
}

/** From the catalogue, so that none is forgotten. */
async function columnsOf({ sql }: Participant, table: string): Promise<readonly string[]> {
  const rows = await sql.rows<{ name: string }>(
    `select format('%I', a.attname) as name from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum`,
    [`gb.${table}`],
  );
  return rows.map((row) => row.name);
}

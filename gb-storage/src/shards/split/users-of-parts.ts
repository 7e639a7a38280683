import type { UserId } from 'gb-protocol';
import { time } from '../../connection.ts';
import type { Participant } from './participant.ts';

/**
 * Reactions and mentions in a part refer to people, so the part has a thin row of each: the id, and that there is nobody to
 * log in. It is made when it is first needed, from the row at home; people never leave, so it never has to be taken away.
 * Whoever is not known at home gets none, and the reference fails as it would there. Gives those who are there now.
 */
export async function bringUsers(
  home: () => Promise<Participant>,
  part: Participant,
  userIds: readonly UserId[],
): Promise<readonly UserId[]> {
  if (userIds.length === 0) return [];
  const missing = await part.sql.rows<{ user_id: UserId }>(
    `select distinct w.user_id from unnest($2::uuid[]) w (user_id)
     where not exists (select from users u where u.customer_id = $1 and u.user_id = w.user_id)`,
    [part.customerId, userIds],
  );
  if (missing.length === 0) return userIds;
  const { sql, customerId } = await home();
  const known = await sql.rows<{ user_id: UserId; kind: string }>(
    'select user_id, kind from users where customer_id = $1 and user_id = any ($2::uuid[]) order by user_id',
    [customerId, missing.map((row) => row.user_id)],
  );
  await part.sql.change(
    `insert into users (customer_id, user_id, kind, name, handle, role, is_active, locale, created_at)
     select $1, u.user_id, u.kind, '-', u.user_id::text, 'guest', false, 'en', $4
     from unnest($2::uuid[], $3::text[]) u (user_id, kind) on conflict do nothing`,
    [part.customerId, known.map((row) => row.user_id), known.map((row) => row.kind), time(part.nowMs)],
  );
  const unknown = new Set(missing.map((row) => row.user_id)).difference(new Set(known.map((row) => row.user_id)));
  return userIds.filter((userId) => !unknown.has(userId));
}

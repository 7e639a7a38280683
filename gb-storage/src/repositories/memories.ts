import { type MemoryPlace, type MemoryRepository, type PlainValue, storable, TableRefused, tableLimits } from 'gb-core';
import { time } from '../connection.ts';
import { ConflictError } from '../database-errors.ts';
import type { Scope } from '../scope.ts';
import { guarded } from '../tables/guarded.ts';

const nobody = '00000000-0000-0000-0000-000000000000';
const place = 'customer_id = $1 and bot_id = $2 and kind = $3 and user_id = $4';

export function memoryRepository({ sql, customerId, nowMs, isReadOnly, isRepeated }: Scope): MemoryRepository {
  const values = ({ botId, kind, userId }: MemoryPlace): unknown[] => [
    customerId,
    botId,
    kind,
    kind === 'user' ? userId : nobody,
  ];
  const now = time(nowMs);
  /**
   * What this transaction read, by place and key. `n = GET BOT MEMORY "n"`, `SET BOT MEMORY "n", n + 1` is how people count:
   * when another transaction wrote in between, this one is made again with what is there now, and no vote is lost. Made
   * again it waits for its turn before it reads, so it does not have to a third time.
   */
  const read = new Map<string, string | null>();
  const nameOf = (where: MemoryPlace, key: string): string => JSON.stringify([...values(where), key]);

  return {
    async get(where, key) {
      if (isRepeated && !isReadOnly) await lock(nameOf(where, key));
      const row = await sql.row<{ value: PlainValue; version: string }>(
        `select value, xmin::text as version from bot_memory where ${place} and key = $5 and (expires_at is null or expires_at > $6)`,
        [...values(where), key, now],
      );
      if (!isReadOnly && !read.has(nameOf(where, key))) read.set(nameOf(where, key), row?.version ?? null);
      return row?.value ?? null;
    },

    set: (where, key, value, expiresAtMs = null) => guarded(sql, () => set(where, key, value, expiresAtMs)),

    async list(where) {
      const rows = await sql.rows<{ key: string; value: PlainValue; expires_at: number | null }>(
        `select key, value, expires_at from bot_memory where ${place} and (expires_at is null or expires_at > $5) order by key limit ${tableLimits.memoryKeysPerBotMax}`,
        [...values(where), now],
      );
      return rows.map(({ key, value, expires_at }) => ({ key, value, expiresAtMs: expires_at }));
    },
  };

  async function set(where: MemoryPlace, key: string, value: PlainValue, expiresAtMs: number | null): Promise<void> {
    if (key === '' || key.length > tableLimits.memoryKeyMax || key.includes('\0'))
      throw new TableRefused({
        en: `a key has 1 to ${tableLimits.memoryKeyMax} characters`,
        pt: `uma chave tem de 1 a ${tableLimits.memoryKeyMax} caracteres`,
      });
    await requireUnchanged(where, key);
    if (value === null) {
      await sql.change(`delete from bot_memory where ${place} and key = $5`, [...values(where), key]);
      return;
    }
    const text = storable(JSON.stringify(value));
    if (Buffer.byteLength(text) > tableLimits.memoryValueBytesMax)
      throw new TableRefused(
        {
          en: `what is kept under one key has at most ${tableLimits.memoryValueBytesMax / 1024} KB`,
          pt: `o que se guarda em uma chave tem no máximo ${tableLimits.memoryValueBytesMax / 1024} KB`,
        },
        { isLimit: true },
      );
    const written = await sql.row<{ is_new: boolean }>(
      `insert into bot_memory (customer_id, bot_id, kind, user_id, key, value, expires_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (customer_id, bot_id, kind, user_id, key) do update set value = excluded.value, expires_at = excluded.expires_at
         returning xmax = 0 as is_new`,
      [...values(where), key, text, expiresAtMs === null ? null : time(expiresAtMs)],
    );
    if (written!.is_new || text.length > 4_096) await makeRoom(where);
  }

  /** Not the row's: two who both find nothing wait for each other too. */
  async function lock(name: string): Promise<void> {
    await sql.rows("select pg_advisory_xact_lock(hashtextextended('memory ' || $1, 0))", [name]);
  }

  /** Waits for whoever is writing this key, and looks whether it still is what was read. Only the first write has to. */
  async function requireUnchanged(where: MemoryPlace, key: string): Promise<void> {
    const name = nameOf(where, key);
    const version = read.get(name);
    if (version === undefined) return;
    await lock(name);
    const row = await sql.row<{ version: string }>(
      `select xmin::text as version from bot_memory where ${place} and key = $5 and (expires_at is null or expires_at > $6) for update`,
      [...values(where), key, now],
    );
    if ((row?.version ?? null) !== version) throw new ConflictError(new Error('A memory changed after it was read'));
    read.delete(name);
  }

  /** What has run out goes first; a cache then loses what would run out soonest, anything else is full. */
  async function makeRoom(where: MemoryPlace): Promise<void> {
    const [keysMax, bytesMax] =
      where.kind === 'user'
        ? [tableLimits.memoryKeysPerUserMax, tableLimits.memoryBytesPerUserMax]
        : [tableLimits.memoryKeysPerBotMax, tableLimits.memoryBytesPerBotMax];
    await sql.change(`delete from bot_memory where customer_id = $1 and bot_id = $2 and expires_at <= $3`, [
      customerId,
      where.botId,
      now,
    ]);
    const filled = await sql.row<{ keys: number; bytes: number }>(
      `select count(*) as keys, coalesce(sum(octet_length(value::text)), 0)::bigint as bytes from bot_memory where ${place}`,
      values(where),
    );
    if (filled!.keys <= keysMax && filled!.bytes <= bytesMax) return;
    if (where.kind !== 'cache')
      throw new TableRefused({ en: 'too much is kept here', pt: 'há coisas demais guardadas aqui' }, { isLimit: true });
    await sql.change(
      `delete from bot_memory where ${place} and key in (
         select key from bot_memory where ${place} order by expires_at nulls last, key limit $5)`,
      [...values(where), Math.ceil(filled!.keys / 10)],
    );
  }
}

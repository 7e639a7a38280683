import type { BotRepository, CompiledProgram, PublishedAbout } from 'gb-core';
import type { Bot, BotId, BotTheme, BotVersion, ChannelId, ScriptFile, UserId } from 'gb-protocol';
import { assert, GbError } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  bot_id: BotId;
  user_id: UserId;
  name: string;
  handle: string;
  description: string;
  origin: Bot['origin'];
  published_version: number | null;
  updated_at: number;
  theme: BotTheme | null;
}

const bots = `
  select b.bot_id, b.user_id, u.name, u.handle, b.description, b.origin, b.published_version, b.updated_at,
    v.manifest #> '{manifest,theme}' as theme
  from bots b join users u on u.customer_id = b.customer_id and u.user_id = b.user_id
    left join bot_versions v on v.customer_id = b.customer_id and v.bot_id = b.bot_id and v.version = b.published_version
  where b.customer_id = $1`;

function toBot(row: Row): Bot {
  return {
    id: row.bot_id,
    userId: row.user_id,
    name: row.name,
    handle: row.handle,
    description: row.description,
    origin: row.origin,
    publishedVersion: row.published_version,
    updatedAt: row.updated_at,
    ...(row.theme ? { theme: row.theme } : {}),
  };
}

export function botRepository({ sql, customerId, nowMs }: Scope): BotRepository {
  async function get(id: BotId): Promise<Bot | null> {
    const row = await sql.row<Row>(`${bots} and b.bot_id = $2`, [customerId, id]);
    return row && toBot(row);
  }

  return {
    get,

    async list() {
      // A removed bot keeps its row, for what it said; its account is inactive.
      const rows = await sql.rows<Row>(`${bots} and u.is_active order by lower(u.name), b.bot_id`, [customerId]);
      return rows.map(toBot);
    },

    async byUser(userId) {
      const row = await sql.row<Row>(`${bots} and b.user_id = $2`, [customerId, userId]);
      return row && toBot(row);
    },

    async insert(bot) {
      await sql.change(
        'insert into bots (customer_id, bot_id, user_id, description, origin, files, updated_at) values ($1, $2, $3, $4, $5, $6, $7)',
        [customerId, bot.id, bot.userId, bot.description, bot.origin, JSON.stringify(bot.files), time(nowMs)],
      );
      const inserted = await get(bot.id);
      assert(inserted, 'a bot is there after it was inserted');
      return inserted;
    },

    async update(id, patch) {
      await sql.change(
        `update bots set description = coalesce($3, description), files = coalesce($4, files), published_version = coalesce($5, published_version),
           updated_at = $6 where customer_id = $1 and bot_id = $2`,
        [customerId, id, patch.description, patch.files && JSON.stringify(patch.files), patch.publishedVersion, time(nowMs)],
      );
      return get(id);
    },

    async files(id) {
      const row = await sql.row<{ files: ScriptFile[] }>('select files from bots where customer_id = $1 and bot_id = $2', [
        customerId,
        id,
      ]);
      return row?.files ?? [];
    },

    async addVersion(id, version) {
      // The bot's row is locked first: two who publish at once get two numbers.
      const bot = await sql.row('select 1 from bots where customer_id = $1 and bot_id = $2 for no key update', [customerId, id]);
      if (!bot) throw new GbError('not_found', 'There is no such bot');
      const { program, others = [], about } = version;
      for (const one of [program, ...others])
        await sql.change(
          'insert into programs (customer_id, hash, wasm, debug_map) values ($1, $2, $3, $4) on conflict do nothing',
          [customerId, one.hash, one.wasm, one.debugMap],
        );
      const row = await sql.row<{ version: number }>(
        `insert into bot_versions (customer_id, bot_id, version, program_hash, files, published_at, published_by, manifest)
         select $1, $2, coalesce(max(v.version), 0) + 1, $3, $4, $5, $6, $7 from bot_versions v where v.customer_id = $1 and v.bot_id = $2
         returning version`,
        [
          customerId,
          id,
          program.hash,
          JSON.stringify(version.files),
          time(nowMs),
          version.publishedBy,
          about ? JSON.stringify(about) : null,
        ],
      );
      assert(row, 'an insert of one row gives it back');
      return row.version;
    },

    async versions(id) {
      const rows = await sql.rows<{ version: number; published_at: number; published_by: UserId | null }>(
        'select version, published_at, published_by from bot_versions where customer_id = $1 and bot_id = $2 order by version desc',
        [customerId, id],
      );
      return rows.map(
        (row): BotVersion => ({ version: row.version, publishedAt: row.published_at, publishedBy: row.published_by }),
      );
    },

    async versionFiles(id, version) {
      const row = await sql.row<{ files: ScriptFile[] }>(
        'select files from bot_versions where customer_id = $1 and bot_id = $2 and version = $3',
        [customerId, id, version],
      );
      return row?.files ?? null;
    },

    async publishedHash(id) {
      const row = await sql.row<{ program_hash: string }>(
        `select v.program_hash from bots b
         join bot_versions v on v.customer_id = b.customer_id and v.bot_id = b.bot_id and v.version = b.published_version
         where b.customer_id = $1 and b.bot_id = $2`,
        [customerId, id],
      );
      return row?.program_hash ?? null;
    },

    async published(id) {
      const row = await sql.row<{ version: number; program_hash: string; manifest: PublishedAbout | null }>(
        `select v.version, v.program_hash, v.manifest from bots b
         join bot_versions v on v.customer_id = b.customer_id and v.bot_id = b.bot_id and v.version = b.published_version
         where b.customer_id = $1 and b.bot_id = $2`,
        [customerId, id],
      );
      return row && { version: row.version, hash: row.program_hash, about: row.manifest };
    },

    async program(hash) {
      const row = await sql.row<{ hash: string; wasm: Uint8Array; debug_map: string }>(
        'select hash, wasm, debug_map from programs where customer_id = $1 and hash = $2',
        [customerId, hash],
      );
      return row && ({ hash: row.hash, wasm: row.wasm, debugMap: row.debug_map } satisfies CompiledProgram);
    },

    async versionOf(id, programHash) {
      const row = await sql.row<{ version: number | null }>(
        'select max(version) as version from bot_versions where customer_id = $1 and bot_id = $2 and program_hash = $3',
        [customerId, id, programHash],
      );
      return row?.version ?? null;
    },

    async channelIds(id) {
      const rows = await sql.rows<{ channel_id: ChannelId }>(
        `select m.channel_id from bots b join members m on m.customer_id = b.customer_id and m.user_id = b.user_id
         where b.customer_id = $1 and b.bot_id = $2 order by m.channel_id`,
        [customerId, id],
      );
      return rows.map((row) => row.channel_id);
    },
  };
}

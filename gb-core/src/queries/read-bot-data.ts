import {
  type BotId,
  type BotRowPage,
  type BotSetting,
  type BotTable,
  type BotTrigger,
  type JsonObject,
  limits,
} from 'gb-protocol';
import { requireManaged } from '../commands/bots.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { Table, Tx } from '../ports/index.ts';
import { TableRefused } from '../ports/tables.ts';

/** Settings whose values nobody needs to read to know that they are set. */
const secretName = /secret|password|passwd|senha|token|key$|-key-|credential/;
/** `postgres://user:password@host/…`, whatever the setting is called. */
const addressOfSomebody = /^\s*[a-z][a-z0-9+.-]*:\/\/[^/\s]*@/i;
const listedRowsMax = 100_000;

/** What starts scripts of a bot besides people and the clock, with the address of each webhook. */
export async function readBotTriggers(ctx: Context, actor: Actor, botId: BotId): Promise<readonly BotTrigger[]> {
  return managed(ctx, actor, botId, async (tx) => {
    const hasSecret = ((await tx.bots.published(botId))?.about?.settings['webhook-secret'] ?? '').trim() !== '';
    return (await tx.triggers.list(botId)).map(({ kind, name, script, details }) => ({
      kind,
      name,
      script,
      details: details as JsonObject,
      ...(kind === 'webhook'
        ? { path: `/api/webhooks/${actor.customerId}/${botId}/${encodeURIComponent(name)}`, hasSecret }
        : kind === 'email'
          ? { path: `/api/mail/${actor.customerId}/${botId}`, hasSecret }
          : {}),
    }));
  });
}

/** The settings that are in force: those of the published version. */
export async function readBotSettings(ctx: Context, actor: Actor, botId: BotId): Promise<readonly BotSetting[]> {
  return managed(ctx, actor, botId, async (tx) => {
    const settings = (await tx.bots.published(botId))?.about?.settings ?? {};
    return Object.entries(settings).map(([name, value]) => ({
      name,
      value: secretName.test(name) || addressOfSomebody.test(value) ? null : value,
    }));
  });
}

/** Declared tables, and sheets: rows that came with the package or that a program saved. */
export async function readBotTables(ctx: Context, actor: Actor, botId: BotId): Promise<readonly BotTable[]> {
  return managed(ctx, actor, botId, async (tx) => {
    const tables: BotTable[] = [];
    for (const table of await tx.tables.list(botId)) {
      const columns = table.columns.map(({ name, type }) => ({ name, type }));
      tables.push({ name: table.name, kind: 'table', columns, rows: await tx.tables.count(table) });
    }
    for (const { name, columns, rowCount } of await tx.sheets.list(botId))
      tables.push({ name, kind: 'sheet', columns: columns.map((column) => ({ name: column, type: null })), rows: rowCount });
    return tables;
  });
}

/** Rows of a table or a sheet as they came. Who may not read the table in a program may not read it here. */
export async function readBotRows(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  name: string,
  { offset = 0, limit = limits.pageSizeDefault }: { readonly offset?: number; readonly limit?: number },
): Promise<BotRowPage> {
  return managed(ctx, actor, botId, async (tx) => {
    const table = await tx.tables.get(botId, name);
    if (table) {
      requireReader(actor, table);
      const rows = await refusable(() => tx.tables.find(table, { offset, limit: limit + 1 }));
      const columns = rows[0] ? Object.keys(rows[0]) : table.columns.map((column) => column.name);
      return pageOf(columns, rows as readonly JsonObject[], limit);
    }
    const sheet = await tx.sheets.get(botId, name);
    if (!sheet) throw notFound('table');
    const rows = await tx.sheets.scan(sheet, 0, Math.min(offset + limit + 1, listedRowsMax));
    const wanted = rows.slice(offset).map(({ row }) => row as JsonObject);
    return pageOf(sheet.columns, wanted, limit);
  });
}

function pageOf(columns: readonly string[], rows: readonly JsonObject[], limit: number): BotRowPage {
  return { columns, rows: rows.slice(0, limit), hasMore: rows.length > limit };
}

const ranks: Readonly<Record<string, number>> = { guest: 1, member: 2, admin: 3, owner: 4 };
const everybody: ReadonlySet<string> = new Set(['*', 'all', 'everyone', 'everybody', 'todos']);

/** READ BY lets in the people of a role and those above; a role that is none of ours lets in administrators alone. */
function requireReader(actor: Actor, { readBy, name }: Pick<Table, 'readBy' | 'name'>): void {
  const listed = readBy.map((role) => role.trim().toLowerCase()).filter((role) => role !== '');
  if (listed.length === 0 || listed.some((role) => everybody.has(role))) return;
  const needed = Math.min(...listed.map((role) => ranks[role] ?? ranks['admin']!));
  if ((ranks[actor.role] ?? 0) < needed) throw fail('forbidden', `You may not read ${name}.`);
}

async function refusable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TableRefused)
      throw fail(error.isLimit ? 'too_large' : 'malformed', `${error.said.en}.`, { cause: error });
    throw error;
  }
}

function managed<T>(ctx: Context, actor: Actor, botId: BotId, work: (tx: Tx) => Promise<T>): Promise<T> {
  requireFullMember(actor);
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    return work(tx);
  });
}

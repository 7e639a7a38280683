import { type Sheet, type SheetRepository, type SheetRow, storable, TableRefused, type TableRow, tableLimits } from 'gb-core';
import type { BotId } from 'gb-protocol';
import { assert } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { guarded } from '../tables/guarded.ts';

interface Row {
  bot_id: BotId;
  name: string;
  columns: string[];
  row_count: number;
}

const keyOf = (name: string): string => name.trim().replace(/^\./, '').toLowerCase();
const select = 'select bot_id, name, columns, row_count from sheets where customer_id = $1 and bot_id = $2';
const rowsPerStatementMax = 1_000;

/** Rows of no declared shape, each one value of JSON. What is looked for in them is found outside, row by row. */
export function sheetRepository({ sql, customerId, nowMs }: Scope): SheetRepository {
  async function get(botId: BotId, name: string, lock = ''): Promise<Sheet | null> {
    const row = await sql.row<Row>(`${select} and key = $3${lock}`, [customerId, botId, keyOf(name)]);
    return row && toSheet(row);
  }

  async function open(botId: BotId, name: string): Promise<Sheet> {
    const key = keyOf(name);
    if (key === '' || key.length > 200 || key.includes('\0'))
      throw new TableRefused({ en: 'this cannot be the name of a table', pt: 'isto não pode ser o nome de uma tabela' });
    const found = await get(botId, name, ' for update');
    if (found) return found;
    const many = await sql.row<{ n: number }>('select count(*) as n from sheets where customer_id = $1 and bot_id = $2', [
      customerId,
      botId,
    ]);
    if (many!.n >= tableLimits.sheetsPerBotMax)
      throw new TableRefused({ en: 'this bot has too many tables', pt: 'este robô tem tabelas demais' }, { isLimit: true });
    await sql.change(
      `insert into sheets (customer_id, bot_id, key, name, columns, changed_at) values ($1, $2, $3, $4, '[]', $5) on conflict do nothing`,
      [customerId, botId, key, name.trim().replace(/^\./, ''), time(nowMs)],
    );
    const made = await get(botId, name, ' for update');
    assert(made, 'a sheet is there after it was made');
    return made;
  }

  /** Writes the head of a sheet after its rows, and looks whether all of it still has room. */
  async function close(sheet: Sheet, columns: readonly string[], bytes: number): Promise<Sheet> {
    const values = [customerId, sheet.botId, keyOf(sheet.name)];
    if (columns.length > tableLimits.columnsPerSheetMax)
      throw new TableRefused(
        { en: `${sheet.name} has too many columns`, pt: `${sheet.name} tem colunas demais` },
        { isLimit: true },
      );
    const head = `update sheets set columns = $4, bytes = $5, changed_at = $6,
        row_count = (select count(*) from sheet_rows r where r.customer_id = $1 and r.bot_id = $2 and r.key = $3)
      where customer_id = $1 and bot_id = $2 and key = $3 returning bot_id, name, columns, row_count`;
    const now = await sql.row<{ bytes: number }>(
      'select bytes from sheets where customer_id = $1 and bot_id = $2 and key = $3',
      values,
    );
    let total = now!.bytes + bytes;
    if (total > tableLimits.bytesPerSheetMax) {
      const exact = await sql.row<{ bytes: number }>(
        'select coalesce(sum(octet_length(row::text)), 0)::bigint as bytes from sheet_rows where customer_id = $1 and bot_id = $2 and key = $3',
        values,
      );
      total = exact!.bytes;
    }
    const row = await sql.row<Row>(head, [...values, JSON.stringify(columns), total, time(nowMs)]);
    const all = await sql.row<{ bytes: number }>('select sum(bytes)::bigint as bytes from sheets where customer_id = $1', [
      customerId,
    ]);
    if (
      row!.row_count > tableLimits.rowsPerSheetMax ||
      total > tableLimits.bytesPerSheetMax ||
      all!.bytes > tableLimits.bytesPerCustomerMax
    )
      throw new TableRefused(
        {
          en: `${sheet.name} is full: at most ${tableLimits.rowsPerSheetMax} rows; TABLE declares a table for more`,
          pt: `${sheet.name} está cheia: no máximo ${tableLimits.rowsPerSheetMax} linhas; TABLE declara uma tabela para mais`,
        },
        { isLimit: true },
      );
    return toSheet(row!);
  }

  async function addRows(sheet: Sheet, rows: readonly TableRow[], isImported: boolean): Promise<number> {
    if (sheet.rowCount + rows.length > tableLimits.rowsPerSheetMax)
      throw new TableRefused(
        {
          en: `${sheet.name} would have more than ${tableLimits.rowsPerSheetMax} rows; TABLE declares a table for more`,
          pt: `${sheet.name} teria mais de ${tableLimits.rowsPerSheetMax} linhas; TABLE declara uma tabela para mais`,
        },
        { isLimit: true },
      );
    let bytes = 0;
    for (let at = 0; at < rows.length; at += rowsPerStatementMax) {
      const piece = rows.slice(at, at + rowsPerStatementMax).map((row) => written(sheet, row));
      bytes += piece.reduce((sum, text) => sum + text.length, 0);
      await sql.change(
        `with numbers as (
           update sheets set next_number = next_number + json_array_length($4::json) where customer_id = $1 and bot_id = $2 and key = $3
           returning next_number - json_array_length($4::json) as first
         )
         insert into sheet_rows (customer_id, bot_id, key, row_number, is_imported, row)
         select $1, $2, $3, numbers.first + e.o - 1, $5, e.row from numbers, json_array_elements($4::json) with ordinality as e (row, o)`,
        [customerId, sheet.botId, keyOf(sheet.name), `[${piece.join(',')}]`, isImported],
      );
    }
    return bytes;
  }

  return {
    open: (botId, name) => guarded(sql, () => open(botId, name)),

    get: (botId, name) => get(botId, name),

    async list(botId) {
      return (await sql.rows<Row>(`${select} order by key`, [customerId, botId])).map(toSheet);
    },

    async scan(sheet, after, limit) {
      const rows = await sql.rows<{ row_number: number; row: TableRow }>(
        `select row_number, row from sheet_rows where customer_id = $1 and bot_id = $2 and key = $3 and row_number > $4 order by row_number limit $5`,
        [customerId, sheet.botId, keyOf(sheet.name), after, limit],
      );
      return rows.map(({ row_number, row }) => ({ number: row_number, row }));
    },

    append: (sheet, rows, columns) => guarded(sql, async () => close(sheet, columns, await addRows(sheet, rows, false))),

    replace: (sheet, rows, columns) => guarded(sql, () => replace(sheet, rows, columns)),

    remove: (sheet, numbers) => guarded(sql, () => remove(sheet, numbers)),

    importSheet: (botId, given) => guarded(sql, () => importSheet(botId, given)),
  };

  async function replace(sheet: Sheet, rows: readonly SheetRow[], columns: readonly string[]): Promise<Sheet> {
    let bytes = 0;
    for (let at = 0; at < rows.length; at += rowsPerStatementMax) {
      const piece = rows.slice(at, at + rowsPerStatementMax);
      const texts = piece.map(({ row }) => written(sheet, row));
      bytes += texts.reduce((sum, text) => sum + text.length, 0);
      await sql.change(
        `update sheet_rows r set row = e.row from unnest($4::bigint[]) with ordinality as n (number, o)
             join json_array_elements($5::json) with ordinality as e (row, o) on e.o = n.o
           where r.customer_id = $1 and r.bot_id = $2 and r.key = $3 and r.row_number = n.number`,
        [customerId, sheet.botId, keyOf(sheet.name), piece.map(({ number }) => number), `[${texts.join(',')}]`],
      );
    }
    return close(sheet, columns, bytes);
  }

  async function remove(sheet: Sheet, numbers: readonly number[]): Promise<Sheet> {
    await sql.change(
      'delete from sheet_rows where customer_id = $1 and bot_id = $2 and key = $3 and row_number = any ($4::bigint[])',
      [customerId, sheet.botId, keyOf(sheet.name), [...numbers]],
    );
    return close(sheet, sheet.columns, 0);
  }

  async function importSheet(
    botId: BotId,
    { name, digest, columns, rows }: Parameters<SheetRepository['importSheet']>[1],
  ): ReturnType<SheetRepository['importSheet']> {
    const sheet = await open(botId, name);
    const values = [customerId, botId, keyOf(name)];
    const head = await sql.row<{ digest: string | null }>(
      'select digest from sheets where customer_id = $1 and bot_id = $2 and key = $3',
      values,
    );
    if (head!.digest === digest) return { isChanged: false, rowCount: sheet.rowCount };
    const removed = await sql.change(
      'delete from sheet_rows where customer_id = $1 and bot_id = $2 and key = $3 and is_imported',
      values,
    );
    const kept = { ...sheet, rowCount: sheet.rowCount - removed };
    // Columns of rows that a program added stay, behind those of the file.
    const isKnown = new Set(columns.map((column) => column.toLowerCase()));
    const all =
      kept.rowCount === 0 ? columns : [...columns, ...sheet.columns.filter((column) => !isKnown.has(column.toLowerCase()))];
    const bytes = await addRows(kept, rows, true);
    await sql.change('update sheets set digest = $4 where customer_id = $1 and bot_id = $2 and key = $3', [...values, digest]);
    return { isChanged: true, rowCount: (await close(kept, all, bytes)).rowCount };
  }
}

function toSheet(row: Row): Sheet {
  return { botId: row.bot_id, name: row.name, columns: row.columns, rowCount: row.row_count };
}

function written(sheet: Sheet, row: TableRow): string {
  const text = JSON.stringify(row);
  if (text.length > tableLimits.rowBytesMax)
    throw new TableRefused(
      { en: `a row of ${sheet.name} is too big`, pt: `uma linha de ${sheet.name} é grande demais` },
      { isLimit: true },
    );
  return storable(text);
}

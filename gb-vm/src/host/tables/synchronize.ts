import type { OutsideCall, PlainValue, TableRow } from 'gb-core';
import type { JsonValue } from '../../runtime/functions/json.ts';
import { isRow, textOf } from '../../runtime/operations/memory-data.ts';
import { rowsOf } from '../../runtime/operations/row-arguments.ts';
import { type Args, OperationFailed } from '../operation.ts';
import { sourceElsewhere, type WithSession } from './connected/index.ts';
import { fail, said } from './scope.ts';
import { openSource } from './source.ts';
import { triggersOfBot } from './triggers.ts';
import { mergeInto } from './write-rows.ts';

/** What another system gives under an address: a list of rows, or an object with one in it; null when it is not its kind of address. */
export type ReadRows = (source: string, values: readonly PlainValue[], call: OutsideCall) => Promise<PlainValue | null>;

/**
 * SYNCHRONIZE: rows of another system, or of another table of the bot, become those of a table. With a key, known rows
 * change and new ones come; without one the table becomes a copy. Doing it again changes nothing.
 */
export async function synchronize(
  call: OutsideCall,
  args: Args,
  readRows: ReadRows | undefined,
  withSession: WithSession,
): Promise<PlainValue> {
  const [source, target] = [textOf(args['source']).trim(), textOf(args['table'])];
  const keys = textOf(args['key'])
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean);
  const values = (args['values'] ?? []) as readonly PlainValue[];
  const found = (await readRows?.(source, values, call)) ?? null;
  if (found === null && /^https?:/i.test(source))
    throw new OperationFailed({ en: 'that system gave no rows', pt: 'aquele sistema não deu linhas' });
  return said(async () => {
    const from = found === null ? await sourceElsewhere(call, source, 'read', withSession) : null;
    const rows =
      found !== null
        ? listIn(found)
        : from
          ? await from.find({})
          : await call.read(async (tx) => (await openSource({ ...call, tx }, source, 'read')).find({}));
    const elsewhere = await sourceElsewhere(call, target, 'write', withSession);
    if (elsewhere) {
      // Emptying it and filling it would be two things there, of which a crash could leave the first.
      if (keys.length === 0)
        throw fail(
          'a table of another database is synchronized by a key',
          'uma tabela de outro banco de dados é sincronizada por uma chave',
        );
      await call.write(async () => undefined); // Refused where nothing may be written, as in a draft that is only tried.
      const { added, updated, unchanged } = await elsewhere.merge(rows, keys);
      return { added, updated, unchanged };
    }
    return call.write(async (tx) => {
      const scope = { ...call, tx };
      const to = await openSource(scope, target, 'write');
      if (keys.length > 0) return mergeInto(scope, to, rows, keys, triggersOfBot);
      const { count } = await to.delete({ kind: 'all', parts: [] });
      await to.insert(rows);
      return { added: rows.length, updated: 0, unchanged: 0, removed: count };
    });
  });
}

/** The rows themselves, or the one list in what other systems put around them. */
function listIn(found: PlainValue): readonly TableRow[] {
  const lists = isRow(found as JsonValue) ? Object.values(found as Record<string, PlainValue>).filter(Array.isArray) : [];
  const rows = rowsOf((lists.length === 1 ? lists[0]! : found) as JsonValue);
  if (!rows) throw fail('that system gave no list of rows', 'aquele sistema não deu uma lista de linhas');
  return rows;
}

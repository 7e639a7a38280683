import { type ManifestTable, type OutsideCall, type PlainValue, type Tx, tablesElsewhere, tablesInQuery } from 'gb-core';
import { textOf } from '../../../runtime/operations/memory-data.ts';
import type { Args, OutsideOperation } from '../../operation.ts';
import { type DataScope, fail, said } from '../scope.ts';
import { checkRole, type RowSource } from '../source.ts';
import { connectedSource } from './connected-source.ts';
import type { WithSession } from './connections.ts';

export { type ConnectionsOptions, createConnections, type WithSession } from './connections.ts';

/** Those that change rows; the others read. */
const writing = new Set(['SAVE', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/**
 * An operation on tables of other databases, in the form it has in a turn: the same work, with rows that are elsewhere. It
 * holds no transaction of ours meanwhile.
 */
export function onConnection(
  name: string,
  work: (args: Args, scope: DataScope) => Promise<PlainValue>,
  withSession: WithSession,
): OutsideOperation {
  return (args, call) =>
    said(async () => {
      const names = name === 'QUERY' ? tablesInQuery(textOf(args['text'])) : [tableName(args)];
      const tables = await call.read((tx) => allowed(tx, call, names, writing.has(name) ? 'write' : 'read'));
      // Nothing is written where a draft is only tried.
      if (writing.has(name)) await call.write(async () => undefined);
      const sources = new Map<string, RowSource>();
      for (const [key, table] of tables)
        sources.set(
          key,
          connectedSource((use) => withSession(call, table.connection ?? '', use), table, call.key),
        );
      return work(args, { ...call, tx: noTransaction, sources });
    });
}

/** A table of another database by its name; null when it is none. */
export async function sourceElsewhere(
  call: OutsideCall,
  name: string,
  wanted: 'read' | 'write',
  withSession: WithSession,
): Promise<RowSource | null> {
  const key = tableName({ table: name });
  const table = await call.read(async (tx) => {
    const found = tablesElsewhere(await tx.bots.published(call.botId)).get(key) ?? null;
    if (found) await checkRole({ ...call, tx }, found, wanted);
    return found;
  });
  return table && connectedSource((use) => withSession(call, table.connection ?? '', use), table, call.key);
}

const tableName = (args: Args): string =>
  textOf(args['table'] ?? args['file'])
    .trim()
    .replace(/^\./, '')
    .toLowerCase();

async function allowed(
  tx: Tx,
  call: OutsideCall,
  names: readonly string[],
  wanted: 'read' | 'write',
): Promise<ReadonlyMap<string, ManifestTable>> {
  const elsewhere = tablesElsewhere(await tx.bots.published(call.botId));
  const found = new Map<string, ManifestTable>();
  for (const name of names) {
    const table = elsewhere.get(name);
    if (!table) continue;
    await checkRole({ ...call, tx }, table, wanted);
    found.set(name, table);
  }
  if (found.size === 0) throw fail('this table is no longer declared', 'esta tabela não está mais declarada');
  return found;
}

const noTransaction: Tx = new Proxy({} as Tx, {
  get() {
    throw new Error('an operation at another database has no transaction of ours');
  },
});

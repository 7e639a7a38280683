import type { Declaration, DeclaredValue, Expression, Operation } from '../ast.ts';
import type { Span } from '../source.ts';

export interface KnownTable {
  /** As it is first written. */
  readonly display: string;
  /** Where TABLE declares it. */
  declared: Span | null;
  readonly columns: Map<string, Column>;
}

export interface Column {
  readonly display: string;
  /** As the declaration says; null for one that was only seen in a SAVE. */
  readonly type: string | null;
}

/** The tables a program declares, saves to or searches, and their columns. */
export class Tables {
  readonly #tables = new Map<string, KnownTable>();

  get all(): readonly KnownTable[] {
    return [...this.#tables.values()];
  }

  get(name: string): KnownTable | null {
    return this.#tables.get(name.toUpperCase()) ?? null;
  }

  declare({ span, values }: Declaration): void {
    const table = this.#make(String(values['name'] ?? ''));
    table.declared ??= span;
    const columns = values['columns'];
    if (!Array.isArray(columns)) return;
    for (const column of columns as readonly DeclaredValue[]) {
      if (column === null || typeof column !== 'object' || Array.isArray(column)) continue;
      const { name, type } = column as { readonly [key: string]: DeclaredValue };
      if (typeof name !== 'string') continue;
      table.columns.set(name.toUpperCase(), { display: name, type: typeof type === 'string' ? type : null });
    }
  }

  see({ args }: Operation): void {
    const value = args.find(({ key }) => key === 'table')?.value;
    if (value?.kind !== 'text' || !/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(value.value)) return;
    const table = this.#make(value.value);
    for (const { key, value: given } of args) {
      if ((key === 'columns' || key === 'row') && given.kind === 'object')
        for (const entry of given.entries) seen(table, entry.key);
      if (key === 'where' && given.kind === 'array') for (const one of given.items) seenInCondition(table, one);
    }
  }

  #make(display: string): KnownTable {
    let table = this.#tables.get(display.toUpperCase());
    if (!table) this.#tables.set(display.toUpperCase(), (table = { display, declared: null, columns: new Map() }));
    return table;
  }
}

function seen({ columns }: KnownTable, name: string): void {
  const upper = name.toUpperCase();
  if (!columns.has(upper)) columns.set(upper, { display: name, type: null });
}

function seenInCondition(table: KnownTable, one: Expression): void {
  if (one.kind !== 'object') return;
  const column = one.entries.find(({ key }) => key === 'column')?.value;
  if (column?.kind === 'text') seen(table, column.value);
}

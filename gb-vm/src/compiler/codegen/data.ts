import type { DataItem, Statement } from '../ast.ts';
import { eachStatement } from '../walk.ts';

/** All items of the DATA statements of a program in the order of its text, and where RESTORE of each label begins. */
export interface DataTable {
  readonly items: readonly DataItem[];
  readonly starts: ReadonlyMap<string, number>;
}

export function dataTable(body: readonly Statement[]): DataTable {
  const items: DataItem[] = [];
  const starts = new Map<string, number>();
  eachStatement(body, (statement) => {
    if (statement.kind === 'label') starts.set(statement.name, items.length);
    // Not a spread: a program may hold more items than arguments fit on a stack.
    else if (statement.kind === 'data') for (const item of statement.items) items.push(item);
  });
  return { items, starts };
}

import { type ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import { keyCellAt, makeObject, objectSize, putProperty, valueAddressAt } from '../objects.ts';
import type { Arguments } from './arguments.ts';
import { Rows } from './rows.ts';

/** How the rows of two lists find each other. */
export interface Joining {
  readonly leftKey: string;
  readonly rightKey: string;
  /** Rows of the first list stay when they find none. */
  readonly isLeft: boolean;
  /** Under these names a joined row has the rows it was made of. */
  readonly leftAlias: string;
  readonly rightAlias: string;
}

/** JOIN rows, rows, key: the key is a column of both, or `column=other`. */
export function joinRows(args: Arguments, left: Value, right: ListRef, key: string, position: number): Value[] {
  const [leftKey = '', rightKey = leftKey] = key.split('=', 2).map((name) => name.trim());
  if (leftKey === '') return fail('illegal_argument', position);
  return joined(args, left, right, { leftKey, rightKey, isLeft: false, leftAlias: '', rightAlias: '' }, position);
}

/** Rows of two lists that have the same key, as one. Where both have a column, the first list's counts. */
export function joined(args: Arguments, left: Value, right: Value, how: Joining, position: number): Value[] {
  const { heap } = args;
  const [first, second] = [new Rows(args, left, position), new Rows(args, right, position)];
  const byKey = new Map<string, Value[]>();
  const keyOf = (rows: Rows, row: Value, column: string): string | null => {
    const value = rows.scalar(row, column);
    // "5" and 5 are the same key: one of the lists may come from a file of texts.
    return value === null || value === '' ? null : String(value);
  };
  for (const row of second.items) {
    const value = keyOf(second, row, how.rightKey);
    if (value === null) continue;
    const same = byKey.get(value);
    if (same) same.push(row);
    else byKey.set(value, [row]);
  }
  const [leftAlias, rightAlias] = [how.leftAlias, how.rightAlias].map((name) => (name === '' ? 0 : heap.makeText(name))) as [
    number,
    number,
  ];
  const result: Value[] = [];
  for (const row of first.items) {
    const value = keyOf(first, row, how.leftKey);
    const found = (value === null ? undefined : byKey.get(value)) ?? (how.isLeft ? [null] : []);
    for (const match of found) {
      const made = merged(args, [match, row]);
      if (leftAlias !== 0 && !args.hasKey(made, leftAlias)) heap.setValueAt(putProperty(heap, made.at, leftAlias), row);
      if (rightAlias !== 0) heap.setValueAt(putProperty(heap, made.at, rightAlias), match);
      result.push(made);
    }
    if (result.length > heap.limit / 64) fail('out_of_memory', position);
  }
  return result;
}

/** One object of several: of those with the same property, the last one counts. */
export function merged(args: Arguments, objects: readonly Value[]): ObjectRef {
  const { heap } = args;
  const parts = objects.filter((one) => one instanceof ObjectRef);
  const made = makeObject(
    heap,
    parts.reduce((count, part) => count + objectSize(heap, part.at), 0),
  );
  for (const part of parts)
    for (let index = 0; index < objectSize(heap, part.at); index++) {
      const from = valueAddressAt(heap, part.at, index);
      heap.setWordsAt(putProperty(heap, made, keyCellAt(heap, part.at, index)), heap.word(from), heap.word(from + 4));
    }
  return new ObjectRef(made);
}

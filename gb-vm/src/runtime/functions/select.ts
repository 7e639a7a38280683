import { ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import { makeObject } from '../objects.ts';
import { matches } from '../operations/matches.ts';
import { readCondition } from '../operations/read-condition.ts';
import { compareAll, sortKey } from '../operations/sort-key.ts';
import { aggregate, grouped } from './aggregate.ts';
import { type Arguments, describe } from './arguments.ts';
import { joined } from './joining.ts';
import { type JsonValue, toPlain } from './json.ts';
import { type Output, readOutput, readQuery } from './query.ts';
import { Rows } from './rows.ts';

/**
 * SELECT over lists of rows: join, filter, group, compute, order, cut - in the order SQL does it. See `query.ts` for how
 * it is said. A column may be called `alias.column`.
 */
export function select(args: Arguments, list: Value, query: Value, position: number): Value[] {
  const aliases: string[] = [];
  const rows = new Rows(args, joinedList(args, list, query, aliases, position), position, aliases);
  const wanted = readQuery(plainQuery(args, query, position)) ?? fail('type_mismatch', position, describe(query), 'a SELECT');
  const condition = readCondition(wanted.where) ?? fail('type_mismatch', position, 'this WHERE', 'a filter');
  const hasColumn = (name: string): boolean => rows.hasColumn(name);
  const kept = rows.all().filter((index) => matches(condition, rows.reader(rows.items[index]!), hasColumn));
  const chosen = new Rows(args, rows.pick(kept), position, aliases);
  const columns = wanted.columns.map((text) => readOutput(text) ?? fail('type_mismatch', position, describe(text), 'a column'));
  const isSummed = wanted.group.length > 0 || columns.some((column) => column.word !== null);
  const groups = !isSummed
    ? chosen.items.map((_, index) => [index])
    : wanted.group.length > 0
      ? grouped(chosen, wanted.group)
      : [chosen.all()];
  const made = groups.map((indexes) => ({
    row: output(args, chosen, indexes, columns, aliases, position),
    first: indexes[0] ?? -1,
  }));
  const result = new Rows(args, args.listOf(made.map(({ row }) => row)), position, aliases);
  // What is ordered by may be a column of the result, or one that was left out of it.
  const keys = made.map(({ first }, index) =>
    wanted.order.map(({ column }) =>
      sortKey(
        result.hasColumn(column) || first < 0
          ? result.scalar(result.items[index]!, column)
          : chosen.scalar(chosen.items[first]!, column),
      ),
    ),
  );
  const signs = wanted.order.map(({ sign }) => sign);
  let order = made.map((_, index) => index);
  if (wanted.isDistinct) order = grouped(result, args.keysOf(result.items[0] ?? null)).map((same) => same[0]!);
  order.sort((a, b) => compareAll(keys[a]!, keys[b]!, signs));
  return order.slice(0, wanted.limit).map((index) => result.items[index]!);
}

/** The query without its lists: those are not copied but joined as they are. */
function plainQuery(args: Arguments, query: Value, position: number): JsonValue {
  if (!(query instanceof ObjectRef)) return toPlain(args.heap, query, position);
  const names = args.keys(query.at).filter((name) => name !== 'joins');
  return Object.fromEntries(
    names.map((name) => [name, toPlain(args.heap, args.property(query, args.heap.makeText(name)), position)]),
  );
}

function joinedList(args: Arguments, list: Value, query: Value, aliases: string[], position: number): Value {
  const { heap } = args;
  const part = (holder: Value, name: string): Value => args.property(holder, heap.makeText(name));
  const text = (holder: Value, name: string): string => {
    const value = part(holder, name);
    return typeof value === 'string' ? value : '';
  };
  const leftAlias = text(query, 'alias');
  if (leftAlias !== '') aliases.push(leftAlias);
  const joins = part(query, 'joins');
  let rows = list;
  for (const join of joins instanceof ListRef ? heap.listValues(joins.at) : []) {
    const rightAlias = text(join, 'alias');
    if (rightAlias !== '') aliases.push(rightAlias);
    const own = (column: string): string =>
      rightAlias !== '' && column.toLowerCase().startsWith(`${rightAlias.toLowerCase()}.`)
        ? column.slice(rightAlias.length + 1)
        : '';
    const [left, right] = [text(join, 'left'), text(join, 'right')];
    // ON may name its sides in either order.
    const isTurned = own(left) !== '' && own(right) === '';
    const [outer, inner] = isTurned ? [right, own(left)] : [left, own(right) || right];
    const leftKey = withoutAlias(outer, aliases);
    const isLeft = part(join, 'isLeft') === true;
    rows = args.listOf(
      joined(args, rows, part(join, 'list'), { leftKey, rightKey: inner, isLeft, leftAlias, rightAlias }, position),
    );
  }
  return rows;
}

/** Right of the first join a row may itself be joined; the plain name finds the column in all of them. */
function withoutAlias(column: string, aliases: readonly string[]): string {
  const alias = aliases.find((name) => column.toLowerCase().startsWith(`${name.toLowerCase()}.`));
  return alias === undefined ? column : column.slice(alias.length + 1);
}

/** One row of the result, out of the rows of a group. */
function output(
  args: Arguments,
  rows: Rows,
  indexes: readonly number[],
  columns: readonly Output[],
  aliases: readonly string[],
  position: number,
): Value {
  const { heap } = args;
  const made = makeObject(heap, columns.length);
  const first = indexes.length > 0 ? rows.items[indexes[0]!]! : null;
  const cell = (row: Value, { plain, compute }: Output): Value =>
    plain === null ? compute(rows.reader(row)) : rows.value(row, plain);
  for (const column of columns) {
    if (column.isAll) {
      for (const key of args.keysOf(first)) {
        const isWhole = aliases.includes(key) && rows.value(first, key) instanceof ObjectRef;
        if (!isWhole) rows.copy(made, key, first, key);
      }
      continue;
    }
    const isRows = column.plain === '*';
    if (column.word !== null) {
      const values = indexes.map((index) => (isRows ? true : cell(rows.items[index]!, column)));
      rows.put(made, column.name, aggregate(args, column.word, values, isRows, position));
    } else if (first === null || column.plain === null) rows.put(made, column.name, first === null ? null : cell(first, column));
    else rows.copy(made, column.name, first, column.plain);
  }
  return new ObjectRef(made);
}

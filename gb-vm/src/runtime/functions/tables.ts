import { ObjectRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { appendProperty, makeObject } from '../objects.ts';
import type { Scalar } from '../operations/condition.ts';
import { matches } from '../operations/matches.ts';
import { readCondition } from '../operations/read-condition.ts';
import { cutAtCommas } from '../operations/row-expression.ts';
import { aggregate, grouped, readColumn, readOrder, sorted } from './aggregate.ts';
import { Arguments, describe } from './arguments.ts';
import { fillTemplate } from './fill.ts';
import { toPlain } from './json.ts';
import { Rows } from './rows.ts';
import { select } from './select.ts';

/** What is done with lists of rows, as FIND gives them. None of it changes the rows it is given. */
export function tableFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  const rowsOf = (low: number, high: number, position: number): Rows => new Rows(args, heap.value(low, high), position);
  return {
    'fn:AGGREGATE': (word, low, high, column, position) => {
      const rows = rowsOf(low!, high!, position!);
      const name = args.text(column!);
      const values = name === '' || name === '*' ? rows.items : rows.items.map((row) => rows.value(row, name));
      args.give(aggregate(args, args.text(word!), values, name === '*', position!));
    },
    'fn:FILTER': (low, high, cl, ch, position) => {
      const rows = rowsOf(low!, high!, position!);
      const wanted = heap.value(cl!, ch!);
      if (typeof wanted === 'string') heap.charge(wanted.length >>> 3);
      const condition =
        readCondition(toPlain(heap, wanted, position!)) ?? fail('type_mismatch', position!, describe(wanted), 'a filter');
      const hasColumn = (name: string): boolean => rows.hasColumn(name);
      args.give(rows.pick(rows.all().filter((index) => matches(condition, rows.reader(rows.items[index]!), hasColumn))));
    },
    'fn:MAP': (low, high, cell, position) => {
      const rows = rowsOf(low!, high!, position!);
      args.giveList(mapped(args, rows, args.text(cell!), position!));
    },
    'fn:PLUCK': (low, high, column, position) => {
      const rows = rowsOf(low!, high!, position!);
      const name = args.text(column!);
      args.giveList(rows.items.map((row) => rows.value(row, name)));
    },
    'fn:GROUP BY': (low, high, column, position) => {
      const rows = rowsOf(low!, high!, position!);
      const groups = grouped(rows, [args.text(column!)]);
      const result = makeObject(heap, groups.length);
      for (const indexes of groups) {
        const key = rows.scalar(rows.items[indexes[0]!]!, args.text(column!));
        const list = rows.pick(indexes);
        heap.setValueAt(appendProperty(heap, result, heap.makeText(key === null ? '' : args.textOf(key))), list);
      }
      args.give(new ObjectRef(result));
    },
    'fn:PIVOT': (low, high, row, column, value, word, position) => {
      const rows = rowsOf(low!, high!, position!);
      args.giveList(pivoted(args, rows, args.text(row!), args.text(column!), args.text(value!), args.text(word!), position!));
    },
    'fn:SORT BY': (low, high, column, direction, position) => {
      const rows = rowsOf(low!, high!, position!);
      const written = args.text(column!);
      const order = readOrder(heap.textLength(direction!) === 0 ? written : `${written} ${heap.text(direction!)}`);
      args.give(rows.pick(sorted(rows, rows.all(), order ?? fail('illegal_argument', position!))));
    },
    'fn:FILL': (tl, th, dl, dh, position) => args.give(fillTemplate(args, heap.value(tl!, th!), heap.value(dl!, dh!), position!)),
    'fn:SELECT': (low, high, dl, dh, position) => {
      args.giveList(select(args, heap.value(low!, high!), heap.value(dl!, dh!), position!));
    },
  };
}

/** `old -> new, other -> next` renames columns; anything else is columns and what is computed from them. */
function mapped(args: Arguments, rows: Rows, text: string, position: number): Value[] {
  const parts = cutAtCommas(text);
  const isRenaming = parts.some((part) => part.includes('->'));
  if (parts.length === 0 || parts.length > 100) return fail('illegal_argument', position);
  const { heap } = args;
  if (isRenaming) {
    const names = new Map(
      parts.map((part) => {
        const [old, fresh] = part.split('->', 2).map((name) => name.trim());
        return [old!.toLowerCase(), fresh || old!] as const;
      }),
    );
    return rows.items.map((row) => {
      if (!(row instanceof ObjectRef)) return row;
      const keys = args.keys(row.at);
      const made = makeObject(heap, keys.length);
      for (const key of keys) rows.copy(made, names.get(key.toLowerCase()) ?? key, row, key);
      return new ObjectRef(made);
    });
  }
  const columns = parts.map((part) => readColumn(part) ?? fail('type_mismatch', position, describe(part), 'an expression'));
  return rows.items.map((row) => {
    const made = makeObject(heap, columns.length);
    const read = rows.reader(row);
    for (const { name, plain, compute } of columns) {
      if (plain === null) rows.put(made, name, compute(read));
      else rows.copy(made, name, row, plain);
    }
    return new ObjectRef(made);
  });
}

/** A row for each value of one column, with a column for each value of another, and in it one value for many. */
function pivoted(
  args: Arguments,
  rows: Rows,
  row: string,
  column: string,
  value: string,
  word: string,
  position: number,
): Value[] {
  const { heap } = args;
  // Without a third column the second is summed up: one number for each row.
  const cellColumn = value === '' ? column : value;
  const groups = grouped(rows, [row]);
  const heads = value === '' ? null : grouped(rows, [column]).map((indexes) => rows.scalar(rows.items[indexes[0]!]!, column));
  if (heads && heads.length * groups.length > heap.limit / 32) fail('out_of_memory', position);
  return groups.map((indexes) => {
    const made = makeObject(heap, (heads?.length ?? 1) + 1);
    rows.copy(made, row, rows.items[indexes[0]!]!, row);
    const cell = (chosen: readonly number[]): Value =>
      aggregate(
        args,
        word,
        chosen.map((index) => rows.value(rows.items[index]!, cellColumn)),
        false,
        position,
      );
    if (!heads) rows.put(made, cellColumn, cell(indexes));
    else {
      const byHead = new Map<Scalar, number[]>(heads.map((head) => [head, []]));
      for (const index of indexes) byHead.get(rows.scalar(rows.items[index]!, column))?.push(index);
      for (const [head, chosen] of byHead) rows.put(made, head === null ? '' : String(head), cell(chosen));
    }
    return new ObjectRef(made);
  });
}

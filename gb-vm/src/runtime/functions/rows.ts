import { ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import { findProperty, putProperty } from '../objects.ts';
import type { ReadColumn, Scalar } from '../operations/condition.ts';
import { type Arguments, describe } from './arguments.ts';
import { toJson } from './json.ts';

/** A list of rows of a program, read column by column without making them anew. */
export class Rows {
  readonly items: readonly Value[];
  /** The list they are of; 0 for no rows at all. */
  readonly list: number;
  readonly #args: Arguments;
  /** The cells of a column's name and of its parts at points, made once. */
  readonly #keys = new Map<string, readonly number[]>();

  readonly #aliases: readonly string[];

  /** `aliases` may stand before the name of a column, with a point between. */
  constructor(args: Arguments, value: Value, position: number, aliases: readonly string[] = []) {
    this.#args = args;
    this.#aliases = aliases.map((alias) => `${alias.toLowerCase()}.`);
    if (value !== null && !(value instanceof ListRef) && !(value instanceof ObjectRef))
      fail('type_mismatch', position, describe(value), 'a list');
    this.list = value instanceof ListRef ? value.at : value instanceof ObjectRef ? args.heap.makeListOf([value]) : 0;
    this.items = this.list === 0 ? [] : args.heap.listValues(this.list);
    args.heap.charge(4 * this.items.length);
  }

  /** A column as it is; `a.b` looks into an object when no column has that name. */
  value(row: Value, column: string): Value {
    const args = this.#args;
    args.heap.charge(1);
    const keys = this.#keysOf(column);
    const whole = args.property(row, keys[0]!);
    if (whole !== null || keys.length === 1) return whole;
    const deep = keys.slice(1).reduce<Value>((holder, key) => args.property(holder, key), row);
    if (deep !== null) return deep;
    const alias = this.#aliases.find((name) => column.toLowerCase().startsWith(name));
    // Where the row was joined, the alias names the row it came from, which may have no such column.
    return alias === undefined || args.hasKey(row, keys[1]!) ? null : this.value(row, column.slice(alias.length));
  }

  /** Gives an object a property; rows that are made of rows share the names of their columns. */
  put(object: number, name: string, value: Value): void {
    const { heap } = this.#args;
    heap.setValueAt(putProperty(heap, object, this.#keysOf(name)[0]!), value);
  }

  /** Gives an object what a row has in a column, under another name or the same. Texts are shared. */
  copy(object: number, name: string, row: Value, column: string): void {
    const { heap } = this.#args;
    const from = row instanceof ObjectRef ? findProperty(heap, row.at, this.#keysOf(column)[0]!) : 0;
    if (from === 0) return this.put(object, name, this.value(row, column));
    heap.charge(1);
    heap.setWordsAt(putProperty(heap, object, this.#keysOf(name)[0]!), heap.word(from), heap.word(from + 4));
  }

  #keysOf(column: string): readonly number[] {
    let keys = this.#keys.get(column);
    if (!keys) {
      const parts = column.includes('.') ? column.split('.').slice(0, 20) : [];
      keys = [column, ...parts].map((name) => this.#args.heap.makeText(name));
      this.#keys.set(column, keys);
    }
    return keys;
  }

  /** For comparing: a list or object counts as its JSON text. */
  scalar(row: Value, column: string): Scalar {
    const value = this.value(row, column);
    if (typeof value === 'string') this.#args.heap.charge(value.length >>> 6);
    return value !== null && typeof value === 'object' ? toJson(this.#args.heap, value) : value;
  }

  reader(row: Value): ReadColumn {
    return (column) => this.scalar(row, column);
  }

  hasColumn(column: string): boolean {
    const row = this.items[0];
    return row instanceof ObjectRef && (this.#args.has(row.at, column) || this.value(row, column) !== null);
  }

  /** A new list of some of the rows; the rows themselves are the same. */
  pick(indexes: readonly number[]): ListRef {
    return this.#args.picked(this.list, indexes);
  }

  all(): number[] {
    return [...this.items.keys()];
  }
}

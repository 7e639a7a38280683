import {
  type Column,
  type Compare,
  type Condition,
  type Operator,
  type RowOrder,
  type Scalar,
  type Table,
  TableRefused,
  timeOf,
} from 'gb-core';
import { isUuid, parseBoolean, parseDate, parseNumber } from 'gb-utils';
import { type Cell, cellOf, rowId, textExpression } from './columns.ts';

/**
 * Conditions as SQL that says the same as the matcher of rows in memory (a suite of cases is run by both). Names become
 * columns of the register, values become parameters: nothing of a condition is ever part of the statement's text.
 *
 * A comparison with nothing to compare is null in SQL and false in a script, which is the same thing until somebody
 * negates it: below a NOT every comparison says so itself.
 */
export class ConditionWriter {
  readonly values: unknown[];
  readonly #table: Table;
  #comparisons = 0;

  constructor(table: Table, values: unknown[] = []) {
    this.#table = table;
    this.values = values;
  }

  /** A parameter for a value. */
  readonly add = (value: unknown): string => `$${this.values.push(value)}`;

  write(condition: Condition, isNegated = false): string {
    switch (condition.kind) {
      case 'all':
      case 'any': {
        if (condition.parts.length === 0) return condition.kind === 'all' ? 'true' : 'false';
        const parts = condition.parts.map((part) => this.write(part, isNegated));
        return `(${parts.join(condition.kind === 'all' ? ' and ' : ' or ')})`;
      }
      case 'not':
        return `(not ${this.write(condition.part, true)})`;
      case 'in':
        return definite(this.#isOneOf(this.#cell(condition.column), condition.values), isNegated);
      case 'compare':
        return definite(this.#comparison(condition), isNegated);
    }
  }

  order(order: readonly RowOrder[]): string {
    const parts = order.flatMap(({ column, isDescending }) =>
      orderExpressions(cellOf(this.#table, column, this.add)).map((sql) => `${sql} ${isDescending ? 'desc' : 'asc'} nulls last`),
    );
    return [...parts, rowId].join(', ');
  }

  #cell({ name, isDay }: Column): Cell {
    const cell = cellOf(this.#table, name, this.add);
    if (!isDay) return cell;
    if (cell.kind === 'timestamp') return { kind: 'date', sql: `${cell.sql}::date` };
    if (cell.kind === 'text') return { kind: 'text', sql: `gb.day_of(${cell.sql})` };
    // Only a text in it can be a date.
    if (cell.kind === 'json')
      return {
        kind: 'json',
        sql: `(case jsonb_typeof(${cell.sql}) when 'string' then to_jsonb(gb.day_of(${cell.sql} #>> '{}')) else ${cell.sql} end)`,
      };
    return cell;
  }

  #comparison({ column, operator, value }: Compare): string {
    this.#count();
    return this.#compare(this.#cell(column), operator, value);
  }

  #compare(cell: Cell, operator: Operator, value: Scalar): string {
    // NULL is equal to NULL, and so not before it and not after it.
    if (value === null) return ['=', '<=', '>='].includes(operator) ? isNull(cell) : 'false';
    if (cell.kind === 'json') return this.#compareJson(cell, operator, value);
    if (operator === 'like' || operator === 'contains') return this.#search(cell, operator, value);
    switch (cell.kind) {
      case 'boolean': {
        const wanted = typeof value === 'string' ? parseBoolean(value) : Boolean(value);
        return wanted === null ? 'false' : `${cell.sql} ${operator} ${this.add(wanted)}::boolean`;
      }
      case 'number':
        return this.#compareNumber(cell, operator, value);
      case 'text':
        return this.#compareText(cell, operator, value);
      default:
        return this.#compareOther(cell, operator, value);
    }
  }

  #compareNumber(cell: Cell, operator: Operator, value: Scalar): string {
    if (typeof value === 'boolean') return `(${cell.sql} <> 0) ${operator} ${this.add(value)}::boolean`;
    const number = typeof value === 'string' ? parseNumber(value) : (value as number);
    if (number !== null)
      return cell.isWhole && Number.isSafeInteger(number)
        ? `${cell.sql} ${operator} ${this.add(number)}::bigint`
        : `${cell.sql}::float8 ${operator} ${this.add(number)}::float8`;
    return operator === '=' ? 'false' : `${textExpression(cell)} collate "C" ${operator} ${this.add(String(value))}::text`;
  }

  #compareText(cell: Cell, operator: Operator, value: Scalar): string {
    if (typeof value === 'boolean') return `gb.boolean_of(${cell.sql}) ${operator} ${this.add(value)}::boolean`;
    if (typeof value === 'number') return `gb.order_of_number(${cell.sql}, ${this.add(value)}::float8) ${operator} 0`;
    const text = String(value);
    if (operator !== '=') return `gb.order_of_texts(${cell.sql}, ${this.add(text)}::text) ${operator} 0`;
    const small = this.add(text.toLowerCase());
    const isSame = `gb.small(${cell.sql}) = ${small}::text`;
    const date = stampOf(text);
    if (date) return `(${isSame} or gb.date_of(${cell.sql}) = ${this.add(date)}::timestamp)`;
    return cell.isIndexed ? `(left(gb.small(${cell.sql}), 200) = left(${small}::text, 200) and ${isSame})` : isSame;
  }

  /** Dates, times and ids: texts that are never numbers. */
  #compareOther(cell: Cell, operator: Operator, value: Scalar): string {
    if (typeof value === 'boolean') return 'false';
    const text = String(value);
    const date = cell.kind === 'date' || cell.kind === 'timestamp' ? stampOf(text) : null;
    if (date) return `${cell.sql} ${operator} ${this.add(date)}::timestamp`;
    const time = cell.kind === 'time' ? timeOf(text) : null;
    if (time) return `${cell.sql} ${operator} ${this.add(time)}::time`;
    if (operator === '=' && cell.kind === 'uuid')
      return isUuid(text.toLowerCase()) ? `${cell.sql} = ${this.add(text.toLowerCase())}::uuid` : 'false';
    return `${textExpression(cell)} collate "C" ${operator} ${this.add(text.toLowerCase())}::text`;
  }

  #compareJson(cell: Cell, operator: Operator, value: Scalar): string {
    const text = `(${cell.sql} #>> '{}')`;
    const [asText, asNumber, asBoolean] = [
      this.#compare({ kind: 'text', sql: text }, operator, value),
      this.#compare({ kind: 'number', sql: `${text}::float8` }, operator, value),
      this.#compare({ kind: 'boolean', sql: `${text}::boolean` }, operator, value),
    ];
    return `(case jsonb_typeof(${cell.sql}) when 'number' then ${asNumber} when 'boolean' then ${asBoolean} when 'null' then false else ${asText} end)`;
  }

  #search(cell: Cell, operator: Operator, value: Scalar): string {
    const pattern = String(value).toLowerCase();
    const text = `gb.small(${textExpression(cell)})`;
    return operator === 'like' && /[%_]/.test(pattern)
      ? `${text} like ${this.add(pattern.slice(0, 1000))}::text escape ''`
      : `strpos(${text}, ${this.add(pattern)}::text) > 0`;
  }

  #isOneOf(cell: Cell, values: readonly Scalar[]): string {
    this.#count();
    const rest: Scalar[] = [];
    const plain: (string | number)[] = [];
    for (const value of values) {
      const isPlain =
        cell.kind === 'text'
          ? typeof value === 'string' && !stampOf(value)
          : cell.isWhole === true && typeof value === 'number' && Number.isSafeInteger(value);
      if (isPlain) plain.push(cell.kind === 'text' ? String(value).toLowerCase() : (value as number));
      else rest.push(value);
    }
    const parts = rest.map((value) => {
      this.#count();
      return this.#compare(cell, '=', value);
    });
    if (plain.length > 0)
      parts.push(
        cell.kind === 'text'
          ? `gb.small(${cell.sql}) = any(${this.add(plain)}::text[])`
          : `${cell.sql} = any(${this.add(plain)}::bigint[])`,
      );
    return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
  }

  #count(): void {
    if (++this.#comparisons > comparisonsMax)
      throw new TableRefused(
        { en: `a filter has at most ${comparisonsMax} comparisons`, pt: `um filtro tem no máximo ${comparisonsMax} comparações` },
        { isLimit: true },
      );
  }
}

const comparisonsMax = 2_000;

const isNull = ({ kind, sql }: Cell): string =>
  kind === 'json' ? `(${sql} is null or jsonb_typeof(${sql}) = 'null')` : `${sql} is null`;

const definite = (sql: string, isNegated: boolean): string => (isNegated ? `coalesce(${sql}, false)` : `(${sql})`);

/** A date of the years 1 to 9999, as a timestamp. */
function stampOf(text: string): string | null {
  const date = parseDate(text);
  const written = date ? new Date(date.ms).toISOString() : '';
  return /^(?!0000)\d{4}-/.test(written) ? written.slice(0, 19).replace('T', ' ') : null;
}

/** Numbers, also when written as text, come first, then dates, then texts in any case. */
function orderExpressions(cell: Cell): string[] {
  if (cell.kind !== 'text' && cell.kind !== 'json') return [cell.sql];
  const text =
    cell.kind === 'text'
      ? cell.sql
      : `(case jsonb_typeof(${cell.sql}) when 'boolean' then case when ${cell.sql} = 'true' then '1' else '0' end else ${cell.sql} #>> '{}' end)`;
  const rank = `case when ${text} is null then null when gb.number_of(${text}) is not null then 0 when gb.date_of(${text}) is not null then 1 else 2 end`;
  // What is the same number or date in two spellings stays as it came.
  const last = `case when gb.number_of(${text}) is null and gb.date_of(${text}) is null then gb.small(${text}) end collate "C"`;
  return [rank, `gb.number_of(${text})`, `gb.date_of(${text})`, last];
}

import type { Column, Compare, Condition, Operator, Scalar } from 'gb-core';
import type { JsonValue } from '../functions/json.ts';

/** See gb-core: a store turns the same tree into a query; here `matches.ts` evaluates it for rows in memory. */
export type { Column, Compare, Condition, Operator, Scalar } from 'gb-core';

/** What a column of a row holds; null when there is no such column. */
export type ReadColumn = (name: string) => Scalar;

export const conditionDepthMax = 50;
export const everything: Condition = { kind: 'all', parts: [] };

export function compared(name: string, written: string, value: JsonValue): Condition | null {
  const operator = written.trim().toLowerCase().replace(/\s+/g, ' ');
  const column = columnOf(name);
  const negated = (part: Condition): Condition => ({ kind: 'not', part });
  if (operator === 'in' || operator === 'not in') {
    const values = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
    if (!values.every(isScalar)) return null;
    const part: Condition = { kind: 'in', column, values };
    return operator === 'in' ? part : negated(part);
  }
  if (operator === 'is null' || operator === 'is not null') {
    const part = compare(column, '=', null);
    return operator === 'is null' ? part : negated(part);
  }
  if (operator === 'between' && Array.isArray(value) && value.length === 2 && value.every(isScalar))
    return { kind: 'all', parts: [compare(column, '>=', value[0] as Scalar), compare(column, '<=', value[1] as Scalar)] };
  // A row found before stands for its id nowhere: only plain values compare.
  if (!isScalar(value)) return null;
  if (operator === 'is') return compare(column, '=', value);
  const known = operators[operator];
  if (!known) return null;
  const part = compare(column, known.operator, value);
  return known.isNegated ? negated(part) : part;
}

const operators: Readonly<Record<string, { readonly operator: Operator; readonly isNegated: boolean }>> = {
  '=': { operator: '=', isNegated: false },
  '==': { operator: '=', isNegated: false },
  '<>': { operator: '=', isNegated: true },
  '!=': { operator: '=', isNegated: true },
  'is not': { operator: '=', isNegated: true },
  '<': { operator: '<', isNegated: false },
  '>': { operator: '>', isNegated: false },
  '<=': { operator: '<=', isNegated: false },
  '>=': { operator: '>=', isNegated: false },
  like: { operator: 'like', isNegated: false },
  ilike: { operator: 'like', isNegated: false },
  'not like': { operator: 'like', isNegated: true },
  'not ilike': { operator: 'like', isNegated: true },
  contains: { operator: 'contains', isNegated: false },
  'not contains': { operator: 'contains', isNegated: true },
};

export const isScalar = (value: JsonValue): value is Scalar => value === null || typeof value !== 'object';
export const equal = (name: string, value: Scalar): Condition => compare({ name, isDay: false }, '=', value);

export function compare(column: Column, operator: Operator, value: Scalar, isWord = false): Compare {
  return { kind: 'compare', column, operator, value, isWord };
}

function columnOf(written: string): Column {
  const text = written.trim();
  const call = /^date\s*\(([^()]*)\)$/i.exec(text);
  const name = (call ? call[1]! : text).trim();
  const quoted = /^(?:\[([^\]]+)\]|"([^"]+)"|`([^`]+)`)$/.exec(name);
  return { name: quoted ? (quoted[1] ?? quoted[2] ?? quoted[3])! : name, isDay: call !== null };
}

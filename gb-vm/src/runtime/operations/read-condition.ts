import type { JsonValue } from '../functions/json.ts';
import { type Condition, compared, conditionDepthMax, equal, everything, isScalar } from './condition.ts';
import { parseCondition } from './condition-text.ts';

/** A filter of any form a script gives: null when it cannot be understood. Nothing, and the empty text, mean all rows. */
export function readCondition(value: JsonValue | undefined): Condition | null {
  if (value === undefined || value === null || value === '') return everything;
  if (typeof value === 'string') return parseCondition(value);
  // A bare number names a row by its id.
  if (typeof value !== 'object') return equal('id', value);
  if (!Array.isArray(value)) return fromObject(value as { readonly [name: string]: JsonValue });
  const items = value as readonly JsonValue[];
  return items.every((item) => typeof item === 'object' && item !== null) ? fromStructure(items) : fromFilters(items);
}

/** `{status: "open", city: "Recife"}`: every one must be so; or one entry of a structure. */
function fromObject(value: { readonly [name: string]: JsonValue }): Condition | null {
  if (typeof value['column'] === 'string' && typeof value['operator'] === 'string') return fromStructure([value]);
  const parts = Object.entries(value).map(([name, wanted]) => (isScalar(wanted) ? equal(name, wanted) : null));
  return parts.every((part) => part !== null) ? { kind: 'all', parts } : null;
}

/** Several filters must all hold. `"id", 5` is a column and what it must be. */
function fromFilters(items: readonly JsonValue[]): Condition | null {
  const parts: Condition[] = [];
  for (let index = 0; index < items.length; index++) {
    const item = items[index]!;
    if (item === null || item === '') continue;
    const next = items[index + 1];
    if (
      typeof item === 'string' &&
      /^[\p{L}\p{N}_.$ -]{1,100}$/u.test(item) &&
      index + 1 < items.length &&
      isScalar(next!) &&
      !parseCondition(item)
    ) {
      parts.push(equal(item.trim(), next));
      index++;
      continue;
    }
    const part = readCondition(item);
    if (!part) return null;
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : { kind: 'all', parts };
}

/** `[{column, operator, value, or?}]`: OR begins a new alternative, AND binds closer. An item may be such a list itself. */
function fromStructure(items: readonly JsonValue[], depth = 0): Condition | null {
  if (depth > conditionDepthMax) return null;
  const alternatives: Condition[][] = [[]];
  for (const item of items) {
    if (Array.isArray(item)) {
      const inner = fromStructure(item, depth + 1);
      if (!inner) return null;
      alternatives.at(-1)!.push(inner);
      continue;
    }
    const { column, operator, value, or, not } = item as { readonly [name: string]: JsonValue };
    if (or === true && alternatives.at(-1)!.length > 0) alternatives.push([]);
    const part = Array.isArray((item as { conditions?: JsonValue }).conditions)
      ? fromStructure((item as { conditions: JsonValue[] }).conditions, depth + 1)
      : typeof column === 'string' && typeof operator === 'string'
        ? compared(column, operator, value ?? null)
        : null;
    if (!part) return null;
    alternatives.at(-1)!.push(not === true ? { kind: 'not', part } : part);
  }
  const parts = alternatives.map((all): Condition => (all.length === 1 ? all[0]! : { kind: 'all', parts: all }));
  return parts.length === 1 ? parts[0]! : { kind: 'any', parts };
}

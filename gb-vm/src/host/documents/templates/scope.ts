import type { PlainValue } from 'gb-core';
import { isRow, textOfValue } from '../values.ts';

/** Where a name is looked for: the innermost last. */
export type Scope = readonly PlainValue[];

/** A name with dots, without regard to case. `.` is what is being repeated itself. Undefined when nobody knows it. */
export function lookUp(scope: Scope, path: string): PlainValue | undefined {
  if (path === '.') return scope.at(-1);
  const names = path.split('.').filter((name) => name !== '');
  for (let at = scope.length - 1; at >= 0; at--) {
    const first = member(scope[at], names[0] ?? '');
    if (first === undefined) continue;
    return names.slice(1).reduce<PlainValue | undefined>((value, name) => member(value, name), first);
  }
  return undefined;
}

function member(value: PlainValue | undefined, name: string): PlainValue | undefined {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(name) ? (value[Number(name)] as PlainValue | undefined) : undefined;
  if (!isRow(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(value).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : value[key];
}

/** A value in a letter: numbers as the reader writes them, nothing for what nobody knows. */
export function written(value: PlainValue | undefined, locale: string): string {
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 10_000
      ? String(value)
      : new Intl.NumberFormat(locale, {
          minimumFractionDigits: Number.isInteger(value) ? 0 : 2,
          maximumFractionDigits: 2,
        }).format(value);
  if (typeof value === 'boolean') return locale.startsWith('pt') ? (value ? 'sim' : 'não') : value ? 'yes' : 'no';
  return textOfValue(value);
}

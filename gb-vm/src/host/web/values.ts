import type { PlainValue } from 'gb-core';
import { limits } from 'gb-protocol';
import { OperationFailed } from '../operation.ts';

/** A value where a text is meant: numbers and yes/no as they are written, nothing as nothing. */
export function wordOf(value: PlainValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const listOf = (value: PlainValue | undefined): readonly PlainValue[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value as PlainValue];

/**
 * Data from JSON; `undefined` when it is none. Refused when it is nested so deeply that whoever walks it might not come
 * back: reading it already takes seconds.
 */
export function dataOf(text: string): PlainValue | undefined {
  if (isDeeperThan(text, limits.valueLevelsMax))
    throw new OperationFailed({ en: 'the data are nested too deeply', pt: 'os dados estão aninhados demais' });
  try {
    return JSON.parse(text) as PlainValue;
  } catch {
    return undefined;
  }
}

/** Counts brackets outside of texts, without reading the data. */
function isDeeperThan(text: string, most: number): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (isInText) {
      if (sign === 0x5c) at++;
      else if (sign === 0x22) isInText = false;
    } else if (sign === 0x22) isInText = true;
    else if (sign === 0x5b || sign === 0x7b) {
      if (++depth > most) return true;
    } else if (sign === 0x5d || sign === 0x7d) depth--;
  }
  return false;
}

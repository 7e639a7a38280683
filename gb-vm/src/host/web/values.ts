import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';

/** A value where a text is meant: numbers and yes/no as they are written, nothing as nothing. */
export function wordOf(value: PlainValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const listOf = (value: PlainValue | undefined): readonly PlainValue[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value as PlainValue];

const depthMax = 100;

/**
 * Data from JSON; `undefined` when it is none. Refused when it is nested so deeply that whoever walks it might not come
 * back.
 */
export function dataOf(text: string): PlainValue | undefined {
  let data: PlainValue;
  try {
    data = JSON.parse(text) as PlainValue;
  } catch {
    return undefined;
  }
  if (depthOf(data) > depthMax)
    throw new OperationFailed({ en: 'the answer is nested too deeply', pt: 'a resposta tem dados aninhados demais' });
  return data;
}

function depthOf(data: PlainValue): number {
  let level: PlainValue[] = [data];
  let depth = 0;
  while (level.length > 0 && depth <= depthMax) {
    const inside: PlainValue[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const one of Object.values(value)) inside.push(one as PlainValue);
    }
    level = inside;
    depth++;
  }
  return depth;
}

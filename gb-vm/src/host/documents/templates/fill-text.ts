import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../../operation.ts';
import { documentLimits } from '../limits.ts';
import { tooMuch } from '../refusals.ts';
import { lookUp, type Scope, written } from './scope.ts';

/**
 * Fills `{name}` and `{customer.name}`, and repeats what stands between `{#items}` and `{/items}` for each of a list; a
 * row's own names come first. `{^items}…{/items}` stays when there is none. Double braces mean the same. Braces around
 * anything but a name are left alone, as styles of pages have them.
 */
export function fillText(template: string, data: PlainValue, locale: string, guard: (text: string) => string): string {
  const parts = readParts(template);
  const out: string[] = [];
  let length = 0;
  let steps = 0;
  fill(parts, [data], (text) => {
    length += text.length;
    if (length > documentLimits.textMax) throw tooMuch('the filled template is too long', 'o modelo preenchido é longo demais');
    out.push(text);
  });
  return out.join('');

  function step(): void {
    if (++steps > stepsMax) throw tooMuch('the template repeats too much', 'o modelo se repete demais');
  }

  function fill(some: readonly Part[], scope: Scope, put: (text: string) => void): void {
    for (const part of some) {
      step();
      if (typeof part === 'string') put(part);
      else if (part.kind === 'value') put(guard(written(lookUp(scope, part.name), locale)));
      else {
        const value = lookUp(scope, part.name);
        const isNone =
          value === null ||
          value === undefined ||
          value === false ||
          value === '' ||
          (Array.isArray(value) && value.length === 0);
        if (part.kind === 'unless') {
          if (isNone) fill(part.parts, scope, put);
        } else if (Array.isArray(value))
          for (const one of value) {
            step();
            fill(part.parts, [...scope, one as PlainValue], put);
          }
        else if (!isNone) fill(part.parts, [...scope, value as PlainValue], put);
      }
    }
  }
}

/** Pieces and rounds of loops; loops in loops multiply. */
const stepsMax = 1_000_000;

type Part =
  | string
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'each' | 'unless'; readonly name: string; readonly parts: Part[] };

const tag = /\{\{?\s*([#^/]?)\s*([\p{L}_.][\p{L}\p{N}_.-]{0,80})\s*\}?\}/gu;

function readParts(template: string): Part[] {
  const root: Part[] = [];
  const open: { name: string; parts: Part[]; into: Part[] }[] = [];
  let into = root;
  let at = 0;
  for (const match of template.matchAll(tag)) {
    const [whole, sign, name = ''] = match;
    if (match.index > at) into.push(template.slice(at, match.index));
    at = match.index + whole.length;
    if (sign === '') into.push({ kind: 'value', name });
    else if (sign === '/') {
      const last = open.pop();
      if (!last || last.name.toLowerCase() !== name.toLowerCase())
        throw new OperationFailed({ en: `{/${name}} in the template closes nothing`, pt: `{/${name}} no modelo não fecha nada` });
      into = last.into;
    } else {
      const parts: Part[] = [];
      into.push({ kind: sign === '#' ? 'each' : 'unless', name, parts });
      open.push({ name, parts, into });
      if (open.length > 20)
        throw new OperationFailed({ en: 'the template is nested too deeply', pt: 'o modelo tem níveis demais' });
      into = parts;
    }
  }
  const left = open.pop();
  if (left)
    throw new OperationFailed({
      en: `{#${left.name}} in the template is not closed`,
      pt: `{#${left.name}} no modelo não foi fechado`,
    });
  if (at < template.length) into.push(template.slice(at));
  return root;
}

import type { OperationScope, PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { maySetHeader } from './http-client.ts';

/** What a conversation remembers about other systems: its room in the conversation's state. */
export interface WebState {
  /** By name in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pageMode: 'auto' | 'none';
  /** Where the next page of the last list begins; null when it was the last. */
  readonly next: string | null;
  /** Of USE ACCOUNT. */
  readonly account: string | null;
}

const headersMax = 30;
const headerValueMax = 8_192;
const headersBytesMax = 16_384;
const nextMax = 2_048;

export function webState({ state }: Pick<OperationScope, 'state'>): WebState {
  const { headers, pageMode, next, account } = state.web ?? {};
  return {
    headers: isObject(headers) ? (headers as Record<string, string>) : {},
    pageMode: pageMode === 'auto' ? 'auto' : 'none',
    next: typeof next === 'string' ? next : null,
    account: typeof account === 'string' ? account : null,
  };
}

export function changeWebState(scope: Pick<OperationScope, 'state'>, changes: Partial<WebState>): void {
  scope.state.web = { ...webState(scope), ...changes };
}

/** A mark that is too long to keep is as good as none. */
export const keptMark = (mark: string | null): string | null => (mark !== null && mark.length <= nextMax ? mark : null);

/** Headers with one more; an empty or missing value takes it away. */
export function withHeader(
  headers: Readonly<Record<string, string>>,
  name: string,
  value: PlainValue,
): Readonly<Record<string, string>> {
  const key = name.trim().toLowerCase();
  if (!maySetHeader(key)) throw badHeader(name);
  const text = headerText(name, value);
  const others = Object.entries(headers).filter(([other]) => other !== key);
  const all = text === '' ? others : [...others, [key, text] as const];
  const bytes = all.reduce((sum, [one, its]) => sum + one.length + its.length, 0);
  if (all.length > headersMax || bytes > headersBytesMax) throw tooManyHeaders();
  return Object.fromEntries(all);
}

function headerText(name: string, value: PlainValue): string {
  if (value === null) return '';
  if (typeof value === 'object') throw badHeader(name);
  const text = String(value).trim();
  // A line break would begin another header, chosen by whoever wrote the value.
  if (text.length > headerValueMax || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw badHeader(name);
  return text;
}

export const isObject = (value: PlainValue | undefined): value is { readonly [name: string]: PlainValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function badHeader(name: string): OperationFailed {
  const shown = name.slice(0, 60);
  return new OperationFailed({
    en: `the header "${shown}" cannot be set, or not to this value`,
    pt: `o cabeçalho "${shown}" não pode ser definido, ou não com esse valor`,
  });
}

function tooManyHeaders(): OperationFailed {
  return new OperationFailed(
    {
      en: `a conversation keeps at most ${headersMax} headers of ${headersBytesMax / 1024} KB together`,
      pt: `uma conversa guarda no máximo ${headersMax} cabeçalhos, juntos até ${headersBytesMax / 1024} KB`,
    },
    'limit_reached',
  );
}

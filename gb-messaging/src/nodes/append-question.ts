import type { AppendedMessage, NewMessage } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { GbError } from 'gb-utils';

/** One append on its way to another process. */
export interface Append {
  readonly customerId: CustomerId;
  readonly message: NewMessage;
}

/** What a peer says of an append: its number, or why there is none. */
export type Appended =
  | { readonly a: AppendedMessage }
  | {
      readonly e: {
        readonly code: string;
        readonly message: string;
        readonly retryable: boolean;
        readonly retryAfterMs?: number;
      };
    };

/** The same form on both sides: only processes of one version of the program ask each other. */
export const writeAppends = (appends: readonly Append[]): string => JSON.stringify(appends);

/** Fails on what is none. */
export function readAppends(body: Buffer): readonly Append[] {
  const appends: unknown = JSON.parse(body.toString());
  if (!Array.isArray(appends) || !appends.every(isAppend)) throw new Error('A peer asked for something that is no append');
  return appends;
}

export function writeAppended(results: readonly PromiseSettledResult<AppendedMessage>[]): string {
  const told = results.map((result): Appended => {
    if (result.status === 'fulfilled') return { a: result.value };
    const { reason } = result;
    if (!(reason instanceof GbError))
      return { e: { code: 'internal', message: 'The message could not be stored', retryable: true } };
    const { code, message, retryable, retryAfterMs } = reason;
    return { e: { code, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
  });
  return JSON.stringify(told);
}

/** One for each append that was asked for, in their order; fails otherwise. A number that is none is no acknowledgement. */
export function readAppended(body: Buffer, count: number): readonly Appended[] {
  const results: unknown = JSON.parse(body.toString());
  if (!Array.isArray(results) || results.length !== count || !results.every(isAppended))
    throw new Error('The answer of a peer does not say what became of the appends');
  return results;
}

type Loose = Readonly<Record<string, unknown>>;
const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;

function isAppend(value: unknown): value is Append {
  if (!isLoose(value) || typeof value['customerId'] !== 'string') return false;
  const message = value['message'];
  return isLoose(message) && ['channelId', 'authorId', 'clientId', 'text'].every((name) => typeof message[name] === 'string');
}

function isAppended(value: unknown): value is Appended {
  if (!isLoose(value)) return false;
  const { a, e } = value;
  if (isLoose(e)) return typeof e['code'] === 'string' && typeof e['message'] === 'string' && typeof e['retryable'] === 'boolean';
  return isLoose(a) && Number.isSafeInteger(a['seq']) && (a['seq'] as number) > 0 && Number.isSafeInteger(a['epoch']);
}

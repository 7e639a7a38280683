import type { OutsideCall, PlainValue } from 'gb-core';
import { type Args, OperationFailed, settingMissing } from '../operation.ts';
import type { HttpAnswer, HttpClient, HttpMethod } from './http-client.ts';
import { HttpFailed } from './http-failed.ts';
import type { PageReader } from './page-reader.ts';
import { wordOf } from './values.ts';
import { isObject, webState, withHeader } from './web-state.ts';

/** What every operation of the web works with. */
export interface WebCall {
  readonly call: OutsideCall;
  readonly http: HttpClient;
  readonly pages: PageReader;
  /** The call's own, and the end of the time one operation has. */
  readonly signal: AbortSignal;
  readonly localGet: LocalGet | null;
}

/** GET of what is not on the web: a file, a cell of a sheet, what is known about a person. */
export type LocalGet = (address: PlainValue, values: readonly PlainValue[], call: OutsideCall) => Promise<PlainValue>;

export type WebOperation = (args: Args, web: WebCall) => Promise<PlainValue>;

export interface Asked {
  readonly method?: HttpMethod;
  readonly address: URL;
  /** In small letters. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly bytesMax?: number;
  readonly wholeMsMax?: number;
}

/**
 * Sends a request of this operation. What changes something carries the operation's key, by which the other side can
 * recognise it when it comes a second time after a crash.
 */
export function send(
  web: WebCall,
  { method = 'GET', address, headers = {}, body, bytesMax, wholeMsMax }: Asked,
): Promise<HttpAnswer> {
  const isRepeatable = method !== 'POST' && method !== 'PATCH';
  return web.http.send({
    method,
    address,
    headers: isRepeatable ? headers : { 'idempotency-key': web.call.key, ...headers },
    customer: web.call.customerId,
    signal: web.signal,
    ...(body ? { body } : {}),
    ...(bytesMax === undefined ? {} : { bytesMax }),
    ...(wholeMsMax === undefined ? {} : { wholeMsMax }),
  });
}

/** The headers of SET HEADER, and those written with the keyword itself, which win. */
export function headersFor({ call }: WebCall, given: PlainValue | undefined): Readonly<Record<string, string>> {
  const kept = webState(call).headers;
  if (given === undefined || given === null) return kept;
  if (isObject(given)) return Object.entries(given).reduce((all, [name, value]) => withHeader(all, name, value), kept);
  if (Array.isArray(given)) return given.reduce<Readonly<Record<string, string>>>(withHeaderLine, kept);
  return wordOf(given).split('\n').filter(Boolean).reduce<Readonly<Record<string, string>>>(withHeaderLine, kept);
}

function withHeaderLine(headers: Readonly<Record<string, string>>, line: PlainValue): Readonly<Record<string, string>> {
  const text = wordOf(line);
  const colon = text.indexOf(':');
  return withHeader(headers, colon < 0 ? text : text.slice(0, colon), colon < 0 ? '' : text.slice(colon + 1));
}

export const isWebAddress = (value: PlainValue | undefined): boolean =>
  typeof value === 'string' && /^\s*https?:\/\//i.test(value);

/** An address of the web. One that begins with a slash, or with `api/`, goes to the `base-url` of the bot's config.csv. */
export function webAddress({ call }: WebCall, value: PlainValue | undefined): URL {
  const text = wordOf(value)
    .trim()
    .replace(/^(?=api\/)/i, '/');
  if (text.startsWith('/') && !text.startsWith('//')) {
    const base = call.settings['base-url'];
    if (!base) throw settingMissing('base-url');
    return parsed(`${base.replace(/\/+$/, '')}${text}`);
  }
  return parsed(text);
}

/** An address of a service as the bot's config.csv has it, `{place}` and the like filled in. */
export function serviceAddress(
  { call }: WebCall,
  setting: string,
  values: Readonly<Record<string, string>>,
  fallback: string,
): URL {
  const template = call.settings[setting];
  if (!template) throw settingMissing(setting);
  const filled = template.replace(/\{([a-z]+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : encodeURIComponent(value);
  });
  const address = parsed(filled);
  if (filled === template) address.searchParams.set(fallback, values[Object.keys(values)[0]!] ?? '');
  return address;
}

function parsed(text: string): URL {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text);
  // Nobody knows what in a text that is no address is a secret.
  const start = /^[\w.+-]{0,20}(?::?\/{1,2})?[\w.-]{0,40}/.exec(text)?.[0] ?? '';
  throw new HttpFailed('refused', {
    en: `"${start}" is no address of the web: it begins with https:// or http://`,
    pt: `"${start}" não é um endereço da web: ele começa com https:// ou http://`,
  });
}

const operationMsMax = 120_000;

/** An operation may retry and read page after page, but not for ever. */
export async function withinTime<T>(
  call: OutsideCall,
  work: (signal: AbortSignal) => Promise<T>,
  msMax = operationMsMax,
): Promise<T> {
  const deadline = AbortSignal.timeout(msMax);
  try {
    return await work(AbortSignal.any([call.signal, deadline]));
  } catch (error) {
    if (!deadline.aborted || call.signal.aborted || error instanceof OperationFailed) throw error;
    const seconds = msMax / 1_000;
    throw new HttpFailed('timeout', {
      en: `the other system did not finish within ${seconds} seconds`,
      pt: `o outro sistema não terminou em ${seconds} segundos`,
    });
  }
}

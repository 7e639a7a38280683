import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { bodyOf, formOf } from './body.ts';
import { mustSucceed, valueOfAnswer } from './content.ts';
import type { HttpMethod } from './http-client.ts';
import { httpLimits } from './http-client.ts';
import { HttpFailed } from './http-failed.ts';
import { pageOf } from './paging.ts';
import { listOf, wordOf } from './values.ts';
import { headersFor, isWebAddress, send, type WebCall, type WebOperation, webAddress } from './web-call.ts';
import { changeWebState, isObject, keptMark, webState } from './web-state.ts';

/** GET, POST, PUT, PATCH and DELETE HTTP. */
export const requestOperations: Readonly<Record<string, WebOperation>> = {
  GET: async ({ address, values, headers }, web) => {
    const given = listOf(values);
    const isOnWeb = isWebAddress(address) || (typeof address === 'string' && isBelowBase(address, web));
    if (!isOnWeb) return await getLocal(address ?? null, given, web);
    return await getFromWeb(withQuery(webAddress(web, address), given), headersFor(web, headers), web);
  },
  POST: sending('POST'),
  PUT: sending('PUT'),
  PATCH: sending('PATCH'),
  'DELETE HTTP': sending('DELETE'),
};

function sending(method: HttpMethod): WebOperation {
  return async ({ address, body, values, headers }, web) => {
    const target = webAddress(web, address);
    const given = headersFor(web, headers);
    const sent = body ?? values;
    if (sent === undefined || sent === null)
      return await valueOfAnswer(mustSucceed(await send(web, { method, address: target, headers: given })), web.call.drive);
    const { bytes, contentType } = await bodyOf(sent, given['content-type'], web.call.drive);
    const answer = await send(web, { method, address: target, headers: { ...given, 'content-type': contentType }, body: bytes });
    return await valueOfAnswer(mustSucceed(answer), web.call.drive);
  };
}

const isBelowBase = (address: string, { call }: WebCall): boolean =>
  /^\/?api\//i.test(address) || (address.startsWith('/') && call.settings['base-url'] !== undefined);

/** Objects after the address are its query: GET "https://…", {page: 2} */
function withQuery(address: URL, values: readonly PlainValue[]): URL {
  const target = new URL(address);
  for (const value of values) {
    const pairs = isObject(value) ? formOf(value) : new URLSearchParams(wordOf(value).replace(/^[?&]/, ''));
    for (const [name, one] of pairs) target.searchParams.append(name, one);
  }
  return target;
}

async function getLocal(address: PlainValue, values: readonly PlainValue[], web: WebCall): Promise<PlainValue> {
  const key = typeof address === 'string' ? /^session\.(.+)$/is.exec(address.trim())?.[1] : undefined;
  if (key !== undefined) return fromSession(web.call.state.session ?? {}, key);
  if (web.localGet) return await web.localGet(address, values, web.call);
  webAddress(web, address); // Says what an address is.
  throw new OperationFailed({ en: 'there is nothing to read there', pt: 'não há nada para ler ali' });
}

/** `session.customer.name`: a value kept under that name, or a part of one. */
function fromSession(session: Readonly<Record<string, PlainValue>>, key: string): PlainValue {
  const named = (data: { readonly [name: string]: PlainValue }, name: string): PlainValue | undefined => {
    if (Object.hasOwn(data, name)) return data[name];
    const found = Object.keys(data).find((other) => other.toLowerCase() === name.toLowerCase());
    return found === undefined ? undefined : data[found];
  };
  const whole = named(session, key);
  if (whole !== undefined) return whole;
  let value: PlainValue | undefined = session;
  for (const name of key.split('.')) value = isObject(value) ? named(value, name) : undefined;
  return value ?? null;
}

const pagesMax = 50;

/**
 * One answer, or with SET PAGE MODE "auto" the lists of all pages as one. Where it stops early - too many pages, too
 * many bytes - CONTINUATION TOKEN says how to go on.
 */
async function getFromWeb(address: URL, headers: Readonly<Record<string, string>>, web: WebCall): Promise<PlainValue> {
  const first = mustSucceed(await send(web, { address, headers }));
  const value = await valueOfAnswer(first, web.call.drive);
  let page = pageOf(value, first.headers, first.address);
  if (webState(web.call).pageMode === 'none' || page.items === null) {
    changeWebState(web.call, { next: keptMark(page.mark) });
    return value;
  }
  const all: PlainValue[] = [...page.items];
  const seen = new Set([address.href, first.address.href]);
  let bytesLeft = httpLimits.answerBytesMax - first.bytes.byteLength;
  for (let pages = 1; page.next !== null && pages < pagesMax && bytesLeft > 0 && !seen.has(page.next.href); pages++) {
    const { next } = page;
    try {
      // Whoever sends the list could name any address: secrets stay with the origin they were meant for.
      const isSameOrigin = next.origin === address.origin;
      const answer = mustSucceed(await send(web, { address: next, headers: isSameOrigin ? headers : {}, bytesMax: bytesLeft }));
      seen.add(next.href);
      bytesLeft -= answer.bytes.byteLength;
      page = pageOf(await valueOfAnswer(answer, web.call.drive), answer.headers, answer.address);
    } catch (error) {
      if (error instanceof HttpFailed && error.failure === 'too_large') break;
      throw error;
    }
    all.push(...(page.items ?? []));
    if (page.items === null || page.items.length === 0) break;
  }
  const isOver = page.next === null || seen.has(page.next.href) || page.items === null || page.items.length === 0;
  changeWebState(web.call, { next: isOver ? null : keptMark(page.mark) });
  return all;
}

import type { PlainValue } from 'gb-core';
import { isObject } from './web-state.ts';

/** A list that comes in pages, as the common services send it. */
export interface Page {
  /** null when the answer has no list. */
  readonly items: readonly PlainValue[] | null;
  /** What the service gave to go on with: an address or a mark of its own; null after the last page. */
  readonly mark: string | null;
  /** Where to ask for the next page. */
  readonly next: URL | null;
}

export function pageOf(value: PlainValue, headers: Headers, address: URL): Page {
  const items = itemsOf(value);
  const linked = linkedNext(headers);
  if (linked !== null) return { items, mark: linked, next: resolved(linked, address) };
  if (!isObject(value)) return { items, mark: null, next: null };
  const link = linkIn(value);
  if (link !== null) return { items, mark: link, next: resolved(link, address) };
  for (const holder of [value, value['meta'], value['paging'], value['pagination'], value['response_metadata']]) {
    if (!isObject(holder)) continue;
    for (const [name, parameter] of markNames) {
      const mark = holder[name];
      if ((typeof mark !== 'string' && typeof mark !== 'number') || mark === '') continue;
      const next = new URL(address);
      next.searchParams.set(parameter, String(mark));
      return { items, mark: String(mark), next };
    }
  }
  return { items, mark: null, next: null };
}

const listNames = ['data', 'items', 'value', 'results', 'records', 'rows', 'entries', 'content', 'list', 'd'];

function itemsOf(value: PlainValue): readonly PlainValue[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return null;
  for (const name of listNames) {
    const inside = value[name];
    if (Array.isArray(inside)) return inside;
    if (name === 'd' && isObject(inside) && Array.isArray(inside['results'])) return inside['results'];
  }
  const lists = Object.values(value).filter((one): one is readonly PlainValue[] => Array.isArray(one));
  return lists.length === 1 ? lists[0]! : null;
}

/** Names under which services give a mark, and the parameter in which they want it back. */
const markNames: readonly (readonly [name: string, parameter: string])[] = [
  ['continuationToken', 'continuationToken'],
  ['continuation_token', 'continuation_token'],
  ['nextPageToken', 'pageToken'],
  ['next_page_token', 'page_token'],
  ['nextToken', 'nextToken'],
  ['next_cursor', 'cursor'],
  ['nextCursor', 'cursor'],
  ['next_page', 'page'],
  ['nextPage', 'page'],
];

/** Addresses of the next page in the answer itself. */
function linkIn(value: { readonly [name: string]: PlainValue }): string | null {
  const paging = value['paging'];
  const candidates = [
    value['@odata.nextLink'],
    value['odata.nextLink'],
    value['nextLink'],
    value['next_page_url'],
    value['next'],
    value['next_page'],
    value['nextPage'],
    isObject(value['links']) ? value['links']['next'] : null,
    isObject(value['_links']) ? value['_links']['next'] : null,
    isObject(value['d']) ? value['d']['__next'] : null,
    isObject(paging) ? paging['next'] : null,
    isObject(value['pagination']) ? value['pagination']['next'] : null,
    isObject(value['meta']) ? value['meta']['next'] : null,
  ];
  for (const one of candidates) {
    const link = isObject(one) ? (one['href'] ?? one['link'] ?? one['url']) : one;
    if (typeof link === 'string' && /^(?:https?:\/\/|\/|\?)/.test(link)) return link;
  }
  return null;
}

/** Of `Link: <https://…?page=2>; rel="next"`. */
function linkedNext(headers: Headers): string | null {
  for (const one of (headers.get('link') ?? '').split(/,(?=\s*<)/)) {
    const [, link, parameters] = /^\s*<([^>]*)>(.*)$/.exec(one) ?? [];
    if (link && /;\s*rel\s*=\s*"?(?:[\w-]+\s+)*next\b/i.test(parameters ?? '')) return link;
  }
  return null;
}

const resolved = (link: string, address: URL): URL | null => (URL.canParse(link, address) ? new URL(link, address) : null);

import { setTimeout as pause } from 'node:timers/promises';
import type { CustomerId } from 'gb-protocol';
import robotsModule from 'robots-parser';
import type { HttpAnswer, HttpClient } from '../../web/http-client.ts';
import { HttpFailed } from '../../web/http-failed.ts';
import { type Page, readPage } from './page.ts';
import type { SourceDocument } from './reader.ts';

export interface CrawlLimits {
  readonly pagesMax: number;
  /** Links away from the first page. */
  readonly depthMax: number;
  readonly pageBytesMax: number;
  readonly bytesMax: number;
  readonly msMax: number;
  /** Between two requests; more when robots.txt asks for it, up to `delayMsMax`. */
  readonly delayMs: number;
  readonly delayMsMax: number;
}

export const crawlLimits: CrawlLimits = {
  pagesMax: 200,
  depthMax: 3,
  pageBytesMax: 2_097_152,
  bytesMax: 67_108_864,
  msMax: 900_000,
  delayMs: 250,
  delayMsMax: 10_000,
};

export interface CrawlInput {
  readonly address: string;
  readonly customerId: CustomerId;
  /** The guarded one: the address comes from a bot's author. */
  readonly client: HttpClient;
  readonly signal: AbortSignal;
  readonly limits?: Partial<CrawlLimits>;
  /** Settings of the bot: `website-max-pages` and `website-max-depth` (or `website-depth`), within the limits. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Crawl {
  readonly documents: AsyncIterable<SourceDocument>;
  /** Whether all that could be reached was: a bound, or a page that could not be had, may hide documents. */
  isComplete(): boolean;
  /** Why the first page could not be read; null when it was. */
  problem(): { readonly en: string; readonly pt: string } | null;
}

interface RobotRules {
  isAllowed(url: string, agent: string): boolean | undefined;
  getCrawlDelay(agent: string): number | undefined;
}
// Its types say that the function is a property `default` of what is the function itself.
const robotsParser = robotsModule as unknown as (address: string, text: string) => RobotRules;

const agent = 'GeneralBots';
const readable = /^(text\/(html|plain|markdown)|application\/(xhtml\+xml|pdf|vnd\.openxmlformats-officedocument\.[\w.]+))$/;

/**
 * A website as documents: the pages of one host that its first page leads to, breadth first, one request at a time, as
 * its robots.txt and its pages allow. The text of scripts is not run, so what only they show is not seen.
 */
export function crawlWebsite(input: CrawlInput): Crawl {
  const limits = withSettings({ ...crawlLimits, ...input.limits }, input.settings ?? {});
  let isComplete = true;
  let problem: ReturnType<Crawl['problem']> = null;
  let lastFailure: ReturnType<Crawl['problem']> = null;

  async function* documents(): AsyncGenerator<SourceDocument> {
    const time = new AbortController();
    const timer = setTimeout(() => time.abort(), limits.msMax);
    const signal = AbortSignal.any([input.signal, time.signal]);
    try {
      yield* walk(signal);
    } catch (error) {
      input.signal.throwIfAborted();
      if (!time.signal.aborted) throw error;
      isComplete = false;
    } finally {
      clearTimeout(timer);
    }
  }

  async function* walk(signal: AbortSignal): AsyncGenerator<SourceDocument> {
    const first = URL.parse(/^https?:\/\//i.test(input.address) ? input.address : `https://${input.address}`);
    if (!first) {
      problem = { en: `${input.address} is no address`, pt: `${input.address} não é um endereço` };
      isComplete = false;
      return;
    }
    first.hash = '';
    const get = (address: string): Promise<HttpAnswer | null> => fetchPage(address, signal);
    const robots = await readRobots(first, get);
    if (!robots) {
      problem = lastFailure ?? { en: 'its robots.txt cannot be read now', pt: 'o robots.txt dele não pode ser lido agora' };
      isComplete = false;
      return;
    }
    const delayMs = Math.min(Math.max(limits.delayMs, (robots.getCrawlDelay(agent) ?? 0) * 1000), limits.delayMsMax);
    let host = first.host;
    const seen = new Set([first.href]);
    const given = new Set<string>();
    let bytes = 0;
    let requests = 0;
    let level = [first.href];
    for (let depth = 0; depth <= limits.depthMax && level.length > 0; depth++) {
      const next: string[] = [];
      for (const address of level) {
        if (requests >= limits.pagesMax || bytes >= limits.bytesMax) {
          isComplete = false;
          return;
        }
        if (robots.isAllowed(address, agent) === false) {
          if (requests === 0) problem = { en: 'its robots.txt forbids reading it', pt: 'o robots.txt dele proíbe a leitura' };
          continue;
        }
        if (requests++ > 0) await pause(delayMs, undefined, { signal });
        const answer = await get(address);
        if (answer?.status !== 200) {
          // Gone is gone; anything else may be back tomorrow.
          if (answer?.status !== 404 && answer?.status !== 410) isComplete = false;
          if (requests === 1) {
            problem = answer
              ? { en: `it answers with status ${answer.status}`, pt: `ele responde com o estado ${answer.status}` }
              : lastFailure;
            isComplete = false;
          }
          continue;
        }
        // The first address may lead to another name of the same site, as example.com to www.example.com.
        if (requests === 1) host = answer.address.host;
        if (answer.address.host !== host) continue;
        bytes += answer.bytes.length;
        const type = (answer.headers.get('content-type') ?? 'text/html').split(';')[0]!.trim().toLowerCase();
        if (!readable.test(type)) continue;
        const place = withoutHash(answer.address);
        const page = type.includes('html') ? readPage(decode(answer), place) : null;
        const name = canonicalOf(page, place, host);
        if (page?.mayFollow ?? false)
          for (const link of page?.links ?? [])
            if (new URL(link).host === host && !seen.has(link) && seen.size < limits.pagesMax * 10) {
              seen.add(link);
              next.push(link);
            }
        if (given.has(name) || page?.mayIndex === false) continue;
        given.add(name);
        const body = page ? Buffer.from(decode(answer)) : answer.bytes;
        yield { name, type, title: page?.title || new URL(name).pathname, address: name, bytes: () => Promise.resolve(body) };
      }
      level = next;
    }
    if (level.length > 0) isComplete = false;
  }

  const fetchPage = async (address: string, signal: AbortSignal): Promise<HttpAnswer | null> => {
    try {
      return await input.client.send({
        method: 'GET',
        address,
        customer: input.customerId,
        signal,
        bytesMax: limits.pageBytesMax,
        headers: {
          accept: 'text/html,application/xhtml+xml,application/pdf,text/plain;q=0.9,*/*;q=0.1',
          'user-agent': `${agent}/6`,
        },
        retriesMax: 1,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HttpFailed)) throw error;
      // Refused, unreachable or too large: a page that cannot be had.
      lastFailure = error.said;
      return null;
    }
  };

  return { documents: { [Symbol.asyncIterator]: documents }, isComplete: () => isComplete, problem: () => problem };
}

/** As RFC 9309 has it: what answers 4xx forbids nothing; null when it does not answer, which forbids everything for now. */
async function readRobots(first: URL, get: (address: string) => Promise<HttpAnswer | null>): Promise<RobotRules | null> {
  const address = new URL('/robots.txt', first).href;
  const answer = await get(address);
  if (!answer || answer.status >= 500) return null;
  const text = answer.status === 200 ? new TextDecoder().decode(answer.bytes) : '';
  return robotsParser(address, text.slice(0, 512_000));
}

/** Pages that say they are the same are one document, as long as what they name lies on the same site. */
function canonicalOf(page: Page | null, place: string, host: string): string {
  const name = page?.canonical && new URL(page.canonical).host === host ? page.canonical : place;
  return name.slice(0, 1_000);
}

function withoutHash(address: URL): string {
  const url = new URL(address);
  url.hash = '';
  return url.href;
}

/** As the header or the page itself says; many Brazilian sites still speak Latin-1. */
function decode({ headers, bytes }: HttpAnswer): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2_048));
  const said =
    /charset=["']?([\w-]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? /<meta[^>]+charset=["']?([\w-]+)/i.exec(head)?.[1];
  try {
    return new TextDecoder(said ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // A character set nobody knows.
  }
}

function withSettings(limits: CrawlLimits, settings: Readonly<Record<string, string>>): CrawlLimits {
  const atMost = (max: number, ...names: string[]): number => {
    const said = names.map((name) => Number(settings[name])).find((value) => Number.isInteger(value) && value >= 0);
    return said === undefined ? max : Math.min(said, max);
  };
  return {
    ...limits,
    pagesMax: atMost(limits.pagesMax, 'website-max-pages', 'website-max-documents'),
    depthMax: atMost(limits.depthMax, 'website-max-depth', 'website-depth'),
  };
}

import { collectionKey } from '../ai-state.ts';
import { type CrawlInput, crawlWebsite } from './crawler.ts';
import { type ReaderOptions, type ReadInput, type ReadReport, readCollection } from './reader.ts';

export interface WebsiteInput extends Omit<ReadInput, 'collection' | 'documents' | 'isComplete'>, Omit<CrawlInput, 'signal'> {
  readonly nowMs: number;
  /** Nothing is fetched while what is known is younger. */
  readonly refreshMs: number;
}

export interface WebsiteReport extends ReadReport {
  readonly collection: string;
  /** Why nothing could be read of it; null when something was, or it is young. */
  readonly problem: { readonly en: string; readonly pt: string } | null;
  /** Whether it was looked at now. */
  readonly isFetched: boolean;
}

/**
 * USE WEBSITE: the pages of a site in a collection called by its host, looked at again when they are old. May be stopped
 * and called again at any time; a site that is away keeps what is known of it.
 */
export async function readWebsite(input: WebsiteInput, options: ReaderOptions): Promise<WebsiteReport> {
  const collection = websiteCollection(input.address);
  const known = (await input.read((tx) => tx.knowledge.collections(input.botId))).find(({ name }) => name === collection);
  if (known && input.nowMs - known.checkedAt < input.refreshMs)
    return { collection, problem: null, isFetched: false, read: [], unchanged: known.documents, forgotten: 0, problems: [] };
  const crawl = crawlWebsite(input);
  const report = await readCollection(
    { ...input, collection, documents: crawl.documents, isComplete: () => crawl.isComplete() && crawl.problem() === null },
    options,
  );
  return { ...report, collection, problem: crawl.problem(), isFetched: true };
}

/** As USE KB names it too. */
export const websiteCollection = (address: string): string =>
  collectionKey(/^https?:\/\//i.test(address.trim()) ? address : `https://${address.trim()}`);

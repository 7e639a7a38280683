import {
  botLine,
  type Drive,
  type FileValue,
  type KnowledgeKeeper,
  type LanguageModel,
  type OutsideCall,
  type Store,
} from 'gb-core';
import type { BotId, CustomerId, UserId } from 'gb-protocol';
import type { Clock, Logger } from 'gb-utils';
import type { HttpClient } from '../../web/http-client.ts';
import { collectionKey } from '../ai-state.ts';
import { knowledgeLanguage } from '../retrieval.ts';
import { ReadingPlaces } from './places.ts';
import { type ReaderOptions, type ReadReport, readCollection, type SourceDocument } from './reader.ts';
import { readWebsite, type WebsiteReport } from './website.ts';

export interface KnowledgeKeeperOptions extends ReaderOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly client: HttpClient;
  /** For vectors, when it makes them. */
  readonly model: LanguageModel | null;
  readonly driveOf: (owner: { customerId: CustomerId; botId: BotId; botUserId: UserId }) => Drive;
  /** How long one customer reads while another waits; see `ReadingPlaces`. */
  readonly sliceMsMax?: number;
}

/** Documents that lie in no folder of the knowledge base. */
const rootCollection = 'kb';
const dayMs = 86_400_000;
/** A website that no script declares is kept so long. */
const askedSiteDays = 30;

export interface WebsiteKeeper extends KnowledgeKeeper {
  /** Reads a website that a running program asks for, unless it was read lately. Gives its collection. */
  readSite(site: { address: string; refreshDays: number }, call: OutsideCall): Promise<WebsiteReport>;
  close(): Promise<void>;
}

/**
 * Brings what bots know to what their documents and websites say. Reading the same again costs a list, so it is asked for
 * after each publishing and after each start; what a crash cut short is finished then.
 */
export function createKnowledgeKeeper(options: KnowledgeKeeperOptions): WebsiteKeeper {
  const closing = new AbortController();
  const places = new ReadingPlaces(async (customerId, botId, breathe) => {
    try {
      await refreshBot(options, customerId, botId, { signal: closing.signal, breathe });
    } catch (error) {
      if (!closing.signal.aborted) options.log.warn({ err: error, customerId, botId }, 'What a bot knows could not be read');
    }
  }, options.sliceMsMax);

  return {
    refresh: (customerId, botId) => places.ask(customerId, botId),
    settled: () => places.settled(),
    async readSite({ address, refreshDays }, call) {
      const published = await call.read((tx) => tx.bots.published(call.botId));
      const settings = published?.about?.settings ?? {};
      const signal = AbortSignal.any([call.signal, closing.signal]);
      const base = inputFor(options, call.customerId, call.botId, settings, signal);
      const when = { nowMs: options.clock.nowMs(), refreshMs: refreshDays * dayMs };
      const report = await readWebsite({ ...base, address, client: options.client, ...when }, options);
      if (report.isFetched) await tell(options, call.customerId, call.botId, report.collection, report, report.problem?.en);
      return report;
    },
    async close() {
      closing.abort();
      await places.close();
    },
  };
}

async function refreshBot(
  options: KnowledgeKeeperOptions,
  customerId: CustomerId,
  botId: BotId,
  { signal, breathe }: { readonly signal: AbortSignal; readonly breathe: () => Promise<void> },
): Promise<void> {
  const { store, clock, client } = options;
  const found = await store.read(customerId, async (tx) => {
    const bot = await tx.bots.get(botId);
    return bot && { bot, published: await tx.bots.published(botId), known: await tx.knowledge.collections(botId) };
  });
  if (!found?.published) return;
  const settings = found.published.about?.settings ?? {};
  const drive = options.driveOf({ customerId, botId, botUserId: found.bot.userId });
  const base = inputFor(options, customerId, botId, settings, signal);
  const collections = groupByFolder(await drive.list('kb/'), drive);
  const websites = found.published.about?.manifest.websites ?? [];
  const isWebsite = new Set(websites.map(({ address }) => collectionKey(address)));
  // A folder that is gone is forgotten: it is read as one without documents. So is a website that a program asked for
  // while it ran, when it is old.
  for (const { name, checkedAt } of found.known) {
    if (collections.has(name) || isWebsite.has(name)) continue;
    const isYoung = clock.nowMs() - checkedAt < askedSiteDays * dayMs;
    const isSite = isYoung && (await store.read(customerId, (tx) => tx.knowledge.documents(botId, name))).some(isPage);
    if (!isSite) collections.set(name, []);
  }
  for (const [collection, documents] of collections) {
    const report = await readCollection({ ...base, collection, documents, breathe }, options);
    await tell(options, customerId, botId, collection, report);
  }
  for (const { address, refreshDays } of websites) {
    // Not within one: its server is asked in one go, for a bounded time.
    await breathe();
    const nowMs = clock.nowMs();
    const report = await readWebsite({ ...base, address, client, nowMs, refreshMs: refreshDays * dayMs }, options);
    if (report.isFetched) await tell(options, customerId, botId, report.collection, report, report.problem?.en);
  }
}

const isPage = ({ name }: { readonly name: string }): boolean => /^https?:\/\//i.test(name);

function inputFor(
  { store, model }: KnowledgeKeeperOptions,
  customerId: CustomerId,
  botId: BotId,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
) {
  return {
    botId,
    customerId,
    settings,
    language: knowledgeLanguage(settings, 'en'),
    model,
    signal,
    read: <T>(work: Parameters<typeof store.read<T>>[1]) => store.read(customerId, work),
    write: <T>(work: Parameters<typeof store.transaction<T>>[1]) => store.transaction(customerId, work),
  };
}

/** `faq/prices.md` is of the collection `faq`. */
function groupByFolder(
  files: readonly { readonly path: string; readonly value: FileValue }[],
  drive: Drive,
): Map<string, SourceDocument[]> {
  const collections = new Map<string, SourceDocument[]>();
  for (const { path, value } of files) {
    const inside = path.replace(/^kb\//, '');
    const at = inside.indexOf('/');
    const collection = at < 0 ? rootCollection : collectionKey(inside.slice(0, at));
    const document: SourceDocument = {
      name: inside,
      type: value.type,
      async bytes() {
        const read = await drive.read(value);
        if (!read) throw new Error(`${path} went away while it was read`);
        return read.bytes;
      },
    };
    const list = collections.get(collection);
    if (list) list.push(document);
    else collections.set(collection, [document]);
  }
  return collections;
}

/** Whoever manages the bot reads what became of their documents; nothing is said when nothing changed. */
async function tell(
  { store }: KnowledgeKeeperOptions,
  customerId: CustomerId,
  botId: BotId,
  collection: string,
  report: ReadReport,
  problem?: string,
): Promise<void> {
  const { read, forgotten, problems } = report;
  if (read.length === 0 && forgotten === 0 && problems.length === 0 && !problem) return;
  const failures = problems.slice(0, 3).map(({ name, reason }) => `${name}: ${reason.en}`);
  const message = [
    `Knowledge "${collection}": ${read.length} read, ${report.unchanged} unchanged, ${forgotten} forgotten`,
    ...(problem ? [problem] : []),
    ...(problems.length > 0 ? [`${problems.length} could not be read (${failures.join('; ')})`] : []),
  ].join('; ');
  const isFine = problems.length === 0 && !problem;
  const line = botLine(isFine ? 'info' : 'error', isFine ? 'knowledge_read' : 'knowledge_problem', message);
  await store.transaction(customerId, (tx) => tx.botLog.write(botId, line));
}

import { createHash } from 'node:crypto';
import type { KnowledgeLanguage, LanguageModel, NewPassage, Tx } from 'gb-core';
import type { BotId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { ModelFailed } from '../model-failed.ts';
import { passagesOf } from './passages.ts';

/** One document of a collection; its bytes are asked for only when they are needed. */
export interface SourceDocument {
  /** Its path in the folder, or its address. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  /** Of its bytes, hex, where it is known without reading them. */
  readonly sha256?: string;
  readonly title?: string;
  readonly address?: string;
  bytes(): Promise<Uint8Array>;
}

export interface ReaderOptions {
  /** The text of a document; throws for what it cannot read. */
  readonly textOf: (bytes: Uint8Array, name: string, type: string) => Promise<string>;
}

export interface ReadInput {
  readonly botId: BotId;
  /** As `collectionKey` has it. */
  readonly collection: string;
  readonly documents: Iterable<SourceDocument> | AsyncIterable<SourceDocument>;
  readonly language: KnowledgeLanguage;
  /** For vectors, when it makes them. */
  readonly model: LanguageModel | null;
  readonly read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly write: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
  /** Before each document: lets others have their turn. */
  readonly breathe?: () => Promise<void>;
  /** Whether documents that did not come are forgotten: not when a website could only be read in part. */
  readonly isComplete?: () => boolean;
}

export interface ReadReport {
  readonly read: readonly string[];
  readonly unchanged: number;
  readonly forgotten: number;
  readonly problems: readonly { readonly name: string; readonly reason: { readonly en: string; readonly pt: string } }[];
}

const problemsMax = 100;
const documentsMax = 5_000;
const textCharsMax = 4_000_000;

/**
 * Brings what a bot knows of a collection to what its documents say now. Each document is put in place in a transaction
 * of its own, so a crash leaves whole documents, old or new, and the next reading goes on. What has not changed since -
 * bytes, language, embedding model - is not read again. A document that cannot be read leaves what was known of it.
 */
export async function readCollection(input: ReadInput, options: ReaderOptions): Promise<ReadReport> {
  const { botId, collection, language, signal } = input;
  const known = new Map((await input.read((tx) => tx.knowledge.documents(botId, collection))).map((one) => [one.name, one]));
  const report = { read: [] as string[], unchanged: 0, forgotten: 0, problems: [] as ReadReport['problems'][number][] };
  const names = new Set<string>();
  const embedder = input.model?.embeddingModel ? input.model : null;
  let isWhole = true;

  for await (const document of input.documents) {
    await input.breathe?.();
    signal.throwIfAborted();
    if (names.size >= documentsMax) {
      isWhole = false;
      break;
    }
    names.add(document.name);
    const isKnown = (sha256: string): boolean => {
      const before = known.get(document.name);
      return (
        before?.sha256 === sha256 && before.language === language && before.embeddingModel === (embedder?.embeddingModel ?? null)
      );
    };
    try {
      if (document.sha256 !== undefined && isKnown(document.sha256)) {
        await input.write((tx) => tx.knowledge.touchDocument(botId, collection, document.name));
        report.unchanged++;
        continue;
      }
      const bytes = await document.bytes();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      if (isKnown(sha256)) {
        await input.write((tx) => tx.knowledge.touchDocument(botId, collection, document.name));
        report.unchanged++;
        continue;
      }
      const text = (await options.textOf(bytes, document.name, document.type)).slice(0, textCharsMax);
      const passages = await withVectors(passagesOf(text), document, embedder, signal);
      await input.write((tx) =>
        tx.knowledge.replaceDocument(botId, {
          collection,
          name: document.name,
          title: document.title ?? titleOf(text, document.name),
          address: document.address ?? null,
          sha256,
          language,
          embeddingModel: embedder?.embeddingModel ?? null,
          passages,
        }),
      );
      report.read.push(document.name);
    } catch (error) {
      signal.throwIfAborted();
      if (report.problems.length < problemsMax) report.problems.push({ name: document.name, reason: reasonOf(error) });
    }
  }
  if (isWhole && (input.isComplete?.() ?? true))
    report.forgotten = await input.write((tx) => tx.knowledge.deleteMissing(botId, collection, [...names]));
  return report;
}

async function withVectors(
  passages: readonly { heading: string; text: string }[],
  document: SourceDocument,
  embedder: LanguageModel | null,
  signal: AbortSignal,
): Promise<readonly NewPassage[]> {
  if (!embedder || passages.length === 0) return passages.map((passage) => ({ ...passage, embedding: null }));
  // A passage alone often does not say what it is about; where it stands does.
  const texts = passages.map(({ heading, text }) => [document.title ?? document.name, heading, text].filter(Boolean).join('\n'));
  const vectors = await embedder.embed(texts, { signal });
  return passages.map((passage, index) => ({ ...passage, embedding: vectors[index]! }));
}

/** Its first heading or, of pages of text without one, its file's name. */
function titleOf(text: string, name: string): string {
  const heading = /^\s*#\s+(.+)$/m.exec(text.slice(0, 2_000))?.[1];
  return (heading ?? name.replace(/^.*\//, '').replace(/\.[a-z0-9]{1,5}$/i, '')).trim().slice(0, 300);
}

/** Told to whoever manages the bot; a fault of ours is not a document's problem and goes on. */
function reasonOf(error: unknown): { en: string; pt: string } {
  if (error instanceof ModelFailed)
    return {
      en: `the language model made no vectors of it (${error.kind})`,
      pt: `o modelo de linguagem não fez vetores dele (${error.kind})`,
    };
  if (error instanceof GbError && error.code === 'quota_exceeded')
    return { en: 'the bot knows too much already', pt: 'o robô já sabe coisas demais' };
  if (error instanceof Error && 'said' in error) return (error as Error & { said: { en: string; pt: string } }).said;
  throw error;
}

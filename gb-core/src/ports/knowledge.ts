import type { BotId, CustomerId } from 'gb-protocol';

/**
 * What bots read in before they answer: documents in collections, cut into passages. A collection is a folder of a bot's
 * `.gbkb` or the host of a website. Everything of one bot is seen by everybody who talks to it.
 */
export interface KnowledgeRepository {
  collections(botId: BotId): Promise<readonly KnowledgeCollection[]>;
  /** What is known of each document, by which a reader sees what changed. By name. */
  documents(botId: BotId, collection: string): Promise<readonly KnowledgeDocument[]>;
  /** Puts the document and its passages in the place of what was known under its name. Fails with `quota_exceeded`. */
  replaceDocument(botId: BotId, document: NewKnowledgeDocument): Promise<void>;
  /** Says that the document was looked at again and is the same. */
  touchDocument(botId: BotId, collection: string, name: string): Promise<void>;
  /** Forgets the documents of a collection that are not in this list, and says how many. */
  deleteMissing(botId: BotId, collection: string, names: readonly string[]): Promise<number>;
  /**
   * The passages nearest to the question, best first: those that share its words, and with an `embedding` those that
   * mean the like, fused by their ranks. Only vectors of the same model and size are compared.
   */
  search(botId: BotId, query: KnowledgeQuery): Promise<readonly KnowledgePassage[]>;
}

export interface KnowledgeCollection {
  readonly name: string;
  readonly documents: number;
  readonly passages: number;
  /** When its oldest document was last looked at. */
  readonly checkedAt: number;
}

export interface KnowledgeDocument {
  readonly name: string;
  /** Of its bytes, hex. */
  readonly sha256: string;
  /** Whose vectors its passages have; null for none. */
  readonly embeddingModel: string | null;
  readonly language: KnowledgeLanguage;
  readonly passages: number;
  readonly checkedAt: number;
}

/** A text search configuration of PostgreSQL. */
export type KnowledgeLanguage = 'portuguese' | 'english' | 'spanish' | 'simple';

export interface NewKnowledgeDocument extends Omit<KnowledgeDocument, 'passages' | 'checkedAt'> {
  readonly collection: string;
  /** For people: the title of a page. */
  readonly title: string;
  /** Of a page. */
  readonly address: string | null;
  readonly passages: readonly NewPassage[];
}

export interface NewPassage {
  /** The headings it stands under. */
  readonly heading: string;
  readonly text: string;
  /** Of length 1; null when the document has no embedding model. */
  readonly embedding: readonly number[] | null;
}

export interface KnowledgeQuery {
  /** All of the bot's when it is empty. */
  readonly collections: readonly string[];
  /** As a person wrote it: nothing in it is an operator. */
  readonly text: string;
  readonly language: KnowledgeLanguage;
  readonly embedding?: { readonly model: string; readonly vector: readonly number[] };
  readonly limit: number;
}

export interface KnowledgePassage {
  readonly collection: string;
  readonly document: string;
  readonly title: string;
  readonly address: string | null;
  /** 1, 2, 3, ... in its document. */
  readonly n: number;
  readonly heading: string;
  readonly text: string;
  readonly score: number;
}

/** Reads what bots are to know, in the background. */
export interface KnowledgeKeeper {
  /** Soon: the bot's documents and websites are read again, where they changed. Never waits and never throws. */
  refresh(customerId: CustomerId, botId: BotId): void;
  /** Resolves when nothing is being read and nothing waits. */
  settled(): Promise<void>;
}

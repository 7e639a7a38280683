/** Models, what bots know, and the keywords of both. */
export { type Ai, type AiOptions, createAi } from './ai-operations.ts';
export { collectionKey } from './ai-state.ts';
export { type CrawlLimits, crawlLimits } from './knowledge/crawler.ts';
export { createKnowledgeKeeper } from './knowledge/keeper.ts';
export { type ReadInput, type ReadReport, readCollection, type SourceDocument } from './knowledge/reader.ts';
export { readWebsite, type WebsiteInput, type WebsiteReport, websiteCollection } from './knowledge/website.ts';
export type { FetchLike } from './model-http.ts';
export { createOpenAiModel, type OpenAiModelOptions } from './openai-model.ts';
export { knowledgeLanguage } from './retrieval.ts';

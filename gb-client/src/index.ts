export type { Client } from './api.ts';
export { createClient } from './client.ts';
export { ApiError, type ClientErrorCode, createHttp, type Http, type RequestOptions } from './http.ts';
export { type ClientOptions, defaultTuning, type Tuning, type WebSocketLike } from './options.ts';
export {
  createMemoryOutbox,
  type OutboxLock,
  type OutboxNews,
  type OutboxStorage,
  ownLock,
  type StoredMessage,
} from './outbox-storage.ts';
export { createRest, type LogQuery, type MessageQuery, type Rest } from './rest.ts';
export { keys, type Scheduler, type StoreKey } from './store.ts';
export type * from './types.ts';
export { createUpload, type Upload, type UploadOptions, type UploadSource } from './upload.ts';

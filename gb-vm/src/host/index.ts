/** What programs may ask of their host: see `HostOperations` in gb-core. */
export { cellOperations, localGet } from './addresses.ts';
export { createAi } from './ai/ai-operations.ts';
export { createOpenAiModel } from './ai/openai-model.ts';
export { createCalendar } from './calendar.ts';
export { createDocumentWorkshop, documentOperations } from './documents/index.ts';
export { createLogMailer } from './mail/log-mailer.ts';
export { mailOperations } from './mail/mail-operations.ts';
export { createOwnMailers } from './mail/own-mailers.ts';
export { createSmtpMailer } from './mail/smtp-mailer.ts';
export { memoryOperations } from './memory/index.ts';
export type { Args, InTurnOperation, OperationSet, OutsideOperation } from './operation.ts';
export { createHostOperations, type HostOptions } from './operations.ts';
export { createPreviewHost } from './preview-host.ts';
export { dataHooks, dataOperations } from './tables/index.ts';
export { createHttpClient, createPageReader, guardedFetch, webOperations } from './web/index.ts';

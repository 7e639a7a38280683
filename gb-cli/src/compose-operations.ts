import {
  type Context,
  createDrive,
  createShareLink,
  type HostOperations,
  type KnowledgeKeeper,
  type SheetReader,
  type Store,
  sayHere,
} from 'gb-core';
import type { FileId } from 'gb-protocol';
import { type Logger, systemClock } from 'gb-utils';
import {
  answerOperations,
  cellOperations,
  createAi,
  createDocumentWorkshop,
  createHostOperations,
  createHttpClient,
  createKnowledgeKeeper,
  createLogMailer,
  createOpenAiModel,
  createOwnMailers,
  createPageReader,
  createSmtpMailer,
  dataHooks,
  dataOperations,
  documentOperations,
  guardedFetch,
  localGet,
  mailOperations,
  memoryOperations,
  webOperations,
} from 'gb-vm/host';
import type { BotConfig } from './config.ts';

/** What unpacking one document may take. */
const textMsMax = 60_000;

export interface ComposedOperations {
  readonly operations: HostOperations;
  readonly sheets: SheetReader;
  /** Made when there is a store. */
  knowledge(store: Store): KnowledgeKeeper;
  close(): Promise<void>;
}

/**
 * Everything programs may ask for, with the engines the environment names. `later` gives the context these operations
 * become a part of: nothing asks for it before a program runs.
 */
export function composeOperations(config: BotConfig, log: Logger, later: () => Context): ComposedOperations {
  const http = createHttpClient({ allow: config.allowHosts });
  const pages = createPageReader();
  const workshop = createDocumentWorkshop();
  const ownMailers = createOwnMailers({ allow: config.allowHosts });
  const mailer = config.smtp && createSmtpMailer(config.smtp);
  const drafts = mailer ?? createLogMailer(log);
  const model = config.model && createOpenAiModel(config.model);
  const documents = documentOperations({
    workshop,
    async shareLink(file, seconds, { customerId }) {
      const untilMs = later().clock.nowMs() + seconds * 1000;
      const { path } = await createShareLink(later(), { customerId, fileId: file.file as FileId, untilMs });
      return `${config.publicUrl ?? ''}${path}`;
    },
  });
  const ai = createAi({
    model,
    otherModels: config.otherModels,
    ownModelFetch: config.allowsOwnModel ? (customer) => guardedFetch(http, { customer, wholeMsMax: 180_000 }) : undefined,
    toolsOf: ({ customerId, botId }) =>
      later().store.read(customerId, async (tx) => (await tx.bots.published(botId))?.about?.manifest.tools ?? []),
    sayHere: (reply, call) => sayHere(later(), reply, call),
    ...dataHooks,
    chart: documents.outside!['CHART']!,
  });
  const mail = mailOperations({
    mailer,
    drafts,
    client: http,
    sayHere: (reply, call) => sayHere(later(), reply, call),
    sayTo: async () => false,
    ...(config.allowsOwnModel ? { ownMailer: ownMailers.mailerFor } : {}),
  });
  const operations = createHostOperations({
    sets: [
      cellOperations(workshop),
      webOperations({ http, pages, localGet: localGet(workshop) }),
      dataOperations(),
      memoryOperations(),
      documents,
      ai.operations,
      answerOperations({
        code: documents.outside!['SCAN BARCODE']!,
        speech: ai.operations.outside!['SPEECH TO TEXT']!,
      }),
      mail,
    ],
    answersFreely: ai.answersFreely,
  });
  let keeper: ReturnType<typeof createKnowledgeKeeper> | null = null;
  return {
    operations,
    sheets: {
      async read(file, { customerId }) {
        const { sheets } = await workshop.run('readSheets', file, { customerId, signal: AbortSignal.timeout(textMsMax) });
        return sheets;
      },
    },
    knowledge(store) {
      keeper ??= createKnowledgeKeeper({
        store,
        clock: systemClock,
        log,
        client: http,
        model,
        driveOf: (owner) => createDrive(later(), owner),
        textOf: (bytes, name, type) =>
          workshop.run('text', { bytes, name, type }, { customerId: 'knowledge', signal: AbortSignal.timeout(textMsMax) }),
      });
      return keeper;
    },
    async close() {
      await keeper?.close();
      http.close();
      await Promise.all([pages.close(), workshop.close(), ownMailers.close(), mailer?.close()]);
    },
  };
}

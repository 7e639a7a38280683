import {
  type Context,
  createDrive,
  createShareLink,
  guestTools,
  type HostOperations,
  type KnowledgeKeeper,
  type MailReader,
  notFound,
  type OutsideCall,
  publishBot,
  type SheetReader,
  type Store,
  sayHere,
  sayToPerson,
} from 'gb-core';
import type { FileId } from 'gb-protocol';
import { type Logger, systemClock } from 'gb-utils';
import {
  answerOperations,
  cellOperations,
  createAi,
  createBrowserOperations,
  createCalendar,
  createConnections,
  createDocumentWorkshop,
  createHostOperations,
  createHttpClient,
  createKnowledgeKeeper,
  createLogMailer,
  createMailReader,
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
  peopleOperations,
  socialOperations,
  systemOperations,
  talkOperations,
  webOperations,
  workflowOperations,
} from 'gb-vm/host';
import type { BotConfig } from './config.ts';

/** What unpacking one document may take. */
const textMsMax = 60_000;

export interface ComposedOperations {
  readonly operations: HostOperations;
  readonly sheets: SheetReader;
  readonly mailReader: MailReader;
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
  const workshop = createDocumentWorkshop({ onFault: (error) => log.warn({ err: error }, 'A document could not be worked on') });
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
  let keeper: ReturnType<typeof createKnowledgeKeeper> | null = null;
  const ai = createAi({
    model,
    otherModels: config.otherModels,
    ownModelFetch: config.allowsOwnModel ? (customer) => guardedFetch(http, { customer, wholeMsMax: 180_000 }) : undefined,
    cache: () => later().cache,
    toolsOf: ({ customerId, botId, state }) =>
      later().store.read(customerId, async (tx) => {
        const own = (await tx.bots.published(botId))?.about?.manifest.tools ?? [];
        const names = new Set(own.map(({ name }) => name));
        return [...own, ...(await guestTools(tx, state)).filter(({ name }) => !names.has(name))];
      }),
    sayHere: (reply, call) => sayHere(later(), reply, call),
    ...dataHooks,
    chart: documents.outside!['CHART']!,
    readSite: (site, call) => knowledge(later().store).readSite(site, call),
  });
  const mail = mailOperations({
    mailer,
    drafts,
    client: http,
    sayHere: (reply, call) => sayHere(later(), reply, call),
    sayTo: (person, reply, call) => sayToPerson(later(), person, reply, call),
    limits: { take: (...asked) => later().limits.take(...asked) },
    ...(config.allowsOwnMail ? { ownMailer: ownMailers.mailerFor } : {}),
  });
  const browser = createBrowserOperations(
    config.browser === null ? null : { path: config.browser, allow: config.allowHosts },
    http,
  );
  const runner = config.runnerUrl === null ? null : new URL(config.runnerUrl);
  // An operator's own service is reached wherever it stands; programs get no further by it.
  const runnerHttp = runner && createHttpClient({ allow: [runner.hostname] });
  const llm = ai.operations.outside!['LLM']!;
  const web = webOperations({ http, pages, localGet: localGet(workshop, browser.fields) });
  const knowledge = (store: Store) => {
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
  };
  const operations = createHostOperations({
    sets: [
      cellOperations(workshop, browser.fields),
      web,
      dataOperations({
        withSession: createConnections({ allow: config.allowHosts }),
        readRows: async (source, values, call) =>
          /^https?:/i.test(source) ? web.outside!['GET']!({ address: source, values }, call) : null,
      }),
      memoryOperations(),
      documents,
      ai.operations,
      answerOperations({
        code: documents.outside!['SCAN BARCODE']!,
        speech: ai.operations.outside!['SPEECH TO TEXT']!,
      }),
      mail,
      talkOperations(),
      // A question by itself: without the history, the tools and the documents of the conversation.
      peopleOperations({ ask: async (prompt, call) => String((await llm({ prompt }, { ...call, state: {} })) ?? ''), http }),
      workflowOperations({ runner: runner && runnerHttp && { address: runner, http: runnerHttp } }),
      systemOperations({ calendar: createCalendar(), publish: (call) => publishDraft(later(), call), http }),
      socialOperations(http),
      browser.operations,
    ],
    answersFreely: ai.answersFreely,
  });
  return {
    operations,
    sheets: {
      async read(file, { customerId }) {
        const { sheets } = await workshop.run('readSheets', file, { customerId, signal: AbortSignal.timeout(textMsMax) });
        return sheets;
      },
    },
    mailReader: createMailReader({ workshop, from: config.smtp?.from ?? null }),
    knowledge,
    async close() {
      await keeper?.close();
      http.close();
      runnerHttp?.close();
      await Promise.all([browser.close(), pages.close(), workshop.close(), ownMailers.close(), mailer?.close()]);
    },
  };
}

/** PUBLISH, with the rights of the person of the conversation: a bot has none to change bots. */
async function publishDraft(ctx: Context, { customerId, userId, botId, write }: OutsideCall): Promise<number> {
  // Refused where nothing may be written, as in a draft that is only tried.
  await write(async () => undefined);
  const person = await ctx.store.read(customerId, (tx) => tx.users.get(userId));
  if (!person) throw notFound('person');
  return publishBot(ctx, { customerId, userId, role: person.role, sessionId: null }, botId);
}

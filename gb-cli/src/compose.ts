import { join } from 'node:path';
import { type ApiServer, createApiServer, showFigures } from 'gb-api';
import {
  AccessCache,
  BotPreviews,
  type Context,
  DirectoryCache,
  defaultRates,
  Quotas,
  Rates,
  scaleRates,
  startQuotaWarnings,
} from 'gb-core';
import { createDirectoryObjectStore } from 'gb-storage';
import { type Logger, systemClock } from 'gb-utils';
import { changeSnapshot, migrateSnapshot } from 'gb-vm/debug';
import { createCalendar, createPreviewHost } from 'gb-vm/host';
import { createBotRuntime, createProgramCompiler } from 'gb-vm/runtime';
import { loadBotPackages } from './bot-packages.ts';
import { composeBots } from './compose-bots.ts';
import { composeDatabases } from './compose-databases.ts';
import { composeEngines } from './compose-engines.ts';
import { composeJobs, composeWebhookSender } from './compose-jobs.ts';
import { composeNodes } from './compose-nodes.ts';
import { composeOperations } from './compose-operations.ts';
import { composeUpkeep } from './compose-upkeep.ts';
import type { Config } from './config.ts';
import { hearLiveOffers, LiveOffers } from './live-offers.ts';
import { createArgon2Hasher } from './password-hasher.ts';

export interface Running {
  readonly api: ApiServer;
  readonly ctx: Context;
  readonly port: number;
  /** `isAll`: all other processes stop as well, so that nobody is asked to go over to them. */
  close(options?: { isAll?: boolean }): Promise<void>;
}

/** Builds the product from its engines: the only place that knows them all. Closes what it opened when a later step fails. */
export async function compose(config: Config, log: Logger, webDir: string | null): Promise<Running> {
  const closers: (() => Promise<void>)[] = [];
  let isAllClosing = false;
  const close = async ({ isAll = false }: { isAll?: boolean } = {}) => {
    isAllClosing ||= isAll;
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    const databases = await composeDatabases(config, log, closers);
    const { store } = databases;
    const neighbours = await composeNodes(config, log, databases, closers);
    const { bus, cache, limits, tasks, eventLog, figures } = await composeEngines(config, log, databases, neighbours, closers);
    const quotas = new Quotas({ store, bus, log });
    closers.push(() => quotas.close());
    const runtime = createBotRuntime(config.botWorkers === null ? {} : { workers: config.botWorkers });
    closers.push(() => runtime.close());
    const compiler = createProgramCompiler();
    closers.push(() => compiler.close());
    const objects = await createDirectoryObjectStore({ dir: join(config.dataDir, 'objects'), log });
    closers.push(() => objects.close());
    const composed = composeOperations(config.bots, log, () => ctx);
    closers.push(() => composed.close());
    const webhooks = composeWebhookSender(config.bots.allowHosts);
    closers.push(async () => webhooks.close());
    const ctx: Context = {
      store,
      bus,
      objects,
      tasks,
      keyValues: databases.keyValues,
      cache,
      limits,
      quotas,
      clock: systemClock,
      log,
      hasher: createArgon2Hasher(),
      access: new AccessCache({ store, bus, clock: systemClock }),
      directory: new DirectoryCache({ store, bus, clock: systemClock }),
      compiler,
      runtime,
      operations: composed.operations,
      calendar: createCalendar(),
      sheets: composed.sheets,
      mailReader: composed.mailReader,
      migrator: { migrate: migrateSnapshot },
      editor: { change: changeSnapshot },
      knowledge: composed.knowledge(store),
      previewHost: createPreviewHost,
      webhookSender: webhooks.sender,
      ...(await loadBotPackages(join(config.rootDir, 'bots'), compiler, log)),
    };
    const api = await createApiServer({
      ctx,
      previews: new BotPreviews(ctx),
      webDir,
      publicUrl: config.publicUrl,
      trustProxy: config.trustProxy,
      isOpenSignUp: config.isOpenSignUp,
      rates: new Rates(limits, scaleRates(defaultRates, config.rateFactor)),
      connectionsPerPersonMax: 100 * config.rateFactor,
      gateway: config.gateway,
      serves: { api: config.roles.has('api'), gateway: config.roles.has('gateway') },
      isReady: () => store.ping(),
    });
    showFigures(api.metrics, [...neighbours.figures, ...figures]);
    const { roles } = config;
    const { dispatcher, alarms } = composeBots(ctx);
    if (roles.has('gateway')) {
      const stop = hearLiveOffers({ bus, store, misses: api.misses, log });
      closers.push(async () => stop());
    }
    if (roles.has('bots')) eventLog.consume('bots', (entry) => dispatcher.handle(entry));
    if (roles.has('relay')) {
      const offers = new LiveOffers(bus);
      eventLog.consume('live', async (entry) => offers.handle(entry));
      closers.push(async () => offers.flush());
    }
    // An entry leaves the outbox when all groups of the relay's process are through with it, so it has them all.
    if (roles.has('relay') || roles.has('jobs')) {
      const jobs = composeJobs(ctx, eventLog);
      closers.push(() => jobs.close());
    }
    // Without Kafka only the process that has the outbox hears of anything.
    if (roles.has('relay') || config.kafka) eventLog.start();
    // Handlers read what is made here, and are told to end before it closes.
    closers.push(() => eventLog.close());
    if (roles.has('jobs')) tasks.start();
    closers.push(() => tasks.close());
    if (roles.has('bots')) alarms.start();
    closers.push(() => alarms.close());
    await neighbours.nodes.join();
    const port = await api.listen({ host: config.host, port: config.port });
    closers.push(async () => {
      await neighbours.retire();
      const isTakenOver = !isAllClosing && neighbours.hasOtherGateways();
      await api.close({ deadlineMs: isTakenOver ? config.drainMs : 0 });
    });
    const quotaWarnings = startQuotaWarnings(ctx);
    closers.push(() => quotaWarnings.close());
    if (roles.has('jobs')) composeUpkeep(ctx, config, databases, neighbours, closers);
    return { api, ctx, port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

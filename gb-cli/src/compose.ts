import { join } from 'node:path';
import { type ApiServer, createApiServer, showFigures } from 'gb-api';
import {
  AccessCache,
  BotPreviews,
  type Context,
  DirectoryCache,
  defaultRates,
  installPackages,
  Quotas,
  Rates,
  repairWorkspace,
  scaleRates,
  startBotUpkeep,
  startFileSweeps,
  startQuotaWarnings,
} from 'gb-core';
import { createDirectoryObjectStore } from 'gb-storage';
import { type Logger, sleep, systemClock } from 'gb-utils';
import { changeSnapshot, migrateSnapshot } from 'gb-vm/debug';
import { createCalendar, createPreviewHost } from 'gb-vm/host';
import { createBotRuntime, createProgramCompiler } from 'gb-vm/runtime';
import { loadBotPackages } from './bot-packages.ts';
import { composeBots } from './compose-bots.ts';
import { composeDatabases } from './compose-databases.ts';
import { composeEngines } from './compose-engines.ts';
import { composeWebhookSender } from './compose-jobs.ts';
import { composeOperations } from './compose-operations.ts';
import type { Config } from './config.ts';
import { createArgon2Hasher } from './password-hasher.ts';

export interface Running {
  readonly api: ApiServer;
  readonly ctx: Context;
  readonly port: number;
  close(): Promise<void>;
}

/** Builds the product from its engines: the only place that knows them all. Closes what it opened when a later step fails. */
export async function compose(config: Config, log: Logger, webDir: string | null): Promise<Running> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    const databases = await composeDatabases(config, log, closers);
    const { store } = databases;
    const { bus, cache, limits, tasks, eventLog, hasOthers, figures } = await composeEngines(config, log, databases, closers);
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
      isReady: () => store.ping(),
    });
    showFigures(api.metrics, figures);
    const { dispatcher, alarms } = composeBots(ctx);
    eventLog.consume('bots', (entry) => dispatcher.handle(entry));
    // The sure path: what the bus dropped reaches those who follow the channel now. The relay may see a commit a moment
    // before the writer hears of its own, so the fast path gets that moment.
    eventLog.consume('live', async (entry) => {
      if (!api.misses(entry.channelId, entry.seq)) return;
      await sleep(100);
      if (!api.misses(entry.channelId, entry.seq)) return;
      const event = await store.read(entry.customerId, (tx) => tx.log.get(entry.channelId, entry.seq));
      if (event && api.misses(entry.channelId, entry.seq)) bus.publish({ customerId: entry.customerId, event });
    });
    eventLog.start();
    // Handlers read what is made here, and are told to end before it closes.
    closers.push(() => eventLog.close());
    tasks.start();
    closers.push(() => tasks.close());
    alarms.start();
    closers.push(() => alarms.close());
    const port = await api.listen({ host: config.host, port: config.port });
    closers.push(() => api.close({ deadlineMs: hasOthers() ? config.drainMs : 0 }));
    const fileSweeps = startFileSweeps(ctx);
    closers.push(() => fileSweeps.close());
    if (config.coldDays > 0) {
      const coldMovers = databases.openColdMovers({ ageMsMin: config.coldDays * 86_400_000 });
      closers.push(() => coldMovers.close());
      coldMovers.start();
    }
    const quotaWarnings = startQuotaWarnings(ctx);
    closers.push(() => quotaWarnings.close());
    const botUpkeep = startBotUpkeep(ctx);
    closers.push(() => botUpkeep.close());
    const upkeep = keepUp(ctx);
    closers.push(() => upkeep);
    return { api, ctx, port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** After a start: finishes workspaces whose making was cut short, and brings package bots up to date. */
async function keepUp(ctx: Context): Promise<void> {
  for (const customerId of await ctx.store.listCustomers()) {
    try {
      await repairWorkspace(ctx, customerId);
      await installPackages(ctx, customerId);
    } catch (error) {
      ctx.log.error({ err: error, customerId }, 'A workspace could not be brought up to date');
    }
  }
}

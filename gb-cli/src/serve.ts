import cluster from 'node:cluster';
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import { GbError, type Logger } from 'gb-utils';
import { type Order, processesMax, type Report, Supervisor } from './cluster.ts';
import { compose, type Running } from './compose.ts';
import type { Config } from './config.ts';
import { createLogger } from './logger.ts';
import { ensureWebClient } from './web-client.ts';

/** `gb serve`: runs the product until it is told to stop; `--cluster n`: as n processes behind one port. */
export async function serve(config: Config, args: readonly string[] = []): Promise<void> {
  const log = createLogger(config.logLevel);
  if (cluster.isWorker) return serveSupervised(config, log.child({ process: cluster.worker!.id }));
  const count = readCount(args);
  const startedMs = performance.now();
  const webDir = await ensureWebClient(config.rootDir, () => say('Building the web client, once ...'));
  const { port, close } = await (count === null
    ? compose(config, log, webDir).catch((error: unknown) => {
        throw inWords(error, config);
      })
    : startCluster(config, count, log, webDir));
  const url = config.publicUrl ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${port}`;
  say(`General Bots is ready at ${url}  (${((performance.now() - startedMs) / 1000).toFixed(1)} s; Ctrl-C stops it)`);
  log.info({ url, dataDir: config.dataDir, processes: count ?? 1 }, 'Ready');
  // For the next start, however this one ends.
  flushCompileCache();
  const stop = stopper(close, log);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  // A cluster takes it for the wish to be replaced, process by process.
  if (count === null) process.on('SIGHUP', stop);
}

async function startCluster(
  config: Config,
  count: number,
  log: Logger,
  webDir: string,
): Promise<{ port: number; close(): Promise<void> }> {
  const supervisor = new Supervisor(config, count, log);
  // Told to stop before all of it is there.
  const giveUp = () => void supervisor.stop().then(() => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, giveUp);
  let isReady = false;
  process.on('SIGHUP', () => {
    if (isReady) void supervisor.roll();
  });
  const port = await supervisor.start(webDir);
  isReady = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, giveUp);
  return { port, close: () => supervisor.stop() };
}

/** One process of a cluster: it waits to be told what its settings do not say, and ends in order when nobody watches over it. */
async function serveSupervised(config: Config, log: Logger): Promise<void> {
  // Or Node would end it on the spot when the supervisor is gone, in the middle of whatever it does.
  cluster.worker!.exitedAfterDisconnect = true;
  const report = (one: Report) => process.connected && process.send!(one);
  let running: Running | null = null;
  let isAllStopping = false;
  const stopOnce = stopper(async () => running?.close({ isAll: isAllStopping }), log);
  const stop = (isAll: boolean) => {
    isAllStopping ||= isAll;
    stopOnce();
  };
  const started = once(process, 'message') as Promise<[Extract<Order, { order: 'start' }>]>;
  process.on('disconnect', () => stop(true));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(false));
  // For the supervisor alone, also where a terminal tells everybody that it closes.
  process.on('SIGHUP', () => {});
  report({ report: 'hello' });
  const [{ startedDatabase, webDir, botWorkers }] = await started;
  process.on('message', (order: Order) => {
    if (order.order === 'stop') stop(order.isAll);
    else if (order.order === 'ping') report({ report: 'pong' });
  });
  try {
    running = await compose({ ...config, startedDatabase, botWorkers }, log, webDir);
  } catch (error) {
    const told = inWords(error, config);
    if (!(told instanceof GbError)) log.error({ err: error }, 'The process could not start');
    report({ report: 'failed', message: told instanceof Error ? told.message : String(told) });
    process.disconnect();
    return;
  }
  log.info({}, 'Ready');
  report({ report: 'ready', port: running.port });
}

/** Once, however often it is called. */
function stopper(close: () => Promise<void>, log: Logger): () => void {
  let stopping: Promise<void> | null = null;
  return () => {
    stopping ??= close().then(() => process.exit(0));
    stopping.catch((error: unknown) => {
      log.error({ err: error }, 'Could not stop cleanly');
      process.exit(1);
    });
  };
}

/** null without the word. */
function readCount(args: readonly string[]): number | null {
  const [word, text, ...rest] = args;
  if (word === undefined) return null;
  if (word !== '--cluster' || rest.length > 0)
    throw new GbError('malformed', `gb serve knows "--cluster n", and not "${args.join(' ')}".`);
  const count = text === undefined ? availableParallelism() : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > processesMax)
    throw new GbError('malformed', `--cluster takes the number of processes, from 1 to ${processesMax}, not "${text}".`);
  return count;
}

function inWords(error: unknown, { port }: Config): unknown {
  if ((error as NodeJS.ErrnoException | null)?.code !== 'EADDRINUSE') return error;
  const text = `Port ${port} is in use. Stop what uses it, or choose another: PORT=8081 npm start`;
  return new GbError('unavailable', text, { cause: error });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

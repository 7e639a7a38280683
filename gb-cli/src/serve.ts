import { GbError } from 'gb-utils';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { createLogger } from './logger.ts';
import { ensureWebClient } from './web-client.ts';

/** `gb serve`: runs the product until it is told to stop. */
export async function serve(config: Config): Promise<void> {
  const startedMs = performance.now();
  const log = createLogger(config.logLevel);
  const webDir = await ensureWebClient(config.rootDir, () => say('Building the web client, once ...'));
  const running = await compose(config, log, webDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') {
      throw new GbError(
        'unavailable',
        `Port ${config.port} is in use. Stop what uses it, or choose another: PORT=8081 npm start`,
        { cause: error },
      );
    }
    throw error;
  });
  const url = config.publicUrl ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${running.port}`;
  say(`General Bots is ready at ${url}  (${((performance.now() - startedMs) / 1000).toFixed(1)} s; Ctrl-C stops it)`);
  log.info({ url, dataDir: config.dataDir }, 'Ready');

  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= running.close().then(() => process.exit(0));
    stopping.catch((error: unknown) => {
      log.error({ err: error }, 'Could not stop cleanly');
      process.exit(1);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bringUp, takeDown } from './bring-up.ts';
import { servicesOf, withGroups } from './catalogue.ts';
import { holdServer, killServer, killServerAtOnce, pidsOf } from './server.ts';
import { type Place, Unavailable } from './service.ts';

/** A server that a test has for itself, and may treat as badly as the world does. */
export interface StartedService {
  /** What finds it: see the service's own file. It stays the same over `stop`, `kill` and `restart`. */
  readonly env: Readonly<Record<string, string>>;
  /** Everybody who works for it now. */
  pids(): readonly number[];
  /** Asks it to end and returns when nothing of it runs. Its data and its ports stay. */
  stop(): Promise<void>;
  /** Ends it in the middle of whatever it does, by SIGKILL, with all its processes. Its data and its ports stay. */
  kill(): Promise<void>;
  /** Starts it where it was, with what it had; one that runs is stopped first. Returns when it answers. */
  restart(): Promise<void>;
  /** Holds it still: connections stay and nothing answers, as with a machine that hangs. */
  hold(): void;
  /** Lets it go on after `hold`. */
  release(): void;
  /** Ends it and removes what it had. Twice does no harm. */
  close(): Promise<void>;
}

/**
 * Installs, starts and awaits what `npm run services` knows by this name, in a temporary directory of its own. Null where
 * it cannot be had, with the reason on standard error; where CI is set that is an error, because nobody reads why a test
 * was left out. Give it some minutes (`beforeAll(…, startMsMax)`): the first time on a machine it is installed.
 */
export async function startService(name: string): Promise<StartedService | null> {
  const wanted = servicesOf(name);
  if (wanted.length === 0) throw new Error(`there is no service ${name}`);
  const scratch = mkdtempSync(path.join(os.tmpdir(), `gb-${name}-`));
  const places = wanted.map((service): Place => ({ dir: path.join(scratch, service.name), say: () => {} }));
  let said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const remove = (): void => rmSync(scratch, { recursive: true, force: true });
  const endAtOnce = (): void => {
    for (const place of places) killServerAtOnce(place);
    remove();
  };
  process.once('exit', endAtOnce);

  const start = async (): Promise<Readonly<Record<string, string>>> => {
    said = [];
    const { env, missing } = await bringUp(wanted, scratch, say);
    if (missing.length > 0) throw new Unavailable(said.filter((line) => missing.some((one) => line.startsWith(one))).join('\n'));
    return withGroups(
      env,
      wanted.map((service) => service.name),
    );
  };
  const release = (): void => {
    for (const place of places) holdServer(place, false);
  };
  const stop = async (): Promise<void> => {
    release(); // One that is held does not hear.
    said = [];
    const left = await takeDown(wanted, scratch, say);
    if (left.length > 0) throw new Error(said.join('\n'));
  };
  const kill = async (): Promise<void> => {
    for (const place of places) await killServer(place);
  };
  const close = async (): Promise<void> => {
    await kill();
    remove();
    process.off('exit', endAtOnce);
  };

  let env: Readonly<Record<string, string>>;
  try {
    env = await start();
  } catch (error) {
    await close();
    if (!(error instanceof Unavailable) || isTrue(process.env['CI'])) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
    return null;
  }
  return {
    env,
    pids: () => places.flatMap(pidsOf),
    stop,
    kill,
    async restart() {
      await stop();
      const now = await start();
      if (JSON.stringify(now) !== JSON.stringify(env)) throw new Error(`somebody else took a port of ${name} while it was away`);
    },
    hold() {
      for (const place of places) holdServer(place, true);
    },
    release,
    close,
  };
}

/** The first start of a server may have to install it. */
export const startMsMax = 10 * 60_000;

function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}

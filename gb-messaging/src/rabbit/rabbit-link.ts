import { type ChannelModel, connect } from 'amqplib';
import { assert, backoffMs, type Logger, sleep } from 'gb-utils';

export interface RabbitLinkOptions {
  /** One address, or those of several nodes with commas between them: they are tried in turn. */
  readonly url: string;
  /** What the broker's operator sees. */
  readonly name: string;
  readonly log: Logger;
  readonly random: () => number;
  /** Called with each connection, and when it rejects the connection is given up. The signal tells that it is lost. */
  readonly serve: (model: ChannelModel, lost: AbortSignal) => Promise<void>;
  readonly onBlocked?: (isBlocked: boolean) => void;
}

const connectMsMax = 5_000;
const serveMsMax = 15_000;
const closeMsMax = 1_000;
const retryMsMax = 5_000;
const heartbeatSeconds = 10;

/**
 * A connection to the broker that comes back: after the broker ended, the network broke, an operator closed it or a
 * channel on it failed. What was on its way then is the business of who uses it.
 */
export class RabbitLink {
  readonly #options: RabbitLinkOptions;
  readonly #urls: readonly string[];
  readonly #closing = new AbortController();
  #running: Promise<void> | null = null;
  #connects = 0;
  #isUp = false;

  constructor(options: RabbitLinkOptions) {
    this.#options = options;
    this.#urls = options.url.split(',').map((text) => {
      const url = new URL(text.trim());
      if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(heartbeatSeconds));
      return url.href;
    });
    assert(this.#urls.length > 0, 'a broker has an address');
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** How often it was connected. */
  get connects(): number {
    return this.#connects;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, name, random } = this.#options;
    const closing = this.#closing.signal;
    let failures = 0;
    for (let i = 0; !closing.aborted; i++) {
      const beganAt = performance.now();
      try {
        await this.#connectOnce(this.#urls[i % this.#urls.length]!);
        if (!closing.aborted) log.warn({ name }, 'The connection to the broker was lost; connecting again');
      } catch (error) {
        const facts = { err: error, name };
        if (failures === 0) log.warn(facts, 'The broker does not answer; trying again');
        else log.debug(facts, 'The broker still does not answer');
      }
      failures = performance.now() - beganAt > retryMsMax ? 0 : failures + 1;
      await sleep(50 + backoffMs(failures, { baseMs: 50, maxMs: retryMsMax, random }), closing);
    }
  }

  /** Resolves when the connection is over, rejects when there was none. */
  async #connectOnce(url: string): Promise<void> {
    const { name, serve, onBlocked, log } = this.#options;
    const model = await connect(url, {
      timeout: connectMsMax,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name },
    });
    const lost = new AbortController();
    // An 'error' without a listener would end the process. 'close' follows it.
    model.on('error', (error) => log.debug({ err: error, name }, 'The connection to the broker failed'));
    model.on('close', () => lost.abort());
    model.on('blocked', (reason) => {
      log.warn({ name, reason }, 'The broker takes nothing for now');
      onBlocked?.(true);
    });
    model.on('unblocked', () => onBlocked?.(false));
    try {
      // A broker that has only just started may take a question and never answer it.
      await Promise.race([serve(model, lost.signal), tooLong(serveMsMax, lost.signal)]);
      this.#connects += 1;
      this.#isUp = true;
      await either(lost.signal, this.#closing.signal);
    } finally {
      this.#isUp = false;
      onBlocked?.(false);
      if (!lost.signal.aborted) await Promise.race([model.close().catch(() => {}), sleep(closeMsMax)]); // Gone or going.
      endSocket(model);
      lost.abort();
    }
  }
}

/**
 * A broker that does not answer our farewell would go on giving tasks to a connection that nobody uses. The library keeps
 * the socket to itself, so this looks where it has it.
 */
function endSocket(model: ChannelModel): void {
  const { stream } = model.connection as { stream?: { destroy?: () => void } };
  stream?.destroy?.();
}

/** Rejects after a time, or when the connection is lost: the library leaves some questions open then. */
export async function tooLong(ms: number, lost: AbortSignal): Promise<never> {
  await sleep(ms, lost);
  throw new Error('The broker did not answer in time');
}

function either(...signals: readonly AbortSignal[]): Promise<void> {
  const both = AbortSignal.any([...signals]);
  return new Promise((resolve) => {
    if (both.aborted) resolve();
    else both.addEventListener('abort', () => resolve(), { once: true });
  });
}

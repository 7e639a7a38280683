import { Worker } from 'node:worker_threads';
import { OperationFailed } from '../operation.ts';

/** What is asked of a page or document. `base` is where it came from, for links that are relative. */
export type PageJob =
  | { readonly kind: 'text'; readonly source: string; readonly base: string; readonly selector: string | null }
  | { readonly kind: 'texts'; readonly source: string; readonly base: string; readonly selector: string }
  | { readonly kind: 'table'; readonly source: string; readonly base: string; readonly selector: string | null }
  | { readonly kind: 'feed'; readonly source: string; readonly base: string }
  | { readonly kind: 'xml'; readonly source: string };

export type TableRow = Readonly<Record<string, string>>;

export interface FeedItem {
  readonly title: string;
  readonly link: string;
  readonly description: string;
  /** ISO 8601; empty when the feed does not say. */
  readonly date: string;
  readonly id: string;
}

/** An element of XML. */
export interface XmlNode {
  /** Without its prefix. */
  readonly name: string;
  /** Its namespace; empty for none. */
  readonly uri: string;
  /** By name as written; declarations of namespaces are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What prefixes mean here, where this element says so; '' is the default namespace. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlNode | string)[];
}

export interface PageResults {
  readonly text: string | null;
  readonly texts: readonly string[];
  readonly table: readonly TableRow[];
  readonly feed: readonly FeedItem[] | null;
  readonly xml: XmlNode;
}

/** Says what is wrong with the page or the selector. */
export interface PageProblem {
  readonly en: string;
  readonly pt: string;
}

export interface PageQuestion {
  readonly id: number;
  readonly job: PageJob;
}

/** `isReady`: the thread has loaded and takes questions. */
export type PageAnswer =
  | { readonly isReady: true }
  | { readonly id: number; readonly value: PageResults[keyof PageResults] }
  | { readonly id: number; readonly problem: PageProblem };

export interface PageReader {
  /** Refuses with `OperationFailed`. */
  read<J extends PageJob>(job: J, customer: string, signal: AbortSignal): Promise<PageResults[J['kind']]>;
  close(): Promise<void>;
}

export interface PageReaderOptions {
  /** A page that takes longer is given up. */
  readonly readMsMax?: number;
  /** Pages of one customer that may wait, and of all. */
  readonly customerWaitingMax?: number;
  readonly waitingMax?: number;
}

interface Waiting {
  readonly question: PageQuestion;
  readonly customer: string;
  resolve(answer: PageResult): void;
  reject(error: unknown): void;
}

type PageResult = Exclude<PageAnswer, { isReady: true }>;

const memoryMegabytesMax = 512;
/** A machine that is busy may take its time to start a thread; that is not the page's fault. */
const startMsMax = 30_000;

/**
 * Reads pages in a thread of its own: pages and selectors come from strangers, and a selector made to be slow or a page
 * made to be deep must cost nobody else anything. One page at a time, customers taking turns.
 */
export function createPageReader(options: PageReaderOptions = {}): PageReader {
  const { readMsMax = 3_000, customerWaitingMax = 16, waitingMax = 200 } = options;
  let waiting: Waiting[] = [];
  let worker: Worker | null = null;
  let isReady = false;
  let running: { readonly one: Waiting; timer: NodeJS.Timeout } | null = null;
  let lastCustomer = '';
  let nextId = 1;
  let isClosed = false;

  const settle = (use: (one: Waiting) => void): void => {
    if (!running) return;
    const { one, timer } = running;
    clearTimeout(timer);
    running = null;
    use(one);
    next();
  };
  const giveUp = (from: Worker): void => {
    if (worker !== from) return;
    worker = null;
    isReady = false;
    void from.terminate();
    settle((one) => one.reject(tooMuchWork()));
  };
  const start = (): Worker => {
    const thread = new Worker(new URL('./page-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMegabytesMax },
    });
    thread.on('message', (answer: PageAnswer) => {
      if (worker !== thread) return;
      if ('isReady' in answer) {
        isReady = true;
        if (!running) return;
        clearTimeout(running.timer);
        running.timer = setTimeout(() => giveUp(thread), readMsMax);
      } else if (running?.one.question.id === answer.id) settle((one) => one.resolve(answer));
    });
    thread.on('error', () => giveUp(thread));
    thread.on('exit', () => giveUp(thread));
    return thread;
  };
  const next = (): void => {
    if (running || isClosed) return;
    const one = waiting.find(({ customer }) => customer !== lastCustomer) ?? waiting[0];
    if (!one) {
      worker?.unref();
      return;
    }
    waiting = waiting.filter((other) => other !== one);
    lastCustomer = one.customer;
    worker ??= start();
    worker.ref();
    const thread = worker;
    running = { one, timer: setTimeout(() => giveUp(thread), isReady ? readMsMax : startMsMax) };
    thread.postMessage(one.question);
  };

  const ask = (job: PageJob, customer: string, signal: AbortSignal): Promise<PageResult> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(closed());
      if (signal.aborted) return reject(signal.reason);
      const own = waiting.filter((one) => one.customer === customer).length;
      if (own >= customerWaitingMax || waiting.length >= waitingMax) return reject(tooManyPages());
      const onAbort = (): void => {
        waiting = waiting.filter((other) => other !== one);
        reject(signal.reason);
      };
      const one: Waiting = {
        question: { id: nextId++, job },
        customer,
        resolve: (answer) => {
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        },
        reject: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(one);
      next();
    });

  return {
    async read<J extends PageJob>(job: J, customer: string, signal: AbortSignal): Promise<PageResults[J['kind']]> {
      const answer = await ask(job, customer, signal);
      if ('problem' in answer) throw new OperationFailed(answer.problem);
      return answer.value as PageResults[J['kind']];
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      settle((one) => one.reject(closed()));
      for (const one of waiting.splice(0)) one.reject(closed());
      await worker?.terminate();
    },
  };
}

function tooMuchWork(): OperationFailed {
  return new OperationFailed(
    { en: 'the page or the selector takes too much work to read', pt: 'a página ou o seletor dá trabalho demais para ler' },
    'limit_reached',
  );
}

function tooManyPages(): OperationFailed {
  return new OperationFailed(
    { en: 'too many pages are waiting to be read', pt: 'há páginas demais na fila de leitura' },
    'limit_reached',
  );
}

function closed(): OperationFailed {
  return new OperationFailed({ en: 'the server is stopping', pt: 'o servidor está parando' });
}

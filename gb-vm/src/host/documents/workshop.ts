import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ErrorCode } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { OperationFailed } from '../operation.ts';
import type { JobInput, JobName, JobResult } from './jobs.ts';
import { documentLimits } from './limits.ts';
import { tooMuch } from './refusals.ts';
import type { JobAnswer } from './worker-protocol.ts';

export interface WorkshopOptions {
  /** A job that takes longer is given up, and its process replaced. */
  readonly jobMsMax?: number;
  readonly queueMax?: number;
  readonly queuePerCustomerMax?: number;
  /** A process with nothing to do for this long is let go; the next job starts another. */
  readonly idleMsMax?: number;
  /** Hears of faults of ours: an error that no job should throw, a process that could not start. The job is refused. */
  readonly onFault?: (error: Error) => void;
}

export interface JobScope {
  readonly customerId: string;
  readonly signal?: AbortSignal;
}

/**
 * The process in which documents are read and pictures drawn. What strangers send is parsed there and nowhere else: a
 * file made to hurt costs neither the time nor the memory of the server, and not even a crash of a library in native code
 * does. The process may read files, which it needs for the libraries, but not write any nor start others, and knows
 * nothing of the server's environment.
 *
 * One job at a time; customers take turns, so that a long queue of one does not keep the others waiting. A job is a
 * function of its input and is not worth a second try: whatever goes wrong, it fails with `OperationFailed`. Only the
 * end of the workshop, and of whoever asked, are other errors.
 */
export interface DocumentWorkshop {
  run<Name extends JobName>(name: Name, input: JobInput<Name>, scope: JobScope): Promise<JobResult<Name>>;
  /** Waiting jobs fail; twice does no harm. */
  close(): Promise<void>;
}

/** Nothing is wrong with the document, as far as anybody knows: too many wait, it took long, or we failed. */
export class TryLater extends OperationFailed {}

interface Waiting {
  readonly id: number;
  readonly name: JobName;
  readonly input: unknown;
  readonly scope: JobScope;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export function createDocumentWorkshop(options: WorkshopOptions = {}): DocumentWorkshop {
  return new Workshop(options);
}

class Workshop implements DocumentWorkshop {
  readonly #jobMsMax: number;
  readonly #queueMax: number;
  readonly #queuePerCustomerMax: number;
  /** The jobs of each customer that has some, the next customer first. */
  readonly #queues = new Map<string, Waiting[]>();
  #waiting = 0;
  readonly #idleMsMax: number;
  readonly #onFault: (error: Error) => void;
  #worker: ChildProcess | null = null;
  #idle: NodeJS.Timeout | null = null;
  #running: { readonly job: Waiting; readonly timer: NodeJS.Timeout; readonly onAbort: () => void } | null = null;
  #nextId = 1;
  #isClosed = false;

  constructor(options: WorkshopOptions) {
    this.#jobMsMax = options.jobMsMax ?? documentLimits.jobMsMax;
    this.#queueMax = options.queueMax ?? documentLimits.queueMax;
    this.#queuePerCustomerMax = options.queuePerCustomerMax ?? documentLimits.queuePerCustomerMax;
    this.#idleMsMax = options.idleMsMax ?? 120_000;
    this.#onFault = options.onFault ?? (() => {});
  }

  run<Name extends JobName>(name: Name, input: JobInput<Name>, scope: JobScope): Promise<JobResult<Name>> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closedError());
      if (scope.signal?.aborted) return reject(scope.signal.reason);
      const queue = this.#queues.get(scope.customerId) ?? [];
      if (this.#waiting >= this.#queueMax || queue.length >= this.#queuePerCustomerMax)
        return reject(
          new TryLater(
            {
              en: 'too many documents are being made; try again in a moment',
              pt: 'há documentos demais sendo feitos; tente de novo em instantes',
            },
            'limit_reached',
          ),
        );
      queue.push({ id: this.#nextId++, name, input, scope, resolve: (result) => resolve(result as JobResult<Name>), reject });
      this.#queues.set(scope.customerId, queue);
      this.#waiting++;
      this.#next();
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#settle((job) => job.reject(closedError()));
    for (const queue of this.#queues.values()) for (const job of queue) job.reject(closedError());
    this.#queues.clear();
    this.#waiting = 0;
    await this.#end();
  }

  #next(): void {
    if (this.#running || this.#isClosed) return;
    const job = this.#take();
    if (!job) {
      this.#rest();
      return;
    }
    if (job.scope.signal?.aborted) {
      job.reject(job.scope.signal.reason);
      this.#next();
      return;
    }
    this.#worker ??= this.#start();
    const worker = this.#worker;
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    worker.ref();
    worker.channel?.ref();
    const onAbort = (): void => this.#giveUp(worker, (one) => one.reject(job.scope.signal?.reason));
    const timer = setTimeout(() => this.#giveUp(worker, (one) => one.reject(tooSlow())), this.#jobMsMax);
    job.scope.signal?.addEventListener('abort', onAbort, { once: true });
    this.#running = { job, timer, onAbort };
    // When it cannot be sent, the process is gone, and its end is heard of.
    worker.send({ id: job.id, name: job.name, input: job.input }, () => {});
  }

  /** From the customer whose turn it is, who then waits behind all others. */
  #take(): Waiting | undefined {
    const [customerId, queue] = this.#queues.entries().next().value ?? [];
    if (customerId === undefined || !queue) return undefined;
    const job = queue.shift();
    this.#queues.delete(customerId);
    if (queue.length > 0) this.#queues.set(customerId, queue);
    this.#waiting--;
    return job;
  }

  #start(): ChildProcess {
    const worker = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [], {
      execArgv: [
        '--max-old-space-size=768',
        '--permission',
        '--allow-fs-read=*',
        '--allow-addons',
        '--disable-warning=SecurityWarning',
      ],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let lastWords = '';
    worker.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-2_000);
    });
    (worker.stderr as Socket | null)?.unref();
    worker.on('message', (answer: JobAnswer) => {
      if (this.#worker !== worker || answer.id !== this.#running?.job.id) return;
      this.#settle((job) => {
        if (answer.kind === 'done') job.resolve(answer.result);
        else if (answer.kind === 'refused') job.reject(new OperationFailed(answer.said, answer.code));
        else this.#fault(job, answer.error);
      });
    });
    worker.on('error', (error) => this.#giveUp(worker, (job) => this.#fault(job, error)));
    // A signal means out of memory or a fault of a library, and the document is to blame; a code is a fault of ours.
    worker.on('exit', (code) =>
      this.#giveUp(worker, (job) => {
        if (code === null) job.reject(tooLarge());
        else this.#fault(job, new Error(`the process of documents ended with ${code}: ${lastWords}`));
      }),
    );
    return worker;
  }

  #fault(job: Waiting, error: Error): void {
    const refusal = new TryLater({ en: 'the document could not be made', pt: 'o documento não pôde ser feito' });
    refusal.cause = error;
    this.#onFault(error);
    job.reject(refusal);
  }

  /** Does not keep the server alive, and goes when nothing comes for long. */
  #rest(): void {
    this.#worker?.unref();
    this.#worker?.channel?.unref();
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#end(), this.#idleMsMax);
    this.#idle.unref();
  }

  async #end(): Promise<void> {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker;
    this.#worker = null;
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) return;
    const gone = once(worker, 'exit');
    worker.ref();
    worker.kill('SIGKILL');
    await gone;
  }

  /** Ends the process and with it the job, which cannot be stopped in any other way; the next job gets a new one. */
  #giveUp(worker: ChildProcess, how: (job: Waiting) => void): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    worker.kill('SIGKILL');
    this.#settle(how);
  }

  #settle(how: (job: Waiting) => void): void {
    if (!this.#running) return;
    const { job, timer, onAbort } = this.#running;
    clearTimeout(timer);
    job.scope.signal?.removeEventListener('abort', onAbort);
    this.#running = null;
    how(job);
    this.#next();
  }
}

function closedError(): GbError {
  return new GbError('unavailable' satisfies ErrorCode, 'the document workshop is closed');
}

function tooSlow(): OperationFailed {
  return new TryLater({ en: 'the document takes too long', pt: 'o documento demora demais' }, 'limit_reached');
}

function tooLarge(): OperationFailed {
  return tooMuch('the document is broken or takes too much memory', 'o documento está danificado ou ocupa memória demais');
}

import { Worker } from 'node:worker_threads';
import type { ErrorCode } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { OperationFailed } from '../operation.ts';
import type { JobInput, JobName, JobResult } from './jobs.ts';
import { documentLimits } from './limits.ts';
import { tooMuch } from './refusals.ts';
import type { JobAnswer } from './worker-protocol.ts';

export interface WorkshopOptions {
  /** A job that takes longer is given up, and its thread replaced. */
  readonly jobMsMax?: number;
  readonly queueMax?: number;
  readonly queuePerCustomerMax?: number;
}

export interface JobScope {
  readonly customerId: string;
  readonly signal?: AbortSignal;
}

/**
 * The thread in which documents are read and pictures drawn: what strangers send is parsed there, and one file made to
 * hurt costs neither the time nor the memory of the server. One job at a time; customers take turns, so that a long
 * queue of one does not keep the others waiting. A job fails with `OperationFailed` for what is wrong with its input,
 * for taking too long and for a queue that is full; anything else that it throws is a fault of ours.
 */
export interface DocumentWorkshop {
  run<Name extends JobName>(name: Name, input: JobInput<Name>, scope: JobScope): Promise<JobResult<Name>>;
  /** Waiting jobs fail; twice does no harm. */
  close(): Promise<void>;
}

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
  #worker: Worker | null = null;
  #running: { readonly job: Waiting; readonly timer: NodeJS.Timeout; readonly onAbort: () => void } | null = null;
  #nextId = 1;
  #isClosed = false;

  constructor(options: WorkshopOptions) {
    this.#jobMsMax = options.jobMsMax ?? documentLimits.jobMsMax;
    this.#queueMax = options.queueMax ?? documentLimits.queueMax;
    this.#queuePerCustomerMax = options.queuePerCustomerMax ?? documentLimits.queuePerCustomerMax;
  }

  run<Name extends JobName>(name: Name, input: JobInput<Name>, scope: JobScope): Promise<JobResult<Name>> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closedError());
      if (scope.signal?.aborted) return reject(scope.signal.reason);
      const queue = this.#queues.get(scope.customerId) ?? [];
      if (this.#waiting >= this.#queueMax || queue.length >= this.#queuePerCustomerMax)
        return reject(
          tooMuch(
            'too many documents are being made; try again in a moment',
            'há documentos demais sendo feitos; tente de novo em instantes',
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
    await this.#worker?.terminate();
    this.#worker = null;
  }

  #next(): void {
    if (this.#running || this.#isClosed) return;
    const job = this.#take();
    if (!job) {
      this.#worker?.unref();
      return;
    }
    if (job.scope.signal?.aborted) {
      job.reject(job.scope.signal.reason);
      this.#next();
      return;
    }
    this.#worker ??= this.#start();
    const worker = this.#worker;
    worker.ref();
    const onAbort = (): void => this.#giveUp(worker, (one) => one.reject(job.scope.signal?.reason));
    const timer = setTimeout(() => this.#giveUp(worker, (one) => one.reject(tooSlow())), this.#jobMsMax);
    job.scope.signal?.addEventListener('abort', onAbort, { once: true });
    this.#running = { job, timer, onAbort };
    worker.postMessage({ id: job.id, name: job.name, input: job.input });
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

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 768 } });
    worker.on('message', (answer: JobAnswer) => {
      if (this.#worker !== worker || answer.id !== this.#running?.job.id) return;
      this.#settle((job) => {
        if (answer.kind === 'done') job.resolve(answer.result);
        else if (answer.kind === 'refused') job.reject(new OperationFailed(answer.said, answer.code));
        else job.reject(answer.error);
      });
    });
    worker.on('error', (error: Error & { code?: string }) =>
      this.#giveUp(worker, (job) => job.reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge() : error)),
    );
    worker.on('exit', () => this.#giveUp(worker, (job) => job.reject(tooLarge())));
    return worker;
  }

  /** Ends the thread and with it the job, which cannot be stopped in any other way; the next job gets a new one. */
  #giveUp(worker: Worker, how: (job: Waiting) => void): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    void worker.terminate();
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
  return tooMuch('the document takes too long', 'o documento demora demais');
}

function tooLarge(): OperationFailed {
  return tooMuch('the document takes too much memory', 'o documento ocupa memória demais');
}

import { EventEmitter } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { OperationFailed } from '../operation.ts';
import { type JobName, jobs } from './jobs.ts';
import type { JobAnswer, JobMessage } from './worker-protocol.ts';

/** One job after the other: the workshop sends the next when this one was answered. */
const port = parentPort!;
// The layout of nested tables listens once for each level; a warning about that would say nothing to anybody.
EventEmitter.defaultMaxListeners = 200;

port.on('message', (message: JobMessage) => {
  void work(message).then((answer) => port.postMessage(answer));
});

async function work({ id, name, input }: JobMessage): Promise<JobAnswer> {
  try {
    // The name and its input come from `DocumentWorkshop.run`, whose types hold them together.
    const job = jobs[name] as (input: JobMessage<JobName>['input']) => Promise<unknown>;
    return { id, kind: 'done', result: await job(input) };
  } catch (error) {
    if (error instanceof OperationFailed) return { id, kind: 'refused', said: error.said, code: error.code };
    return { id, kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}

import { EventEmitter } from 'node:events';
import { OperationFailed } from '../operation.ts';
import { type JobName, jobs } from './jobs.ts';
import type { JobAnswer, JobMessage } from './worker-protocol.ts';

/** The process behind the workshop. One job after the other: the next is sent when this one was answered. */

// The layout of nested tables listens once for each level; a warning about that would say nothing to anybody.
EventEmitter.defaultMaxListeners = 200;

process.on('message', (message: JobMessage) => {
  void work(message).then((answer) => process.send?.(answer));
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0));

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

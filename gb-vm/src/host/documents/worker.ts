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
    if (isMissingBinary(error))
      return {
        id,
        kind: 'refused',
        said: { en: 'pictures cannot be drawn on this machine', pt: 'imagens não podem ser desenhadas nesta máquina' },
        code: 'setting_missing',
      };
    return { id, kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** The library that draws comes as a binary for each kind of machine, and there is none for this one. */
function isMissingBinary(error: unknown): boolean {
  return (
    error instanceof Error && /Cannot find native binding|Failed to load native binding|@napi-rs\/canvas-/.test(error.message)
  );
}

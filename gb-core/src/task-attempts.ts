import { backoffMs, GbError } from 'gb-utils';
import { type NewTask, type TaskHandling, taskBytesMax, taskKeyLengthMax } from './ports/task-queue.ts';

const reasonLengthMax = 500;
const delayMsMax = 30 * 24 * 3_600_000;

/** Attempts before a task is dead, where its handler does not say. */
export const taskAttemptsMax = 8;

/** Its payload as it travels. Throws a `GbError` that says what no queue takes. */
export function taskPayload(task: NewTask): string {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(task.kind)) throw new GbError('malformed', 'A kind of task is a word like "webhook"');
  if (task.key === '' || task.key.length > taskKeyLengthMax || task.key.includes('\0'))
    throw new GbError('malformed', `The key of a task has 1 to ${taskKeyLengthMax} characters`);
  const delayMs = task.delayMs ?? 0;
  if (!(delayMs >= 0 && delayMs <= delayMsMax)) throw new GbError('malformed', 'A task waits for thirty days at most');
  const text = JSON.stringify(task.payload);
  if (Buffer.byteLength(text) > taskBytesMax) throw new GbError('too_large', `A task holds ${taskBytesMax} bytes at most`);
  return text;
}

/** Half of it is fixed: a pause drawn from zero on could use up all attempts at once. */
export function retryPauseMs(failures: number, handling: TaskHandling, random: () => number = Math.random): number {
  const { retryMsMin = 1_000, retryMsMax = 600_000 } = handling;
  const ceiling = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(ceiling / 2) + backoffMs(0, { baseMs: ceiling / 2, maxMs: ceiling / 2, random });
}

/** No further attempt will end otherwise: the handler said so. */
export function isFinalFailure(error: unknown): boolean {
  return error instanceof GbError && !error.retryable;
}

/** A sentence for whoever looks at dead tasks. */
export function reasonOf(error: unknown): string {
  const text =
    error instanceof GbError ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\0', '').slice(0, reasonLengthMax);
}

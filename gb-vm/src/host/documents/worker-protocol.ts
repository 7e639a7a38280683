import type { OperationErrorCode } from 'gb-core';
import type { JobInput, JobName } from './jobs.ts';

export interface JobMessage<Name extends JobName = JobName> {
  readonly id: number;
  readonly name: Name;
  readonly input: JobInput<Name>;
}

/** What became of it: a result, a sentence for the author, or a fault of ours. */
export type JobAnswer =
  | { readonly id: number; readonly kind: 'done'; readonly result: unknown }
  | {
      readonly id: number;
      readonly kind: 'refused';
      readonly said: { readonly en: string; readonly pt: string };
      readonly code: OperationErrorCode;
    }
  | { readonly id: number; readonly kind: 'failed'; readonly error: Error };

import type { OperationSet } from '../operation.ts';
import { approvalOperations } from './approvals.ts';
import { botOperations } from './bots.ts';
import { type CodeRunner, codeOperations } from './code-runner.ts';
import { eventOperations } from './events.ts';
import { runOperations } from './runs.ts';

export type { CodeRunner } from './code-runner.ts';
export { paramsOf, scriptOf } from './scripts.ts';

export interface WorkflowOptions {
  /** Runs code that bots bring along; null refuses it. */
  readonly runner: CodeRunner | null;
}

/** Several bots and people working on one thing. */
export function workflowOperations({ runner }: WorkflowOptions): OperationSet {
  return {
    inTurn: { ...approvalOperations, ...runOperations, ...eventOperations, ...botOperations },
    outside: codeOperations(runner),
  };
}

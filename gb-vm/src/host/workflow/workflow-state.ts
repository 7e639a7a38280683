import type { PlainValue, TurnScope } from 'gb-core';

/** What a conversation keeps of its workflow, in `state.people`. */
export interface WorkflowState {
  /** Of ORCHESTRATE WORKFLOW. */
  readonly name?: string;
  readonly step?: number;
  /** Of TIMEOUT. */
  readonly timeoutSecs?: number;
  /** The last question of HUMAN APPROVAL. */
  readonly approval?: string;
  /** Between PARALLEL and END PARALLEL. */
  readonly isParallel?: boolean;
}

type Scope = Pick<TurnScope, 'state'>;

export const workflowState = {
  read({ state }: Scope): WorkflowState {
    const room = state.people?.['workflow'];
    return typeof room === 'object' && room !== null && !Array.isArray(room) ? (room as WorkflowState) : {};
  },
  change({ state }: Scope, change: WorkflowState): void {
    const workflow = { ...workflowState.read({ state }), ...change } as Record<string, PlainValue>;
    state.people = { ...state.people, workflow };
  },
};

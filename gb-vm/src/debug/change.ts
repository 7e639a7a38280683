import type { CompiledProgram, SnapshotEditor } from 'gb-core';
import { SuspendedConversation } from './suspended.ts';

/**
 * Changes variables of a conversation between two turns, all of them or none, and gives what they were and are now. The
 * values are plain data: nothing of a program is run.
 */
export const changeSnapshot: SnapshotEditor['change'] = (snapshot, program: CompiledProgram, changes, options) => {
  const { locale, snapshotBytesMax } = options;
  const conversation = new SuspendedConversation(program, snapshot, locale);
  const changed = [];
  for (const { frame, target, value } of changes) {
    const before = conversation.look(frame, target);
    const after = conversation.assign(frame, target, value);
    const problem = 'problem' in before ? before.problem : 'problem' in after ? after.problem : null;
    if (problem !== null) return { problem: `${target}: ${problem}` };
    if ('text' in before && 'text' in after) changed.push({ target, before: before.text, after: after.text });
  }
  try {
    return { snapshot: conversation.snapshot(snapshotBytesMax), changed };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'snapshot_too_large')) throw error;
    return {
      problem:
        locale === 'pt-BR'
          ? 'Com isto a conversa guardaria mais do que pode.'
          : 'With this the conversation would keep more than it may.',
    };
  }
};

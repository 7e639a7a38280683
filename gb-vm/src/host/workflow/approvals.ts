import { type Approval, approvalEvent, codeOf, findPerson, type PlainValue, type TurnScope } from 'gb-core';
import type { UserId } from 'gb-protocol';
import type { InTurnOperation } from '../operation.ts';
import { idFor } from '../people/attendance.ts';
import { sendToPerson } from '../people/messages.ts';
import { numberArg, textArg, wordOf, wrong } from '../people/values.ts';
import { workflowState } from './workflow-state.ts';

const year = 366 * 86_400;

/**
 * A person is asked in their direct channel with the bot, with two buttons; only they can answer, once. The conversation
 * waits: TRUE, FALSE, or NULL when the time was over first. ON TIMEOUT and ESCALATE are about the last question asked.
 */
export const approvalOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'HUMAN APPROVAL'(args, scope) {
    await askApproval(scope, wordOf(args['approver']), wordOf(args['text']), args['timeout']);
    return null;
  },

  /** Holds for the steps that follow. */
  async TIMEOUT(args, scope) {
    workflowState.change(scope, { timeoutSecs: numberArg(args['seconds'], seconds, 0, year) });
    return null;
  },

  async 'ON TIMEOUT'(args, scope) {
    const last = await lastApproval(scope);
    const isTimedOut = last !== null && last.decidedAt === null;
    if (!isTimedOut) return last?.isApproved ?? null;
    if (wordOf(args['to']) === '') {
      await scope.tx.approvals.decide(last.id, { isApproved: true, at: scope.nowMs, seq: 0 });
      return true;
    }
    return escalate(scope, wordOf(args['to']), '', last);
  },

  async ESCALATE(args, scope) {
    const last = await lastApproval(scope);
    return escalate(scope, wordOf(args['to']), wordOf(args['reason']), last?.decidedAt === null ? last : null);
  },
};

const seconds = { en: 'the time, in seconds,', pt: 'o tempo, em segundos,' };

/** To somebody else: with an open question it goes on to them, else they are told. */
async function escalate(scope: TurnScope, to: string, reason: string, open: Approval | null): Promise<PlainValue> {
  const name = to.trim().replaceAll('"', '');
  if (open) {
    await scope.tx.approvals.decide(open.id, { isApproved: false, at: scope.nowMs, seq: 0 });
    await askApproval(scope, name, [open.text, reason].filter(Boolean).join('\n\n'), undefined);
    return null;
  }
  const person = await findPerson(scope.tx, name);
  const workflow = workflowState.read(scope).name ?? '';
  const isPortuguese = person.locale === 'pt-BR';
  const about = [workflow === '' ? '' : `**${workflow}**`, reason].filter(Boolean).join(': ');
  const text = isPortuguese ? `Isto foi passado para você. ${about}` : `This was handed to you. ${about}`;
  await sendToPerson(scope, person.id, { text: text.trim() });
  return null;
}

export async function askApproval(
  scope: TurnScope,
  approverName: string,
  given: string,
  timeout: PlainValue | undefined,
): Promise<void> {
  const { tx, nowMs } = scope;
  const approver = await findPerson(tx, textArg(approverName, { en: 'who approves', pt: 'quem aprova' }, 300));
  if (approver.kind !== 'person') throw wrong('a person approves, not a bot', 'quem aprova é uma pessoa, não um robô');
  const state = workflowState.read(scope);
  const secs = timeout === undefined ? state.timeoutSecs : numberArg(timeout, seconds, 0, year);
  const expiresAt = secs === undefined || secs === 0 ? null : nowMs + secs * 1000;
  const id = await idFor(scope, 'approval');
  const code = await codeOf(id);
  const text = (given.trim() || state.name || '').slice(0, 2_000);
  const { botId, conversationId } = scope;
  await tx.approvals.insert({ id, code, botId, conversationId, approverId: approver.id, text, askedAt: nowMs, expiresAt });
  const asker = scope.userId === scope.botUserId ? null : await tx.users.get(scope.userId as UserId);
  const isPortuguese = approver.locale === 'pt-BR';
  const said = (en: string, pt: string): string => (isPortuguese ? pt : en);
  const who = asker === null ? '' : ` (${asker.name})`;
  await sendToPerson(scope, approver.id, {
    text: said(`Your approval is asked for${who}.`, `Sua aprovação foi pedida${who}.`),
    card: {
      ...(text === '' ? {} : { text }),
      facts: [{ name: said('Number', 'Número'), value: code }],
      buttons: [
        { label: said('Approve', 'Aprovar'), text: `${said('/approve', '/aprovar')} ${code}` },
        { label: said('Reject', 'Recusar'), text: `${said('/reject', '/recusar')} ${code}` },
      ],
    },
  });
  workflowState.change(scope, { approval: id });
  scope.suspend({ event: approvalEvent(id), ...(expiresAt === null ? {} : { atMs: expiresAt }) });
}

async function lastApproval(scope: TurnScope): Promise<Approval | null> {
  const { approval } = workflowState.read(scope);
  return approval === undefined ? null : scope.tx.approvals.get(approval);
}

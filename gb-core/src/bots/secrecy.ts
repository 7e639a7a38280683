import type { Locale, UserId } from 'gb-protocol';
import type { BotReply, ConversationState, JournalEntry, ProgramError, SecretState, Store } from '../ports/index.ts';
import type { TurnJob } from './turn-job.ts';

/**
 * HEAR AS PASSWORD. The question says that its answer is a secret, so clients hide what is typed; the message with the
 * answer says nothing of it; and the words themselves lie in a row of their own until the turn that hears them takes it
 * away (`commands/post-secret.ts`). From there on the program has the password in its variables, so of a conversation
 * that heard one nothing is kept that could show it: not what its turns were made of, not the words of its errors.
 */

/**
 * What the program hears in place of the text of the message: the password, when it waits for one. One that is gone - it
 * was brought too long ago - is asked for again. null when the text is what is heard.
 */
export async function heardSecret(store: Store, { customerId, row, cause, answer }: TurnJob): Promise<string | null> {
  const { channelId, state } = row;
  if (!answer?.isSecret || cause !== 'answer' || channelId === null || !state.secret?.asks) return null;
  return (await store.read(customerId, (tx) => tx.secretAnswers.get(channelId, answer.seq))) ?? '';
}

/**
 * Whether this turn, or one before it, was given a password. Only where one was asked for: what somebody merely says to be
 * one nobody hears, and it must not keep those who look after the bot from seeing what is done to it.
 */
export function hasHeardSecret({ row, answer }: Pick<TurnJob, 'row' | 'answer'>): boolean {
  const { secret } = row.state;
  return secret?.heard === true || (secret?.asks === true && answer?.isSecret === true);
}

export function withSecrecy(state: ConversationState, isHeard: boolean, asks: boolean): ConversationState {
  const { secret: _, ...rest } = state;
  const secret: SecretState = { ...(asks ? { asks } : {}), ...(isHeard ? { heard: true } : {}) };
  return asks || isHeard ? { ...rest, secret } : rest;
}

/** A run that is over needs nothing any more of what it was given by a conversation that heard a password. */
export function withoutParams(state: ConversationState): ConversationState {
  return state.run && state.secret?.heard ? { ...state, run: { ...state.run, params: {} } } : state;
}

/** The question says what its answer is. One without words gets some. */
export function askSecretly(replies: BotReply[], asksSecret: UserId, locale: Locale): void {
  const last = replies.at(-1);
  if (last) replies[replies.length - 1] = { ...last, asksSecret };
  else replies.push({ text: locale === 'pt-BR' ? 'Por favor, envie a senha.' : 'Please send the password.', asksSecret });
}

/** An error without its sentence, which may quote a value. Where it happened stays. */
export function discreet(error: ProgramError, locale: Locale): ProgramError {
  const message =
    locale === 'pt-BR'
      ? 'Esta conversa ouviu uma senha, então as palavras do erro não são guardadas.'
      : 'This conversation heard a password, so the words of the error are not kept.';
  return { ...error, message };
}

/** What a turn was made of, as the journal may have it. */
export function discreetInput(input: JournalEntry['input']): JournalEntry['input'] {
  return { ...input, result: null, results: null, variables: {} };
}

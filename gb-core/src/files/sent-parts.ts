import {
  type ChannelId,
  type FileId,
  type FormAnswer,
  formProblems,
  limits,
  type Message,
  type MessageParts,
  type PostMessage,
  type Seq,
  sayAnswers,
} from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { Actor } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import type { Tx } from '../ports/index.ts';
import { toAttachment } from './keep-file.ts';

/**
 * What a person sends besides the text, checked: files they uploaded themselves, and answers that fit the form they are
 * for, which stands in the same channel and thread. An answer without a text gets one that says the same in words.
 */
export async function sentParts(
  tx: Tx,
  actor: Actor,
  channelId: ChannelId,
  input: Pick<PostMessage, 'text' | 'threadSeq' | 'attachmentIds' | 'formAnswer'>,
): Promise<{ readonly text: string; readonly parts: MessageParts }> {
  const { formAnswer } = input;
  const form = formAnswer && (await formOf(tx, channelId, input.threadSeq ?? null, formAnswer));
  const answered = form ? form.fields.filter(({ type }) => type === 'file').map(({ name }) => formAnswer!.values[name]) : [];
  const ids = [
    ...new Set([...(input.attachmentIds ?? []), ...answered.filter((id): id is FileId => typeof id === 'string' && id !== '')]),
  ];
  if (ids.length > limits.attachmentsPerMessageMax)
    throw fail('too_large', `A message holds at most ${limits.attachmentsPerMessageMax} files.`);
  const files = await tx.files.many(ids.filter((id) => isUuid(id)));
  // A file of somebody else, of a bot, or none at all: the answer is the same.
  const own = files.filter((file) => file.ownerId === actor.userId && file.botId === null);
  if (own.length !== ids.length) throw notFound('file');
  let { text } = input;
  if (form && text.trim() === '') {
    const locale = (await tx.users.get(actor.userId))?.locale ?? 'en';
    text = sayAnswers(form, formAnswer!.values, locale, (id) => own.find((file) => file.id === id)?.name)
      .slice(0, limits.messageTextMax)
      .toWellFormed();
  }
  return {
    text,
    parts: {
      ...(own.length > 0 ? { attachments: own.map(toAttachment) } : {}),
      ...(form ? { formAnswer: { seq: formAnswer!.seq, values: formAnswer!.values } } : {}),
    },
  };
}

async function formOf(tx: Tx, channelId: ChannelId, threadSeq: Seq | null, { seq, values }: FormAnswer) {
  const message = await tx.messages.get(channelId, seq);
  if (!message?.form || !isInPlace(message, threadSeq)) throw notFound('form');
  const [first] = formProblems(message.form, values);
  if (first) throw fail('malformed', `The answer to "${first[0].slice(0, limits.formNameMax)}" does not fit: ${first[1]}.`);
  return message.form;
}

/** Where the form stands, or in the thread that it starts. */
function isInPlace(message: Message, threadSeq: Seq | null): boolean {
  return message.threadSeq === threadSeq || message.seq === threadSeq;
}

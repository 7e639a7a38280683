import { limits } from 'gb-protocol';
import type { BotReply, PlainValue } from '../ports/index.ts';

/** A suggestion is a button: what is longer than this is no quick answer. */
const suggestionLengthMax = 200;

/** A reply as one message can take it. */
export interface ReplyMessage extends BotReply {
  readonly suggestions: readonly string[];
}

/**
 * What a program says, as messages that can be stored. A program may build any text; one that could not be stored would
 * fail its whole turn again and again. So signs that are no text are replaced, and a long text becomes several messages,
 * parted at line ends where there are some.
 */
export function toMessages(replies: readonly BotReply[]): readonly ReplyMessage[] {
  return replies.flatMap(({ text, suggestions, ...parts }) => {
    const texts = split(clean(text));
    if (texts.length === 0 && (parts.files || parts.card || parts.form)) texts.push('');
    const buttons = (suggestions ?? [])
      .slice(0, limits.suggestionsMax)
      .map((one) => clean(one).slice(0, suggestionLengthMax).toWellFormed());
    // The buttons and all the rest belong to the last part.
    return texts.map((one, i) =>
      i === texts.length - 1 ? { ...parts, text: one, suggestions: buttons } : { text: one, suggestions: [] },
    );
  });
}

/** Goes on with what a turn says: choices that come without words go with the words before them. */
export function addReplies(said: BotReply[], more: readonly BotReply[]): void {
  for (const reply of more) {
    const last = said.at(-1);
    if (isOnlyChoices(reply) && last && !last.suggestions) said[said.length - 1] = { ...last, suggestions: reply.suggestions! };
    else said.push(reply);
  }
}

/** A card with choices below it is more than its choices. */
function isOnlyChoices({ text, suggestions, card, form, files }: BotReply): boolean {
  return suggestions !== undefined && text === '' && !card && !form && !files;
}

/** Whether choices could go with what was said last. */
export function canTakeChoices(said: readonly BotReply[]): boolean {
  const last = said.at(-1);
  return last !== undefined && !last.suggestions;
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

function split(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limits.messageTextMax) {
    const lineEnd = rest.lastIndexOf('\n', limits.messageTextMax - 1);
    let at = lineEnd > limits.messageTextMax / 2 ? lineEnd + 1 : limits.messageTextMax;
    // Not between the two halves of one character.
    const before = rest.charCodeAt(at - 1);
    if (before >= 0xd800 && before <= 0xdbff) at -= 1;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  parts.push(rest);
  return parts.filter((part) => part.trim() !== '');
}

/** A value as something said: a text, or a file. */
export function readReply(value: PlainValue): BotReply {
  if (typeof value === 'string') return { text: value };
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const { text, file, files, suggestions } = value as { readonly [name: string]: PlainValue };
    const buttons = Array.isArray(suggestions) ? suggestions.filter((one) => typeof one === 'string') : [];
    const ids = [file, ...(Array.isArray(files) ? files : [])].filter((one): one is string => typeof one === 'string');
    if (typeof text === 'string' || ids.length > 0)
      return {
        text: typeof text === 'string' ? text : '',
        files: ids,
        ...(buttons.length > 0 ? { suggestions: buttons } : {}),
      };
  }
  return { text: value === null ? '' : JSON.stringify(value) };
}

import { limits } from 'gb-protocol';
import type { BotReply } from '../ports/index.ts';

/** A suggestion is a button: what is longer than this is no quick answer. */
const suggestionLengthMax = 200;

/**
 * What a program says, as messages that can be stored. A program may build any text; one that could not be stored would
 * fail its whole turn again and again. So signs that are no text are replaced, and a long text becomes several messages,
 * parted at line ends where there are some.
 */
export function toMessages(replies: readonly BotReply[]): readonly { text: string; suggestions: readonly string[] }[] {
  return replies.flatMap((reply) => {
    const parts = split(clean(reply.text));
    const suggestions = (reply.suggestions ?? [])
      .slice(0, limits.suggestionsMax)
      .map((one) => clean(one).slice(0, suggestionLengthMax).toWellFormed());
    // The buttons belong to the last part.
    return parts.map((text, i) => ({ text, suggestions: i === parts.length - 1 ? suggestions : [] }));
  });
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

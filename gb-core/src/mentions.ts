import type { UserId } from 'gb-protocol';

/** Handles as they stand after an @: letters, digits, dot, dash and underscore, not ending in a dot (the sentence's). */
const mention = /(?<![\p{L}\p{N}_@.`/])@([a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9_-])?)/giu;
const channelWords = new Set(['channel', 'canal', 'everyone', 'todos']);

export interface Mentions {
  readonly users: readonly UserId[];
  readonly channel: boolean;
}

/** Finds who a Markdown text mentions. What stands in code is not a mention. */
export function findMentions(text: string, byHandle: ReadonlyMap<string, UserId>): Mentions {
  if (!text.includes('@')) return { users: [], channel: false };
  const users = new Set<UserId>();
  let channel = false;
  for (const match of withoutCode(text).matchAll(mention)) {
    const handle = match[1]!.toLowerCase();
    const user = byHandle.get(handle);
    if (user) users.add(user);
    else if (channelWords.has(handle)) channel = true;
  }
  return { users: [...users], channel };
}

/** Blanks fenced blocks and code spans (CommonMark 0.31, sections 4.5 and 6.1, near enough for mentions). */
function withoutCode(text: string): string {
  return text
    .replace(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^\1[ \t]*$|$(?![\s\S]))/gm, ' ')
    .replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, ' ');
}

import type { UserId } from 'gb-protocol';

/** Handles as they stand after an @: letters, digits, dot, dash and underscore, not ending in a dot (the sentence's). */
const mention = /(?<![\p{L}\p{N}_@.`/])@([a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9_-])?)/giu;
const channelWords = new Set(['channel', 'canal', 'everyone', 'todos']);

export interface Mentions {
  readonly users: readonly UserId[];
  readonly channel: boolean;
}

/** Finds who a Markdown text mentions. What stands in code is not a mention. Linear in the length of the text. */
export function findMentions(text: string, byHandle: ReadonlyMap<string, UserId>): Mentions {
  if (!text.includes('@')) return { users: [], channel: false };
  const users = new Set<UserId>();
  let channel = false;
  for (const match of withoutSpans(withoutFences(text)).matchAll(mention)) {
    const handle = match[1]!.toLowerCase();
    const user = byHandle.get(handle);
    if (user) users.add(user);
    else if (channelWords.has(handle)) channel = true;
  }
  return { users: [...users], channel };
}

/** Drops fenced code blocks (CommonMark 0.31, section 4.5): a block ends at a fence at least as long, or with the text. */
function withoutFences(text: string): string {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const marks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === null) {
      const info = marks ? line.slice(line.indexOf(marks) + marks.length) : '';
      // A backtick fence has no backticks after it; such a line is a code span.
      if (marks && !(marks.startsWith('`') && info.includes('`'))) fence = marks;
      else kept.push(line);
    } else if (marks?.startsWith(fence) && line.trim() === marks) fence = null;
  }
  return kept.join('\n');
}

/**
 * Drops code spans (CommonMark 0.31, section 6.1): a run of backticks up to the next run of the same length. The next
 * runs are looked up from the end once, because searching for each would be quadratic in a text of backticks.
 */
function withoutSpans(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((match) => ({ at: match.index, length: match[0].length, next: -1 }));
  const last = new Map<number, number>();
  for (let i = runs.length - 1; i >= 0; i--) {
    const run = runs[i]!;
    run.next = last.get(run.length) ?? -1;
    last.set(run.length, i);
  }
  let kept = '';
  let from = 0;
  for (let i = 0; i < runs.length; i++) {
    const { at, next } = runs[i]!;
    if (next < 0) continue;
    kept += `${text.slice(from, at)} `;
    const closing = runs[next]!;
    from = closing.at + closing.length;
    i = next;
  }
  return kept + text.slice(from);
}

/** Finds what in a stretch of plain text may refer to a person or a channel. Whether it does, the directory decides. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'person'; readonly text: string; readonly handle: string }
  | { readonly kind: 'channel'; readonly text: string; readonly name: string };

const pattern = /(^|[^\p{L}\p{N}_@#/.])(?:@([\p{L}\p{N}][\p{L}\p{N}._-]*)|#([\p{L}\p{N}][\p{L}\p{N}_-]*))/gu;

export interface Directory {
  hasHandle(handle: string): boolean;
  hasChannel(name: string): boolean;
}

export function splitMentions(text: string, directory: Directory): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  const push = (until: number): void => {
    if (until > from) parts.push({ kind: 'text', text: text.slice(from, until) });
  };
  for (const match of text.matchAll(pattern)) {
    const start = match.index + match[1]!.length;
    if (match[2] !== undefined) {
      const handle = knownPrefix(match[2], (name) => directory.hasHandle(name.toLowerCase()));
      if (handle === null) continue;
      push(start);
      parts.push({ kind: 'person', text: `@${handle}`, handle: handle.toLowerCase() });
      from = start + 1 + handle.length;
    } else if (match[3] !== undefined && directory.hasChannel(match[3].toLowerCase())) {
      push(start);
      parts.push({ kind: 'channel', text: `#${match[3]}`, name: match[3].toLowerCase() });
      from = start + 1 + match[3].length;
    }
  }
  push(text.length);
  return parts;
}

/** "@ana." at the end of a sentence means ana, unless somebody is called "ana.". */
function knownPrefix(name: string, isKnown: (name: string) => boolean): string | null {
  let rest = name;
  while (rest !== '') {
    if (isKnown(rest)) return rest;
    const shorter = rest.replace(/[._-]+$/, '');
    if (shorter === rest) return null;
    rest = shorter;
  }
  return null;
}

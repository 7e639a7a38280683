/** Marks around the selection: Ctrl+B, Ctrl+I, Ctrl+E. Pressed again they come off. */
export interface Selection {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const marks: Readonly<Record<string, string>> = { b: '**', i: '_', e: '`' };

export function markFor(key: string): string | null {
  return marks[key.toLowerCase()] ?? null;
}

export function toggleMark({ text, start, end }: Selection, mark: string): Selection {
  const size = mark.length;
  const inside = text.slice(start, end);
  if (text.slice(start - size, start) === mark && text.slice(end, end + size) === mark) {
    return { text: text.slice(0, start - size) + inside + text.slice(end + size), start: start - size, end: end - size };
  }
  if (inside.length >= size * 2 && inside.startsWith(mark) && inside.endsWith(mark)) {
    return { text: text.slice(0, start) + inside.slice(size, -size) + text.slice(end), start, end: end - size * 2 };
  }
  return { text: text.slice(0, start) + mark + inside + mark + text.slice(end), start: start + size, end: end + size };
}

/** Continues a list or quote on the next line; an empty item ends it. Null: an ordinary line break. */
export function continueLine(text: string, caret: number): { readonly text: string; readonly caret: number } | null {
  const lineStart = text.lastIndexOf('\n', caret - 1) + 1;
  const match = /^(\s*)([-*+]|\d{1,4}[.)]|>)(\s+)(.*)$/.exec(text.slice(lineStart, caret));
  if (!match) return null;
  const [, indent, bullet, space, rest] = match;
  if (rest === '') return { text: text.slice(0, lineStart) + text.slice(caret), caret: lineStart };
  const next = /^\d/.test(bullet!) ? `${Number.parseInt(bullet!, 10) + 1}${bullet!.at(-1)}` : bullet!;
  const insert = `\n${indent}${next}${space}`;
  return { text: text.slice(0, caret) + insert + text.slice(caret), caret: caret + insert.length };
}

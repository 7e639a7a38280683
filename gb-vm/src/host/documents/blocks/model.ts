/**
 * What a document says, without how it looks: every format is read into these blocks and written from them, so that
 * adding a format adds two functions and not one for each pair.
 */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly runs: readonly Run[] }
  | { readonly kind: 'paragraph'; readonly runs: readonly Run[] }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'table'; readonly header: TableRow | null; readonly rows: readonly TableRow[] }
  | { readonly kind: 'picture'; readonly source: string; readonly alt: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'rule' }
  | { readonly kind: 'pageBreak' };

/** The cells of a row. */
export type TableRow = readonly (readonly Run[])[];

/** A piece of text that looks the same from end to end. A line break is `\n` in it. */
export interface Run {
  readonly text: string;
  readonly isBold?: boolean;
  readonly isItalic?: boolean;
  readonly isCode?: boolean;
  readonly isStruck?: boolean;
  readonly link?: string;
}

/** How deep blocks may lie in one another; what is deeper is read as if it lay there. */
export const depthMax = 40;

export function plainOf(runs: readonly Run[]): string {
  return runs.map((run) => run.text).join('');
}

/** Without runs of nothing, and without blanks at both ends. */
export function trimmed(runs: readonly Run[]): Run[] {
  const kept = runs.filter((run) => run.text !== '');
  while (kept.length > 0 && kept[0]!.text.trimStart() === '') kept.shift();
  while (kept.length > 0 && kept.at(-1)!.text.trimEnd() === '') kept.pop();
  if (kept.length > 0) {
    kept[0] = { ...kept[0]!, text: kept[0]!.text.trimStart() };
    kept[kept.length - 1] = { ...kept.at(-1)!, text: kept.at(-1)!.text.trimEnd() };
  }
  return kept;
}

/** Only addresses that lead to the web or to a mailbox are kept as links. */
export function safeLink(address: string | null | undefined): string | null {
  const text = (address ?? '').trim();
  return /^(?:https?:\/\/|mailto:|tel:)/i.test(text) && text.length <= 2_000 ? text : null;
}

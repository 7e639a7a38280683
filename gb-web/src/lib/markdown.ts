import type { Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/**
 * Markdown to a tree. The tree is drawn by our own renderer (channel/markdown-view.tsx), so no text of a message ever
 * becomes HTML: raw HTML is a node whose text is shown.
 *
 * Parsing is more than linear for some inputs made to hurt (thousands of nested quotes or unclosed brackets). Such a
 * text is not Markdown anybody wrote; it is shown as it is.
 */
export type MarkdownTree = { readonly kind: 'tree'; readonly root: Root } | { readonly kind: 'plain'; readonly text: string };

const cacheMax = 400;
const cache = new Map<string, MarkdownTree>();
const extensions = [gfm({ singleTilde: false })];
const mdastExtensions = [gfmFromMarkdown()];

export function parseMarkdown(text: string): MarkdownTree {
  const known = cache.get(text);
  if (known) return known;
  const tree: MarkdownTree = isCostly(text)
    ? { kind: 'plain', text }
    : { kind: 'tree', root: fromMarkdown(text, { extensions, mdastExtensions }) };
  if (cache.size >= cacheMax) {
    const oldest = cache.keys().next().value;
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(text, tree);
  return tree;
}

const nestingMax = 24;
const marksMax = 1_500;
const deepItemsMax = 8;
const underlinesMax = 200;

/** Counts what makes the parser work: containers opened on one line, and characters that may open or close something. */
export function isCostly(text: string): boolean {
  let marks = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    // * _ ~ [ ] < & ` ! \
    if (c === 42 || c === 95 || c === 126 || c === 91 || c === 93 || c === 60 || c === 38 || c === 96 || c === 33 || c === 92)
      marks += 1;
  }
  if (marks > marksMax) return true;
  let deepItems = 0;
  let underlines = 0;
  for (const line of text.split('\n')) {
    if (/^\s{60}\s*([>*+-]|\d+[.)])\s/.test(line) && ++deepItems > deepItemsMax) return true;
    // Each may turn what stands above it into a heading, and the parser looks back every time.
    if (/^\s*(=+|-+)\s*$/.test(line) && ++underlines > underlinesMax) return true;
    const containers = line.match(/^[\s>*+\-\d.)]+/)?.[0].match(/>|[*+-](?=\s)|\d[.)](?=\s)/g)?.length ?? 0;
    if (containers > nestingMax) return true;
  }
  return false;
}

/** The first words of a message without its marks, for notifications, previews and labels. */
export function plainText(text: string, max = 200): string {
  const tree = parseMarkdown(text);
  if (tree.kind === 'plain') return text.slice(0, max);
  const parts: string[] = [];
  let length = 0;
  const walk = (node: { type: string; value?: string; alt?: string | null; children?: unknown[] }): void => {
    if (length >= max) return;
    const own = node.value ?? node.alt ?? '';
    if (own !== '') {
      parts.push(own);
      length += own.length;
    }
    for (const child of node.children ?? []) walk(child as typeof node);
    if (['paragraph', 'heading', 'listItem', 'code', 'tableRow', 'tableCell', 'break'].includes(node.type)) parts.push(' ');
  };
  walk(tree.root);
  return parts.join('').replace(/\s+/g, ' ').trim().slice(0, max);
}

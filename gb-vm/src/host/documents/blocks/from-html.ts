import type { ChildNode, Element } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { type Block, depthMax, type Run, safeLink, type TableRow, trimmed } from './model.ts';

/**
 * The blocks of a page. Scripts, styles and forms say nothing; what a browser would lay out as a box of its own ends the
 * paragraph before it. Nothing is ever fetched.
 */
export function readHtml(html: string): Block[] {
  const reader = new HtmlReader();
  reader.take(parseDocument(html, { lowerCaseTags: true, decodeEntities: true }).children, {}, 0);
  return reader.end();
}

/** The title of a page, or an empty text. */
export function titleOfHtml(html: string): string {
  return /<title[^>]*>([^<]{0,200})<\/title>/i.exec(html.slice(0, 20_000))?.[1]?.trim() ?? '';
}

const silent = new Set([
  'script',
  'style',
  'head',
  'template',
  'noscript',
  'iframe',
  'object',
  'svg',
  'select',
  'textarea',
  'title',
]);
const boxes = new Set(
  'p div section article header footer main aside nav address figure figcaption form fieldset dl dt dd details summary center'.split(
    ' ',
  ),
);
/** Deeper than any page of a person; a tree made to overflow the stack ends here. */
const nodesDeepMax = 400;

type Look = Omit<Run, 'text'>;

class HtmlReader {
  readonly #blocks: Block[] = [];
  #runs: Run[] = [];

  end(): Block[] {
    this.#endParagraph();
    return this.#blocks;
  }

  take(nodes: readonly ChildNode[], look: Look, depth: number): void {
    if (depth > nodesDeepMax) return;
    for (const node of nodes) {
      if (node.type === 'text') this.#text(node.data, look);
      else if ('name' in node && 'attribs' in node) this.#element(node, look, depth);
      else if ('children' in node) this.take(node.children, look, depth + 1);
    }
  }

  #text(data: string, look: Look): void {
    const text = data.replace(/[ \t\r\n\f]+/g, ' ');
    const before = this.#runs.at(-1)?.text ?? ' ';
    const kept = /\s$/.test(before) ? text.replace(/^ /, '') : text;
    if (kept !== '') this.#runs.push({ ...look, text: kept });
  }

  #element(element: Element, look: Look, depth: number): void {
    const { name } = element;
    const inside = (change: Look = {}): void => this.take(element.children, { ...look, ...change }, depth + 1);
    if (silent.has(name)) return;
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level !== undefined) {
      this.#endParagraph();
      const runs = trimmed(this.#runsInside(element, look, depth));
      if (runs.length > 0) this.#blocks.push({ kind: 'heading', level: Number(level), runs });
    } else if (name === 'br') this.#runs.push({ ...look, text: '\n' });
    else if (name === 'hr') this.#push(this.#isPageBreak(element) ? { kind: 'pageBreak' } : { kind: 'rule' });
    else if (name === 'img')
      this.#push({ kind: 'picture', source: element.attribs['src'] ?? '', alt: element.attribs['alt'] ?? '' });
    else if (name === 'ul' || name === 'ol') this.#push(this.#list(element, depth));
    else if (name === 'table') this.#push(...this.#table(element, depth));
    else if (name === 'blockquote') this.#push({ kind: 'quote', blocks: this.#inside(element, depth) });
    else if (name === 'pre') this.#push({ kind: 'code', text: textInside(element).replace(/^\n|\n$/g, '') });
    else if (boxes.has(name) || name === 'body' || name === 'html' || name === 'li') {
      this.#endParagraph();
      if (this.#isPageBreak(element)) this.#blocks.push({ kind: 'pageBreak' });
      inside();
      this.#endParagraph();
    } else if (name === 'b' || name === 'strong') inside({ isBold: true });
    else if (name === 'i' || name === 'em') inside({ isItalic: true });
    else if (name === 's' || name === 'del' || name === 'strike') inside({ isStruck: true });
    else if (name === 'code' || name === 'kbd' || name === 'samp') inside({ isCode: true });
    else if (name === 'a') {
      const link = safeLink(element.attribs['href']);
      inside(link === null ? {} : { link });
    } else inside();
  }

  #isPageBreak(element: Element): boolean {
    return /page-break-(?:before|after)\s*:\s*always|break-(?:before|after)\s*:\s*page/i.test(element.attribs['style'] ?? '');
  }

  #runsInside(element: Element, look: Look, depth: number): Run[] {
    const inner = new HtmlReader();
    inner.take(element.children, look, depth + 1);
    return inner.end().flatMap((block) => ('runs' in block ? block.runs : []));
  }

  #inside(element: Element, depth: number): Block[] {
    const inner = new HtmlReader();
    inner.take(element.children, {}, depth + 1);
    return inner.end();
  }

  #list(element: Element, depth: number): Block {
    const items = elementsOf(element, 'li').map((item) => (depth > depthMax * 4 ? [] : this.#inside(item, depth + 1)));
    return { kind: 'list', isOrdered: element.name === 'ol', start: Number(element.attribs['start'] ?? 1) || 1, items };
  }

  /** A table of pictures or lists is a layout and no table: its cells are read one after the other. */
  #table(element: Element, depth: number): Block[] {
    const parts = ['thead', 'tbody', 'tfoot'].flatMap((name) => elementsOf(element, name));
    const lines = [element, ...parts].flatMap((part) => elementsOf(part, 'tr'));
    const isHead = (line: Element): boolean =>
      (line.parent as Element | null)?.name === 'thead' ||
      (elementsOf(line, 'th').length > 0 && elementsOf(line, 'td').length === 0);
    const cellsOf = (line: Element): Element[] =>
      line.children.filter((child): child is Element => 'name' in child && (child.name === 'td' || child.name === 'th'));
    const inner = lines.map((line) => cellsOf(line).map((cell) => this.#inside(cell, depth + 1)));
    if (inner.some((cells) => cells.some((blocks) => blocks.some((block) => block.kind === 'picture' || block.kind === 'table'))))
      return inner.flat(2);
    const rows: TableRow[] = inner.map((cells) => cells.map(runsOfCell));
    const header = lines[0] && isHead(lines[0]) ? rows[0]! : null;
    const body = header ? rows.slice(1) : rows;
    return body.length > 0 || header ? [{ kind: 'table', header, rows: body }] : [];
  }

  #push(...blocks: Block[]): void {
    this.#endParagraph();
    this.#blocks.push(...blocks);
  }

  #endParagraph(): void {
    const runs = trimmed(this.#runs);
    if (runs.length > 0) this.#blocks.push({ kind: 'paragraph', runs });
    this.#runs = [];
  }
}

function elementsOf(parent: Element, name: string): Element[] {
  return parent.children.filter((child): child is Element => 'name' in child && child.name === name);
}

function runsOfCell(blocks: readonly Block[]): Run[] {
  const lines = blocks.flatMap((block): Run[][] => {
    if ('runs' in block) return [[...block.runs]];
    if (block.kind === 'list') return block.items.map((item) => [{ text: '• ' }, ...runsOfCell(item)]);
    if (block.kind === 'quote') return [runsOfCell(block.blocks)];
    return block.kind === 'code' ? [[{ text: block.text, isCode: true }]] : [];
  });
  return lines.flatMap((line, at) => (at === 0 ? line : [{ text: '\n' }, ...line]));
}

/** The text of `pre`, as it stands there. */
function textInside(element: Element): string {
  let text = '';
  const stack: ChildNode[] = [...element.children].reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.type === 'text') text += node.data;
    else if ('children' in node) for (let at = node.children.length - 1; at >= 0; at--) stack.push(node.children[at]!);
  }
  return text;
}

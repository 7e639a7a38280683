import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { readHtml } from './from-html.ts';
import { type Block, depthMax, type Run, safeLink, type TableRow, trimmed } from './model.ts';

/** The part of the tree that we look at; its own types are many and say no more. */
interface Node {
  readonly type: string;
  readonly children?: readonly Node[];
  readonly value?: string;
  readonly depth?: number;
  readonly ordered?: boolean | null;
  readonly start?: number | null;
  readonly checked?: boolean | null;
  readonly url?: string;
  readonly alt?: string | null;
}

export function readMarkdown(text: string): Block[] {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node;
  return blocksOf(tree.children ?? [], 0);
}

function blocksOf(nodes: readonly Node[], depth: number): Block[] {
  return nodes.flatMap((node) => blockOf(node, depth));
}

function blockOf(node: Node, depth: number): Block[] {
  const children = node.children ?? [];
  switch (node.type) {
    case 'heading':
      return [{ kind: 'heading', level: node.depth ?? 1, runs: runsOf(children) }];
    case 'paragraph':
      return paragraph(children);
    case 'list':
      if (depth > depthMax) return children.flatMap((item) => blocksOf(item.children ?? [], depth));
      return [
        {
          kind: 'list',
          isOrdered: node.ordered === true,
          start: node.start ?? 1,
          items: children.map((item) => ticked(item, blocksOf(item.children ?? [], depth + 1))),
        },
      ];
    case 'blockquote':
      return depth > depthMax ? blocksOf(children, depth) : [{ kind: 'quote', blocks: blocksOf(children, depth + 1) }];
    case 'code':
      return [{ kind: 'code', text: node.value ?? '' }];
    case 'thematicBreak':
      return [{ kind: 'rule' }];
    case 'table':
      return [{ kind: 'table', header: rowOf(children[0]), rows: children.slice(1).map((row) => rowOf(row) ?? []) }];
    case 'html':
      return readHtml(node.value ?? '');
    case 'footnoteDefinition':
      return blocksOf(children, depth);
    default:
      return [];
  }
}

function ticked(item: Node, blocks: readonly Block[]): readonly Block[] {
  if (typeof item.checked !== 'boolean') return blocks;
  const mark: Run = { text: item.checked ? '[x] ' : '[ ] ' };
  const [first, ...rest] = blocks;
  return first?.kind === 'paragraph'
    ? [{ ...first, runs: [mark, ...first.runs] }, ...rest]
    : [{ kind: 'paragraph', runs: [mark] }, ...blocks];
}

function rowOf(row: Node | undefined): TableRow | null {
  return row ? (row.children ?? []).map((cell) => runsOf(cell.children ?? [])) : null;
}

/** Pictures stand by themselves, so they part the text around them. */
function paragraph(children: readonly Node[]): Block[] {
  const blocks: Block[] = [];
  let line: Node[] = [];
  const end = (): void => {
    const runs = trimmed(runsOf(line));
    if (runs.length > 0) blocks.push({ kind: 'paragraph', runs });
    line = [];
  };
  for (const child of children) {
    if (child.type === 'image') {
      end();
      blocks.push({ kind: 'picture', source: child.url ?? '', alt: child.alt ?? '' });
    } else line.push(child);
  }
  end();
  return blocks;
}

function runsOf(nodes: readonly Node[], look: Omit<Run, 'text'> = {}): Run[] {
  return nodes.flatMap((node): Run[] => {
    const children = node.children ?? [];
    switch (node.type) {
      case 'text':
        return [{ ...look, text: (node.value ?? '').replace(/\r?\n/g, ' ') }];
      case 'inlineCode':
        return [{ ...look, text: node.value ?? '', isCode: true }];
      case 'strong':
        return runsOf(children, { ...look, isBold: true });
      case 'emphasis':
        return runsOf(children, { ...look, isItalic: true });
      case 'delete':
        return runsOf(children, { ...look, isStruck: true });
      case 'link': {
        const link = safeLink(node.url);
        return runsOf(children, link === null ? look : { ...look, link });
      }
      case 'break':
        return [{ ...look, text: '\n' }];
      case 'image':
        return [{ ...look, text: node.alt ?? '' }];
      case 'html':
        return /^<br\s*\/?>$/i.test(node.value ?? '') ? [{ ...look, text: '\n' }] : [];
      default:
        return runsOf(children, look);
    }
  });
}

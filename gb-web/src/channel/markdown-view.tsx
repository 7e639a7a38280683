import type { Nodes, PhrasingContent, Root, RootContent, Table } from 'mdast';
import { createContext, Fragment, memo, type ReactNode, use } from 'react';
import { parseMarkdown } from '../lib/markdown.ts';
import { type Directory, splitMentions } from '../lib/mentions.ts';
import { safeUrl, withoutReordering } from '../lib/safe-text.ts';
import { CodeBlock } from './code-block.tsx';

/**
 * Draws the tree of a message as React elements, one case per node type. There is no way from a message to HTML:
 * raw HTML is shown as the text it is, links open only what `safeUrl` allows, images of other hosts become links, so
 * that reading a message tells nobody that it was read.
 */

/** Who and what can be referred to, and how a reference is drawn. */
export interface References extends Directory {
  person(handle: string, text: string): ReactNode;
  channel(name: string, text: string): ReactNode;
}

const noReferences: References = {
  hasHandle: () => false,
  hasChannel: () => false,
  person: (_, text) => text,
  channel: (_, text) => text,
};

export const ReferencesContext = createContext<References>(noReferences);

/** Deeper than this a tree is drawn as its text: nobody reads the twentieth level, and the stack has an end. */
const depthMax = 20;

export const MarkdownView = memo(function MarkdownView({ text }: { text: string }) {
  const references = use(ReferencesContext);
  const tree = parseMarkdown(text);
  if (tree.kind === 'plain') return <p className="md-plain">{withoutReordering(tree.text)}</p>;
  return renderTree(tree.root, references);
});

export function renderTree(root: Root, references: References): ReactNode {
  return blocks(root.children, { references, definitions: definitionsOf(root), depth: 0 });
}

interface Drawing {
  readonly references: References;
  readonly definitions: ReadonlyMap<string, string>;
  readonly depth: number;
}

function definitionsOf(root: Root): Map<string, string> {
  const found = new Map<string, string>();
  for (const node of root.children)
    if (node.type === 'definition' && !found.has(node.identifier)) found.set(node.identifier, node.url);
  return found;
}

function blocks(nodes: readonly RootContent[], drawing: Drawing): ReactNode {
  // A node's place is its identity: the tree of one text never changes.
  return nodes.map((node, index) => <Fragment key={keyOf(node, index)}>{block(node, drawing)}</Fragment>);
}

function keyOf(node: Nodes, index: number): string {
  return `${index}:${node.type}`;
}

function block(node: RootContent, outer: Drawing): ReactNode {
  if (outer.depth >= depthMax) return <p dir="auto">{withoutReordering(textOf(node))}</p>;
  const drawing = { ...outer, depth: outer.depth + 1 };
  switch (node.type) {
    case 'paragraph':
      return <p dir="auto">{inline(node.children, drawing)}</p>;
    case 'heading':
      // A message is not a document: its headings look like headings but do not enter the page's outline.
      return (
        <p className={`md-heading md-h${Math.min(node.depth, 3)}`} dir="auto">
          {inline(node.children, drawing)}
        </p>
      );
    case 'blockquote':
      return <blockquote>{blocks(node.children, drawing)}</blockquote>;
    case 'list': {
      const items = node.children.map((item, index) => (
        <li key={keyOf(item, index)} className={item.checked == null ? undefined : 'md-task'}>
          {item.checked == null ? null : (
            <input type="checkbox" checked={item.checked} disabled aria-label={textOf(item).slice(0, 80)} />
          )}
          {blocks(item.children, drawing)}
        </li>
      ));
      return node.ordered ? <ol start={node.start ?? 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case 'code':
      return <CodeBlock code={node.value} language={node.lang ?? ''} />;
    case 'thematicBreak':
      return <hr />;
    case 'table':
      return table(node, drawing);
    case 'html':
      return <p className="md-plain">{withoutReordering(node.value)}</p>;
    case 'definition':
    case 'yaml':
      return null;
    case 'footnoteDefinition':
      return (
        <div className="md-footnote">
          <sup>{node.label ?? node.identifier}</sup> {blocks(node.children, drawing)}
        </div>
      );
    default:
      return inline([node as PhrasingContent], drawing);
  }
}

function table(node: Table, drawing: Drawing): ReactNode {
  const [head, ...rows] = node.children;
  const align = (index: number): string | undefined => {
    const side = node.align?.[index];
    return side ? `md-${side}` : undefined;
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways has to be reachable by keyboard
    <div className="md-table" tabIndex={0}>
      <table>
        {head ? (
          <thead>
            <tr>
              {head.children.map((cell, index) => (
                <th key={keyOf(cell, index)} className={align(index)}>
                  {inline(cell.children, drawing)}
                </th>
              ))}
            </tr>
          </thead>
        ) : null}
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>
              {row.children.map((cell, index) => (
                <td key={keyOf(cell, index)} className={align(index)}>
                  {inline(cell.children, drawing)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(nodes: readonly PhrasingContent[], drawing: Drawing): ReactNode {
  return nodes.map((node, index) => <Fragment key={keyOf(node, index)}>{phrase(node, drawing)}</Fragment>);
}

function phrase(node: PhrasingContent, outer: Drawing): ReactNode {
  if (outer.depth >= depthMax) return withoutReordering(textOf(node));
  const drawing = { ...outer, depth: outer.depth + 1 };
  switch (node.type) {
    case 'text':
      return textWithReferences(node.value, drawing.references);
    case 'emphasis':
      return <em>{inline(node.children, drawing)}</em>;
    case 'strong':
      return <strong>{inline(node.children, drawing)}</strong>;
    case 'delete':
      return <del>{inline(node.children, drawing)}</del>;
    case 'inlineCode':
      return <code>{withoutReordering(node.value)}</code>;
    case 'break':
      return <br />;
    case 'link':
      return link(node.url, inline(node.children, drawing));
    case 'image':
      return link(node.url, node.alt || node.url);
    case 'linkReference':
      return link(drawing.definitions.get(node.identifier) ?? '', inline(node.children, drawing));
    case 'imageReference':
      return link(drawing.definitions.get(node.identifier) ?? '', node.alt || node.identifier);
    case 'footnoteReference':
      return <sup>{node.label ?? node.identifier}</sup>;
    case 'html':
      return withoutReordering(node.value);
    default:
      return null;
  }
}

function link(address: string, children: ReactNode): ReactNode {
  const url = safeUrl(address);
  if (url === null) return <span className="md-dead-link">{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" title={url}>
      {children}
    </a>
  );
}

/** Line breaks in the source are kept: people press Shift+Enter and mean it. */
function textWithReferences(raw: string, references: References): ReactNode {
  const parts = splitMentions(withoutReordering(raw), references);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'text') return only.text;
  let at = 0;
  return parts.map((part) => {
    const key = at;
    at += part.text.length;
    if (part.kind === 'text') return <Fragment key={key}>{part.text}</Fragment>;
    if (part.kind === 'person') return <Fragment key={key}>{references.person(part.handle, part.text)}</Fragment>;
    return <Fragment key={key}>{references.channel(part.name, part.text)}</Fragment>;
  });
}

/** Iterative, because this is what deep trees are drawn with. */
export function textOf(node: Nodes): string {
  const parts: string[] = [];
  const stack: Nodes[] = [node];
  while (stack.length > 0) {
    const next = stack.pop()!;
    if ('value' in next) parts.push(next.value);
    else if ('alt' in next && next.alt) parts.push(next.alt);
    if ('children' in next) for (let i = next.children.length - 1; i >= 0; i--) stack.push(next.children[i]!);
  }
  return parts.join('');
}

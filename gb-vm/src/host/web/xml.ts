import { SaxesParser } from 'saxes';
import { PageError } from './page.ts';
import type { XmlNode } from './page-reader.ts';

/**
 * XML as a tree, with its namespaces. Entities that a document declares itself are not known here, so none can grow
 * without end or name a file; a document that uses one is refused.
 */
const depthMax = 200;
const elementsMax = 100_000;

interface OpenNode extends XmlNode {
  readonly children: (XmlNode | string)[];
}

export function readXml(source: string): XmlNode {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: OpenNode[] = [];
  let root: XmlNode | null = null;
  let elements = 0;
  parser.on('error', (error) => {
    throw notXml(error.message);
  });
  parser.on('opentag', ({ local, uri, attributes, ns }) => {
    if (open.length >= depthMax || ++elements > elementsMax) throw notXml('too deep or too large');
    const node: OpenNode = { name: local, uri, attributes: plainAttributes(attributes), prefixes: { ...ns }, children: [] };
    open.at(-1)?.children.push(node);
    root ??= node;
    open.push(node);
  });
  parser.on('closetag', () => void open.pop());
  const onText = (text: string): void => void open.at(-1)?.children.push(text);
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.write(source.replace(/^\uFEFF/, '').trimStart()).close();
  if (root === null) throw notXml('empty');
  return root;
}

function plainAttributes(
  attributes: Readonly<Record<string, { readonly value: string; readonly prefix: string; readonly local: string }>>,
): Record<string, string> {
  const named = Object.entries(attributes).filter(([name, { prefix }]) => prefix !== 'xmlns' && name !== 'xmlns');
  return Object.fromEntries(named.map(([name, { value }]) => [name, value]));
}

function notXml(reason: string): PageError {
  const short = reason.slice(0, 120);
  return new PageError({ en: `this is no XML that can be read: ${short}`, pt: `isto não é XML que se possa ler: ${short}` });
}

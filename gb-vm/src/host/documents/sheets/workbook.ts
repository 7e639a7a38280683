import { SaxesParser } from 'saxes';
import { unreadable } from '../refusals.ts';
import { unpackOffice } from '../zip.ts';

/** The parts of an xlsx that say where everything is. */
export interface Workbook {
  readonly name: string;
  readonly parts: Map<string, Uint8Array>;
  readonly sheets: readonly { readonly name: string; readonly part: string }[];
  /** Days count from 1904, as old Macintoshes wrote. */
  readonly isFrom1904: boolean;
}

export interface Element {
  readonly local: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Listener {
  open?(element: Element, parser: SaxesParser): void;
  text?(text: string): void;
  close?(local: string, parser: SaxesParser): void;
}

/** Reads XML piece by piece. Prefixes are left out of names: producers choose them as they like. */
export function readXml(xml: string, listener: Listener): void {
  const parser = new SaxesParser({ xmlns: false, position: true });
  parser.on('error', (error) => {
    throw error;
  });
  if (listener.open)
    parser.on('opentag', (tag) =>
      listener.open!({ local: localOf(tag.name), attributes: tag.attributes as Record<string, string> }, parser),
    );
  if (listener.text) {
    parser.on('text', (text) => listener.text!(text));
    parser.on('cdata', (text) => listener.text!(text));
  }
  if (listener.close) parser.on('closetag', (tag) => listener.close!(localOf(tag.name), parser));
  parser.write(xml).close();
}

export function localOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

export function partText(workbook: Pick<Workbook, 'parts' | 'name'>, part: string): string {
  const bytes = workbook.parts.get(part);
  if (!bytes) throw unreadable(workbook.name);
  return new TextDecoder().decode(bytes);
}

export function openWorkbook(bytes: Uint8Array, name: string): Workbook {
  const parts = new Map(unpackOffice(bytes, name));
  const part = 'xl/workbook.xml';
  const sheets: { name: string; id: string }[] = [];
  let isFrom1904 = false;
  readXml(partText({ parts, name }, part), {
    open: ({ local, attributes }) => {
      if (local === 'sheet') sheets.push({ name: attributes['name'] ?? '', id: attributes['r:id'] ?? relationId(attributes) });
      if (local === 'workbookPr') isFrom1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
    },
  });
  const targets = new Map<string, string>();
  readXml(partText({ parts, name }, 'xl/_rels/workbook.xml.rels'), {
    open: ({ local, attributes }) => {
      if (local === 'Relationship') targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '');
    },
  });
  return {
    name,
    parts,
    isFrom1904,
    sheets: sheets
      .map((sheet) => ({ name: sheet.name, part: partOf(targets.get(sheet.id) ?? '') }))
      .filter((sheet) => parts.has(sheet.part)),
  };
}

function relationId(attributes: Readonly<Record<string, string>>): string {
  const key = Object.keys(attributes).find((one) => one.endsWith(':id'));
  return key === undefined ? '' : attributes[key]!;
}

function partOf(target: string): string {
  return target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
}

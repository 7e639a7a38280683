import { selectAll, selectOne } from 'css-select';
import { type AnyNode, type Document, DomHandler, type Element, isTag, isText } from 'domhandler';
import { Parser } from 'htmlparser2';
import type { PageProblem, TableRow } from './page-reader.ts';

/**
 * Texts and tables of HTML as people meet it: unclosed, misnested, in capitals. Runs in the thread of pages only, because
 * a selector can be made to take for ever.
 */
export class PageError extends Error {
  readonly said: PageProblem;

  constructor(said: PageProblem) {
    super(said.en);
    this.said = said;
  }
}

const depthMax = 1_000;
const elementsMax = 200_000;
const selectorMax = 500;
const textsMax = 10_000;
const rowsMax = 10_000;
const columnsMax = 200;

export function readText(source: string, base: string, selector: string | null): string | null {
  const page = parse(source);
  if (selector === null) return textOf(page);
  const { css, attribute } = readSelector(selector);
  const found = choose(() => selectOne<AnyNode, Element>(css, page));
  return found && spokenBy(found, attribute, base);
}

export function readTexts(source: string, base: string, selector: string): readonly string[] {
  const page = parse(source);
  const { css, attribute } = readSelector(selector);
  const found = choose(() => selectAll<AnyNode, Element>(css, page));
  return found.slice(0, textsMax).map((element) => spokenBy(element, attribute, base));
}

/** Rows of the first table that fits, under the names of its head. */
export function readTable(source: string, selector: string | null): readonly TableRow[] {
  const page = parse(source);
  const found = selector === null ? page : choose(() => selectOne<AnyNode, Element>(readSelector(selector).css, page));
  const table = found && (isTag(found) && found.name === 'table' ? found : selectOne<AnyNode, Element>('table', found));
  if (!table) return [];
  const rows = rowsOf(table);
  const headAt = rows.findIndex(({ cells }) => cells.some(({ isHead }) => isHead));
  const head = rows[Math.max(headAt, 0)];
  const grid = spread(rows);
  const names = uniqueNames(grid[Math.max(headAt, 0)] ?? []);
  return grid
    .slice(head ? Math.max(headAt, 0) + 1 : 0)
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
}

export function parse(source: string, isXml = false): Document {
  const handler = new BoundedHandler(null, { xmlMode: isXml });
  const parser = new Parser(handler, { decodeEntities: true, xmlMode: isXml });
  parser.end(source);
  return handler.root;
}

/** Trees are walked by functions that call themselves; one that is too deep would end the thread instead of the page. */
class BoundedHandler extends DomHandler {
  #elements = 0;

  override onopentag(name: string, attribs: { [key: string]: string }): void {
    if (this.tagStack.length > depthMax) throw new PageError(tooDeep);
    if (++this.#elements > elementsMax) throw new PageError(tooMany);
    super.onopentag(name, attribs);
  }
}

const tooDeep = { en: 'the page is nested too deeply', pt: 'a página tem elementos aninhados demais' };
const tooMany = { en: 'the page has too many elements', pt: 'a página tem elementos demais' };

/** `a.menu@href`: what follows the last sign is an attribute. */
function readSelector(selector: string): { readonly css: string; readonly attribute: string | null } {
  const [, css, attribute] = /^(.*)@([\w:-]+)\s*$/s.exec(selector) ?? [];
  const chosen = (css ?? selector).trim();
  if (chosen === '' || chosen.length > selectorMax) throw badSelector(selector);
  return { css: chosen, attribute: attribute ?? null };
}

function choose<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PageError) throw error;
    throw badSelector(error instanceof Error ? error.message : String(error));
  }
}

function badSelector(reason: string): PageError {
  const short = reason.slice(0, 120);
  return new PageError({ en: `this is no selector: ${short}`, pt: `isto não é um seletor: ${short}` });
}

/** What an element says; of one without words, what it points at. */
function spokenBy(element: Element, attribute: string | null, base: string): string {
  const name = attribute ?? speakingAttribute[element.name];
  if (name === undefined) return textOf(element);
  const value = element.attribs[name] ?? '';
  return addressAttributes.has(name) && value !== '' && URL.canParse(value, base) ? new URL(value, base).href : value;
}

const speakingAttribute: Readonly<Record<string, string>> = { img: 'src', meta: 'content', input: 'value', source: 'src' };
const addressAttributes = new Set(['href', 'src', 'action', 'poster']);

const silent = new Set(['script', 'style', 'noscript', 'template', 'head', 'svg', 'iframe', 'object', 'select', 'textarea']);
/** Parts that begin on a line of their own, and those with an empty line before and after them. */
const lines = new Set(
  'address article aside dd details dialog div dt fieldset figcaption footer form header hr li main nav section summary tr'.split(
    ' ',
  ),
);
const paragraphs = new Set('blockquote dl figure h1 h2 h3 h4 h5 h6 ol p pre table ul'.split(' '));

/** The words of a part of a page, as a person would copy them. */
export function textOf(node: AnyNode): string {
  const pieces: string[] = [];
  collect(node, pieces, true);
  const text = pieces.join('').replace(/ {2,}/g, ' ');
  return text.replace(/ ?[\n\f][ \n\f]*/g, (run) => (run.includes('\f') ? '\n\n' : '\n')).trim();
}

function collect(node: AnyNode, pieces: string[], isAsked: boolean): void {
  if (isText(node)) pieces.push(node.data.replace(/\s+/g, ' '));
  else if ('children' in node) {
    const name = isTag(node) ? node.name : '';
    if (!isAsked && silent.has(name)) return;
    const around = paragraphs.has(name) ? '\f' : lines.has(name) ? '\n' : name === 'td' || name === 'th' ? ' ' : '';
    pieces.push(around);
    for (const child of node.children) collect(child, pieces, false);
    pieces.push(name === 'br' ? '\n' : around);
  }
}

interface Cell {
  readonly text: string;
  readonly isHead: boolean;
  readonly columns: number;
  readonly rows: number;
}

interface Row {
  readonly cells: readonly Cell[];
}

/** Of the table itself: a table inside a cell is that cell's text. */
function rowsOf(table: Element): Row[] {
  const rows: Row[] = [];
  const visit = (parent: Element): void => {
    for (const child of parent.children) {
      if (!isTag(child) || rows.length > rowsMax) continue;
      if (child.name === 'tr')
        rows.push({ cells: child.children.filter(isTag).filter(isCell).slice(0, columnsMax).map(readCell) });
      else if (child.name === 'thead' || child.name === 'tbody' || child.name === 'tfoot') visit(child);
    }
  };
  visit(table);
  return rows;
}

const isCell = ({ name }: Element): boolean => name === 'td' || name === 'th';

function readCell(element: Element): Cell {
  const span = (name: string, most: number): number =>
    Math.min(Math.max(Number.parseInt(element.attribs[name] ?? '1', 10) || 1, 1), most);
  return {
    text: textOf(element).replace(/\s+/g, ' '),
    isHead: element.name === 'th',
    columns: span('colspan', columnsMax),
    rows: span('rowspan', 1_000),
  };
}

/** Cells that span several columns or rows are in all of them. */
function spread(rows: readonly Row[]): string[][] {
  const below = new Map<number, { text: string; rows: number }>();
  return rows.map(({ cells }) => {
    const line: string[] = [];
    const fromAbove = (): boolean => {
      const above = below.get(line.length);
      if (!above) return false;
      if (above.rows > 1) below.set(line.length, { ...above, rows: above.rows - 1 });
      else below.delete(line.length);
      line.push(above.text);
      return true;
    };
    for (const cell of cells) {
      while (line.length < columnsMax && fromAbove());
      for (let column = 0; column < cell.columns && line.length < columnsMax; column++) {
        if (cell.rows > 1) below.set(line.length, { text: cell.text, rows: cell.rows - 1 });
        line.push(cell.text);
      }
    }
    while (line.length < columnsMax && fromAbove());
    return line;
  });
}

function uniqueNames(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, at) => {
    const name = cell || `column ${at + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} ${times}`;
  });
}

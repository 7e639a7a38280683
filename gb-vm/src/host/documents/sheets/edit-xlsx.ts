import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../../operation.ts';
import { pack } from '../zip.ts';
import { type CellAddress, columnOf, lettersOf } from './cell-address.ts';
import { openWorkbook, partText, readXml, type Workbook } from './workbook.ts';
import { cellXml } from './write-xlsx.ts';

/**
 * Writes one cell into a workbook that somebody made, and leaves every other byte of the sheet as it is: its looks, its
 * formulas, its pictures. Formulas are calculated anew when the workbook is opened.
 */
export function editXlsx(bytes: Uint8Array, name: string, address: CellAddress, value: PlainValue): Uint8Array {
  const workbook = openWorkbook(bytes, name);
  const sheet =
    address.sheet === null
      ? workbook.sheets[0]
      : workbook.sheets.find((one) => one.name.toLowerCase() === address.sheet!.toLowerCase());
  if (!sheet)
    throw new OperationFailed({
      en: `there is no sheet ${address.sheet ?? ''} in ${name}`,
      pt: `não há planilha ${address.sheet ?? ''} em ${name}`,
    });
  const xml = partText(workbook, sheet.part);
  const place = findPlace(xml, address);
  const reference = lettersOf(address.column) + (address.row + 1);
  const cell = cellXml(reference, value, place.style, place.prefix);
  const inserted =
    place.kind === 'cell'
      ? cell
      : place.kind === 'row'
        ? `<${place.prefix}row r="${address.row + 1}">${cell}</${place.prefix}row>`
        : `${place.before}${cell}${place.after}`;
  const changed = xml.slice(0, place.start) + inserted + xml.slice(place.end);
  workbook.parts.set(sheet.part, new TextEncoder().encode(changed));
  if (place.hadFormula) forgetOrderOfFormulas(workbook);
  calculateOnOpening(workbook);
  return pack(workbook.parts);
}

interface Place {
  /** A cell in its row; a row that is missing; or what stands open and empty, with what has to be written around. */
  readonly kind: 'cell' | 'row' | 'within';
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
  /** Of the cell that was there; undefined when there was none. */
  readonly style: number | undefined;
  readonly prefix: string;
  readonly hadFormula: boolean;
}

function findPlace(xml: string, { row, column }: CellAddress): Place {
  let found: Place | null = null;
  let prefix = '';
  let rowAt = -1;
  let columnAt = -1;
  let isInRow = false;
  let cellStart = -1;
  let style: number | undefined;
  let hadFormula = false;
  const plain = { before: '', after: '', style: undefined, hadFormula: false };
  const startOf = (position: number): number => xml.lastIndexOf('<', position - 1);
  const settle = (place: Place): void => {
    found ??= place;
  };
  readXml(xml, {
    open: ({ local, attributes }, parser) => {
      if (found) return;
      const start = startOf(parser.position);
      if (local === 'sheetData') prefix = /^<([\w.-]+:)?/.exec(xml.slice(start, start + 60))?.[1] ?? '';
      else if (local === 'row') {
        const stated = Number(attributes['r']);
        rowAt = Number.isInteger(stated) && stated > 0 ? stated - 1 : rowAt + 1;
        columnAt = -1;
        if (rowAt > row) settle({ kind: 'row', start, end: start, prefix, ...plain });
        else if (rowAt === row) {
          isInRow = true;
          if (xml[parser.position - 2] === '/')
            settle({
              kind: 'within',
              start,
              end: parser.position,
              ...plain,
              before: `${xml.slice(start, parser.position - 2)}>`,
              after: `</${prefix}row>`,
              prefix,
            });
        }
      } else if (local === 'c' && isInRow) {
        const letters = /^[A-Za-z]{1,3}/.exec(attributes['r'] ?? '')?.[0];
        columnAt = letters === undefined ? columnAt + 1 : columnOf(letters);
        if (columnAt > column) settle({ kind: 'cell', start, end: start, prefix, ...plain });
        else if (columnAt === column) {
          cellStart = start;
          style = Number(attributes['s'] ?? 0);
        }
      } else if (local === 'f' && cellStart >= 0) hadFormula = true;
    },
    close: (local, parser) => {
      if (found) return;
      if (local === 'c' && cellStart >= 0)
        settle({ kind: 'cell', start: cellStart, end: parser.position, before: '', after: '', style, prefix, hadFormula });
      else if (local === 'row' && isInRow) {
        const end = startOf(parser.position);
        settle({ kind: 'cell', start: end, end, prefix, ...plain });
      } else if (local === 'sheetData') {
        const end = startOf(parser.position);
        if (xml[parser.position - 2] === '/')
          settle({
            kind: 'within',
            start: end,
            end: parser.position,
            ...plain,
            before: `<${prefix}sheetData><${prefix}row r="${row + 1}">`,
            after: `</${prefix}row></${prefix}sheetData>`,
            prefix,
          });
        else settle({ kind: 'row', start: end, end, prefix, ...plain });
      }
    },
  });
  if (found) return found;
  throw new OperationFailed({ en: 'the sheet has no rows', pt: 'a planilha não tem linhas' });
}

/** The list of formulas would name a cell that has none any more, and Excel would call the file damaged. It makes a new one. */
function forgetOrderOfFormulas(workbook: Workbook): void {
  if (!workbook.parts.delete('xl/calcChain.xml')) return;
  for (const part of ['[Content_Types].xml', 'xl/_rels/workbook.xml.rels']) {
    const text = partText(workbook, part).replace(/<(?:Override|Relationship)\b[^>]*calcChain[^>]*\/>/gi, '');
    workbook.parts.set(part, new TextEncoder().encode(text));
  }
}

function calculateOnOpening(workbook: Workbook): void {
  const part = 'xl/workbook.xml';
  const text = partText(workbook, part);
  const existing = /<((?:[\w.-]+:)?calcPr)\b([^>]*?)\/?>/.exec(text);
  if (existing && !/fullCalcOnLoad/.test(existing[2]!))
    workbook.parts.set(
      part,
      new TextEncoder().encode(text.replace(existing[0], existing[0].replace(existing[1]!, `${existing[1]} fullCalcOnLoad="1"`))),
    );
}

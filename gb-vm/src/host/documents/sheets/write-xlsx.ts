import type { PlainValue } from 'gb-core';
import { documentLimits } from '../limits.ts';
import { tooMuch } from '../refusals.ts';
import { textOfValue } from '../values.ts';
import { pack } from '../zip.ts';
import { lettersOf } from './cell-address.ts';
import type { Sheet } from './sheets.ts';

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const package_ = 'http://schemas.openxmlformats.org/package/2006';

/** Styles by their place in styles.xml. */
export const styleOf = { plain: 0, header: 1, date: 2, dateTime: 3 } as const;

/** A workbook with a bold header that stays in place, columns as wide as what is in them, and dates that are dates. */
export function writeXlsx(sheets: readonly Sheet[]): Uint8Array {
  const cells = sheets.reduce((sum, { columns, rows }) => sum + columns.length * (rows.length + 1), 0);
  if (
    cells > documentLimits.cellsMax ||
    sheets.some(({ rows, columns }) => rows.length > documentLimits.rowsMax || columns.length > documentLimits.columnsMax)
  )
    throw tooMuch(
      `a sheet has at most ${documentLimits.rowsMax} rows and ${documentLimits.cellsMax} cells`,
      `uma planilha tem no máximo ${documentLimits.rowsMax} linhas e ${documentLimits.cellsMax} células`,
    );
  const names = sheetNames(sheets);
  const encoder = new TextEncoder();
  const parts = new Map<string, Uint8Array>();
  const put = (path: string, xml: string): void => void parts.set(path, encoder.encode(declaration + xml));
  put(
    '[Content_Types].xml',
    `<Types xmlns="${package_}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>${names.map((_, at) => `<Override PartName="/xl/worksheets/sheet${at + 1}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join('')}</Types>`,
  );
  put(
    '_rels/.rels',
    `<Relationships xmlns="${package_}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  );
  put(
    'xl/workbook.xml',
    `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${names.map((name, at) => `<sheet name="${escapeXml(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')}</sheets></workbook>`,
  );
  put(
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${package_}/relationships">${names.map((_, at) => `<Relationship Id="rId${at + 1}" Type="${office}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`).join('')}<Relationship Id="rId${names.length + 1}" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
  );
  put('xl/styles.xml', styles);
  for (const [at, sheet] of sheets.entries()) put(`xl/worksheets/sheet${at + 1}.xml`, sheetXml(sheet));
  return pack(parts);
}

const styles = `<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE5E7EB"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;

function sheetXml({ columns, rows }: Sheet): string {
  const widths = columns.map((name) => {
    const longest = rows.slice(0, 200).reduce((most, row) => Math.max(most, textOfValue(row[name]).length), name.length);
    return Math.min(60, Math.max(8, longest + 2));
  });
  const header = `<row r="1">${columns.map((name, at) => cellXml(lettersOf(at) + 1, name, styleOf.header)).join('')}</row>`;
  const lines = rows.map((row, at) => {
    const number = at + 2;
    return `<row r="${number}">${columns.map((name, column) => cellXml(lettersOf(column) + number, row[name] ?? null)).join('')}</row>`;
  });
  const cols =
    widths.length === 0
      ? ''
      : `<cols>${widths.map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`).join('')}</cols>`;
  return `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${cols}<sheetData>${columns.length === 0 ? '' : header}${lines.join('')}</sheetData></worksheet>`;
}

/**
 * One cell. A text never becomes a formula, whatever it begins with. `prefix` is that of the document it goes into, and
 * `style` what the cell looked like before; without one a date looks like a date.
 */
export function cellXml(reference: string, value: PlainValue, style?: number | null, prefix = ''): string {
  const tag = (name: string): string => prefix + name;
  const dated = typeof value === 'string' && style === undefined ? serialOf(value) : null;
  const look = dated ? dated.style : (style ?? 0);
  const open = `<${tag('c')} r="${reference}"${look === 0 ? '' : ` s="${look}"`}`;
  if (value === null || value === '') return look === 0 ? '' : `${open}/>`;
  if (typeof value === 'number')
    return Number.isFinite(value) ? `${open}><${tag('v')}>${value}</${tag('v')}></${tag('c')}>` : `${open}/>`;
  if (typeof value === 'boolean') return `${open} t="b"><${tag('v')}>${value ? 1 : 0}</${tag('v')}></${tag('c')}>`;
  if (dated) return `${open}><${tag('v')}>${dated.serial}</${tag('v')}></${tag('c')}>`;
  const text = escapeXml(textOfValue(value).slice(0, 32_767));
  return `${open} t="inlineStr"><${tag('is')}><${tag('t')} xml:space="preserve">${text}</${tag('t')}></${tag('is')}></${tag('c')}>`;
}

function serialOf(text: string): { readonly serial: number; readonly style: number } | null {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec(text) ?? [];
  if (day === undefined || day < '1900-03-01') return null;
  const ms = Date.parse(`${day}T${time === undefined ? '00:00:00' : time.padEnd(8, ':00')}Z`);
  // The 31st of February would come back as a day of March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day) return null;
  return {
    serial: Number(((ms - Date.UTC(1899, 11, 30)) / 86_400_000).toFixed(8)),
    style: time === undefined ? styleOf.date : styleOf.dateTime,
  };
}

/** XML cannot say control characters at all. */
export function escapeXml(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '',
    )
    .replace(/[&<>"\r]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' })[sign]!);
}

/** Excel wants names of at most 31 characters, without some signs, and no two alike. */
function sheetNames(sheets: readonly Sheet[]): string[] {
  const seen = new Set<string>();
  return sheets.map(({ name }, at) => {
    const plain =
      name
        .replace(/[[\]:*?/\\]/g, ' ')
        .replace(/^'+|'+$/g, '')
        .trim()
        .slice(0, 31) || `Sheet${at + 1}`;
    let unique = plain;
    for (let copy = 2; seen.has(unique.toLowerCase()); copy++) unique = `${plain.slice(0, 27)} ${copy}`;
    seen.add(unique.toLowerCase());
    return unique;
  });
}

import type { JsonValue } from '../functions/json.ts';

/**
 * Tables as text, RFC 4180: a line of names, then a line for each row; quotes around what has the separator, a quote or a
 * line end in it. Read are also files separated by semicolons, as spreadsheets in Portuguese write them, or by tabs.
 * What is plainly a number becomes one; `007` and `1e5` stay texts, because codes look like that.
 */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly Record<string, JsonValue>[];
}

export function readCsv(text: string): CsvTable {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const records = readRecords(source, separatorOf(source));
  const columns = uniqueNames(records[0] ?? []);
  const rows = records.slice(1).map((record) => {
    const row: Record<string, JsonValue> = Object.create(null);
    columns.forEach((column, index) => {
      row[column] = valueOfField(record[index] ?? '');
    });
    return row;
  });
  return { columns, rows };
}

export function writeCsv({ columns, rows }: CsvTable): string {
  return [csvLine(columns), ...rows.map((row) => csvLine(columns.map((column) => row[column] ?? null)))].join('');
}

export function csvLine(values: readonly JsonValue[]): string {
  return `${values.map(field).join(',')}\r\n`;
}

/** Unquoted, a value that looks like a number is one when it is read again; a text that looks so is marked by its quotes. */
function field(value: JsonValue): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isMarked = typeof value === 'string' && number.test(value);
  return isMarked || /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const number = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

interface Field {
  readonly text: string;
  readonly isQuoted: boolean;
}

function valueOfField(one: Field | ''): JsonValue {
  if (one === '') return '';
  return !one.isQuoted && number.test(one.text) ? Number(one.text) : one.text;
}

function uniqueNames(record: readonly Field[]): string[] {
  const seen = new Set<string>();
  return record.map(({ text }, index) => {
    const name = text.trim() || `column${index + 1}`;
    let unique = name;
    for (let copy = 2; seen.has(unique); copy++) unique = `${name}${copy}`;
    seen.add(unique);
    return unique;
  });
}

/** The sign that is most frequent in the first line, outside quotes. */
function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = (end < 0 ? text : text.slice(0, end)).slice(0, 10_000).replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((sign) => line.split(sign).length);
  return [',', ';', '\t'][counts.indexOf(Math.max(...counts))]!;
}

/** In one pass; a quote that is never closed takes the rest. Lines without anything are no rows. */
function readRecords(text: string, separator: string): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  const endRecord = (): void => {
    if (record.length > 1 || record.some((one) => one.text !== '' || one.isQuoted)) records.push(record);
    record = [];
  };
  const plain = separator === ',' ? /[^,\r\n]*/y : separator === ';' ? /[^;\r\n]*/y : /[^\t\r\n]*/y;
  const quoted = /"((?:[^"]|"")*)(?:"|$)/y;
  for (let at = 0; at < text.length; ) {
    const isQuoted = text[at] === '"';
    let content = '';
    if (isQuoted) {
      quoted.lastIndex = at;
      const match = quoted.exec(text)!;
      content = match[1]!.replaceAll('""', '"');
      at += match[0].length;
    }
    // After a closing quote only the separator should follow; what does is kept.
    plain.lastIndex = at;
    const rest = plain.exec(text)![0];
    at += rest.length;
    record.push({ text: isQuoted ? content + rest.trimEnd() : rest, isQuoted });
    const next = text[at];
    if (next === separator) {
      at++;
      if (at === text.length) record.push({ text: '', isQuoted: false });
    } else {
      if (next === '\r' && text[at + 1] === '\n') at++;
      at++;
      endRecord();
    }
  }
  endRecord();
  return records;
}

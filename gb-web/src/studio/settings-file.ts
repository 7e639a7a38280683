/**
 * `config.csv` as a table: a row for each setting, and between them what says nothing, which stays where it is. Written
 * with commas, whatever it was read with; a value with a comma, a quote or a line end gets quotes.
 */
export type SettingsRow = { readonly name: string; readonly value: string } | { readonly remark: string };

export const settingsFileName = 'config.csv';

export const isSettings = (name: string): boolean => name.toLowerCase() === settingsFileName;

/** Names are known in two styles, `Time Zone` and `time-zone`; both mean the latter. */
export function settingName(name: string): string {
  const lower = name.trim().toLowerCase();
  const variable = /^param[-_\s]+(.+)$/s.exec(lower)?.[1];
  if (variable !== undefined) return `param-${variable.replace(/\s+/g, '')}`;
  return lower.replace(/[\s_-]+/g, '-');
}

export function readSettingsFile(text: string): SettingsRow[] {
  const separator = separatorOf(text);
  return recordsOf(text.replace(/^\uFEFF/, ''), separator).flatMap(({ raw, fields }): SettingsRow[] => {
    const [name = '', ...rest] = fields;
    if (raw.trimStart().startsWith('#')) return [{ remark: raw }];
    if (name.trim() === '') return [];
    if (isHeader(name, rest[0] ?? '')) return [];
    while (rest.length > 1 && rest.at(-1)!.trim() === '') rest.pop();
    // Without quotes, a comma belongs to the value.
    return [{ name: name.trim(), value: rest.join(separator).trim() }];
  });
}

export function writeSettingsFile(rows: readonly SettingsRow[]): string {
  const lines = rows.flatMap((row) => {
    if ('remark' in row) return [row.remark];
    return row.name.trim() === '' ? [] : [`${field(row.name.trim())},${field(row.value)}`];
  });
  return `name,value\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** By their known names; what comes later wins. */
export function settingsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readSettingsFile(text).flatMap((row) => ('remark' in row ? [] : [[settingName(row.name), row.value]])),
  );
}

/** `param-NAME` is a variable of every program; what is plainly a number or a yes or no is one. */
export function variablesOf(settings: Readonly<Record<string, string>>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]): [string, string | number | boolean][] => {
      const variable = /^param-(.+)$/.exec(name)?.[1];
      if (variable === undefined) return [];
      if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value)) return [[variable, Number(value)]];
      return [[variable, /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value]];
    }),
  );
}

const isHeader = (name: string, value: string): boolean =>
  /^(name|nome|key|chave|setting)$/i.test(name.trim()) && /^(value|valor)$/i.test(value.trim());

function separatorOf(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '' && !one.trimStart().startsWith('#')) ?? '';
  return /[,;\t]/.exec(line.replace(/^\s*"(?:[^"]|"")*"/, ''))?.[0] ?? ',';
}

function recordsOf(text: string, separator: string): { raw: string; fields: string[] }[] {
  const records: { raw: string; fields: string[] }[] = [];
  let fields: string[] = [];
  let current = '';
  let start = 0;
  let isQuoted = false;
  const end = (at: number): void => {
    records.push({ raw: text.slice(start, at).replace(/\r$/, ''), fields: [...fields, current.replace(/\r$/, '')] });
    fields = [];
    current = '';
    start = at + 1;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isQuoted) {
      if (character !== '"') current += character;
      else if (text[at + 1] === '"') current += text[++at]!;
      else isQuoted = false;
    } else if (character === '"' && current.trim() === '') {
      isQuoted = true;
      current = '';
    } else if (character === separator) {
      fields.push(current);
      current = '';
    } else if (character === '\n') end(at);
    else current += character;
  }
  if (start < text.length) end(text.length);
  return records;
}

const field = (text: string): string => (/[",\n\r]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

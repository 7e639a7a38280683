import { type Problems, wholeLine } from './problem.ts';

export interface Setting {
  readonly value: string;
  readonly line: number;
}

/** Of one config.csv. */
const settingsMax = 500;
const valueCharactersMax = 100_000;

/**
 * Reads a config.csv: a row for each setting, `name,value`. Rows that are empty or begin with `#` say nothing; a value
 * may be in quotes, then it may hold commas, line ends and doubled quotes. Spreadsheets in Portuguese write semicolons.
 * Names are known in two styles, `Welcome Message` and `welcome-message`; both are the latter here. What comes later wins.
 */
export function readSettings(text: string, file: string, problems: Problems): ReadonlyMap<string, Setting> {
  const settings = new Map<string, Setting>();
  let columns: number | null = null;
  const separator = separatorOf(text);
  for (const { line, fields } of recordsOf(text, separator, file, problems)) {
    const [first = '', second = ''] = fields;
    if (isHeader(first, second)) columns = fields.length;
    else if (first.trim() !== '') {
      const name = settingName(first);
      const value = valueOfRow(fields, separator, columns);
      if (settings.has(name))
        problems.warning(
          'setting_twice',
          wholeLine(file, line),
          `${name} is set twice; the later row counts.`,
          `${name} está definido duas vezes; vale a última linha.`,
        );
      if (settings.size >= settingsMax || value.length > valueCharactersMax)
        problems.error(
          'settings_too_large',
          wholeLine(file, line),
          `A bot has at most ${settingsMax} settings of ${valueCharactersMax} characters.`,
          `Um robô tem no máximo ${settingsMax} configurações de ${valueCharactersMax} caracteres.`,
        );
      else settings.set(name, { value, line });
    }
  }
  return settings;
}

/** `Answer Mode`, `ANSWER_MODE` and `answer-mode` are one. What follows `param-` is the name of a variable and keeps its `_`. */
export function settingName(name: string): string {
  const lower = name.trim().toLowerCase();
  const variable = /^param[-_\s]+(.+)$/s.exec(lower)?.[1];
  if (variable !== undefined) return `param-${variable.replace(/\s+/g, '')}`;
  return lower.replace(/[\s_-]+/g, '-');
}

const headerNames = new Set(['name', 'nome', 'key', 'chave', 'setting']);
const headerValues = new Set(['value', 'valor']);

function isHeader(first: string, second: string): boolean {
  return headerNames.has(first.trim().toLowerCase()) && headerValues.has(second.trim().toLowerCase());
}

/**
 * The second field. Without a header that says otherwise, unquoted commas belong to the value: `hello,Hi, how are you?`.
 * Empty fields at the end are what spreadsheets leave.
 */
function valueOfRow(fields: readonly string[], separator: string, columns: number | null): string {
  if (columns !== null && columns > 2) return (fields[1] ?? '').trim();
  let count = fields.length;
  while (count > 2 && fields[count - 1]!.trim() === '') count--;
  return fields.slice(1, count).join(separator).trim();
}

/** Of the first row that says something. */
function separatorOf(text: string): string {
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    return /[,;\t]/.exec(line.replace(/^\s*"(?:[^"]|"")*"/, ''))?.[0] ?? ',';
  }
  return ',';
}

interface RecordOfFile {
  readonly line: number;
  readonly fields: readonly string[];
}

function* recordsOf(text: string, separator: string, file: string, problems: Problems): Generator<RecordOfFile> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const end = endOfLine(text, at);
    const start = text.slice(at, end).trimStart();
    if (start === '' || start.startsWith('#')) {
      at = end + 1;
      line++;
      continue;
    }
    const begun = line;
    const fields: string[] = [];
    for (let isOver = false; !isOver; ) {
      const quoted = /[^\S\n]*"/y;
      quoted.lastIndex = at;
      let field = '';
      if (quoted.test(text)) {
        const from = quoted.lastIndex;
        let to = from;
        for (;;) {
          to = text.indexOf('"', to);
          if (to < 0 || text[to + 1] !== '"') break;
          to += 2;
        }
        if (to < 0) {
          problems.error(
            'unterminated_quote',
            wholeLine(file, begun),
            'The quotes of this value are not closed.',
            'As aspas deste valor não são fechadas.',
          );
          return;
        }
        field = text.slice(from, to).replaceAll('""', '"');
        line += field.split('\n').length - 1;
        at = to + 1;
      }
      const rest = text.slice(at, endOfLine(text, at));
      const next = rest.indexOf(separator);
      const tail = next < 0 ? rest : rest.slice(0, next);
      fields.push(field === '' ? tail : field + tail.trimEnd());
      at += next < 0 ? rest.length + 1 : next + separator.length;
      isOver = next < 0;
    }
    line++;
    yield { line: begun, fields };
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

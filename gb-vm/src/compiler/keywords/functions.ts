import { lists } from './functions/lists.ts';
import { machine } from './functions/machine.ts';
import { numbers } from './functions/numbers.ts';
import { tables } from './functions/tables.ts';
import { text } from './functions/text.ts';
import { time } from './functions/time.ts';
import type { FunctionRow } from './keyword.ts';

const own: readonly FunctionRow[] = [...text, ...numbers, ...time, ...lists, ...tables, ...machine];

/** Other names of functions, as Visual Basic, SQL, JavaScript and spreadsheets have them. */
const others: readonly (readonly [name: string, of: string])[] = [
  ['UPPER', 'UCASE'],
  ['UPPERCASE', 'UCASE'],
  ['LOWERCASE', 'LCASE'],
  ['LOWER', 'LCASE'],
  ['PADLEFT', 'LPAD'],
  ['PADRIGHT', 'RPAD'],
  ['CSTR', 'STR'],
  ['TOSTRING', 'STR'],
  ['CEILING', 'CEIL'],
  ['SQRT', 'SQR'],
  ['ATAN', 'ATN'],
  ['AVERAGE', 'AVG'],
  ['LENGTH', 'LEN'],
  ['INDEX OF', 'INDEXOF'],
  ['IS NULL', 'ISNULL'],
  ['IS EMPTY', 'ISEMPTY'],
  ['IS NUMERIC', 'ISNUMERIC'],
  ['IS DATE', 'ISDATE'],
  ['ISSTRING', 'ISTEXT'],
  ['ISBOOL', 'ISBOOLEAN'],
  ['TYPENAME', 'TYPEOF'],
  ['COALESCE', 'NVL'],
  ['DISTINCT', 'UNIQUE'],
  ['HAS KEY', 'HAS'],
  ['TOJSON', 'JSON'],
  ['JSON STRINGIFY', 'JSON'],
  ['JSON PARSE', 'PARSE'],
  ['FROMJSON', 'PARSE'],
  ['BASE64ENCODE', 'BASE64'],
  ['BASE64DECODE', 'FROMBASE64'],
  ['GUID', 'UUID'],
  ['DATE ADD', 'DATEADD'],
  ['DATE DIFF', 'DATEDIFF'],
];

const byName = new Map(own.map((row) => [row[0], row]));

/** The function a name means, as the runtime knows it. */
export const functionNames: ReadonlyMap<string, string> = new Map(others);

export const functions: readonly FunctionRow[] = [
  ...own,
  ...others.map(([name, of]): FunctionRow => {
    const [, syntax, en, pt, example, params, result, details] = byName.get(of)!;
    const renamed = (sentence: string): string => sentence.replaceAll(new RegExp(`\\b${of}\\b`, 'g'), name);
    const row = [name, renamed(syntax), en, pt, renamed(example), params, result] as const;
    return details ? [...row, details] : row;
  }),
];

import type { DeclaredValue } from '../ast.ts';

/**
 * The lines between TABLE and END TABLE, one column each:
 *
 *     id integer key
 *     name string(80)*
 *     customer integer references customers
 *     FIELD birth AS DATE
 *     price numeric(10,2) NOT NULL DEFAULT 0
 *     tags string[]
 *     total numeric(10,2) GENERATED ALWAYS AS (price * quantity) STORED
 *
 * `*` says that there must be a value. What follows a type and is none of these stays as it is, in `rest`, for the
 * database to understand; a line that is no column at all (`UNIQUE (a, b)`) becomes `{rest}` alone.
 */
export function readColumns(text: string): DeclaredValue[] {
  const columns: DeclaredValue[] = [];
  for (const raw of joined(text)) {
    const line = raw.replace(/[,;]$/, '').trim();
    if (line !== '') columns.push(readColumn(line));
  }
  return columns;
}

const remark = /^\s*(?:'|#|\/\/|--|rem\b)/i;
const lineLengthMax = 2000;

/** The lines without remarks; one whose brackets are open goes on with the next. */
function joined(text: string): string[] {
  const lines: string[] = [];
  let open = '';
  for (const given of text.split(/\r\n?|\n/)) {
    if (remark.test(given)) continue;
    const line = withoutRemark(given);
    const whole = open === '' ? line.trim() : `${open} ${line.trim()}`;
    const isOpen = whole.length < lineLengthMax && count(whole, '(') > count(whole, ')');
    if (!isOpen) lines.push(whole);
    open = isOpen ? whole : '';
  }
  if (open !== '') lines.push(open);
  return lines;
}

/** Up to an apostrophe that stands after a blank and is not closed on the line. */
function withoutRemark(line: string): string {
  let quote = -1;
  for (let at = 0; at < line.length; at++) {
    if (line[at] !== "'") continue;
    quote = quote >= 0 ? -1 : at;
  }
  return quote > 0 && /\s/.test(line[quote - 1]!) ? line.slice(0, quote) : line;
}

const count = (text: string, sign: string): number => text.split(sign).length - 1;

const constraints = new Set(['UNIQUE', 'PRIMARY', 'FOREIGN', 'CHECK', 'CONSTRAINT', 'INDEX', 'KEY']);

function readColumn(line: string): DeclaredValue {
  const field = /^FIELD\s+([\p{L}_][\p{L}\p{N}_]*)\s+AS\s+(.*)$/isu.exec(line);
  const plain = field ?? /^["`[]?([\p{L}_][\p{L}\p{N}_]*)["`\]]?\s+(.*)$/su.exec(line);
  const name = plain?.[1];
  if (name === undefined || (!field && constraints.has(name.toUpperCase()))) return { rest: line };
  const [, type = '', size, scale, brackets, word, star, tail = ''] =
    /^([\p{L}_][\p{L}\p{N}_]*)(?:\s*\(\s*(\d+)(?:\s*,\s*(\d+))?\s*\))?(?:\s*(\[\s*\d*\s*\])|\s+(array)\b)?\s*(\*)?\s*(.*)$/isu.exec(
      plain?.[2] ?? '',
    ) ?? [];
  if (type === '') return { rest: line };
  const [after, computed] = withoutComputed(tail);
  const references = /\breferences\s+([\p{L}_][\p{L}\p{N}_.]*)(?:\s*\(\s*([\p{L}_][\p{L}\p{N}_]*)\s*\))?/iu.exec(after);
  const isKey = /\b(?:primary\s+)?key\b/i.test(after);
  const isRequired = star !== undefined || /\bnot\s+null\b/i.test(after);
  const rest = after
    .replace(references?.[0] ?? '', '')
    .replace(/\b(?:primary\s+)?key\b|\bnot\s+null\b/gi, '')
    .trim();
  return {
    name,
    type: type.toLowerCase(),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(scale === undefined ? {} : { scale: Number(scale) }),
    ...(brackets === undefined && word === undefined ? {} : { isList: true }),
    isKey,
    isRequired,
    ...(references ? { references: references[1]!, ...(references[2] ? { referencedColumn: references[2] } : {}) } : {}),
    ...(computed === null ? {} : { computed }),
    ...(rest === '' ? {} : { rest }),
  };
}

/** `GENERATED ALWAYS AS (price * 2) STORED`, or shorter `AS (price * 2)`: what is around it, and what is in the brackets. */
function withoutComputed(tail: string): readonly [rest: string, computed: string | null] {
  const head = /(?:\bgenerated\s+always\s+)?\bas\s*\(/i.exec(tail);
  if (!head || tail.slice(0, head.index).includes("'")) return [tail, null];
  const start = head.index + head[0].length;
  let depth = 1;
  for (const { 0: token, index } of tail.slice(start).matchAll(/'(?:[^']|'')*'|"[^"]*"|[()]/g)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    if (depth > 0) continue;
    const end = start + index;
    const after = tail.slice(end + 1).replace(/^\s*(?:stored|virtual|persisted)\b/i, '');
    return [`${tail.slice(0, head.index)} ${after}`.trim(), tail.slice(start, end).trim()];
  }
  return [tail, null];
}

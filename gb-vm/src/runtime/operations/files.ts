import type { JsonValue } from '../functions/json.ts';

type Args = Readonly<Record<string, JsonValue>>;
type Answer = { readonly value: JsonValue } | { readonly error: string };

const filesMax = 1000;
const charactersMax = 10_000_000;
const channelsMax = 255;

/** Files that are texts in memory: written and read whole, or line by line over a channel as old programs do. */
export function fileOperations(
  files: Map<string, string>,
  locale: 'en' | 'pt-BR',
): Readonly<Record<string, (args: Args) => Answer>> {
  /** The file of each open channel, and up to where it was read. */
  const channels = new Map<number, { readonly name: string; at: number }>();
  const wrong = (en: string, pt: string): Answer => ({ error: locale === 'pt-BR' ? pt : en });
  const missing = (): Answer => wrong('there is no such file', 'não há um arquivo assim');
  const textOf = (value: JsonValue | undefined): string =>
    value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const nameOf = (value: JsonValue | undefined): string =>
    textOf(value)
      .trim()
      .replace(/^[./\\]+/, '');
  const find = (value: JsonValue | undefined): string | null => {
    const wanted = nameOf(value).toLowerCase();
    return [...files.keys()].find((name) => name.toLowerCase() === wanted) ?? null;
  };
  const write = (value: JsonValue | undefined, text: string): Answer => {
    const name = find(value) ?? nameOf(value);
    if (name === '' || (files.size >= filesMax && !files.has(name)))
      return wrong('there are too many files', 'há arquivos demais');
    if (text.length > charactersMax) return wrong('the file is too large', 'o arquivo é grande demais');
    files.set(name, text);
    return { value: name };
  };
  const notOpen = wrong('the file is not open', 'o arquivo não está aberto');
  const channelOf = (args: Args) => channels.get(Number(args['channel'])) ?? null;
  const append = (args: Args, line: string): Answer => {
    const name = channelOf(args)?.name;
    if (name === undefined) return notOpen;
    const answer = write(name, (files.get(name) ?? '') + line);
    return 'error' in answer ? answer : { value: null };
  };
  /** WRITE puts texts in quotes, whatever is in them, so that INPUT reads back what was written. */
  const written = (value: JsonValue): string => (typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : textOf(value));
  /** What comes next in an open file, and whatever ends it. */
  const read = (args: Args, pattern: RegExp): RegExpExecArray | Answer => {
    const channel = channelOf(args);
    if (channel === null) return notOpen;
    const text = files.get(channel.name) ?? '';
    pattern.lastIndex = channel.at;
    const found = channel.at < text.length ? pattern.exec(text) : null;
    if (!found) return wrong('the file is at its end', 'o arquivo chegou ao fim');
    channel.at = pattern.lastIndex;
    return found;
  };
  /** The rest of a text in quotes, in which a doubled quote is one, and what separates it from the next value. */
  const readQuoted = (args: Args): Answer => {
    let value = '';
    for (let part = read(args, /([^"]*)(""?|$)/y); !('value' in part || 'error' in part); part = read(args, /([^"]*)(""?|$)/y)) {
      value += part[1];
      if (part[2] !== '""') break;
      value += '"';
    }
    read(args, /[ \t]*(?:,|\r\n?|\n|$)/y);
    return { value };
  };
  const values = (args: Args): readonly JsonValue[] => (Array.isArray(args['values']) ? args['values'] : []);

  return {
    'SAVE AS': (args) => write(args['file'], textOf(args['value'])),
    WRITE: (args) => write(args['file'], textOf(args['value'])),
    'READ FILE': (args) => {
      const name = find(args['file']);
      return name === null ? missing() : { value: files.get(name)! };
    },
    'DELETE FILE': (args) => {
      const name = find(args['file']);
      return { value: name !== null && files.delete(name) };
    },
    COPY: (args) => {
      const name = find(args['file']);
      return name === null ? missing() : write(args['target'], files.get(name)!);
    },
    MOVE: (args) => {
      const name = find(args['file']);
      if (name === null) return missing();
      const text = files.get(name)!;
      files.delete(name);
      return write(args['target'], text);
    },
    LIST: (args) => {
      const folder = nameOf(args['folder']).toLowerCase().replace(/\/?$/, '/');
      const names = [...files.keys()].filter((name) => folder === '/' || name.toLowerCase().startsWith(folder));
      return {
        value: names.sort().map((path) => ({ name: path.replace(/^.*\//, ''), path, size: files.get(path)!.length })),
      };
    },
    'OPEN FILE': (args) => {
      const mode = textOf(args['mode']).toUpperCase();
      const channel = Number(args['channel']);
      if (!(Number.isInteger(channel) && channel >= 0 && channel <= channelsMax))
        return wrong('a channel is a number from 0 to 255', 'um canal é um número de 0 a 255');
      if (!['INPUT', 'OUTPUT', 'APPEND'].includes(mode))
        return wrong('a file opens for INPUT, OUTPUT or APPEND', 'um arquivo abre para INPUT, OUTPUT ou APPEND');
      const found = find(args['file']);
      if (mode === 'INPUT' && found === null) return missing();
      const name = found ?? nameOf(args['file']);
      if (mode !== 'INPUT') {
        const answer = write(name, mode === 'OUTPUT' ? '' : (files.get(name) ?? ''));
        if ('error' in answer) return answer;
      }
      channels.set(channel, { name, at: 0 });
      return { value: null };
    },
    'PRINT FILE': (args) => append(args, `${values(args).map(textOf).join('')}\n`),
    'WRITE FILE': (args) => append(args, `${values(args).map(written).join(',')}\n`),
    'READ LINE': (args) => {
      const found = read(args, /([^\r\n]*)(?:\r\n?|\n|$)/y);
      return 'value' in found || 'error' in found ? found : { value: found[1]! };
    },
    'READ VALUE': (args) => {
      const quoted = read(args, /[ \t]*"(?=[\s\S])/y);
      if (!('value' in quoted) && !('error' in quoted)) return readQuoted(args);
      const found = read(args, /[ \t]*([^,\r\n]*)(?:,|\r\n?|\n|$)/y);
      if ('value' in found || 'error' in found) return found;
      const text = found[1]!.trim();
      return { value: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : text };
    },
    'CLOSE FILE': (args) => {
      if (args['channel'] === undefined || args['channel'] === null) channels.clear();
      else channels.delete(Number(args['channel']));
      return { value: null };
    },
  };
}

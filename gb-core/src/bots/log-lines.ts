import type { ConversationId, ScriptFile, UserId } from 'gb-protocol';
import type { NewBotLogLine, ProgramError } from '../ports/index.ts';

/** Of what somebody wrote, a log may quote this much. */
const quotedMax = 30;
const messageMax = 300;
/** As the database takes it. */
const lineMax = 400;

/** Codes whose sentence ends in words from elsewhere, after a colon: `FIND failed: ...`. */
const endsInQuote: ReadonlySet<string> = new Set(['operation_failed', 'internal', 'snapshot_invalid', 'program_invalid']);
/** "... is not a date." - the value, and at most so many characters of our own. */
const ownWordsOfDate = 16;
/** The longest sentences of operations, with short values in them. */
const ownWordsMax = 160;

/**
 * A turn that failed. Whoever manages the bot reads it, and the people who talk to the bot do not know: so it has the
 * code, the place and a sentence, and of a value no more than the sentence needs to be understood. The sentences of the
 * runtime keep to that, but for those that are made of values; what a program throws is cut unless it stands in its own
 * scripts, word for word (`files`, those of the version that failed).
 */
export function failureLine(
  error: ProgramError,
  { version, files, conversationId }: { version: number | null; files: readonly ScriptFile[]; conversationId: ConversationId },
): NewBotLogLine {
  const hasPlace = error.line > 0;
  const { sentence, callers } = withoutPlace(error);
  const message = shortened(error.code, sentence, files) + (callers === '' ? '' : ` (${callers})`);
  return {
    level: 'error',
    code: storable(error.code, 80),
    message: storable(message, messageMax),
    file: hasPlace ? storable(error.file, 200) : null,
    line: hasPlace ? error.line : null,
    column: hasPlace ? error.column : null,
    version,
    conversationId,
    userId: null,
  };
}

/** Whether `failureLine` needs the scripts. They may be megabytes. */
export function needsFiles(error: ProgramError): boolean {
  return error.code === 'thrown' && withoutPlace(error).sentence.length > quotedMax;
}

/** What happened to a bot as a whole, or to one of its conversations: at no line of its scripts. */
export function botLine(
  level: NewBotLogLine['level'],
  code: string,
  message: string,
  about: Partial<Pick<NewBotLogLine, 'version' | 'conversationId' | 'userId'>> = {},
): NewBotLogLine {
  return {
    level,
    code: storable(code, 80),
    message: storable(message, lineMax),
    file: null,
    line: null,
    column: null,
    version: about.version ?? null,
    conversationId: about.conversationId ?? null,
    userId: about.userId ?? null,
  };
}

export function publishedLine(kind: 'published' | 'rolled_back', version: number, by: { id: UserId; name: string } | null) {
  const how = kind === 'published' ? `Version ${version} was published` : `Version ${version} was made the current one again`;
  const message = by === null ? `Version ${version} came with the server.` : `${how} by ${by.name}.`;
  return botLine('info', kind, storable(message, messageMax), { version, ...(by ? { userId: by.id } : {}) });
}

/**
 * The runtime ends its sentences with the place, for people who see nothing else: ` (start.bas, line 3, LET; called from
 * line 9)`. Here the place has columns of its own; who called stays.
 */
function withoutPlace({ message, file, line }: ProgramError): { sentence: string; callers: string } {
  const at = line > 0 && message.endsWith(')') ? message.lastIndexOf(` (${file}, `) : -1;
  if (at < 0) return { sentence: message, callers: '' };
  const place = message.slice(at, -1);
  const from = place.lastIndexOf('; ');
  return { sentence: message.slice(0, at), callers: from < 0 ? '' : place.slice(from + 2) };
}

function shortened(code: string, sentence: string, files: readonly ScriptFile[]): string {
  if (code === 'thrown') return files.some(({ text }) => text.includes(sentence)) ? sentence : cut(sentence);
  if (code === 'invalid_date') return sentence.length <= quotedMax + ownWordsOfDate ? sentence : cut(sentence);
  if (!endsInQuote.has(code)) return sentence;
  const from = sentence.indexOf(': ') + 2;
  if (from < 2) return cut(sentence);
  const rest = sentence.slice(from);
  return sentence.slice(0, from) + (code === 'operation_failed' ? withShortQuotes(rest) : cut(rest));
}

/**
 * What an operation says is our own sentence: values stand in quotes, or after a colon at its end. One that is longer than
 * any of ours is a value.
 */
function withShortQuotes(text: string): string {
  const colon = text.replace(/"[^"]*"/g, (quoted) => '-'.repeat(quoted.length)).indexOf(': ');
  const own = colon < 0 ? text : text.slice(0, colon + 2);
  const words = own.replace(/"([^"]*)"/g, (_, quoted: string) => `"${cut(quoted)}"`);
  // A quote that is left open is a value as well.
  if (words.length > ownWordsMax || own.split('"').length % 2 === 0) return cut(text);
  return colon < 0 ? words : words + cut(text.slice(colon + 2));
}

function cut(text: string): string {
  return text.length <= quotedMax
    ? text
    : `${text
        .slice(0, quotedMax)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`;
}

/** One line of text the database takes: a program may build any text, and a turn that cannot be saved would run for ever. */
function storable(text: string, max: number): string {
  const line = text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return line.length <= max ? line : `${line.slice(0, max - 1).toWellFormed()}…`;
}

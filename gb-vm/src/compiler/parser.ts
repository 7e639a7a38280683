import type { Script, Statement } from './ast.ts';
import type { DiagnosticBag, Locale } from './diagnostics.ts';
import { reservedWords } from './keywords/index.ts';
import { lex, type Token } from './lexer.ts';
import { parseIf, parseSelect } from './parse/choices.ts';
import { parseFields } from './parse/conditions.ts';
import { ParseContext } from './parse/context.ts';
import { parseAssert, parseThrow, parseTry } from './parse/handling.ts';
import { parseHears } from './parse/hear.ts';
import { hostStatement } from './parse/host.ts';
import {
  labelStatement,
  parseBreak,
  parseContinue,
  parseExit,
  parseGosub,
  parseGoto,
  parseOn,
  parseRestore,
  parseResume,
} from './parse/jumps.ts';
import { gatherNames } from './parse/known-names.ts';
import { parseDo, parseFor, parseWhile } from './parse/loops.ts';
import { isGivenValue, parseTargets } from './parse/names.ts';
import { parseData, parseInput, parsePrint } from './parse/printing.ts';
import { parseCall, parseDef, parseInclude, parseProcedure, parseWith } from './parse/procedures.ts';
import { unquotedText } from './parse/prose.ts';
import type { ParseRecord } from './parse/record.ts';
import { parseType } from './parse/records.ts';
import { parseBegin } from './parse/text-blocks.ts';
import { parseDescription, parseIndex, parseOnEvent, parseParam, parseTable } from './parse/tools.ts';
import { translated } from './parse/translating.ts';
import { valueReader } from './parse/values.ts';
import {
  appended,
  parseAs,
  parseConst,
  parseDim,
  parseErase,
  parseLet,
  parsePlain,
  parseRedim,
  parseSet,
  parseSwap,
} from './parse/variables.ts';

import { parseExpression } from './parse-expression.ts';
import type { SourceFile } from './source.ts';
import { TokenStream } from './token-stream.ts';

export { blockDepthMax } from './parse/context.ts';

/**
 * Reads one script of the bot dialect by recursive descent; always returns a tree. What begins a statement is decided
 * here, in this order: a variable that is given a value, a label, a keyword of the host, a statement of the language,
 * a call. How each is read, and the recovery from errors, is in the files of `parse/`.
 */
export function parse(
  file: SourceFile,
  bag: DiagnosticBag,
  locale: Locale,
  elsewhere: ReadonlySet<string> = new Set(),
  record: ParseRecord | null = null,
): Script {
  const tokens = lex(file, bag);
  const known = gatherNames(tokens, elsewhere);
  const stream = new TokenStream(file, bag, tokens);
  stream.readWord = valueReader(known);
  stream.words = record?.words ?? null;
  const context = new ParseContext(stream, bag, locale, known, readStatement, record);
  if (record) record.tokens = tokens;
  const statements: Statement[] = [];
  while (stream.peek().kind !== 'end') {
    // Not push(...): the arguments of a call have a limit.
    for (const statement of context.block(null)) statements.push(statement);
    if (stream.peek().kind === 'end') break;
    parseProcedure(context, statements);
  }
  return { statements, procedures: context.procedures, declarations: context.declarations };
}

type Reader = (context: ParseContext, word: Token) => Statement | readonly Statement[];

/** The statements of the language by their first word. */
const readers: Readonly<Record<string, Reader>> = {
  TALK: (context, word) => {
    const value = unquotedText(context) ?? parseAs(context.stream, parseExpression(context.stream));
    return { kind: 'talk', span: context.from(word), value: translated(context, value) };
  },
  PRINT: parsePrint,
  BEGIN: parseBegin,
  HEAR: parseHears,
  INPUT: (context, word) => parseInput(context, word, false),
  LINE: (context, word) => {
    context.stream.expect('INPUT');
    return parseInput(context, word, true);
  },
  IF: parseIf,
  FOR: parseFor,
  WHILE: parseWhile,
  DO: parseDo,
  SELECT: parseSelect,
  SWITCH: parseSelect,
  CALL: parseCall,
  RETURN: (context, word) => {
    const { stream } = context;
    if (stream.accept('WITH')) return { kind: 'return', value: parseFields(stream, 'AS'), span: context.from(word) };
    const value = context.atEnd() ? null : parseAs(stream, parseExpression(stream));
    return { kind: 'return', span: context.from(word), value };
  },
  EXIT: parseExit,
  CONTINUE: parseContinue,
  BREAK: parseBreak,
  END: ({ stream }, word) => ({ kind: 'end', span: stream.span(word) }),
  STOP: ({ stream }, word) => ({ kind: 'stop', span: stream.span(word) }),
  DIM: (context, word) => parseDim(context, word),
  REDIM: parseRedim,
  ERASE: parseErase,
  CONST: parseConst,
  SWAP: parseSwap,
  TYPE: parseType,
  LET: parseLet,
  SET: parseSet,
  WITH: parseWith,
  INCLUDE: parseInclude,
  GOTO: parseGoto,
  GOSUB: parseGosub,
  ON: parseOn,
  RESUME: parseResume,
  RESTORE: parseRestore,
  READ: (context, word) => ({ kind: 'read', targets: parseTargets(context.stream), span: context.from(word) }),
  DATA: parseData,
  DEF: parseDef,
  TRY: parseTry,
  THROW: parseThrow,
  ASSERT: parseAssert,
  ERROR: parseThrow,
  RANDOMIZE: (context, word) => {
    const seed = context.atEnd() ? null : parseExpression(context.stream);
    return { kind: 'randomize', span: context.from(word), seed };
  },
  PARAM: parseParam,
  DESCRIPTION: parseDescription,
  TABLE: parseTable,
};

/** Words that begin a statement only before certain others. */
function isReader({ stream }: ParseContext, word: string): boolean {
  const next = stream.peek(1);
  switch (word) {
    case 'PRINT':
      return !stream.is('#', 1);
    case 'LINE':
      return stream.is('INPUT', 1);
    case 'READ':
      return next.kind === 'name';
    case 'DATA':
      return next.kind === 'text';
    case 'DEF':
      return next.kind === 'name' && next.upper.startsWith('FN');
    case 'TYPE':
      return next.kind === 'name' && stream.peek(2).kind === 'newline';
    case 'TABLE':
    case 'SWITCH':
      return next.kind !== 'newline';
    default:
      return word in readers;
  }
}

function readStatement(context: ParseContext): readonly Statement[] {
  const statements = readOne(context);
  const only = statements.length === 1 ? statements[0] : undefined;
  return (only?.kind === 'call' && appended(context.known, only)) || statements;
}

function readOne(context: ParseContext): readonly Statement[] {
  const { stream } = context;
  const token = stream.peek();
  if (token.kind === 'error') {
    stream.skipLine();
    return [{ kind: 'error', span: stream.span(token) }];
  }
  if (token.upper === '?' && token.kind === 'operator') return [parsePrint(context, stream.next())];
  if (token.upper === '.' && stream.withTarget) return parsePlain(context);
  if (token.kind !== 'name') stream.fail('expected_statement', stream.span(token), stream.show(token));
  if (isGivenValue(stream) && !(token.upper === 'ERR' && stream.is('CLEAR', 2))) return parsePlain(context);
  const label = labelStatement(context);
  if (label) return [label];
  const isByHand = (word: string): boolean => isReader(context, word);
  if (token.upper === 'CREATE' && stream.is('INDEX', 1)) return parseIndex(context, stream.next());
  if (token.upper === 'ON' && stream.is('EVENT', 1)) return parseOnEvent(context, stream.next());
  const host = hostStatement(context, isByHand);
  if (host) return host;
  const isClear = token.upper === 'CLEAR' && stream.is('ERROR', 1);
  if (isClear || (token.upper === 'ERR' && stream.is('.', 1) && stream.is('CLEAR', 2))) {
    for (let count = isClear ? 2 : 3; count > 0; count--) stream.next();
    return [{ kind: 'clearError', span: context.from(token) }];
  }
  if (token.upper === 'GO' && (stream.is('TO', 1) || stream.is('SUB', 1))) {
    stream.next();
    return [stream.next().upper === 'TO' ? parseGoto(context, token) : parseGosub(context, token)];
  }
  if (!Object.hasOwn(readers, token.upper) || !isByHand(token.upper) || context.known.isProcedure(token.upper)) {
    if (reservedWords.has(token.upper) && token.upper !== 'NEW') {
      stream.next();
      stream.fail('expected_statement', stream.span(token), stream.show(token));
    }
    return parsePlain(context);
  }
  stream.next();
  const read = readers[token.upper]!(context, token);
  return 'kind' in read ? [read] : read;
}

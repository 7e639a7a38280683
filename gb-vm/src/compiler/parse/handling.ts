import type { Name, Statement } from '../ast.ts';
import { reservedWords } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { parseExpression } from '../parse-expression.ts';
import type { ParseContext } from './context.ts';
import { parseName } from './names.ts';
import { makeNode, textNode } from './nodes.ts';

/** TRY … CATCH [name] … FINALLY … END TRY, with either or both of the parts. */
export function parseTry(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  let body: Statement[] = [];
  let variable: Name | null = null;
  let handler: Statement[] = [];
  let last: Statement[] = [];
  let hasCatch = false;
  context.inside('TRY', word, (block) => {
    body = context.block(block);
    if (context.closer()?.word === 'TRY' && stream.accept('CATCH')) {
      hasCatch = true;
      const open = stream.accept('(');
      stream.accept('AS');
      if (stream.peek().kind === 'name' && !reservedWords.has(stream.peek().upper)) variable = parseName(stream);
      if (open) stream.accept(')');
      handler = context.block(block);
    }
    if (context.closer()?.word === 'TRY' && stream.accept('FINALLY')) last = context.block(block);
    for (let closer = context.closer(); closer?.word === 'TRY' && closer.isMiddle; closer = context.closer()) {
      context.report('catch_out_of_order', stream.next());
      context.block(block);
    }
  });
  return { kind: 'try', span: stream.span(word), body, variable, handler, hasCatch, last };
}

/** `ASSERT condition, message` fails unless the condition holds. */
export function parseAssert(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const condition = parseExpression(stream);
  const value = stream.accept(',')
    ? parseExpression(stream)
    : textNode(condition.span, stream.file.text.slice(condition.span.start, condition.span.end));
  const span = context.from(word);
  const broken = makeNode(condition.span, condition.depth + 1, { kind: 'unary', operator: 'NOT', operand: condition } as const);
  return { kind: 'if', span, branches: [{ condition: broken, body: [{ kind: 'throw', span, value }] }], otherwise: [] };
}

export function parseThrow(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const value = context.atEnd() ? textNode(stream.span(word), '') : parseExpression(stream);
  return { kind: 'throw', span: context.from(word), value };
}

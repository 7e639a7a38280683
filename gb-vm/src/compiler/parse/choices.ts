import type { Branch, CaseTest, Expression, Select, Statement } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { parseExpression } from '../parse-expression.ts';
import type { Span } from '../source.ts';
import { blockDepthMax, type ParseContext } from './context.ts';
import { labelHere } from './jumps.ts';

export function parseIf(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const condition = context.guarded(() => parseExpression(stream), 'THEN');
  if (stream.is('GOTO')) return singleLineIf(context, word, condition);
  if (!stream.accept('THEN')) {
    const isBetween = stream.is('BETWEEN');
    if (isBetween) context.report('wrong_form', stream.peek(), 'IF', 'BETWEEN', 'IF x >= 5 AND x <= 20 THEN');
    else context.report('missing_then', stream.peek());
    stream.skipLine(isBetween ? 'THEN' : undefined);
    if (isBetween && stream.accept('THEN') && !context.atEnd()) return singleLineIf(context, word, condition);
  } else if (!context.atEnd()) return singleLineIf(context, word, condition);
  const branches: Branch[] = [];
  let otherwise: Statement[] = [];
  context.inside('IF', word, (block) => {
    branches.push({ condition, body: context.block(block) });
    let sawElse = false;
    for (;;) {
      const closer = context.closer();
      if (closer?.word !== 'IF' || !closer.isMiddle) break;
      const middle = stream.next();
      if (sawElse) context.report('else_after_else', middle);
      if (middle.upper === 'ELSEIF' || stream.is('IF')) {
        if (middle.upper === 'ELSE') stream.next();
        const next = context.guarded(() => parseExpression(stream), 'THEN');
        if (!stream.accept('THEN')) {
          context.report('missing_then', stream.peek());
          stream.skipLine();
        }
        branches.push({ condition: next, body: context.block(block) });
      } else {
        sawElse = true;
        otherwise = context.block(block);
      }
    }
  });
  return { kind: 'if', span: stream.span(word), branches, otherwise };
}

/** `IF a THEN b : c ELSE d`, all on one line; a number after THEN or ELSE is a line to go to. */
function singleLineIf(context: ParseContext, word: Token, condition: Expression): Statement {
  const { stream } = context;
  const wasInside = context.isInSingleLineIf;
  context.isInSingleLineIf = true;
  if (context.open.length >= blockDepthMax) stream.fail('nesting_too_deep', stream.span(word), blockDepthMax);
  context.open.push({ word: 'IF', span: stream.span(word), line: 0 });
  const part = (): Statement[] => {
    const number = stream.peek();
    const label = number.kind === 'number' ? labelHere(stream) : null;
    if (label) return [{ kind: 'goto', span: label.span, label }];
    return context.restOfLine();
  };
  try {
    const body = part();
    const otherwise = stream.accept('ELSE') ? part() : [];
    return { kind: 'if', span: context.from(word), branches: [{ condition, body }], otherwise };
  } finally {
    context.open.pop();
    context.isInSingleLineIf = wasInside;
  }
}

/** SELECT CASE, SELECT and SWITCH. */
export function parseSelect(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const kind = word.upper === 'SWITCH' ? 'SWITCH' : 'SELECT';
  stream.accept('CASE');
  const value = context.guarded(() => parseExpression(stream));
  const cases: { tests: CaseTest[]; body: Statement[]; span: Span }[] = [];
  let otherwise: Statement[] = [];
  context.inside(kind, word, (block) => {
    const stray = context.block(block);
    if (stray[0]) context.bag.report('statement_before_case', stray[0].span);
    while (context.closer()?.word === kind && (stream.is('CASE') || stream.is('DEFAULT'))) {
      const middle = stream.next();
      const span = stream.span(middle);
      if (middle.upper === 'DEFAULT' || stream.is('ELSE') || isBareDefault(stream.peek(), stream.peek(1))) {
        if (middle.upper === 'CASE') stream.next();
        otherwise = context.block(block);
        continue;
      }
      const tests: CaseTest[] = [];
      context.guarded(() => {
        do tests.push(caseTest(context));
        while (stream.accept(','));
        return value;
      });
      cases.push({ tests, body: context.block(block), span });
    }
  });
  const node: Select = { kind: 'select', span: stream.span(word), value, cases, otherwise };
  return node;
}

const isBareDefault = (token: Token, after: Token): boolean =>
  token.kind === 'name' && token.upper === 'DEFAULT' && (after.kind === 'newline' || after.upper === ':');

function caseTest({ stream }: ParseContext): CaseTest {
  const isWord = stream.accept('IS');
  const sign = stream.peek();
  if (sign.kind === 'operator' && ['=', '==', '<>', '!=', '<', '>', '<=', '>='].includes(sign.upper)) {
    stream.next();
    const operator =
      sign.upper === '==' ? '=' : sign.upper === '!=' ? '<>' : (sign.upper as '=' | '<>' | '<' | '>' | '<=' | '>=');
    return { kind: 'compare', operator, value: parseExpression(stream) };
  }
  if (isWord) stream.fail('expected_token', stream.span(sign), '"<"', stream.show(sign));
  const value = parseExpression(stream);
  if (stream.accept('TO')) return { kind: 'range', from: value, to: parseExpression(stream) };
  return { kind: 'compare', operator: '=', value };
}

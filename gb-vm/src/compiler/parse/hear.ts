import type { Expression, Hear, Statement, Target } from '../ast.ts';
import { typeNames } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { parseExpression } from '../parse-expression.ts';
import { join } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import type { ParseContext } from './context.ts';
import { parseTarget } from './names.ts';
import { copyOf, operationNode, textNode } from './nodes.ts';
import { translated } from './translating.ts';

/** `HEAR a, b AS type`: one question for each name, all of the same kind. */
export function parseHears(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const targets = [parseTarget(stream)];
  while (stream.accept(',')) targets.push(parseTarget(stream));
  const last = parseHear(context, word, targets.at(-1)!, null);
  return targets.flatMap((target, index): readonly Statement[] => {
    if (index === targets.length - 1) return [last, ...reading(context, last)];
    const menu = last.menu?.map(copyOf) ?? null;
    const hear: Hear = { ...last, target, menu, prompt: null, fallback: last.fallback && copyOf(last.fallback) };
    return [hear, ...reading(context, hear)];
  });
}

/** What is in a picture of a code, or said in a recording, is found out by the host when the file has come. */
function reading(context: ParseContext, { type, target, span }: Hear): readonly Statement[] {
  if (context.translates && type === 'TEXT' && target.kind === 'name')
    return [{ kind: 'assign', span, target: copyOf(target), value: translated(context, copyOf(target), true) }];
  if ((type !== 'QRCODE' && type !== 'AUDIO') || target.kind !== 'name') return [];
  const args = [
    { key: 'type', value: textNode(span, type) },
    { key: 'value', value: copyOf(target) },
  ];
  return [{ kind: 'assign', span, target: copyOf(target), value: operationNode(span, 'READ ANSWER', args) }];
}

/** After the target: `AS type | menu | file`, `WITH prompt`, `DEFAULT value`, in any order. */
export function parseHear(context: ParseContext, word: Token, target: Target, prompt: Expression | null): Hear {
  const { stream } = context;
  let type = 'TEXT';
  let menu: Expression[] | null = null;
  let isOpen = false;
  let given = prompt;
  let fallback: Expression | null = null;
  for (;;) {
    if (stream.accept('AS')) {
      const token = stream.peek();
      if (token.kind === 'name' && typeNames.has(token.upper) && !stream.is('(', 1) && !stream.is('.', 1)) {
        stream.next();
        type = token.upper;
      } else {
        ({ menu, isOpen } = parseMenu(stream));
        type = 'MENU';
      }
    } else if (stream.accept('WITH')) given = parseExpression(stream);
    else if (stream.accept('DEFAULT')) fallback = parseExpression(stream);
    else break;
  }
  // A single text leaves nothing to choose: it is the question.
  const only = menu?.length === 1 && !isOpen && !given ? menu[0] : undefined;
  if (only?.kind === 'text' || only?.kind === 'interpolation') {
    given = only;
    menu = null;
    type = 'TEXT';
  }
  // A PARAM with an ENUM offers its values, and takes others too.
  const values = type === 'TEXT' && !menu && target.kind === 'name' ? enumOf(context, target.name) : null;
  if (values) {
    const span = context.from(word);
    menu = values.map((value) => textNode(span, value));
    return { kind: 'hear', span, target, type: 'MENU', menu, isOpen: true, prompt: given, fallback };
  }
  return { kind: 'hear', span: context.from(word), target, type, menu, isOpen, prompt: given, fallback };
}

function enumOf({ declarations }: ParseContext, name: string): readonly string[] | null {
  const param = declarations.find(
    ({ keyword, values }) => keyword === 'PARAM' && String(values['name']).toLowerCase() === name.toLowerCase(),
  );
  const values = param?.values['enum'];
  return Array.isArray(values) && values.length > 0 ? values.map(String) : null;
}

/** `"a", "b", *`: choices, which may be lists of choices; a file of rows is a menu of its first column. */
function parseMenu(stream: TokenStream): { menu: Expression[]; isOpen: boolean } {
  const menu: Expression[] = [];
  let isOpen = false;
  do {
    if (stream.accept('*')) isOpen = true;
    else menu.push(fileChoices(stream) ?? parseExpression(stream));
  } while (stream.accept(','));
  return { menu, isOpen };
}

const sheetEndings = new Set(['XLSX', 'XLS', 'CSV', 'TSV', 'ODS']);

/** `products.xlsx`: the operation that gives what can be chosen. */
function fileChoices(stream: TokenStream): Expression | null {
  const first = stream.peek();
  if (first.kind !== 'name' || !stream.is('.', 1) || !sheetEndings.has(stream.peek(2).upper)) return null;
  stream.next();
  stream.next();
  const span = join(stream.span(first), stream.span(stream.next()));
  return operationNode(span, 'MENU', [{ key: 'file', value: textNode(span, stream.file.text.slice(span.start, span.end)) }]);
}

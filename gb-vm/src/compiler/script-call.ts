import type { Apply, Expression, Name, Operation } from './ast.ts';
import { arrayNode, operationNode, textNode } from './parse/nodes.ts';
import type { Span } from './source.ts';

/**
 * `total = prices(1, 2)`, where the program has no variable, list, SUB or FUNCTION called `prices` and the bot has a script
 * of that name: the same as `RUN SCRIPT "prices", 1, 2`. Everything the program names itself comes first, and so do the
 * words of the language; for scripts that are called like one of those there is CALL "name".
 */

/** The names of scripts that can be written as a name, in capitals. Folders and the ending do not count. */
export function scriptNames(files: readonly { readonly name: string }[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of files) {
    const short = name.replace(/^.*[\\/]/, '').replace(/\.bas$/i, '');
    if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(short)) names.add(short.toUpperCase());
  }
  return names;
}

/** RUN SCRIPT, with the values in the order of the script's PARAMs. */
export function runScript(span: Span, script: Expression, args: readonly Expression[]): Operation {
  const values = args.length > 0 ? [{ key: 'args', value: arrayNode(span, args) }] : [];
  return operationNode(span, 'RUN SCRIPT', [{ key: 'script', value: script }, ...values]);
}

/** Makes the node itself the operation: what it is part of need not know. `asWritten` undoes it. */
export function becomeScriptCall(node: Name | Apply): void {
  const written = { ...node };
  const name = node.kind === 'name' ? node : node.target;
  if (name.kind !== 'name') return;
  const operation = runScript(node.span, textNode(name.span, name.display), node.kind === 'name' ? [] : node.args);
  Object.assign(node, operation, { depth: node.depth, written });
}

/** What stands in the text, for the next who gives names their meaning. */
export function asWritten(node: Operation): void {
  if (!node.written) return;
  const { written } = node;
  delete node.written;
  Object.assign(node, written);
}

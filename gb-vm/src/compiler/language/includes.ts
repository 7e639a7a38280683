import type { Statement } from '../ast.ts';
import type { ScriptAnalysis } from './analysis.ts';

/** The script an INCLUDE puts in its place; null when there is none of that name. */
export function includedBy(
  statement: Extract<Statement, { kind: 'include' }>,
  scripts: readonly ScriptAnalysis[],
): ScriptAnalysis | null {
  return scriptCalled(statement.name, scripts);
}

/** By the name a program uses for it, with or without its ending. */
export function scriptCalled(name: string, scripts: readonly ScriptAnalysis[]): ScriptAnalysis | null {
  const wanted = name.toLowerCase();
  return scripts.find((script) => [wanted, `${wanted}.bas`].includes(script.name.toLowerCase())) ?? null;
}

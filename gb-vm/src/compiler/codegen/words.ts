import type { Statement } from '../ast.ts';

export function wordOf(statement: Statement): string {
  const words: Partial<Record<Statement['kind'], string>> = {
    forEach: 'FOR EACH',
    assign: '=',
    onGoto: 'ON',
    looseFor: 'FOR',
    looseNext: 'NEXT',
    onError: 'ON ERROR',
    clearError: 'CLEAR ERROR',
  };
  if (statement.kind === 'call' && statement.value.kind === 'operation') return statement.value.name;
  if (statement.kind === 'while') return statement.word;
  if (statement.kind === 'throw' && statement.value.kind === 'number') return 'ERROR';
  return words[statement.kind] ?? statement.kind.toUpperCase();
}

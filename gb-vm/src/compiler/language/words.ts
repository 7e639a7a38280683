import type { Locale } from '../diagnostics.ts';
import type { NamedKind } from './names.ts';

/** The few sentences that editors show besides the keyword table and the messages of the compiler. */
const english = {
  variable: 'variable',
  constant: 'constant',
  list: 'list',
  parameter: 'parameter',
  sub: 'SUB',
  function: 'FUNCTION',
  label: 'label',
  property: 'property',
  column: 'column of {0}',
  table: 'table',
  script: 'script',
  of: '{0} of {1}',
  fromHost: 'No line gives it a value: it comes from the platform, or is empty.',
  firstGiven: 'First given a value in {0}, line {1}:',
  declaredIn: 'Declared in {0}, line {1}.',
  notAName: '"{0}" cannot be a name: names are letters, digits and _, and do not begin with a digit.',
  isKeyword: '"{0}" is a word of the language. Choose another name.',
  isTaken: '"{0}" is already used in this program, in {1}, line {2}. Choose another name.',
  suffix: 'The sign at the end says what the name holds: the new name has to end in the same way.',
  cannotRename: 'Only variables, SUBs, FUNCTIONs and labels that the script names itself can be renamed.',
  notUnderstood: '{0} has lines that are not understood. Mend these first, so that no place is missed.',
  columnsToo: 'A column of a table is called like this variable, and now has the new name as well.',
} as const;

type Word = keyof typeof english;

const portuguese: Readonly<Record<Word, string>> = {
  variable: 'variável',
  constant: 'constante',
  list: 'lista',
  parameter: 'parâmetro',
  sub: 'SUB',
  function: 'FUNCTION',
  label: 'rótulo',
  property: 'propriedade',
  column: 'coluna de {0}',
  table: 'tabela',
  script: 'roteiro',
  of: '{0} de {1}',
  fromHost: 'Nenhuma linha lhe dá um valor: ele vem da plataforma, ou está vazio.',
  firstGiven: 'Recebe um valor primeiro em {0}, linha {1}:',
  declaredIn: 'Declarado em {0}, linha {1}.',
  notAName: '"{0}" não pode ser um nome: nomes são letras, dígitos e _, e não começam com um dígito.',
  isKeyword: '"{0}" é uma palavra da linguagem. Escolha outro nome.',
  isTaken: '"{0}" já é usado neste programa, em {1}, linha {2}. Escolha outro nome.',
  suffix: 'O sinal no fim diz o que o nome guarda: o novo nome precisa terminar do mesmo jeito.',
  cannotRename: 'Só variáveis, SUBs, FUNCTIONs e rótulos a que o próprio roteiro dá nome podem ser renomeados.',
  notUnderstood: '{0} tem linhas que não são entendidas. Corrija-as antes, para que nenhum lugar fique esquecido.',
  columnsToo: 'Uma coluna de tabela se chama como esta variável, e agora também tem o novo nome.',
};

export function say(locale: Locale, word: Word | NamedKind, ...args: readonly (string | number)[]): string {
  const text = (locale === 'pt-BR' ? portuguese : english)[word];
  return text.replace(/\{(\d)\}/g, (_, index) => String(args[Number(index)] ?? ''));
}

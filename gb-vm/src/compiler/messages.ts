/**
 * Every sentence the compiler can say, in English and Portuguese: the message and, optionally, a hint on what to do.
 * `{0}`, `{1}` are filled in. The codes are stable: editors and tests switch on them.
 */
interface Message {
  readonly severity: 'error' | 'warning';
  readonly en: readonly [string, string?];
  readonly pt: readonly [string, string?];
}

const error = (en: readonly [string, string?], pt: readonly [string, string?]): Message => ({ severity: 'error', en, pt });
const warning = (en: readonly [string, string?], pt: readonly [string, string?]): Message => ({ severity: 'warning', en, pt });

export const messages = {
  no_entry: error(
    ['There is no {0} to start from.', 'Name the first script {0}.'],
    ['Não há {0} por onde começar.', 'Chame o primeiro roteiro de {0}.'],
  ),
  program_too_large: error(
    ['This program is too large: {0} characters, {1} is the most.'],
    ['Este programa é grande demais: {0} caracteres, o máximo é {1}.'],
  ),
  nesting_too_deep: error(
    ['This is nested too deeply to follow: {0} levels is the most.', 'Move the inner part into a SUB or FUNCTION.'],
    ['Isto está aninhado demais: o máximo são {0} níveis.', 'Mova a parte interna para uma SUB ou FUNCTION.'],
  ),
  unexpected_character: error(['The character {0} does not belong here.'], ['O caractere {0} não cabe aqui.']),
  unterminated_string: error(
    ['This text has no closing quote.', 'End it with " on the same line, or use BEGIN TALK for several lines.'],
    ['Este texto não tem aspas de fechamento.', 'Termine com " na mesma linha ou use BEGIN TALK para várias linhas.'],
  ),
  unterminated_interpolation: error(['${ has no closing } in this text.'], ['${ não tem } de fechamento neste texto.']),
  bad_number: error(['{0} is not a number.'], ['{0} não é um número.']),
  expected_statement: error(
    ['A statement starts with a keyword or a name, not with {0}.'],
    ['Um comando começa com uma palavra-chave ou um nome, não com {0}.'],
  ),
  expected_expression: error(['A value is missing here, before {0}.'], ['Falta um valor aqui, antes de {0}.']),
  expected_token: error(['{0} is missing here, before {1}.'], ['Falta {0} aqui, antes de {1}.']),
  expected_name: error(['A name is missing here, before {0}.'], ['Falta um nome aqui, antes de {0}.']),
  expected_end_of_statement: error(
    ['The statement should end before {0}.', 'Put the next statement on its own line.'],
    ['O comando deveria terminar antes de {0}.', 'Coloque o próximo comando em outra linha.'],
  ),
  unclosed_bracket: error(['{0} opened here is never closed.'], ['{0} aberto aqui nunca é fechado.']),
  missing_then: error(
    ['IF needs THEN after its condition.', 'Write IF condition THEN.'],
    ['IF precisa de THEN depois da condição.', 'Escreva IF condição THEN.'],
  ),
  missing_end_if: error(['IF is never closed.', 'Add END IF.'], ['IF nunca é fechado.', 'Acrescente END IF.']),
  missing_next: error(['FOR is never closed.', 'Add NEXT.'], ['FOR nunca é fechado.', 'Acrescente NEXT.']),
  missing_wend: error(['WHILE is never closed.', 'Add WEND.'], ['WHILE nunca é fechado.', 'Acrescente WEND.']),
  missing_loop: error(['DO is never closed.', 'Add LOOP.'], ['DO nunca é fechado.', 'Acrescente LOOP.']),
  missing_end_select: error(
    ['SELECT is never closed.', 'Add END SELECT.'],
    ['SELECT nunca é fechado.', 'Acrescente END SELECT.'],
  ),
  missing_end_sub: error(['SUB is never closed.', 'Add END SUB.'], ['SUB nunca é fechada.', 'Acrescente END SUB.']),
  missing_end_function: error(
    ['FUNCTION is never closed.', 'Add END FUNCTION.'],
    ['FUNCTION nunca é fechada.', 'Acrescente END FUNCTION.'],
  ),
  missing_end_with: error(['WITH is never closed.', 'Add END WITH.'], ['WITH nunca é fechado.', 'Acrescente END WITH.']),
  missing_end_talk: error(
    ['BEGIN TALK is never closed.', 'Add END TALK.'],
    ['BEGIN TALK nunca é fechado.', 'Acrescente END TALK.'],
  ),
  block_mismatch: error(
    ['{0} does not close the {1} of line {2}.', 'Did you forget {3} before this line?'],
    ['{0} não fecha o {1} da linha {2}.', 'Faltou {3} antes desta linha?'],
  ),
  unopened_block: error(['{0} closes nothing: there is no {1} before it.'], ['{0} não fecha nada: não há {1} antes.']),
  next_name_mismatch: error(
    ['NEXT {0} does not match the FOR {1} of line {2}.', 'Write NEXT {1}, or just NEXT.'],
    ['NEXT {0} não combina com o FOR {1} da linha {2}.', 'Escreva NEXT {1}, ou só NEXT.'],
  ),
  else_after_else: error(['Nothing can follow ELSE but END IF.'], ['Depois de ELSE só pode vir END IF.']),
  case_outside_select: error(['CASE belongs inside SELECT CASE.'], ['CASE só existe dentro de SELECT CASE.']),
  statement_before_case: error(['Only CASE may follow SELECT CASE.'], ['Depois de SELECT CASE só pode vir CASE.']),
  include_in_block: error(
    ['INCLUDE belongs at the top level of a script.'],
    ['INCLUDE só pode ficar no nível principal do roteiro.'],
  ),
  unknown_include: error(
    ['There is no script named {0} beside this one.', '{1}'],
    ['Não há um roteiro chamado {0} ao lado deste.', '{1}'],
  ),
  include_cycle: error(['{0} includes itself.'], ['{0} inclui a si mesmo.']),
  unknown_procedure: error(
    ['There is no keyword, SUB or FUNCTION named {0}.', '{1}'],
    ['Não há palavra-chave, SUB ou FUNCTION chamada {0}.', '{1}'],
  ),
  unknown_type: error(['{0} is not a type HEAR can ask for.', '{1}'], ['{0} não é um tipo que HEAR saiba pedir.', '{1}']),
  duplicate_procedure: error(['{0} is already declared on line {1}.'], ['{0} já foi declarada na linha {1}.']),
  duplicate_parameter: error(['Two parameters are named {0}.'], ['Dois parâmetros se chamam {0}.']),
  too_many_arguments: error(['{0} takes {1} values, not {2}.', '{3}'], ['{0} recebe {1} valores, não {2}.', '{3}']),
  too_few_arguments: error(['{0} needs {1} values, not {2}.', '{3}'], ['{0} precisa de {1} valores, não {2}.', '{3}']),
  too_many_variables: error(
    ['There are too many variables here: {0}, {1} is the most.', 'Keep them in a list or an object.'],
    ['Há variáveis demais aqui: {0}, o máximo é {1}.', 'Guarde-as em uma lista ou objeto.'],
  ),
  exit_outside: error(['EXIT {0} is not inside a {0}.'], ['EXIT {0} não está dentro de um {0}.']),
  return_value_in_sub: error(['A SUB gives no value back; a FUNCTION does.'], ['Uma SUB não devolve valor; uma FUNCTION sim.']),
  not_assignable: error(
    ['Only a variable, an element or a property can be given a value.'],
    ['Só uma variável, um elemento ou uma propriedade pode receber um valor.'],
  ),
  statement_has_no_effect: error(
    ['This computes a value but does nothing with it.', '{0}'],
    ['Isto calcula um valor mas não faz nada com ele.', '{0}'],
  ),
  dot_outside_with: error(['A leading dot needs WITH around it.'], ['Um ponto no início precisa de WITH em volta.']),
  maybe_misspelled: warning(['{0} is read but never given a value.', '{1}'], ['{0} é lida mas nunca recebe um valor.', '{1}']),
  internal: error(
    ['The compiler could not translate this program: {0}'],
    ['O compilador não conseguiu traduzir este programa: {0}'],
  ),
} as const satisfies Record<string, Message>;

export type MessageCode = keyof typeof messages;

/** "Did you mean TALK?" in the author's language; empty when there is nothing to suggest. */
export function didYouMean(locale: 'en' | 'pt-BR', suggestion: string | null): string {
  if (!suggestion) return '';
  return locale === 'pt-BR' ? `Você quis dizer ${suggestion}?` : `Did you mean ${suggestion}?`;
}

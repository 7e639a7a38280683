import { classicMessages } from './classic/messages.ts';

/**
 * Every sentence the compiler can say, in English and Portuguese: the message and, optionally, a hint on what to do.
 * `{0}`, `{1}` are filled in. The codes are stable: editors and tests switch on them.
 */
export interface Message {
  readonly severity: 'error' | 'warning';
  readonly en: readonly [string, string?];
  readonly pt: readonly [string, string?];
  /** A script that gets exactly this and nothing else; it is in the manual, and a test compiles it. */
  readonly example?: string;
  /** The profile the example is compiled in, when it is not `bot`. */
  readonly profile?: 'minimal' | 'classic';
}

type Texts = readonly [string, string?];
const error = (en: Texts, pt: Texts, example?: string): Message => ({
  severity: 'error',
  en,
  pt,
  ...(example ? { example } : {}),
});
const warning = (en: Texts, pt: Texts, example?: string): Message => ({
  severity: 'warning',
  en,
  pt,
  ...(example ? { example } : {}),
});

export const messages = {
  ...classicMessages,
  no_entry: error(
    ['There is no {0} to start from.', 'Name the first script {0}.'],
    ['Não há {0} por onde começar.', 'Chame o primeiro roteiro de {0}.'],
  ),
  program_too_large: error(
    [
      'This program is too large: {0} characters, {1} is the most.',
      'Move texts and lists into files, or divide it among several bots.',
    ],
    [
      'Este programa é grande demais: {0} caracteres, o máximo é {1}.',
      'Mova textos e listas para arquivos ou divida-o entre vários robôs.',
    ],
  ),
  nesting_too_deep: error(
    ['This is nested too deeply to follow: {0} levels is the most.', 'Move the inner part out, into a line or a SUB of its own.'],
    ['Isto está aninhado demais: o máximo são {0} níveis.', 'Mova a parte interna para uma linha ou SUB própria.'],
  ),
  unexpected_character: error(
    ['The character {0} does not belong here.', 'Take it away, or put the text it belongs to in quotes.'],
    ['O caractere {0} não cabe aqui.', 'Retire-o ou ponha entre aspas o texto a que pertence.'],
    'TALK 1 ~ 2',
  ),
  foreign_quotes: error(
    ['A text does not begin or end with {0}.', 'Write " there.'],
    ['Um texto não começa nem termina com {0}.', 'Escreva " ali.'],
    'name = ‘Ana’',
  ),
  unterminated_string: error(
    ['This text has no closing quote.', 'End it with " on the same line, or use BEGIN TALK for several lines.'],
    ['Este texto não tem aspas de fechamento.', 'Termine com " na mesma linha ou use BEGIN TALK para várias linhas.'],
    'TALK "a',
  ),
  unterminated_interpolation: error(
    ['${ has no closing } in this text.', 'Write } behind the value.'],
    ['${ não tem } de fechamento neste texto.', 'Escreva } depois do valor.'],
    'TALK "a ${x"',
  ),
  bad_number: error(
    ['{0} is not a number.', 'Write it in digits with a point, like 12.5.'],
    ['{0} não é um número.', 'Escreva-o em dígitos com um ponto, como 12.5.'],
    'x = 12abc',
  ),
  expected_statement: error(
    ['A statement starts with a keyword or a name, not with {0}.', 'Take {0} away, or write a name and = before it.'],
    ['Um comando começa com uma palavra-chave ou um nome, não com {0}.', 'Retire {0} ou escreva um nome e = antes.'],
    ') y',
  ),
  expected_expression: error(
    ['A value is missing here, before {0}.', 'Write a number, a text in quotes or a variable.'],
    ['Falta um valor aqui, antes de {0}.', 'Escreva um número, um texto entre aspas ou uma variável.'],
    'x = ',
  ),
  expected_token: error(
    ['{0} is missing here, before {1}.', 'Write {0} there.'],
    ['Falta {0} aqui, antes de {1}.', 'Escreva {0} ali.'],
    'FOR i 1 TO 3\nNEXT',
  ),
  expected_name: error(
    ['A name is missing here, before {0}.', 'A name begins with a letter.'],
    ['Falta um nome aqui, antes de {0}.', 'Um nome começa com uma letra.'],
    'FOR 5 = 1 TO 3\nNEXT',
  ),
  name_is_keyword: error(
    ['{0} is a word of the language and cannot be a name.', 'Choose another name, like my_{0}.'],
    ['{0} é uma palavra da linguagem e não pode ser um nome.', 'Escolha outro nome, como meu_{0}.'],
    'new = 1',
  ),
  expected_end_of_statement: error(
    ['The statement should end before {0}.', 'Put the next statement on its own line.'],
    ['O comando deveria terminar antes de {0}.', 'Coloque o próximo comando em outra linha.'],
    'x = 1 2',
  ),
  unclosed_bracket: error(
    ['{0} opened here is never closed.', 'Close it where the value ends.'],
    ['{0} aberto aqui nunca é fechado.', 'Feche onde o valor termina.'],
    'x = (1 + 2\nTALK "a"',
  ),
  missing_then: error(
    ['IF needs THEN after its condition.', 'Write IF condition THEN.'],
    ['IF precisa de THEN depois da condição.', 'Escreva IF condição THEN.'],
    'IF x = 1\n  TALK "a"\nEND IF',
  ),
  missing_end_if: error(
    ['IF is never closed.', 'Add END IF.'],
    ['IF nunca é fechado.', 'Acrescente END IF.'],
    'IF x = 1 THEN\n  TALK "a"',
  ),
  missing_next: error(
    ['FOR is never closed.', 'Add NEXT.'],
    ['FOR nunca é fechado.', 'Acrescente NEXT.'],
    'FOR i = 1 TO 2\n  TALK i',
  ),
  missing_wend: error(
    ['WHILE is never closed.', 'Add WEND.'],
    ['WHILE nunca é fechado.', 'Acrescente WEND.'],
    'WHILE x\n  TALK 1',
  ),
  missing_loop: error(['DO is never closed.', 'Add LOOP.'], ['DO nunca é fechado.', 'Acrescente LOOP.'], 'DO\n  TALK 1'),
  missing_end_select: error(
    ['SELECT is never closed.', 'Add END SELECT.'],
    ['SELECT nunca é fechado.', 'Acrescente END SELECT.'],
    'SELECT CASE x\nCASE 1\n  TALK 1',
  ),
  missing_end_sub: error(
    ['SUB is never closed.', 'Add END SUB.'],
    ['SUB nunca é fechada.', 'Acrescente END SUB.'],
    'SUB a()\n  TALK 1',
  ),
  missing_end_function: error(
    ['FUNCTION is never closed.', 'Add END FUNCTION.'],
    ['FUNCTION nunca é fechada.', 'Acrescente END FUNCTION.'],
    'FUNCTION a()\n  TALK 1',
  ),
  missing_end_with: error(
    ['WITH is never closed.', 'Add END WITH.'],
    ['WITH nunca é fechado.', 'Acrescente END WITH.'],
    'WITH a\n  b = 1',
  ),
  missing_end_talk: error(
    ['BEGIN TALK is never closed.', 'Add END TALK.'],
    ['BEGIN TALK nunca é fechado.', 'Acrescente END TALK.'],
    'BEGIN TALK\nhello',
  ),
  missing_end_switch: error(
    ['SWITCH is never closed.', 'Add END SWITCH.'],
    ['SWITCH nunca é fechado.', 'Acrescente END SWITCH.'],
    'SWITCH x\nCASE 1\n  TALK 1',
  ),
  missing_end_try: error(
    ['TRY is never closed.', 'Add END TRY.'],
    ['TRY nunca é fechado.', 'Acrescente END TRY.'],
    'TRY\n  x = 1',
  ),
  missing_end_type: error(
    ['TYPE is never closed.', 'Add END TYPE.'],
    ['TYPE nunca é fechado.', 'Acrescente END TYPE.'],
    'TYPE Customer\n  name AS STRING',
  ),
  missing_end_on: error(
    ['ON EVENT is never closed.', 'Add END ON.'],
    ['ON EVENT nunca é fechado.', 'Acrescente END ON.'],
    'ON EVENT "paid" DO\n  TALK "Thank you!"',
  ),
  missing_end_mail: error(
    ['BEGIN MAIL is never closed.', 'Add END MAIL.'],
    ['BEGIN MAIL nunca é fechado.', 'Acrescente END MAIL.'],
    'BEGIN MAIL "ana@example.com"\nhello',
  ),
  missing_end_prompt: error(
    ['BEGIN SYSTEM PROMPT is never closed.', 'Add END SYSTEM PROMPT.'],
    ['BEGIN SYSTEM PROMPT nunca é fechado.', 'Acrescente END SYSTEM PROMPT.'],
    'BEGIN SYSTEM PROMPT\nYou sell tea.',
  ),
  missing_end_table: error(
    ['TABLE is never closed.', 'Add END TABLE.'],
    ['TABLE nunca é fechada.', 'Acrescente END TABLE.'],
    'TABLE orders\n  id integer key',
  ),
  catch_out_of_order: error(
    ['TRY has one CATCH and then one FINALLY at most.', 'Decide inside CATCH what to do, with IF.'],
    ['TRY tem no máximo um CATCH e depois um FINALLY.', 'Decida dentro do CATCH o que fazer, com IF.'],
    'TRY\n  x = 1\nFINALLY\n  TALK 1\nCATCH\n  TALK 2\nEND TRY',
  ),
  block_mismatch: error(
    ['{0} does not close the {1} of line {2}.', 'Did you forget {3} before this line?'],
    ['{0} não fecha o {1} da linha {2}.', 'Faltou {3} antes desta linha?'],
    'FOR i = 1 TO 2\n  IF i THEN\n    TALK i\nNEXT',
  ),
  unopened_block: error(
    ['{0} closes nothing: there is no {1} before it.', 'Take it away, or write {1} where the block begins.'],
    ['{0} não fecha nada: não há {1} antes.', 'Retire-o ou escreva {1} onde o bloco começa.'],
    'TALK 1\nNEXT',
  ),
  next_name_mismatch: error(
    ['NEXT {0} does not match the FOR {1} of line {2}.', 'Write NEXT {1}, or just NEXT.'],
    ['NEXT {0} não combina com o FOR {1} da linha {2}.', 'Escreva NEXT {1}, ou só NEXT.'],
    'FOR i = 1 TO 2\n  TALK i\nNEXT j',
  ),
  else_after_else: error(
    ['Nothing can follow ELSE but END IF.', 'For another case, write ELSE IF condition THEN above the ELSE.'],
    ['Depois de ELSE só pode vir END IF.', 'Para outro caso, escreva ELSE IF condição THEN acima do ELSE.'],
    'IF a THEN\nELSE\nELSE\nEND IF',
  ),
  else_in_select: error(
    ['In SELECT CASE the last case is CASE ELSE.', 'Write CASE ELSE.'],
    ['Em SELECT CASE o último caso é CASE ELSE.', 'Escreva CASE ELSE.'],
    'SELECT CASE x\nCASE 1\n  TALK 1\nELSE\n  TALK 2\nEND SELECT',
  ),
  case_outside_select: error(
    ['CASE belongs inside SELECT CASE.', 'Write SELECT CASE value above it, and END SELECT below.'],
    ['CASE só existe dentro de SELECT CASE.', 'Escreva SELECT CASE valor acima e END SELECT abaixo.'],
    'CASE 1',
  ),
  statement_before_case: error(
    ['Only CASE may follow SELECT CASE.', 'Move this above SELECT CASE, or below a CASE.'],
    ['Depois de SELECT CASE só pode vir CASE.', 'Mova isto para cima de SELECT CASE ou para baixo de um CASE.'],
    'SELECT CASE x\n  TALK 1\nCASE 1\nEND SELECT',
  ),
  include_in_block: error(
    ['INCLUDE belongs at the top level of a script.', 'Move it out of the block.'],
    ['INCLUDE só pode ficar no nível principal do roteiro.', 'Mova-o para fora do bloco.'],
    'IF a THEN\n  INCLUDE "x"\nEND IF',
  ),
  unknown_include: error(
    ['There is no script named {0} beside this one.', '{1}'],
    ['Não há um roteiro chamado {0} ao lado deste.', '{1}'],
    'INCLUDE "menu.bas"',
  ),
  include_cycle: error(
    ['{0} includes itself.', 'Take this INCLUDE away; what both need goes into a third script.'],
    ['{0} inclui a si mesmo.', 'Retire este INCLUDE; o que ambos precisam fica em um terceiro roteiro.'],
    'INCLUDE "start.bas"',
  ),
  unknown_procedure: error(
    ['There is no keyword, SUB or FUNCTION named {0}.', '{1}'],
    ['Não há palavra-chave, SUB ou FUNCTION chamada {0}.', '{1}'],
    'TLAK "hi"',
  ),
  unknown_type: error(
    ['{0} is not a type HEAR can ask for.', '{1}'],
    ['{0} não é um tipo que HEAR saiba pedir.', '{1}'],
    'HEAR x AS INTEGR',
  ),
  duplicate_procedure: error(
    ['{0} is already declared on line {1}.', 'Give one of the two another name.'],
    ['{0} já foi declarada na linha {1}.', 'Dê outro nome a uma das duas.'],
    'SUB a()\nEND SUB\nSUB a()\nEND SUB',
  ),
  duplicate_parameter: error(
    ['Two parameters are named {0}.', 'Give each a name of its own.'],
    ['Dois parâmetros se chamam {0}.', 'Dê a cada um o seu próprio nome.'],
    'SUB a(x, x)\nEND SUB',
  ),
  too_many_arguments: error(
    ['Too many values: {0} takes at most {1}, not {2}.', 'Write {3}.'],
    ['Valores demais: {0} recebe no máximo {1}, não {2}.', 'Escreva {3}.'],
    'x = LEFT("a", 1, 2)',
  ),
  too_few_arguments: error(
    ['Too few values: {0} needs at least {1}, not {2}.', 'Write {3}.'],
    ['Valores de menos: {0} precisa de pelo menos {1}, não {2}.', 'Escreva {3}.'],
    'x = LEFT("a")',
  ),
  too_many_variables: error(
    ['There are too many variables here: {0}, {1} is the most.', 'Keep them in a list or an object.'],
    ['Há variáveis demais aqui: {0}, o máximo é {1}.', 'Guarde-as em uma lista ou objeto.'],
  ),
  procedure_too_large: error(
    ['{0} is too large for the machine.', 'Divide it, and move long lists into DATA or a file.'],
    ['{0} é grande demais para a máquina.', 'Divida-o, e mova listas longas para DATA ou um arquivo.'],
  ),
  too_many_procedures: error(
    ['There are too many SUBs and FUNCTIONs here: {0}, {1} is the most.', 'Divide the program among several bots.'],
    ['Há SUBs e FUNCTIONs demais aqui: {0}, o máximo é {1}.', 'Divida o programa entre vários robôs.'],
  ),
  unknown_label: error(
    ['There is no line or label {0} to go to.', '{1}'],
    ['Não há linha ou rótulo {0} para onde ir.', '{1}'],
    'GOTO nowhere',
  ),
  duplicate_label: error(
    ['There are two lines or labels {0}.', 'Give one of the two another name.'],
    ['Há duas linhas ou rótulos {0}.', 'Dê outro nome a uma das duas.'],
    'again:\nTALK 1\nagain:\nGOTO again',
  ),
  jump_into_try: error(
    ['{0} is inside a TRY, which cannot be entered by a jump.', 'Jump to a label before the TRY.'],
    ['{0} está dentro de um TRY, onde não se entra com um salto.', 'Salte para um rótulo antes do TRY.'],
    'GOTO within\nTRY\n  within:\n  TALK "a"\nCATCH e\n  TALK "b"\nEND TRY',
  ),
  continue_outside: error(
    ['CONTINUE {0} is not inside a {0}.', 'Take it away, or move it into the loop.'],
    ['CONTINUE {0} não está dentro de um {0}.', 'Retire-o ou mova-o para dentro do laço.'],
    'CONTINUE FOR',
  ),
  exit_outside: error(
    ['EXIT {0} is not inside a {0}.', 'Take it away, or move it into what it should leave.'],
    ['EXIT {0} não está dentro de um {0}.', 'Retire-o ou mova-o para dentro daquilo de que deve sair.'],
    'EXIT FOR',
  ),
  return_value_in_sub: error(
    ['A SUB gives no value back; a FUNCTION does.', 'Declare it with FUNCTION, or write RETURN alone.'],
    ['Uma SUB não devolve valor; uma FUNCTION sim.', 'Declare com FUNCTION ou escreva só RETURN.'],
    'SUB a()\n  RETURN 1\nEND SUB',
  ),
  not_assignable: error(
    [
      'Only a variable, an element or a property can be given a value.',
      'Write a variable before the =, and the calculation after it.',
    ],
    [
      'Só uma variável, um elemento ou uma propriedade pode receber um valor.',
      'Escreva uma variável antes do = e o cálculo depois.',
    ],
    'LEFT("a", 1) = 2',
  ),
  statement_has_no_effect: error(
    ['This computes a value but does nothing with it.', 'Show it with TALK, or keep it in a variable with =.'],
    ['Isto calcula um valor mas não faz nada com ele.', 'Mostre-o com TALK ou guarde-o em uma variável com =.'],
    'x = 1\nx',
  ),
  dot_outside_with: error(
    ['A leading dot needs WITH around it.', 'Write the name of the object before the dot, or WITH and its name above.'],
    ['Um ponto no início precisa de WITH em volta.', 'Escreva o nome do objeto antes do ponto, ou WITH e o nome acima.'],
    'TALK .x',
  ),
  maybe_misspelled: warning(
    ['{0} is read but never given a value.', '{1}'],
    ['{0} é lida mas nunca recebe um valor.', '{1}'],
    'username = "a"\nTALK usernmae',
  ),
  value_beside_condition: warning(
    ['{0} stands alone beside {1}: it is compared with nothing.', 'Write {2}.'],
    ['{0} está sozinho ao lado de {1}: não é comparado com nada.', 'Escreva {2}.'],
    'x = 1\nIF x = 1 OR 2 THEN\n  TALK "one or two"\nEND IF',
  ),
  comparison_of_comparison: warning(
    ['The yes or no of one comparison is compared again here.', 'Write {0}.'],
    ['O sim ou não de uma comparação é comparado outra vez aqui.', 'Escreva {0}.'],
    'x = 7\nIF 5 < x < 20 THEN\n  TALK "between"\nEND IF',
  ),
  case_joined: warning(
    ['CASE compares with the yes or no that {0} gives here.', 'Write CASE {1}.'],
    ['CASE compara com o sim ou não que {0} dá aqui.', 'Escreva CASE {1}.'],
    'x = 2\nSELECT CASE x\nCASE 1 OR 2\n  TALK "one or two"\nEND SELECT',
  ),
  case_minus: warning(
    ['{0} - {1} is a single number here, {2}.', 'Write CASE {0} TO {1}.'],
    ['{0} - {1} é um só número aqui, {2}.', 'Escreva CASE {0} TO {1}.'],
    'x = 2\nSELECT CASE x\nCASE 1-5\n  TALK "one to five"\nEND SELECT',
  ),
  comparison_given: warning(
    ['{0} is given the yes or no of this comparison.', 'Write {1} in place of the comma before it.'],
    ['{0} recebe o sim ou não desta comparação.', 'Escreva {1} no lugar da vírgula antes dela.'],
    'id = 5\norders = FIND "orders", id = 5\nTALK orders',
  ),
  sub_has_no_value: warning(
    ['{0} is a SUB, which gives no value back.', 'Declare it with FUNCTION, or call it on a line of its own.'],
    ['{0} é uma SUB, que não devolve valor.', 'Declare-a com FUNCTION ou chame-a em uma linha própria.'],
    'SUB greet()\n  TALK "hi"\nEND SUB\nx = greet()',
  ),
  values_missing: warning(
    ['Values are missing: {0} takes {1}, not {2}; the others are empty.', 'Write {3}.'],
    ['Faltam valores: {0} recebe {1}, não {2}; os outros ficam vazios.', 'Escreva {3}.'],
    'SUB greet(name, city)\n  TALK "${name} of ${city}"\nEND SUB\ngreet("Ana")',
  ),
  talk_one_value: error(
    ['TALK says one value.', 'Join the parts with &, like TALK "total: " & total.'],
    ['TALK diz um só valor.', 'Junte as partes com &, como TALK "total: " & total.'],
    'total = 3\nTALK "total: " total',
  ),
  talk_unquoted: warning(
    ['This is said word for word, because it stands without quotes.', 'Write TALK "…".'],
    ['Isto é dito palavra por palavra, porque está sem aspas.', 'Escreva TALK "…".'],
    'TALK Good morning to all.',
  ),
  wrong_form: error(
    ['{0} does not go on with {1}.', 'Write {2}.'],
    ['{0} não continua com {1}.', 'Escreva {2}.'],
    'MERGE "products" WITH items',
  ),
  expected_label: error(
    ['A label or line number is missing here, before {0}.', 'Write the name of a label without quotes, or a line number.'],
    ['Falta um rótulo ou número de linha aqui, antes de {0}.', 'Escreva o nome de um rótulo sem aspas ou um número de linha.'],
    'GOTO "start"',
  ),
  expected_column: error(
    ['The name of a column is missing here, before {0}.', 'Write the column first, like total > 5.'],
    ['Falta o nome de uma coluna aqui, antes de {0}.', 'Escreva primeiro a coluna, como total > 5.'],
    'x = FIND "orders" WHERE 5 > total',
  ),
  condition_too_complex: error(
    [
      'This condition has too many alternatives: {0} comparisons is the most.',
      'Find more rows, and choose among them with FILTER or IF.',
    ],
    [
      'Esta condição tem alternativas demais: o máximo são {0} comparações.',
      'Busque mais linhas e escolha entre elas com FILTER ou IF.',
    ],
    'x = FIND "t" WHERE (a=1 OR a=2 OR a=3) AND (b=1 OR b=2 OR b=3) AND (c=1 OR c=2 OR c=3) AND (d=1 OR d=2 OR d=3)',
  ),
  declaration_not_plain: error(
    ['{0} needs a value that is known before the program runs.', 'Write a text or a number here.'],
    ['{0} precisa de um valor conhecido antes de o programa rodar.', 'Escreva aqui um texto ou um número.'],
    'WEBHOOK "order" + kind',
  ),
  constant_assigned: error(
    ['{0} is a CONST and keeps its value.', 'Use another name, or declare it without CONST.'],
    ['{0} é CONST e mantém seu valor.', 'Use outro nome ou declare sem CONST.'],
    'CONST limit = 3\nlimit = 4',
  ),
  record_too_large: error(
    ['A value of this TYPE would have too many fields: {0} is the most.', 'Keep the inner parts in lists or objects made later.'],
    [
      'Um valor deste TYPE teria campos demais: o máximo são {0}.',
      'Guarde as partes internas em listas ou objetos criados depois.',
    ],
  ),
  unknown_param_type: warning(
    ['PARAM knows no type {0}; it is taken as a text.', '{1}'],
    ['PARAM não conhece o tipo {0}; ele é tratado como texto.', '{1}'],
    'PARAM size AS STRNG',
  ),
  decimal_comma: error(
    ['A decimal number is written with a point.', 'Write {0}.'],
    ['Um número decimal se escreve com ponto.', 'Escreva {0}.'],
    'price = 1,5',
  ),
  unknown_dim_type: error(
    ['There is no type {0}.', 'Use STRING, NUMBER, INTEGER, BOOLEAN, OBJECT or ARRAY, or a TYPE declared before.'],
    ['Não há um tipo {0}.', 'Use STRING, NUMBER, INTEGER, BOOLEAN, OBJECT ou ARRAY, ou um TYPE declarado antes.'],
    'DIM x AS Custmer',
  ),
  bad_table_name: error(
    ['"{0}" is no name of a table.', 'It has letters, digits and _, at most 63, and begins with a letter.'],
    ['"{0}" não é nome de tabela.', 'Ele tem letras, dígitos e _, no máximo 63, e começa com uma letra.'],
    'TABLE "my orders"\n  id integer key\nEND TABLE',
  ),
  too_many_columns: error(
    ['A table has at most {0} columns; {1} has {2}.', 'Divide it into tables that refer to each other.'],
    ['Uma tabela tem no máximo {0} colunas; {1} tem {2}.', 'Divida-a em tabelas que se referem umas às outras.'],
  ),
  table_empty: error(
    ['A table has at least one column.', 'Write a line like "name string(80)" before END TABLE.'],
    ['Uma tabela tem pelo menos uma coluna.', 'Escreva uma linha como "nome string(80)" antes de END TABLE.'],
    'TABLE orders\nEND TABLE',
  ),
  bad_column_name: error(
    ['"{0}" is too long for a column.', 'A name has at most 63 letters.'],
    ['"{0}" é longo demais para uma coluna.', 'Um nome tem no máximo 63 letras.'],
  ),
  column_twice: error(
    ['There are two columns called {0}.', 'Give one of them another name, or take it away.'],
    ['Há duas colunas chamadas {0}.', 'Dê outro nome a uma delas ou retire-a.'],
    'TABLE orders\n  total number\n  Total number\nEND TABLE',
  ),
  unknown_column_type: error(
    ['There is no column type {0}.', '{1}'],
    ['Não há o tipo de coluna {0}.', '{1}'],
    'TABLE orders\n  id integr key\nEND TABLE',
  ),
  bad_column_size: error(
    ['{0} cannot have this size.', 'Write it like string(80) or decimal(10,2).'],
    ['{0} não pode ter este tamanho.', 'Escreva como string(80) ou decimal(10,2).'],
    'TABLE orders\n  name string(0)\nEND TABLE',
  ),
  list_of_lists: error(
    ['{0} is a list already.', 'Write json without [].'],
    ['{0} já é uma lista.', 'Escreva json sem [].'],
    'TABLE orders\n  notes json[]\nEND TABLE',
  ),
  column_not_understood: error(
    ['"{0}" of {1} cannot be part of a table here.', 'Take it away; a line is written like "name string(80) key".'],
    ['"{0}" de {1} não pode fazer parte de uma tabela aqui.', 'Retire-o; uma linha se escreve como "nome string(80) key".'],
    'TABLE orders\n  age integer USING gist\nEND TABLE',
  ),
  not_a_column: error(
    ['"{0}" is not a column.', 'Write it like "name string(80)".'],
    ['"{0}" não é uma coluna.', 'Escreva como "nome string(80)".'],
    'TABLE orders\n  id integer key\n  + total\nEND TABLE',
  ),
  bad_column_default: error(
    ['DEFAULT {0} does not fit {1}.', 'It may be a value of its type, now() or gen_random_uuid().'],
    ['DEFAULT {0} não serve para {1}.', 'Pode ser um valor do seu tipo, now() ou gen_random_uuid().'],
    'TABLE orders\n  born date DEFAULT soon\nEND TABLE',
  ),
  unknown_column: error(
    ['There is no column {0}.', 'Name one that has a line of its own.'],
    ['Não há a coluna {0}.', 'Cite uma que tenha sua própria linha.'],
    'TABLE orders\n  id integer key\n  UNIQUE (code)\nEND TABLE',
  ),
  bad_reference: error(
    ['A reference names a table, and as many columns there as here.', 'Write FOREIGN KEY (a, b) REFERENCES table (a, b).'],
    ['Uma referência cita uma tabela, e tantas colunas lá quanto aqui.', 'Escreva FOREIGN KEY (a, b) REFERENCES tabela (a, b).'],
    'TABLE lines\n  a integer\n  b integer\n  FOREIGN KEY (a, b) REFERENCES orders (id)\nEND TABLE',
  ),
  computed_not_alone: error(
    ['{0} is computed, so it has no value of its own.', 'Take away its key, DEFAULT, reference or [].'],
    ['{0} é calculada, por isso não tem valor próprio.', 'Retire sua chave, DEFAULT, referência ou [].'],
    'TABLE orders\n  a integer\n  b integer DEFAULT 1 GENERATED ALWAYS AS (a * 2) STORED\nEND TABLE',
  ),
  computed_of_computed: error(
    ['{0} is computed itself.', 'Write what it is made of instead.'],
    ['{0} também é calculada.', 'Escreva no lugar aquilo de que ela é feita.'],
    'TABLE orders\n  a integer\n  b integer GENERATED ALWAYS AS (a * 2) STORED\n  c integer GENERATED ALWAYS AS (b * 2) STORED\nEND TABLE',
  ),
  computed_type: error(
    ['"{0}" cannot be computed for {1}: the types do not go together.', 'Numbers are calculated with numbers, dates with days.'],
    ['"{0}" não pode ser calculado para {1}: os tipos não combinam.', 'Números se calculam com números, datas com dias.'],
    'TABLE orders\n  paid boolean\n  twice integer GENERATED ALWAYS AS (paid * 2) STORED\nEND TABLE',
  ),
  computed_too_long: error(
    [
      '"{0}" may make {1} longer than 4 million characters.',
      'Give the columns a size, and cut what is put in with LEFT(…, 100).',
    ],
    [
      '"{0}" pode deixar {1} com mais de 4 milhões de caracteres.',
      'Dê um tamanho às colunas e corte o que é inserido com LEFT(…, 100).',
    ],
    'TABLE notes\n  a text\n  b text\n  c text GENERATED ALWAYS AS (REPLACE(a, b, a)) STORED\nEND TABLE',
  ),
  computed_not_understood: error(
    [
      '"{0}" cannot be computed in {1}.',
      'A column is computed with + - * /, comparisons, CASE, ROUND, COALESCE, UPPER and the like, from other columns.',
    ],
    [
      '"{0}" não pode ser calculado em {1}.',
      'Uma coluna se calcula com + - * /, comparações, CASE, ROUND, COALESCE, UPPER e semelhantes, de outras colunas.',
    ],
    'TABLE orders\n  a integer\n  b integer GENERATED ALWAYS AS (sqrt(a)) STORED\nEND TABLE',
  ),
  column_rule_ignored: warning(
    ['CHECK, COLLATE and ON DELETE are not kept here.', 'Check the value before you SAVE it.'],
    ['CHECK, COLLATE e ON DELETE não são mantidos aqui.', 'Verifique o valor antes do SAVE.'],
    'TABLE orders\n  age integer CHECK (age > 0)\nEND TABLE',
  ),
  unknown_role: warning(
    ['Nobody has the role {0}.', 'There are owner, admin, member and guest.'],
    ['Ninguém tem o papel {0}.', 'Existem owner, admin, member e guest.'],
    'TABLE orders READ BY "boss"\n  id integer key\nEND TABLE',
  ),
  bad_schedule: error(
    ['{0}', 'Five fields of cron like "0 9 * * 1" are understood, and words like "every monday at 9:30".'],
    ['{0}', 'São entendidos cinco campos de cron como "0 9 * * 1" e palavras como "toda segunda às 9h30".'],
    'SET SCHEDULE "now and then"',
  ),
  bad_webhook: error(
    ['The name of a webhook has letters, digits and dashes, at most 64.', 'Write it like "new-order".'],
    ['O nome de um webhook tem letras, dígitos e traços, no máximo 64.', 'Escreva como "nova-ordem".'],
    'WEBHOOK "!!"',
  ),
  bad_trigger: error(
    ['{0} needs a name.', 'Name the table or the event, in at most 100 letters.'],
    ['{0} precisa de um nome.', 'Cite a tabela ou o evento, em no máximo 100 letras.'],
    'ON INSERT OF ""',
  ),
  bad_mail_trigger: error(
    ['ON EMAIL needs the address mail comes to.', 'Write it like "help@example.com"; all of it has at most 200 letters.'],
    ['ON EMAIL precisa do endereço ao qual o e-mail chega.', 'Escreva como "ajuda@example.com"; tudo tem no máximo 200 letras.'],
    'ON EMAIL "help"',
  ),
  unknown_folder_event: error(
    ['A folder has no event {0}.', 'There are created, changed and deleted.'],
    ['Uma pasta não tem o evento {0}.', 'Existem created, changed e deleted.'],
    'ON CHANGE "invoices" EVENTS "burned"',
  ),
  internal: error(
    ['The compiler could not translate this program: {0}', 'This is a fault of ours; please tell us.'],
    ['O compilador não conseguiu traduzir este programa: {0}', 'A falha é nossa; por favor, avise.'],
  ),
} as const satisfies Record<string, Message>;

export type MessageCode = keyof typeof messages;

/** The hint for a lone word that nobody gives a value. */
export function forgotQuotes(locale: 'en' | 'pt-BR'): string {
  return locale === 'pt-BR' ? 'Faltaram as aspas?' : 'Did you forget the quotes?';
}

/** "Did you mean TALK?" in the author's language, or what to do when there is nothing to suggest. */
export function didYouMean(locale: 'en' | 'pt-BR', suggestion: string | null): string {
  if (!suggestion) return locale === 'pt-BR' ? 'Confira como está escrito.' : 'Check how it is written.';
  return locale === 'pt-BR' ? `Você quis dizer ${suggestion}?` : `Did you mean ${suggestion}?`;
}

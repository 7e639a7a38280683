/**
 * The one table of the language: every word the compiler knows, with its syntax, what it does and an example.
 * The compiler checks calls against it, completion and hover show it, "did you mean" searches it, and the manual is
 * made of it. A function's `params` say what it takes: n number, s text, b yes/no, v anything; `=x` gives the value
 * of a missing argument; a trailing `...` takes any number more; blanks separate them. `result` is what comes back.
 */
export interface Keyword {
  readonly name: string;
  readonly kind: 'statement' | 'operator' | 'constant' | 'type' | 'function';
  readonly syntax: string;
  readonly summary: { readonly en: string; readonly pt: string };
  readonly example: string;
  readonly params?: string;
  readonly result?: 'n' | 's' | 'b' | 'v';
}

type Row = readonly [name: string, syntax: string, en: string, pt: string, example: string];
type FunctionRow = readonly [...Row, params: string, result: 'n' | 's' | 'b' | 'v'];

const statements: readonly Row[] = [
  ['TALK', 'TALK value', 'Says something to the person.', 'Diz algo à pessoa.', 'TALK "Hello, ${name}!"'],
  ['PRINT', 'PRINT value', 'The same as TALK.', 'O mesmo que TALK.', 'PRINT "Hello"'],
  ['BEGIN TALK', 'BEGIN TALK … END TALK', 'Says several lines as one message.', 'Diz várias linhas em uma mensagem.', 'BEGIN TALK\nHello ${name},\nwelcome!\nEND TALK'],
  ['HEAR', 'HEAR name [AS type] [WITH prompt] [DEFAULT value]', 'Waits for an answer; with AS, asks again until it fits.', 'Espera uma resposta; com AS, pergunta de novo até servir.', 'HEAR age AS INTEGER'],
  ['IF', 'IF condition THEN … ELSE IF condition THEN … ELSE … END IF', 'Does one thing or another.', 'Faz uma coisa ou outra.', 'IF age >= 18 THEN\n  TALK "Welcome"\nEND IF'],
  ['THEN', 'IF condition THEN', 'Ends the condition of IF.', 'Termina a condição do IF.', 'IF done THEN TALK "Bye"'],
  ['ELSE', 'ELSE', 'What to do when no condition held.', 'O que fazer quando nenhuma condição valeu.', 'ELSE\n  TALK "No"'],
  ['ELSEIF', 'ELSEIF condition THEN', 'The same as ELSE IF.', 'O mesmo que ELSE IF.', 'ELSEIF age > 60 THEN'],
  ['END', 'END [IF | FOR | SELECT | SUB | FUNCTION | WITH | TALK]', 'Closes a block; alone, ends the program.', 'Fecha um bloco; sozinho, termina o programa.', 'END IF'],
  ['FOR', 'FOR name = from TO to [STEP by] … NEXT', 'Counts.', 'Conta.', 'FOR i = 1 TO 3\n  TALK i\nNEXT'],
  ['FOR EACH', 'FOR EACH name IN list … NEXT', 'Goes through a list.', 'Percorre uma lista.', 'FOR EACH item IN cart\n  TALK item.name\nNEXT'],
  ['EACH', 'FOR EACH name IN list', 'Part of FOR EACH.', 'Parte de FOR EACH.', 'FOR EACH item IN cart'],
  ['TO', 'FOR name = from TO to', 'The last value of FOR, or the end of a CASE range.', 'O último valor do FOR ou o fim de uma faixa de CASE.', 'CASE 1 TO 5'],
  ['STEP', 'FOR name = from TO to STEP by', 'How far FOR goes each time.', 'Quanto o FOR anda a cada vez.', 'FOR i = 10 TO 0 STEP -2'],
  ['NEXT', 'NEXT [name]', 'Closes FOR.', 'Fecha o FOR.', 'NEXT i'],
  ['WHILE', 'WHILE condition … WEND', 'Repeats while the condition holds.', 'Repete enquanto a condição valer.', 'WHILE tries < 3\n  tries = tries + 1\nWEND'],
  ['WEND', 'WEND', 'Closes WHILE.', 'Fecha o WHILE.', 'WEND'],
  ['DO', 'DO [WHILE | UNTIL condition] … LOOP [WHILE | UNTIL condition]', 'Repeats, testing first or last.', 'Repete, testando antes ou depois.', 'DO\n  HEAR word\nLOOP UNTIL word = "stop"'],
  ['LOOP', 'LOOP [WHILE | UNTIL condition]', 'Closes DO.', 'Fecha o DO.', 'LOOP UNTIL done'],
  ['UNTIL', 'DO UNTIL condition', 'Repeats until the condition holds.', 'Repete até a condição valer.', 'LOOP UNTIL done'],
  ['SELECT CASE', 'SELECT CASE value … CASE a, b TO c, IS > d … CASE ELSE … END SELECT', 'Chooses among cases.', 'Escolhe entre casos.', 'SELECT CASE size\nCASE "S", "M"\n  TALK "Small"\nCASE ELSE\n  TALK "Large"\nEND SELECT'],
  ['SELECT', 'SELECT [CASE] value', 'Begins a choice among cases.', 'Começa uma escolha entre casos.', 'SELECT CASE size'],
  ['CASE', 'CASE value, from TO to, IS > value', 'One of the cases of SELECT.', 'Um dos casos do SELECT.', 'CASE 1 TO 5, 10'],
  ['SUB', 'SUB name(a, b) … END SUB', 'Declares a procedure.', 'Declara um procedimento.', 'SUB greet(who)\n  TALK "Hi " + who\nEND SUB'],
  ['FUNCTION', 'FUNCTION name(a, b) … RETURN value … END FUNCTION', 'Declares a function.', 'Declara uma função.', 'FUNCTION double(x)\n  RETURN x * 2\nEND FUNCTION'],
  ['CALL', 'CALL name(a, b)', 'Runs a SUB or FUNCTION.', 'Executa uma SUB ou FUNCTION.', 'CALL greet("Ana")'],
  ['RETURN', 'RETURN [value]', 'Leaves a SUB or FUNCTION, giving a value back.', 'Sai de uma SUB ou FUNCTION, devolvendo um valor.', 'RETURN x * 2'],
  ['EXIT', 'EXIT FOR | WHILE | DO | SUB | FUNCTION', 'Leaves the innermost one.', 'Sai do mais interno.', 'EXIT FOR'],
  ['DIM', 'DIM name(size) | DIM name AS type', 'Declares an array or a local variable.', 'Declara um vetor ou uma variável local.', 'DIM scores(10)'],
  ['LET', 'LET name = value', 'Gives a value; LET may be left out.', 'Dá um valor; LET pode ser omitido.', 'LET total = 0'],
  ['WITH', 'WITH object … END WITH', 'Fills an object: each name = value inside is one of its properties.', 'Preenche um objeto: cada nome = valor dentro é uma propriedade.', 'WITH order\n  name = "Ana"\n  total = 10\nEND WITH'],
  ['INCLUDE', 'INCLUDE "file.bas"', 'Puts a sibling script in this place.', 'Coloca um roteiro vizinho neste lugar.', 'INCLUDE "menu.bas"'],
  ['BEGIN', 'BEGIN TALK', 'Begins a block of text.', 'Começa um bloco de texto.', 'BEGIN TALK'],
  ['DEFAULT', 'HEAR name AS type DEFAULT value', 'The answer when the person sends nothing.', 'A resposta quando a pessoa não envia nada.', 'HEAR n AS INTEGER DEFAULT 1'],
  ['NEW', 'NEW ARRAY | NEW OBJECT', 'An empty list or object.', 'Uma lista ou objeto vazio.', 'cart = NEW ARRAY'],
  ['REM', 'REM text', 'A remark for people.', 'Um comentário para pessoas.', "REM or ' or # or // at the start"],
];

const operators: readonly Row[] = [
  ['AND', 'a AND b', 'True when both are.', 'Verdadeiro quando ambos são.', 'IF a > 1 AND b > 1 THEN'],
  ['OR', 'a OR b', 'True when one is.', 'Verdadeiro quando um deles é.', 'IF a = 1 OR b = 1 THEN'],
  ['NOT', 'NOT a', 'True when a is not.', 'Verdadeiro quando a não é.', 'IF NOT done THEN'],
  ['MOD', 'a MOD b', 'What is left after dividing.', 'O resto da divisão.', 'IF n MOD 2 = 0 THEN'],
  ['IN', 'a IN list', 'True when the list, object or text has a.', 'Verdadeiro quando a lista, objeto ou texto contém a.', 'IF "x" IN tags THEN'],
  ['CONTAINS', 'list CONTAINS a', 'True when the list, object or text has a.', 'Verdadeiro quando a lista, objeto ou texto contém a.', 'IF text CONTAINS "help" THEN'],
  ['IS', 'a IS [NOT] NULL', 'True when there is no value; in CASE, a comparison.', 'Verdadeiro quando não há valor; em CASE, uma comparação.', 'IF user IS NULL THEN'],
];

const constants: readonly Row[] = [
  ['TRUE', 'TRUE', 'Yes.', 'Sim.', 'done = TRUE'],
  ['FALSE', 'FALSE', 'No.', 'Não.', 'done = FALSE'],
  ['NULL', 'NULL', 'No value.', 'Nenhum valor.', 'IF x = NULL THEN'],
];

/** What `HEAR name AS` understands; the program receives a number, a yes/no or a normalised text. */
const types: readonly Row[] = [
  ['TEXT', 'AS TEXT', 'Any text.', 'Qualquer texto.', 'HEAR note AS TEXT'],
  ['STRING', 'AS STRING', 'Any text.', 'Qualquer texto.', 'HEAR note AS STRING'],
  ['INTEGER', 'AS INTEGER', 'A whole number.', 'Um número inteiro.', 'HEAR size AS INTEGER'],
  ['NUMBER', 'AS NUMBER', 'A number.', 'Um número.', 'HEAR weight AS NUMBER'],
  ['FLOAT', 'AS FLOAT', 'A number.', 'Um número.', 'HEAR weight AS FLOAT'],
  ['BOOLEAN', 'AS BOOLEAN', 'Yes or no, in the words of the language.', 'Sim ou não, nas palavras do idioma.', 'HEAR sure AS BOOLEAN'],
  ['EMAIL', 'AS EMAIL', 'An e-mail address.', 'Um endereço de e-mail.', 'HEAR mail AS EMAIL'],
  ['DATE', 'AS DATE', 'A date, 2026-12-31 or 31/12/2026; stored as 2026-12-31.', 'Uma data, 31/12/2026 ou 2026-12-31; guardada como 2026-12-31.', 'HEAR day AS DATE'],
  ['HOUR', 'AS HOUR', 'A time of day, stored as 14:30.', 'Uma hora do dia, guardada como 14:30.', 'HEAR at AS HOUR'],
  ['MONEY', 'AS MONEY', 'An amount of money.', 'Um valor em dinheiro.', 'HEAR price AS MONEY'],
  ['PHONE', 'AS PHONE', 'A telephone number, stored as digits.', 'Um telefone, guardado como dígitos.', 'HEAR tel AS PHONE'],
  ['MOBILE', 'AS MOBILE', 'A mobile number, stored as digits.', 'Um celular, guardado como dígitos.', 'HEAR tel AS MOBILE'],
  ['NAME', 'AS NAME', "A person's name.", 'O nome de uma pessoa.', 'HEAR who AS NAME'],
  ['URL', 'AS URL', 'A web address.', 'Um endereço da web.', 'HEAR site AS URL'],
  ['UUID', 'AS UUID', 'A UUID.', 'Um UUID.', 'HEAR id AS UUID'],
  ['ZIPCODE', 'AS ZIPCODE', 'A postal code.', 'Um CEP.', 'HEAR zip AS ZIPCODE'],
  ['CPF', 'AS CPF', 'A Brazilian CPF with right check digits.', 'Um CPF com dígitos corretos.', 'HEAR doc AS CPF'],
  ['CNPJ', 'AS CNPJ', 'A Brazilian CNPJ with right check digits.', 'Um CNPJ com dígitos corretos.', 'HEAR doc AS CNPJ'],
  ['COLOR', 'AS COLOR', 'A colour, stored as #rrggbb.', 'Uma cor, guardada como #rrggbb.', 'HEAR paint AS COLOR'],
  ['LANGUAGE', 'AS LANGUAGE', 'A language, stored as its code.', 'Um idioma, guardado como código.', 'HEAR lang AS LANGUAGE'],
];

const functions: readonly FunctionRow[] = [
  ['LEN', 'LEN(value)', 'How many characters or items.', 'Quantos caracteres ou itens.', 'LEN("abc")', 'v', 'n'],
  ['LEFT', 'LEFT(text, count)', 'The first characters.', 'Os primeiros caracteres.', 'LEFT("abc", 2)', 's n', 's'],
  ['RIGHT', 'RIGHT(text, count)', 'The last characters.', 'Os últimos caracteres.', 'RIGHT("abc", 2)', 's n', 's'],
  ['MID', 'MID(text, start [, count])', 'Characters from a place, counted from 1.', 'Caracteres a partir de uma posição, contada de 1.', 'MID("abc", 2, 1)', 's n n=-1', 's'],
  ['UCASE', 'UCASE(text)', 'In capitals.', 'Em maiúsculas.', 'UCASE("abc")', 's', 's'],
  ['UPPER', 'UPPER(text)', 'In capitals.', 'Em maiúsculas.', 'UPPER("abc")', 's', 's'],
  ['LCASE', 'LCASE(text)', 'In small letters.', 'Em minúsculas.', 'LCASE("ABC")', 's', 's'],
  ['LOWER', 'LOWER(text)', 'In small letters.', 'Em minúsculas.', 'LOWER("ABC")', 's', 's'],
  ['TRIM', 'TRIM(text)', 'Without blanks around.', 'Sem espaços em volta.', 'TRIM("  a ")', 's', 's'],
  ['LTRIM', 'LTRIM(text)', 'Without blanks before.', 'Sem espaços antes.', 'LTRIM("  a")', 's', 's'],
  ['RTRIM', 'RTRIM(text)', 'Without blanks after.', 'Sem espaços depois.', 'RTRIM("a  ")', 's', 's'],
  ['INSTR', 'INSTR([start,] text, part)', 'Where the part is, from 1; 0 when nowhere.', 'Onde a parte está, a partir de 1; 0 se não está.', 'INSTR("hello", "l")', 'v v v=', 'n'],
  ['REPLACE', 'REPLACE(text, old, new)', 'With every old part replaced.', 'Com cada parte antiga trocada.', 'REPLACE("a-b", "-", "+")', 's s s', 's'],
  ['SPLIT', 'SPLIT(text [, separator])', 'A list of the parts.', 'Uma lista das partes.', 'SPLIT("a,b", ",")', 's s=,', 'v'],
  ['JOIN', 'JOIN(list [, separator])', 'The items as one text.', 'Os itens em um texto.', 'JOIN([1, 2], "-")', 'v s=,', 's'],
  ['STR', 'STR(value)', 'As text.', 'Como texto.', 'STR(12)', 'v', 's'],
  ['VAL', 'VAL(text)', 'The number at the start of a text, or 0.', 'O número no início de um texto, ou 0.', 'VAL("12")', 'v', 'n'],
  ['CHR', 'CHR(code)', 'The character with this code.', 'O caractere com este código.', 'CHR(65)', 'n', 's'],
  ['ASC', 'ASC(text)', 'The code of the first character.', 'O código do primeiro caractere.', 'ASC("A")', 's', 'n'],
  ['STRING', 'STRING(count, text)', 'The first character, repeated.', 'O primeiro caractere, repetido.', 'STRING(3, "*")', 'n v', 's'],
  ['SPACE', 'SPACE(count)', 'Blanks.', 'Espaços.', 'SPACE(3)', 'n', 's'],
  ['REPEAT', 'REPEAT(text, count)', 'The text, repeated.', 'O texto, repetido.', 'REPEAT("ab", 2)', 's n', 's'],
  ['REVERSE', 'REVERSE(value)', 'A text or list backwards.', 'Um texto ou lista ao contrário.', 'REVERSE("abc")', 'v', 'v'],
  ['STARTSWITH', 'STARTSWITH(text, part)', 'Whether the text starts so.', 'Se o texto começa assim.', 'STARTSWITH("abc", "a")', 's s', 'b'],
  ['ENDSWITH', 'ENDSWITH(text, part)', 'Whether the text ends so.', 'Se o texto termina assim.', 'ENDSWITH("abc", "c")', 's s', 'b'],
  ['ABS', 'ABS(number)', 'Without its sign.', 'Sem o sinal.', 'ABS(-2)', 'n', 'n'],
  ['INT', 'INT(number)', 'The whole number below.', 'O inteiro abaixo.', 'INT(2.7)', 'n', 'n'],
  ['FLOOR', 'FLOOR(number)', 'The whole number below.', 'O inteiro abaixo.', 'FLOOR(2.7)', 'n', 'n'],
  ['CEIL', 'CEIL(number)', 'The whole number above.', 'O inteiro acima.', 'CEIL(2.1)', 'n', 'n'],
  ['FIX', 'FIX(number)', 'Without its decimals.', 'Sem as casas decimais.', 'FIX(-2.7)', 'n', 'n'],
  ['ROUND', 'ROUND(number [, decimals])', 'Rounded; halves go away from zero.', 'Arredondado; metades se afastam do zero.', 'ROUND(2.345, 2)', 'n n=0', 'n'],
  ['SGN', 'SGN(number)', '-1, 0 or 1.', '-1, 0 ou 1.', 'SGN(-5)', 'n', 'n'],
  ['SQR', 'SQR(number)', 'The square root.', 'A raiz quadrada.', 'SQR(9)', 'n', 'n'],
  ['SIN', 'SIN(radians)', 'The sine.', 'O seno.', 'SIN(1)', 'n', 'n'],
  ['COS', 'COS(radians)', 'The cosine.', 'O cosseno.', 'COS(1)', 'n', 'n'],
  ['TAN', 'TAN(radians)', 'The tangent.', 'A tangente.', 'TAN(1)', 'n', 'n'],
  ['ATN', 'ATN(number)', 'The arc tangent.', 'O arco tangente.', 'ATN(1)', 'n', 'n'],
  ['EXP', 'EXP(number)', 'e to this power.', 'e elevado a este número.', 'EXP(1)', 'n', 'n'],
  ['LOG', 'LOG(number)', 'The natural logarithm.', 'O logaritmo natural.', 'LOG(10)', 'n', 'n'],
  ['MIN', 'MIN(a, b, …) | MIN(list)', 'The smallest number.', 'O menor número.', 'MIN(3, 1, 2)', 'v v...', 'n'],
  ['MAX', 'MAX(a, b, …) | MAX(list)', 'The largest number.', 'O maior número.', 'MAX(3, 1, 2)', 'v v...', 'n'],
  ['RND', 'RND', 'A random number from 0 up to, not including, 1.', 'Um número aleatório de 0 até antes de 1.', 'RND', 'n=1', 'n'],
  ['RANDOM', 'RANDOM(from, to) | RANDOM(count)', 'A random whole number: from .. to, or 0 .. count - 1.', 'Um inteiro aleatório: de .. até, ou 0 .. quantidade - 1.', 'RANDOM(1, 6)', 'n=NaN n=NaN', 'n'],
  ['UBOUND', 'UBOUND(list)', 'The last index.', 'O último índice.', 'UBOUND(scores)', 'v', 'n'],
  ['LBOUND', 'LBOUND(list)', 'The first index, 0.', 'O primeiro índice, 0.', 'LBOUND(scores)', 'v', 'n'],
  ['ISNULL', 'ISNULL(value)', 'Whether there is no value.', 'Se não há valor.', 'ISNULL(x)', 'v', 'b'],
  ['ISEMPTY', 'ISEMPTY(value)', 'Whether it is null, an empty text, list or object.', 'Se é nulo, texto, lista ou objeto vazio.', 'ISEMPTY("")', 'v', 'b'],
  ['ISNUMERIC', 'ISNUMERIC(value)', 'Whether it is, or reads as, a number.', 'Se é, ou se lê como, um número.', 'ISNUMERIC("12")', 'v', 'b'],
  ['TYPEOF', 'TYPEOF(value)', 'null, boolean, number, string, array or object.', 'null, boolean, number, string, array ou object.', 'TYPEOF(1)', 'v', 's'],
  ['IIF', 'IIF(condition, yes, no)', 'One value or the other.', 'Um valor ou o outro.', 'IIF(n = 1, "item", "items")', 'v v v', 'v'],
  ['FIRST', 'FIRST(list)', 'The first item, or the first word of a text.', 'O primeiro item, ou a primeira palavra de um texto.', 'FIRST([1, 2])', 'v', 'v'],
  ['LAST', 'LAST(list)', 'The last item, or the last word of a text.', 'O último item, ou a última palavra de um texto.', 'LAST([1, 2])', 'v', 'v'],
  ['APPEND', 'APPEND(list, item)', 'A new list with the item at its end.', 'Uma nova lista com o item no fim.', 'APPEND(cart, "tea")', 'v v', 'v'],
  ['PUSH', 'PUSH(list, item)', 'Adds the item to this list.', 'Acrescenta o item a esta lista.', 'PUSH cart, "tea"', 'v v', 'v'],
  ['POP', 'POP(list)', 'Takes the last item off this list.', 'Tira o último item desta lista.', 'POP(cart)', 'v', 'v'],
  ['SORT', 'SORT(list)', 'A new list in order.', 'Uma nova lista em ordem.', 'SORT([3, 1])', 'v', 'v'],
  ['KEYS', 'KEYS(object)', 'The names of its properties.', 'Os nomes das propriedades.', 'KEYS(order)', 'v', 'v'],
  ['VALUES', 'VALUES(object)', 'The values of its properties.', 'Os valores das propriedades.', 'VALUES(order)', 'v', 'v'],
  ['NOW', 'NOW', 'The date and time.', 'A data e a hora.', 'NOW', '', 's'],
  ['TODAY', 'TODAY', 'The date.', 'A data.', 'TODAY', '', 's'],
  ['HOUR', 'HOUR([when])', 'The hour, 0 to 23.', 'A hora, de 0 a 23.', 'HOUR(NOW)', 'v=', 'n'],
  ['MINUTE', 'MINUTE([when])', 'The minute.', 'O minuto.', 'MINUTE(NOW)', 'v=', 'n'],
  ['DAY', 'DAY([when])', 'The day of the month.', 'O dia do mês.', 'DAY("2026-12-31")', 'v=', 'n'],
  ['MONTH', 'MONTH([when])', 'The month.', 'O mês.', 'MONTH(TODAY)', 'v=', 'n'],
  ['YEAR', 'YEAR([when])', 'The year.', 'O ano.', 'YEAR(TODAY)', 'v=', 'n'],
  ['WEEKDAY', 'WEEKDAY([when])', 'The day of the week; Sunday is 1.', 'O dia da semana; domingo é 1.', 'WEEKDAY(TODAY)', 'v=', 'n'],
  ['DATEADD', 'DATEADD(date, count, unit)', 'A date moved by days, months, hours…; any order.', 'Uma data movida por dias, meses, horas…; em qualquer ordem.', 'DATEADD(TODAY, 7, "day")', 'v v v', 's'],
  ['DATEDIFF', 'DATEDIFF(unit, from, to)', 'How many whole units between two dates.', 'Quantas unidades inteiras entre duas datas.', 'DATEDIFF("day", a, b)', 'v v v', 'n'],
  ['FORMAT', 'FORMAT(value, mask)', 'A number or date in a mask: #,##0.00 or dd/MM/yyyy.', 'Um número ou data em uma máscara: #,##0.00 ou dd/MM/yyyy.', 'FORMAT(1234.5, "#,##0.00")', 'v s=', 's'],
  ['JSON', 'JSON(value)', 'The value as JSON text.', 'O valor como texto JSON.', 'JSON(order)', 'v', 's'],
  ['PARSE', 'PARSE(text)', 'The value of a JSON text.', 'O valor de um texto JSON.', 'PARSE("[1,2]")', 's', 'v'],
];

const row = (kind: Keyword['kind']) => ([name, syntax, en, pt, example]: Row): Keyword => ({ name, kind, syntax, summary: { en, pt }, example });

export const keywords: readonly Keyword[] = [
  ...statements.map(row('statement')),
  ...operators.map(row('operator')),
  ...constants.map(row('constant')),
  ...types.map(row('type')),
  ...functions.map(([name, syntax, en, pt, example, params, result]): Keyword => ({
    name, kind: 'function', syntax, summary: { en, pt }, example, params, result,
  })),
];

/** Functions by upper-case name, without a `$` suffix. */
export const functionKeywords: ReadonlyMap<string, Keyword> = new Map(
  keywords.filter((keyword) => keyword.kind === 'function').map((keyword) => [keyword.name, keyword]),
);

/** Words that end or continue a statement, so that no name may be spelled so. Types and functions are not reserved. */
export const reservedWords: ReadonlySet<string> = new Set(
  keywords
    .filter(({ kind, name }) => kind !== 'function' && kind !== 'type' && !name.includes(' ') && name !== 'DEFAULT' && name !== 'STEP' && name !== 'EACH')
    .map(({ name }) => name),
);

export const typeNames: ReadonlySet<string> = new Set(types.map(([name]) => name));

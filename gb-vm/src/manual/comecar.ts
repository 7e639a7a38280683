import { example, type Lesson } from './lessons.ts';

/** `begin.ts` in Portuguese, part by part. */
export const comecar: Lesson = {
  locale: 'pt-BR',
  parts: [
    '# Comece aqui',
    '*In English: [Begin here](begin.md)* — [todas as palavras-chave](README.md)',
    "Um programa é uma lista de comandos, um por linha. O robô executa do primeiro ao último. Abaixo de cada programa está o que acontece quando ele roda; uma linha com `>` é a resposta da pessoa. Uma linha que começa com `'` é um comentário para pessoas.",

    '## Falar e perguntar',
    '`TALK` diz algo. `HEAR` espera a resposta e a guarda com um nome. Depois de `AS` está o que você quer ouvir: o robô pergunta de novo até a resposta servir. Há [muitos tipos](answers.md): `DATE` (data), `MONEY` (dinheiro), `EMAIL`, `PHONE` (telefone), `CPF`, `BOOLEAN` para sim ou não...',
    example(
      [
        'TALK "Qual é o seu nome?"',
        'HEAR nome AS NAME',
        'TALK "Olá, ${nome}! Quantos anos você tem?"',
        'HEAR idade AS INTEGER',
        'TALK "No ano que vem você terá ${idade + 1}."',
      ],
      [
        'Qual é o seu nome?',
        '> Ana',
        'Olá, Ana! Quantos anos você tem?',
        '> vinte',
        'Por favor, envie um número inteiro, como 5.',
        '> 20',
        'No ano que vem você terá 21.',
      ],
    ),

    '## Valores e nomes',
    'Um valor é um texto entre aspas duplas, um número, `TRUE` (verdadeiro), `FALSE` (falso) ou `NULL` (nada). `=` dá um nome a ele, e mais tarde outro valor ao mesmo nome. Nomes começam com uma letra e podem ter acentos; maiúsculas e minúsculas são iguais. Um nome que não recebeu nada é `NULL`.',
    example(['preço = 4.5', 'total = preço * 2', 'total = total + 1', 'TALK total'], ['10']),

    '## Textos',
    '`${ }` coloca um valor em um texto, e `+` ou `&` junta textos. `\\n` começa uma nova linha. As letras são contadas a partir de 1. Mais: [funções de textos](text.md).',
    example(
      [
        'palavra = "limonada"',
        'TALK "${UCASE(palavra)} tem ${LEN(palavra)} letras.\\nComeça com " + MID(palavra, 1, 4)',
        'IF palavra CONTAINS "limo" THEN TALK "Azeda!"',
      ],
      ['LIMONADA tem 8 letras.', 'Começa com limo', 'Azeda!'],
    ),

    '## Números e dinheiro',
    '`+ - * /` e parênteses funcionam como na escola; `MOD` é o que sobra. No programa, escreva `4.5` com ponto; `TALK` também o mostra assim. `FORMAT` mostra um número como as pessoas gostam, com a vírgula do idioma. Mais: [funções de números](numbers.md).',
    example(
      [
        'HEAR ingressos AS INTEGER WITH "Quantos ingressos?"',
        'total = ingressos * 1250.5',
        'TALK FORMAT(total, "R$ #,##0.00")',
        'TALK "${INT(20 / 6)} caixas de 6, sobram ${20 MOD 6}"',
      ],
      ['Quantos ingressos?', '> 3', 'R$ 3.751,50', '3 caixas de 6, sobram 2'],
    ),

    '## Decidir',
    '`IF` só faz algo quando sua condição vale: `=` é igual, `<>` é diferente, `<` `>` `<=` `>=` comparam. Junte condições com `AND` (e), `OR` (ou) e `NOT` (não).',
    example(
      [
        'HEAR idade AS INTEGER WITH "Quantos anos você tem?"',
        'IF idade < 6 THEN',
        '  valor = 0',
        'ELSE IF idade < 18 OR idade >= 65 THEN',
        '  valor = 5',
        'ELSE',
        '  valor = 10',
        'END IF',
        'TALK "Você paga ${valor}."',
      ],
      ['Quantos anos você tem?', '> 70', 'Você paga 5.'],
    ),

    '## Deixar escolher',
    'Textos depois de `AS` viram botões. Com `*` como último, qualquer outra resposta também é aceita. `WITH` faz a pergunta na mesma linha. `SELECT CASE` compara um valor com muitos.',
    example(
      [
        'HEAR bebida AS "Chá", "Café", * WITH "O que você deseja?"',
        'SELECT CASE bebida',
        'CASE "Chá", "Café"',
        '  TALK "Com açúcar?"',
        'CASE ELSE',
        '  TALK "Não temos ${LCASE(bebida)}, desculpe."',
        'END SELECT',
      ],
      ['O que você deseja?', '[Chá | Café]', '> Leite', 'Não temos leite, desculpe.'],
    ),

    '## Repetir',
    '`FOR` conta. `DO` repete até algo valer. `EXIT FOR` e `EXIT DO` saem antes.',
    example(
      [
        'FOR i = 1 TO 2',
        '  TALK "7 vezes ${i} é ${i * 7}"',
        'NEXT',
        'soma = 0',
        'DO',
        '  HEAR n AS NUMBER WITH "Um número, ou 0 para terminar:"',
        '  soma = soma + n',
        'LOOP UNTIL n = 0',
        'TALK "Ao todo: ${soma}"',
      ],
      [
        '7 vezes 1 é 7',
        '7 vezes 2 é 14',
        'Um número, ou 0 para terminar:',
        '> 4,5',
        'Um número, ou 0 para terminar:',
        '> 0',
        'Ao todo: 4.5',
      ],
    ),

    '## Listas',
    'Uma lista fica entre `[ ]`. Seu primeiro elemento é o número 0. `PUSH` acrescenta um no fim, e `FOR EACH` passa por todos. Mais: [funções de listas](lists.md).',
    example(
      [
        'cesta = ["chá", "bolo"]',
        'PUSH cesta, "geleia"',
        'TALK "${LEN(cesta)} coisas, a primeira é ${cesta[0]}"',
        'FOR EACH item IN SORT(cesta)',
        '  TALK "- ${item}"',
        'NEXT',
      ],
      ['3 coisas, a primeira é chá', '- bolo', '- chá', '- geleia'],
    ),

    '## Objetos e linhas',
    'Um objeto guarda valores que pertencem juntos, cada um com seu nome. Uma lista de objetos é uma tabela: cada objeto é uma linha. Mais: [funções de linhas](tables.md).',
    example(
      [
        'chá = {nome: "chá", preço: 4}',
        'chá.preço = chá.preço + 1',
        'cardápio = [chá, {nome: "bolo", preço: 7}, {nome: "geleia", preço: 3}]',
        'FOR EACH linha IN FILTER(cardápio, "preço > 4")',
        '  TALK "${linha.nome}: ${linha.preço}"',
        'NEXT',
      ],
      ['chá: 5', 'bolo: 7'],
    ),

    '## Palavras suas',
    'Uma `FUNCTION` devolve um valor; uma `SUB` apenas faz algo. O que está entre parênteses é só delas. **Qualquer outro nome que o roteiro usa fora é o mesmo dentro**: aqui `total` é compartilhado. Com `DIM`, `i` é só delas, e o `i` de fora fica como está.',
    example(
      [
        'total = 0 : i = 100',
        'FUNCTION dobro(x)',
        '  RETURN x * 2',
        'END FUNCTION',
        'SUB somarAté(último)',
        '  DIM i',
        '  FOR i = 1 TO último',
        '    total = total + dobro(i)',
        '  NEXT',
        'END SUB',
        'somarAté(3)',
        'TALK "${total} e ${i}"',
      ],
      ['12 e 100'],
    ),

    '## Guardar e buscar',
    '`SAVE` acrescenta uma linha a uma tabela; suas colunas têm os nomes das variáveis. `FIND` devolve as linhas que servem, ou `NULL`. Depois do `=` de `UPDATE` fica um valor do programa, não uma coluna. Mais: [tabelas](data.md) e [memória](memory.md).',
    example(
      [
        'nome = "Ana" : cidade = "Recife"',
        'SAVE "convidados", nome, cidade',
        'SAVE "convidados", {nome: "Rui", cidade: "Natal"}',
        'UPDATE "convidados" SET cidade = "Olinda" WHERE nome = "Ana"',
        'FOR EACH linha IN FIND "convidados" ORDER BY nome DESC',
        '  TALK "${linha.nome} mora em ${linha.cidade}"',
        'NEXT',
        'DELETE FROM "convidados" WHERE cidade = "Natal"',
        'achado = FIND "convidados" WHERE nome = "Rui"',
        'IF achado IS NULL THEN TALK "Rui saiu da lista."',
      ],
      ['Rui mora em Natal', 'Ana mora em Olinda', 'Rui saiu da lista.'],
    ),

    '## Datas',
    'Uma data é um texto como `2026-12-24`; assim, datas se comparam e se ordenam bem. `TODAY` (hoje) e `NOW` (agora) são funções. Mais: [funções de datas](dates.md).',
    example(
      [
        'HEAR dia AS DATE WITH "Quando você chega?"',
        'volta = ADD DAYS(dia, 10)',
        'TALK "Você volta no dia ${FORMAT(volta, "dd/MM/yyyy")}, ${WEEKDAYNAME(volta)}."',
        'IF volta > "2026-12-31" THEN TALK "Feliz ano novo!"',
      ],
      ['Quando você chega?', '> 24/12/2026', 'Você volta no dia 03/01/2027, domingo.', 'Feliz ano novo!'],
    ),

    '## Quando algo dá errado',
    'Um erro termina o programa, a não ser que aconteça entre `TRY` e `CATCH`. `THROW` faz um erro seu. Mais: [erros](errors.md).',
    example(
      [
        'TRY',
        '  estoque = 0',
        '  IF estoque = 0 THEN THROW "acabou o chá"',
        'CATCH problema',
        '  TALK "Desculpe: ${problema.message}"',
        'END TRY',
      ],
      ['Desculpe: acabou o chá'],
    ),

    '## Para quem conhece outros BASICs',
    '`PRINT`, `INPUT`, `GOTO`, `GOSUB`, números de linha, `DATA` e `DIM a(10)` funcionam como você conhece; nomes não precisam de `$`. O que é diferente: uma lista entre `[ ]` começa em 0, e seu `UBOUND` é quantos elementos ela tem; de um vetor criado por `DIM`, é o último número. `HEAR` sem `AS` dá um texto, e `+` junta textos. `=` dá um valor como comando e compara em uma condição, que é `true` ou `false`, não -1 ou 0.',
    example(
      [
        '10 primos = [2, 3, 5]',
        '20 PRINT primos[0], UBOUND(primos)',
        '30 HEAR idade WITH "Idade?"',
        '40 PRINT idade + 1, VAL(idade) + 1',
        '50 IF idade < 18 THEN GOTO 70',
        '60 PRINT "Seja bem-vinda"',
        '70 END',
      ],
      ['2             3', 'Idade?', '> 20', '201           21', 'Seja bem-vinda'],
    ),

    '## Experimentar no terminal',
    'Escreva um programa em `ola.bas` com qualquer editor. `npx gb basic check ola.bas` lista o que está errado nele; `npx gb basic run ola.bas` o executa, os dois na pasta do General Bots. Ali funciona tudo o que está nesta página, e também `SET BOT MEMORY`; tabelas e memórias duram tanto quanto o programa, e os arquivos csv da pasta podem ser lidos com `FIND "arquivo.csv"`. `WAIT` não espera de verdade. E-mail, web, modelos e outras pessoas precisam de um servidor: se forem pedidos, o programa para com [operation_unavailable](errors.md#operation_unavailable). Listagens antigas rodam como estão com `--profile classic`, as do padrão de 1978 com `--profile minimal`.',

    '## Onde continuar',
    '[Todas as palavras-chave](README.md) por assunto, [os comandos](statements.md) um a um, e [todos os erros](errors.md), cada um com um programa que o provoca. Para dar ao robô ferramentas que um modelo pode usar, veja [ferramentas, tabelas e gatilhos](tools.md).',
  ],
};

import type { RuntimeErrorCode } from '../runtime/errors.ts';

/** What the manual says of an error that stops a running program, beside its sentence. */
export interface RuntimeExample {
  /** A script that gets it, run by a test; null for faults of ours, which no script causes. */
  readonly example: string | null;
  /** The profile the example is compiled in, when it is not `bot`. */
  readonly profile?: 'minimal' | 'classic';
  /** What to do about it, in English and Portuguese. */
  readonly advice: readonly [string, string];
}

const stopped = (example: string, ...advice: readonly [string, string]): RuntimeExample => ({ example, advice });
const inProfile = (
  profile: 'minimal' | 'classic',
  lines: readonly string[],
  ...advice: readonly [string, string]
): RuntimeExample => ({ example: lines.join('\n'), profile, advice });
/** What only a server can raise: what happens there depends on its settings and its people. */
const onServer = (...advice: readonly [string, string]): RuntimeExample => ({ example: null, advice });
const ours = (...advice: readonly [string, string]): RuntimeExample => ({ example: null, advice });

const tellUs = ['Start again; if it comes back, please tell us.', 'Comece de novo; se voltar a acontecer, avise-nos.'] as const;

export const runtimeExamples: Readonly<Record<RuntimeErrorCode, RuntimeExample>> = {
  fuel_exhausted: stopped(
    'DO\nLOOP',
    'Give every loop a condition that ends it, or EXIT DO; divide long work over several answers with HEAR.',
    'Dê a cada laço uma condição que o termine, ou EXIT DO; divida trabalhos longos entre várias respostas com HEAR.',
  ),
  time_exhausted: stopped(
    'DO : list = SORT(RANGE(1, 10000)) : LOOP',
    'Work on fewer rows at a time: FIND only those that are needed, and sort them once.',
    'Trabalhe com menos linhas de cada vez: busque com FIND só as necessárias e ordene uma vez.',
  ),
  worker_stuck: ours(...tellUs),
  out_of_memory: stopped(
    'a = "x"\nDO\n  a = a + a\nLOOP',
    'Look for a text or a list that grows in a loop, and keep only what is needed of it.',
    'Procure um texto ou uma lista que cresce em um laço e guarde só o necessário.',
  ),
  snapshot_too_large: stopped(
    'list = RANGE(1, 200000)\nHEAR name\nTALK name + ", " + list[0]',
    'Set large texts and lists to NULL before HEAR, or SAVE them and find them again after it.',
    'Ponha NULL em textos e listas grandes antes de HEAR, ou guarde-os com SAVE e busque depois.',
  ),
  too_many_messages: stopped(
    'DO\n  TALK "spam"\nLOOP',
    'Put what belongs together into one TALK, or let the person answer with HEAR in between.',
    'Junte em um só TALK o que vai junto, ou deixe a pessoa responder com HEAR no meio.',
  ),
  recursion_too_deep: stopped(
    'FUNCTION f(n)\n  RETURN f(n + 1)\nEND FUNCTION\nTALK f(1)',
    'Let it RETURN without calling itself when there is nothing left to do, or write it as a loop.',
    'Faça com que use RETURN sem chamar a si mesma quando não houver mais o que fazer, ou escreva um laço.',
  ),
  division_by_zero: stopped(
    'x = 0\nTALK 1 / x',
    'Ask with IF whether it is zero before you divide.',
    'Pergunte com IF se é zero antes de dividir.',
  ),
  subscript_out_of_range: stopped(
    'a = [1]\nTALK a[1]',
    'A list counts from 0, so the last of three elements is number 2; an array of DIM ends at the number given there.',
    'Uma lista conta a partir de 0: o último de três elementos é o número 2; uma matriz de DIM termina no número dado ali.',
  ),
  type_mismatch: stopped(
    'x = "abc"\nTALK x * 2',
    'Turn texts into numbers with VAL, and ask people for numbers with HEAR x AS INTEGER.',
    'Transforme textos em números com VAL e peça números às pessoas com HEAR x AS INTEGER.',
  ),
  illegal_argument: stopped(
    'TALK SQR(-1)',
    'See in the entry of the function which values it takes, and ask with IF first.',
    'Veja na página da função quais valores ela aceita e pergunte antes com IF.',
  ),
  overflow: inProfile(
    'classic',
    ['10 PRINT CINT(40000)'],
    'Whole numbers of this profile end at 32767; use a variable without % and INT in place of CINT. `minimal` warns and goes on.',
    'Inteiros deste perfil terminam em 32767; use uma variável sem % e INT em vez de CINT. `minimal` avisa e continua.',
  ),
  zero_to_negative_power: inProfile(
    'minimal',
    ['10 LET X = 0', '20 PRINT X ^ (-1)', '30 END'],
    'A warning: the largest number stands for the result, and the program goes on. Ask with IF whether the base is zero.',
    'Um aviso: o maior número vale como resultado, e o programa continua. Pergunte com IF se a base é zero.',
  ),
  negative_to_fraction: stopped(
    'x = -8\nTALK x ^ 0.5',
    'Ask with IF whether the base is negative, or take its ABS.',
    'Pergunte com IF se a base é negativa, ou use o seu ABS.',
  ),
  tab_out_of_range: inProfile(
    'minimal',
    ['10 PRINT TAB(0); "HELLO"', '20 END'],
    'A warning: it is taken as TAB(1), and the program goes on. The first column is 1.',
    'Um aviso: vale como TAB(1), e o programa continua. A primeira coluna é 1.',
  ),
  return_without_gosub: inProfile(
    'classic',
    ['10 GOSUB 20', '20 PRINT "HELLO"', '30 RETURN'],
    'Write END above the subroutine, so that the program does not run into it.',
    'Escreva END acima da sub-rotina, para que o programa não entre nela.',
  ),
  gosub_too_deep: stopped(
    'again:\nGOSUB again',
    'Leave each subroutine by RETURN, and begin again with GOTO or a loop.',
    'Saia de cada sub-rotina com RETURN e recomece com GOTO ou um laço.',
  ),
  next_without_for: inProfile(
    'classic',
    ['10 GOTO 30', '20 FOR I = 1 TO 3', '30 NEXT I'],
    'Jump to the FOR instead of into its loop.',
    'Salte para o FOR, e não para dentro do laço.',
  ),
  resume_without_error: stopped(
    'RESUME NEXT',
    'Write END or GOTO above the lines that handle errors, so that the program does not run into them.',
    'Escreva END ou GOTO acima das linhas que tratam erros, para que o programa não entre nelas.',
  ),
  out_of_data: stopped(
    'DATA 1\nREAD a, b',
    'Add DATA, read less, or begin again with RESTORE.',
    'Acrescente DATA, leia menos ou recomece com RESTORE.',
  ),
  data_not_a_number: inProfile(
    'minimal',
    ['10 READ A', '20 DATA HELLO', '30 END'],
    'READ takes the values of DATA in their order: read a text into a variable with $.',
    'READ pega os valores de DATA na ordem: leia um texto em uma variável com $.',
  ),
  on_out_of_range: inProfile(
    'minimal',
    ['10 LET X = 3', '20 ON X GOTO 30, 40', '30 PRINT "ONE"', '40 END'],
    'Give ON a line for every value, or ask with IF first.',
    'Dê a ON uma linha para cada valor, ou pergunte antes com IF.',
  ),
  thrown: stopped(
    'THROW "no stock"',
    'The program says this itself; CATCH and ON ERROR GOTO take it.',
    'O próprio programa diz isto; CATCH e ON ERROR GOTO o recebem.',
  ),
  thrown_number: stopped(
    'ERROR 99',
    'The program stops itself with a number of its own; CATCH and ON ERROR GOTO take it.',
    'O próprio programa para com um número seu; CATCH e ON ERROR GOTO o recebem.',
  ),
  messages_exhausted: onServer(
    'Let the bot speak less often, or in longer messages; limits belong to the plan of the workspace.',
    'Faça o robô falar menos vezes, ou em mensagens maiores; os limites são do plano do espaço de trabalho.',
  ),
  hear_timed_out: onServer(
    'Put HEAR between TRY and CATCH and say there what happens then; hear-timeout-secs in config.csv sets the time.',
    'Ponha HEAR entre TRY e CATCH e diga ali o que acontece; hear-timeout-secs em config.csv define o tempo.',
  ),
  setting_missing: onServer(
    'Ask whoever runs the server to set it, or set it in config.csv when its name is in lower case.',
    'Peça a quem cuida do servidor que o defina, ou defina-o em config.csv quando o nome estiver em minúsculas.',
  ),
  not_allowed: onServer(
    'The sentence says who or what does not allow it; addresses of the inner network have to be allowed by whoever runs the server.',
    'A frase diz quem ou o que não permite; endereços da rede interna precisam ser permitidos por quem cuida do servidor.',
  ),
  limit_reached: onServer(
    'Do less at once, or let the person answer with HEAR in between; limits belong to the plan of the workspace.',
    'Faça menos de uma vez, ou deixe a pessoa responder com HEAR no meio; os limites são do plano do espaço de trabalho.',
  ),
  operation_unavailable: stopped(
    'OPEN "https://example.com"',
    'Ask who runs this server to offer it, or do without it in CATCH.',
    'Peça a quem cuida deste servidor que o ofereça, ou trate a falta em CATCH.',
  ),
  operation_failed: stopped(
    'TALK READ("notes.txt")',
    'The reason stands behind the colon; say in CATCH what to do then.',
    'O motivo está depois dos dois pontos; diga em CATCH o que fazer nesse caso.',
  ),
  invalid_json: stopped(
    'TALK PARSE("{")',
    'JSON looks like {"name": "Ana"}: names and texts in double quotes, and every { and [ closed.',
    'JSON é como {"name": "Ana"}: nomes e textos entre aspas duplas, e todo { e [ fechado.',
  ),
  invalid_date: stopped(
    'TALK YEAR("soon")',
    'Write dates like 2026-11-23, and ask people for them with HEAR x AS DATE.',
    'Escreva datas como 2026-11-23 e peça-as às pessoas com HEAR x AS DATE.',
  ),
  snapshot_invalid: ours(
    'The program has changed, or what was saved is damaged; the person starts again.',
    'O programa mudou ou o que foi salvo está danificado; a pessoa recomeça.',
  ),
  program_invalid: ours(
    'Publish the bot again; if it comes back, please tell us.',
    'Publique o robô de novo; se voltar a acontecer, avise-nos.',
  ),
  internal: ours(...tellUs),
};

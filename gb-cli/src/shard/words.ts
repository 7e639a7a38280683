import type { MoveProgress } from 'gb-storage';

/** What `gb shard` says, in the languages it speaks. */
export interface Words {
  readonly help: string;
  readonly noShards: string;
  readonly noName: string;
  readonly noBucket: string;
  readonly wrongAdd: string;
  readonly noCommand: (name: string) => string;
  readonly columns: readonly string[];
  readonly states: Readonly<Record<'open' | 'draining' | 'drained' | 'away' | 'no address', string>>;
  readonly moving: (move: {
    bucket: number;
    source: string;
    target: string;
    phase: string;
    since: string;
    isRunning: boolean;
  }) => string;
  readonly added: (name: string) => string;
  readonly known: (name: string) => string;
  readonly step: Readonly<Record<MoveProgress['step'], string>>;
  readonly table: (name: string) => string;
  readonly moved: (facts: {
    bucket: number;
    from: string;
    to: string;
    rows: string;
    compared: string;
    seconds: string;
    pause: string | null;
  }) => string;
  readonly aborted: (bucket: number) => string;
  readonly cut: (bucket: number) => string;
  readonly isEven: string;
  readonly plan: (moves: number, entries: string) => string;
  readonly planned: (move: { bucket: number; from: string; to: string; entries: string }) => string;
  readonly notAll: (names: string) => string;
  readonly noOther: string;
  readonly draining: (name: string) => string;
  readonly drained: (name: string) => string;
}

const en: Words = {
  help: `gb shard: several databases, and which organizations are in which

An organization is in one of 1,024 buckets, a bucket in one database. The databases are those of DATABASE_SHARDS.

  gb shard list                     databases, what is in them, and moves that are under way
      --json                        as JSON
  gb shard add NAME=postgres://...  bring an empty database up to date and make it known
  gb shard move BUCKET --to NAME    move a bucket while its people go on; again after a cut, to finish it
      --customer ID                 the bucket of this organization, in the place of a number
      --verify                      compare everything once more while writers wait (longer for large buckets)
      --abort                       take back a move that was cut, if it is not past its commit
      --json                        the report as JSON
  gb shard rebalance                move the fewest buckets so that databases have about as much each
      --dry-run                     only say which
  gb shard drain NAME               move everything away from a database, and nothing to it any more
      --dry-run                     only say where to
      --undo                        let it have buckets again
  gb shard split ID --parts N       spread the channels of an organization too large for one database
  With all of them: --locale en or pt-BR.

docs/operations/shards.md tells the whole story. Exit codes: 0 done, 1 refused or failed, 2 wrong use.
`,
  noShards: 'Set DATABASE_SHARDS to all databases, the control database first.',
  noName: 'Say the name of a database, as gb shard list shows it.',
  noBucket: 'Say a bucket from 0 to 1023, or --customer and an id.',
  wrongAdd: 'Say a name and an address: gb shard add east=postgres://...',
  noCommand: (name) => `There is no command "${name}"; \`gb shard help\` lists them.`,
  columns: ['database', 'region', 'state', 'buckets', 'organizations', 'entries', 'size'],
  states: {
    open: 'open',
    draining: 'draining',
    drained: 'drained',
    away: 'does not answer',
    'no address': 'not in DATABASE_SHARDS',
  },
  moving: ({ bucket, source, target, phase, since, isRunning }) =>
    `bucket ${bucket}: ${source} -> ${target}, ${phase}, since ${since}${isRunning ? '' : `; cut: gb shard move ${bucket} --to ${target} goes on`}`,
  added: (name) =>
    `${name} is known now and has no buckets. Add it to DATABASE_SHARDS of every server and restart them, one after the other, before a bucket moves there.`,
  known: (name) => `${name} was known already. It is up to date.`,
  step: {
    registered: 'begins',
    captured: 'notes what changes',
    batch: 'copies',
    copied: 'brings changes over',
    compared: 'compares',
    locked: 'writers wait',
    'last changes': 'writers wait',
    closed: 'closed at the source',
    committed: 'is at the target',
    opened: 'is at the target',
    released: 'is at the target',
    'taken over': 'waits until the old database has handed out its events',
    'handed over': 'waits until the old database has handed out its events',
    'batch swept': 'clears the old database',
    swept: 'done',
    waiting: 'waits for a moment without long transactions',
    again: 'a database is away; tries again',
  },
  table: (name) => `, ${name}`,
  moved: ({ bucket, from, to, rows, compared, seconds, pause }) =>
    `Bucket ${bucket} moved from ${from} to ${to}: ${rows} rows copied, ${compared} compared, in ${seconds} s` +
    `${pause === null ? '' : `; writers waited ${pause} ms`}.`,
  aborted: (bucket) => `The move of bucket ${bucket} is taken back; it is where it was.`,
  cut: (bucket) => `Cut. Bucket ${bucket} is whole; run the same command again to go on, or with --abort to take it back.`,
  isEven: 'The databases are even enough: nothing to move.',
  plan: (moves, entries) => `${moves} buckets with ${entries} entries are to move:`,
  planned: ({ bucket, from, to, entries }) => `  bucket ${bucket}: ${from} -> ${to}, ${entries} entries`,
  notAll: (names) => `These databases do not answer, so nobody knows what is in them: ${names}.`,
  noOther: 'There is no other open database.',
  draining: (name) => `${name} gets no more buckets.`,
  drained: (name) => `${name} is empty. Take it out of DATABASE_SHARDS of every server before you switch it off.`,
};

const pt: Words = {
  help: `gb shard: vários bancos de dados, e quais organizações estão em qual

Uma organização está em um de 1.024 buckets, e um bucket em um banco. Os bancos são os de DATABASE_SHARDS.

  gb shard list                     bancos, o que há neles e os moves em andamento
      --json                        como JSON
  gb shard add NOME=postgres://...  atualiza um banco vazio e o torna conhecido
  gb shard move BUCKET --to NOME    move um bucket enquanto as pessoas continuam; de novo após um corte, para terminar
      --customer ID                 o bucket desta organização, em vez de um número
      --verify                      compara tudo mais uma vez enquanto quem escreve espera (mais tempo em buckets grandes)
      --abort                       desfaz um move interrompido, se ainda não passou do commit
      --json                        o relatório como JSON
  gb shard rebalance                move o menor número de buckets para que os bancos fiquem parecidos
      --dry-run                     só diz quais
  gb shard drain NOME               tira tudo de um banco, e nada mais vai para ele
      --dry-run                     só diz para onde
      --undo                        deixa que ele tenha buckets de novo
  gb shard split ID --parts N       espalha os canais de uma organização grande demais para um banco
  Com todos: --locale en ou pt-BR.

docs/operations/shards.md conta a história toda. Códigos de saída: 0 feito, 1 recusado ou falhou, 2 uso errado.
`,
  noShards: 'Defina DATABASE_SHARDS com todos os bancos, o de controle primeiro.',
  noName: 'Diga o nome de um banco, como gb shard list mostra.',
  noBucket: 'Diga um bucket de 0 a 1023, ou --customer e um id.',
  wrongAdd: 'Diga um nome e um endereço: gb shard add leste=postgres://...',
  noCommand: (name) => `Não há comando "${name}"; \`gb shard help\` mostra os que há.`,
  columns: ['banco', 'região', 'estado', 'buckets', 'organizações', 'entradas', 'tamanho'],
  states: {
    open: 'aberto',
    draining: 'esvaziando',
    drained: 'esvaziado',
    away: 'não responde',
    'no address': 'fora de DATABASE_SHARDS',
  },
  moving: ({ bucket, source, target, phase, since, isRunning }) =>
    `bucket ${bucket}: ${source} -> ${target}, ${phase}, desde ${since}${isRunning ? '' : `; interrompido: gb shard move ${bucket} --to ${target} continua`}`,
  added: (name) =>
    `${name} agora é conhecido e não tem buckets. Acrescente-o a DATABASE_SHARDS de todos os servidores e reinicie-os, um após o outro, antes de mover um bucket para lá.`,
  known: (name) => `${name} já era conhecido. Está atualizado.`,
  step: {
    registered: 'começa',
    captured: 'anota o que muda',
    batch: 'copia',
    copied: 'leva as mudanças',
    compared: 'compara',
    locked: 'quem escreve espera',
    'last changes': 'quem escreve espera',
    closed: 'fechado na origem',
    committed: 'está no destino',
    opened: 'está no destino',
    released: 'está no destino',
    'taken over': 'espera o banco antigo entregar seus eventos',
    'handed over': 'espera o banco antigo entregar seus eventos',
    'batch swept': 'limpa o banco antigo',
    swept: 'pronto',
    waiting: 'espera um momento sem transações longas',
    again: 'um banco está fora; tenta de novo',
  },
  table: (name) => `, ${name}`,
  moved: ({ bucket, from, to, rows, compared, seconds, pause }) =>
    `O bucket ${bucket} foi de ${from} para ${to}: ${rows} linhas copiadas, ${compared} comparadas, em ${seconds} s` +
    `${pause === null ? '' : `; quem escreve esperou ${pause} ms`}.`,
  aborted: (bucket) => `O move do bucket ${bucket} foi desfeito; ele está onde estava.`,
  cut: (bucket) =>
    `Interrompido. O bucket ${bucket} está inteiro; execute o mesmo comando para continuar, ou com --abort para desfazer.`,
  isEven: 'Os bancos estão parecidos o bastante: nada a mover.',
  plan: (moves, entries) => `${moves} buckets com ${entries} entradas vão mudar:`,
  planned: ({ bucket, from, to, entries }) => `  bucket ${bucket}: ${from} -> ${to}, ${entries} entradas`,
  notAll: (names) => `Estes bancos não respondem, então ninguém sabe o que há neles: ${names}.`,
  noOther: 'Não há outro banco aberto.',
  draining: (name) => `${name} não recebe mais buckets.`,
  drained: (name) => `${name} está vazio. Tire-o de DATABASE_SHARDS de todos os servidores antes de desligá-lo.`,
};

export const wordsOf = { en, 'pt-BR': pt } as const;

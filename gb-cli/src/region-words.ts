import type { SiteReport } from 'gb-storage';

/** What `gb region` says, in the languages it speaks. */
export interface RegionWords {
  readonly help: string;
  readonly noSites: string;
  readonly noCommand: (name: string) => string;
  readonly noRegion: string;
  readonly unknownRegion: (region: string, known: string) => string;
  readonly unknownDatabase: (name: string, known: string) => string;
  readonly wrongLease: string;
  readonly columns: readonly string[];
  readonly listColumns: readonly string[];
  readonly states: Readonly<Record<SiteReport['state'], string>>;
  readonly leaseLeft: (seconds: string, standby: string) => string;
  readonly leaseOver: (standby: string) => string;
  readonly noLease: string;
  readonly behind: (bytes: string, since: string | null) => string;
  readonly guarded: (name: string, standby: string, seconds: string) => string;
  readonly alone: (name: string) => string;
  readonly plan: Readonly<Record<'there' | 'in order' | 'forced' | 'impossible', (name: string) => string>>;
  readonly mayBeLost: (at: string | null) => string;
  readonly promoted: (name: string, region: string, term: string, buckets: string) => string;
  readonly lost: (at: string | null, channels: string) => string;
  readonly unsettled: (name: string, buckets: string) => string;
  readonly rebuild: (name: string, region: string) => string;
}

const en: RegionWords = {
  help: `gb region: databases that have a copy in another region

DATABASE_SHARDS names each database once for every region: main@eu=postgres://... main@us=postgres://...

  gb region status                  where each database is, what is left of its lease, how far its copy is behind
  gb region list                    regions, and who is at home in them
      --json                        either of them as JSON
  gb region guard REGION            from now on: write only while the copy in that region acknowledges
      --lease SECONDS               how long it may be silent (15)
      --only NAME,NAME              only these databases, here and below
  gb region alone NAME              from now on: write without the copy
      --standby-off                 the copy cannot be told: it is switched off for certain, and will be made anew
  gb region promote REGION          make this region the home; again after a cut, to finish it
      --dry-run                     only say how, and what may be lost
      --fence-confirmed             the old primaries are switched off for certain: do not wait for their leases
  --locale pt-BR                    everything in Portuguese
`,
  noSites: 'gb region needs DATABASE_SHARDS with regions: main@eu=postgres://... main@us=postgres://...',
  noCommand: (name) => `there is no command "gb region ${name}"; gb region help lists them`,
  noRegion: 'say which region',
  unknownRegion: (region, known) => `there is no region ${region}; there are ${known}`,
  unknownDatabase: (name, known) => `there is no database ${name}; there are ${known}`,
  wrongLease: '--lease is a number of seconds from 1 to 600',
  columns: ['DATABASE', 'REGION', 'STATE', 'TERM', ''],
  listColumns: ['REGION', 'HOME OF', 'BUCKETS', 'ORGANIZATIONS'],
  states: {
    away: 'does not answer',
    primary: 'primary',
    closed: 'being handed over',
    unopened: 'promoted, not opened',
    superseded: 'superseded',
    standby: 'copy',
    stranger: 'another database!',
  },
  leaseLeft: (seconds, standby) => `may be written for ${seconds} s more; ${standby} renews that`,
  leaseOver: (standby) => `REFUSES WRITERS: ${standby} does not acknowledge`,
  noLease: 'may be written without its copy',
  behind: (bytes, since) => `${bytes} behind${since === null ? '' : `, newest change of ${since}`}`,
  guarded: (name, standby, seconds) => `${name}: is written only while ${standby} acknowledges, within ${seconds} s`,
  alone: (name) => `${name}: is written without its copy. A promotion of that copy asks for --fence-confirmed now.`,
  plan: {
    there: (name) => `${name}: is there already`,
    'in order': (name) => `${name}: will be closed, followed to its end, and opened there; nothing is lost`,
    forced: (name) => `${name}: the old primary does not answer; opened there when its lease must be over`,
    impossible: (name) => `${name}: does not answer there`,
  },
  mayBeLost: (at) =>
    at === null
      ? '  what was acknowledged and did not arrive there is lost; it cannot be told since when'
      : `  what was acknowledged after ${at} is lost`,
  promoted: (name, region, term, buckets) => `${name}: at home in ${region}, term ${term}, ${buckets} buckets`,
  lost: (at, channels) =>
    `  What was acknowledged ${at === null ? 'and not replicated' : `after ${at}`} is not here. ${channels} channels have a new epoch: clients read them anew.`,
  unsettled: (name, buckets) => `  Refused until settled by "gb shard move" or its --abort: buckets ${buckets} of ${name}`,
  rebuild: (name, region) =>
    `The old primary of ${name} refuses writers. Make it a copy of the new one, then: gb region guard ${region} --only ${name}`,
};

const pt: RegionWords = {
  help: `gb region: bancos de dados que têm uma cópia em outra região

DATABASE_SHARDS dá o nome de cada banco uma vez por região: main@eu=postgres://... main@us=postgres://...

  gb region status                  onde está cada banco, quanto resta do seu prazo, quanto a cópia está atrasada
  gb region list                    regiões, e quem tem casa nelas
      --json                        qualquer uma das duas em JSON
  gb region guard REGIÃO            a partir de agora: gravar só enquanto a cópia naquela região confirma
      --lease SEGUNDOS              por quanto tempo ela pode calar (15)
      --only NOME,NOME              só estes bancos, aqui e abaixo
  gb region alone NOME              a partir de agora: gravar sem a cópia
      --standby-off                 não há como avisar a cópia: está desligada com certeza, e será refeita
  gb region promote REGIÃO          fazer desta região a casa; de novo após uma interrupção, para terminar
      --dry-run                     só dizer como, e o que pode se perder
      --fence-confirmed             os primários antigos estão desligados com certeza: não esperar seus prazos
  --locale en                       tudo em inglês
`,
  noSites: 'gb region precisa de DATABASE_SHARDS com regiões: main@eu=postgres://... main@us=postgres://...',
  noCommand: (name) => `não existe o comando "gb region ${name}"; gb region help lista os que existem`,
  noRegion: 'diga qual região',
  unknownRegion: (region, known) => `não existe a região ${region}; existem ${known}`,
  unknownDatabase: (name, known) => `não existe o banco ${name}; existem ${known}`,
  wrongLease: '--lease é um número de segundos de 1 a 600',
  columns: ['BANCO', 'REGIÃO', 'ESTADO', 'MANDATO', ''],
  listColumns: ['REGIÃO', 'CASA DE', 'BALDES', 'ORGANIZAÇÕES'],
  states: {
    away: 'não responde',
    primary: 'primário',
    closed: 'sendo entregue',
    unopened: 'promovido, não aberto',
    superseded: 'substituído',
    standby: 'cópia',
    stranger: 'outro banco!',
  },
  leaseLeft: (seconds, standby) => `pode ser gravado por mais ${seconds} s; ${standby} renova`,
  leaseOver: (standby) => `RECUSA QUEM GRAVA: ${standby} não confirma`,
  noLease: 'pode ser gravado sem a cópia',
  behind: (bytes, since) => `${bytes} de atraso${since === null ? '' : `, mudança mais nova de ${since}`}`,
  guarded: (name, standby, seconds) => `${name}: gravado só enquanto ${standby} confirma, em até ${seconds} s`,
  alone: (name) => `${name}: gravado sem a cópia. Promover essa cópia agora pede --fence-confirmed.`,
  plan: {
    there: (name) => `${name}: já está lá`,
    'in order': (name) => `${name}: será fechado, seguido até o fim e aberto lá; nada se perde`,
    forced: (name) => `${name}: o primário antigo não responde; aberto lá quando o prazo dele tiver de ter acabado`,
    impossible: (name) => `${name}: não responde lá`,
  },
  mayBeLost: (at) =>
    at === null
      ? '  o que foi confirmado e não chegou lá se perde; não dá para dizer desde quando'
      : `  o que foi confirmado depois de ${at} se perde`,
  promoted: (name, region, term, buckets) => `${name}: casa em ${region}, mandato ${term}, ${buckets} baldes`,
  lost: (at, channels) =>
    `  O que foi confirmado ${at === null ? 'e não replicado' : `depois de ${at}`} não está aqui. ${channels} canais têm época nova: os clientes os leem de novo.`,
  unsettled: (name, buckets) => `  Recusados até que "gb shard move" ou seu --abort resolva: baldes ${buckets} de ${name}`,
  rebuild: (name, region) =>
    `O primário antigo de ${name} recusa quem grava. Faça dele uma cópia do novo, e depois: gb region guard ${region} --only ${name}`,
};

export const regionWordsOf: Readonly<Record<'en' | 'pt-BR', RegionWords>> = { en, 'pt-BR': pt };

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { GatewayTuning } from 'gb-api';
import { type QuotaDefaults, readQuotaDefaults } from 'gb-core';
import { type KafkaConnection, readKafkaConnection } from 'gb-messaging';
import type { ShardLogins } from 'gb-storage';
import { GbError } from 'gb-utils';
import { checkRoles, type Roles, readRoles } from './roles.ts';

/** All settings, read in this one place. With an empty environment everything has a value that works on a laptop. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Where migrations, bots and the web client's sources are. */
  readonly rootDir: string;
  readonly databaseUrl: string | null;
  /** The application's own login; without it the owner's login takes the application's role. */
  readonly databaseAppUrl: string | null;
  /** Several databases in place of one, by name; the first has the map of who is where. Empty with one. */
  readonly databaseShards: ReadonlyMap<string, string>;
  /** Of those that have copies in several regions: all addresses, by region. Of the others, nothing. */
  readonly databaseSites: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Where this process is, of these regions; null when it may be anywhere. */
  readonly region: string | null;
  /** Streaming standbys of these, by the same names; of the only one, by `main`. */
  readonly databaseReplicas: ReadonlyMap<string, readonly string[]>;
  /** Of the embedded database that another process of ours has started; null where this process starts it, or there is none. */
  readonly startedDatabase: ShardLogins | null;
  /** What this process does for the others: all of it, unless the setting says otherwise. */
  readonly roles: Roles;
  /** Where Redis is, for the bus between processes and for limits over all of them. */
  readonly redisUrl: string | null;
  readonly kafka: KafkaConfig | null;
  /** Where tasks lie, when not in the database. */
  readonly rabbitUrl: string | null;
  /** Where old texts lie, when not in the database. */
  readonly tikv: { readonly pd: readonly string[]; readonly tls: Pems | null } | null;
  /** After how many days texts go to cold history; 0 is never. */
  readonly coldDays: number;
  readonly publicUrl: string | null;
  readonly trustProxy: boolean;
  readonly isOpenSignUp: boolean;
  readonly logLevel: string;
  readonly botWorkers: number | null;
  /** Multiplies every rate limit; for load tests. */
  readonly rateFactor: number;
  /** How long clients have to go over to other processes when this one is told to stop. */
  readonly drainMs: number;
  /** From what on the gateway gives up something to keep up, where it is not as usual. */
  readonly gateway: Partial<GatewayTuning>;
  /** What organizations may have where nothing else was set for one; by tier of subscription. */
  readonly quotas: QuotaDefaults;
  readonly bots: BotConfig;
}

/** Certificates, as PEM. */
export interface Pems {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The event log on Kafka. */
export interface KafkaConfig {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  /** Of topics that have to be made. */
  readonly partitions: number;
  /** As many as there are brokers, up to three, when not set. */
  readonly replicas: number | null;
  readonly retentionMs: number;
  /** Whether what people write is in the topic, for readers of the organization's own. */
  readonly withEvents: boolean;
}

/** What bots may reach. */
export interface BotConfig {
  readonly publicUrl: string | null;
  /** Hosts and networks that programs may reach beside the public internet: names, addresses, `10.0.0.0/8`. */
  readonly allowHosts: readonly string[];
  readonly smtp: { readonly url: string; readonly from: string } | null;
  readonly model: {
    readonly url: string;
    readonly key: string | undefined;
    readonly model: string;
    readonly embeddingModel: string | undefined;
    readonly imageModel: string | undefined;
    readonly videoModel: string | undefined;
    readonly speechModel: string | undefined;
    readonly voice: string | undefined;
    readonly transcriptionModel: string | undefined;
  } | null;
  /** Of the same server, for USE MODEL. */
  readonly otherModels: readonly string[];
  /** Whether a bot's config.csv may name a model of its own; the other, a mail server. */
  readonly allowsOwnModel: boolean;
  readonly allowsOwnMail: boolean;
  /** Chromium, for the keywords that drive a browser. */
  readonly browser: string | null;
  /** A service that runs code for RUN PYTHON and its like. */
  readonly runnerUrl: string | null;
}

export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const rootDir = resolve(import.meta.dirname, '../..');
  return {
    host: env['GB_HOST'] || '127.0.0.1',
    port: integer('PORT', env['PORT'], 8080, 0, 65_535),
    dataDir: resolve(rootDir, env['GB_DATA_DIR'] || 'data'),
    rootDir,
    databaseUrl: env['DATABASE_URL'] || null,
    databaseAppUrl: env['DATABASE_APP_URL'] || null,
    databaseShards: shards(env['DATABASE_SHARDS'], env['DATABASE_URL']),
    databaseSites: sites(env['DATABASE_SHARDS'], env['GB_REGION']),
    region: env['GB_REGION'] || null,
    databaseReplicas: replicas(env),
    startedDatabase: null,
    roles: rolesOf(env),
    redisUrl: env['REDIS_URL'] || null,
    kafka: readKafkaConfig(env),
    rabbitUrl: env['RABBIT_URL'] || null,
    tikv: env['TIKV_PD']
      ? {
          pd: listOf(env['TIKV_PD']),
          tls: readPems({ TIKV_CA: env['TIKV_CA'], TIKV_CERT: env['TIKV_CERT'], TIKV_KEY: env['TIKV_KEY'] }),
        }
      : null,
    coldDays: integer('GB_COLD_DAYS', env['GB_COLD_DAYS'], 180, 0, 36_500),
    publicUrl: url('GB_PUBLIC_URL', env['GB_PUBLIC_URL']),
    trustProxy: flag('GB_TRUST_PROXY', env['GB_TRUST_PROXY']),
    isOpenSignUp: flag('GB_OPEN_SIGNUP', env['GB_OPEN_SIGNUP']),
    logLevel: oneOf(
      'GB_LOG_LEVEL',
      env['GB_LOG_LEVEL'],
      ['debug', 'info', 'warn', 'error', 'silent'],
      process.stdout.isTTY ? 'warn' : 'info',
    ),
    botWorkers: env['GB_BOT_WORKERS'] ? integer('GB_BOT_WORKERS', env['GB_BOT_WORKERS'], 1, 1, 64) : null,
    rateFactor: integer('GB_RATE_FACTOR', env['GB_RATE_FACTOR'], 1, 1, 1_000_000),
    gateway: readGatewayTuning(env['GB_GATEWAY']),
    drainMs: integer('GB_DRAIN_SECONDS', env['GB_DRAIN_SECONDS'], 20, 0, 3_600) * 1_000,
    quotas: readQuotaDefaults(env['GB_QUOTAS'] ?? ''),
    bots: readBotConfig(env),
  };
}

function rolesOf(env: Readonly<Record<string, string | undefined>>): Roles {
  const roles = readRoles(env['GB_ROLES']);
  const hasDatabase = Boolean(env['DATABASE_URL'] || env['DATABASE_SHARDS']);
  checkRoles(roles, { hasDatabase, hasKafka: Boolean(env['KAFKA_BROKERS']) });
  return roles;
}

function readKafkaConfig(env: Readonly<Record<string, string | undefined>>): KafkaConfig | null {
  if (!env['KAFKA_BROKERS']) return null;
  const pems = readPems({ KAFKA_CA: env['KAFKA_CA'], KAFKA_CERT: env['KAFKA_CERT'], KAFKA_KEY: env['KAFKA_KEY'] });
  return {
    connection: readKafkaConnection(env['KAFKA_BROKERS'], pems ?? {}),
    prefix: env['KAFKA_PREFIX'] ?? 'gb.',
    partitions: integer('KAFKA_PARTITIONS', env['KAFKA_PARTITIONS'], 12, 1, 10_000),
    replicas: env['KAFKA_REPLICAS'] ? integer('KAFKA_REPLICAS', env['KAFKA_REPLICAS'], 1, 1, 100) : null,
    retentionMs: integer('KAFKA_RETENTION_HOURS', env['KAFKA_RETENTION_HOURS'], 168, 1, 87_600) * 3_600_000,
    withEvents: flag('KAFKA_EVENTS', env['KAFKA_EVENTS']),
  };
}

function readBotConfig(env: Readonly<Record<string, string | undefined>>): BotConfig {
  const smtpUrl = env['SMTP_URL'] || null;
  const llmUrl = url('LLM_URL', env['LLM_URL']);
  if (llmUrl !== null && !env['LLM_MODEL']) throw new GbError('malformed', 'LLM_URL is set, so LLM_MODEL has to name a model.');
  if (smtpUrl !== null && !env['MAIL_FROM'])
    throw new GbError('malformed', 'SMTP_URL is set, so MAIL_FROM has to say who mail comes from.');
  return {
    publicUrl: url('GB_PUBLIC_URL', env['GB_PUBLIC_URL']),
    allowHosts: listOf(env['GB_BOT_ALLOW_HOSTS']),
    smtp: smtpUrl === null ? null : { url: smtpUrl, from: env['MAIL_FROM']! },
    model:
      llmUrl === null
        ? null
        : {
            url: llmUrl,
            model: env['LLM_MODEL']!,
            key: env['LLM_KEY'] || undefined,
            embeddingModel: env['LLM_EMBEDDING_MODEL'] || undefined,
            imageModel: env['LLM_IMAGE_MODEL'] || undefined,
            videoModel: env['LLM_VIDEO_MODEL'] || undefined,
            speechModel: env['LLM_SPEECH_MODEL'] || undefined,
            voice: env['LLM_VOICE'] || undefined,
            transcriptionModel: env['LLM_TRANSCRIPTION_MODEL'] || undefined,
          },
    otherModels: listOf(env['LLM_MODELS']),
    allowsOwnModel: flag('GB_BOT_OWN_LLM', env['GB_BOT_OWN_LLM']),
    allowsOwnMail: flag('GB_BOT_OWN_MAIL', env['GB_BOT_OWN_MAIL']),
    browser: env['GB_BROWSER'] || null,
    runnerUrl: url('GB_BOT_RUNNER', env['GB_BOT_RUNNER']),
  };
}

/** `main@eu=postgres://... main@us=postgres://...`: a database that has copies in other regions is named once for each. */
function sites(text: string | undefined, region: string | undefined): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [, name, at, address] of (text ?? '').matchAll(/(?<!\S)([a-z0-9-]+)@([a-z0-9][a-z0-9-]{0,39})=(\S+)/g)) {
    const own = found.get(name!) ?? new Map<string, string>();
    if (own.has(at!)) throw new GbError('malformed', `DATABASE_SHARDS names ${name}@${at} twice.`);
    found.set(name!, own.set(at!, address!));
  }
  const known = new Set([...found.values()].flatMap((own) => [...own.keys()]));
  if (region && found.size > 0 && !known.has(region))
    throw new GbError('malformed', `GB_REGION is ${region}; DATABASE_SHARDS has ${[...known].join(', ')}.`);
  return found;
}

/** `main=postgres://... east=postgres://...`: addresses may have commas in them, and no spaces. Of several regions, the first. */
function shards(text: string | undefined, single: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const one of (text ?? '').split(/\s+/).filter(Boolean)) {
    const [, name, region, address] =
      /^([a-z0-9][a-z0-9-]{0,39})(?:@([a-z0-9][a-z0-9-]{0,39}))?=(postgres(?:ql)?:\/\/.+)$/.exec(one) ?? [];
    // The address is not quoted: there is a password in it.
    if (name === undefined || address === undefined)
      throw new GbError('malformed', 'DATABASE_SHARDS must be like "main=postgres://... east=postgres://...".');
    if (found.has(name) && region === undefined) throw new GbError('malformed', `DATABASE_SHARDS names ${name} twice.`);
    if (!found.has(name)) found.set(name, address);
  }
  if (found.size > 0 && single) throw new GbError('malformed', 'Set DATABASE_URL or DATABASE_SHARDS, not both.');
  return found;
}

/** `main=postgres://... east=postgres://...`, each name as often as it has replicas. */
function replicas(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, readonly string[]> {
  const text = env['DATABASE_REPLICAS'];
  const names = env['DATABASE_URL'] ? ['main'] : [...shards(env['DATABASE_SHARDS'], undefined).keys()];
  const found = (text ?? '')
    .split(/\s+/)
    .filter(Boolean)
    .map((one) => {
      const [, name, address] = /^([a-z0-9][a-z0-9-]{0,39})=(postgres(?:ql)?:\/\/.+)$/.exec(one) ?? [];
      if (name === undefined || address === undefined)
        throw new GbError('malformed', 'DATABASE_REPLICAS must be like "main=postgres://... east=postgres://...".');
      if (!names.includes(name))
        throw new GbError(
          'malformed',
          `DATABASE_REPLICAS names ${name}, which is no database of ours: DATABASE_SHARDS has the names, and DATABASE_URL is main.`,
        );
      return { name, address };
    });
  return new Map([...Map.groupBy(found, ({ name }) => name)].map(([name, own]) => [name, own.map(({ address }) => address)]));
}

/** What is in the files that settings called `..._CA`, `..._CERT` and `..._KEY` name; null when none does. */
function readPems(files: Readonly<Record<string, string | undefined>>): Pems | null {
  const found = Object.entries(files).flatMap(([name, file]) => {
    if (!file) return [];
    try {
      return [[name.slice(name.indexOf('_') + 1).toLowerCase(), readFileSync(file, 'utf8')] as const];
    } catch (error) {
      throw new GbError('malformed', `${name} names a file that cannot be read: ${file}`, { cause: error });
    }
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}

const gatewayNames = ['everybodyMax', 'busyPerSecond', 'busyFollowersMin', 'headMs'] as const satisfies (keyof GatewayTuning)[];

/** `everybodyMax=5000 busyPerSecond=60000`. */
function readGatewayTuning(text: string | undefined): Partial<GatewayTuning> {
  const found: { -readonly [K in keyof GatewayTuning]?: number } = {};
  for (const one of (text ?? '').split(/\s+/).filter(Boolean)) {
    const [given, value] = one.split('=');
    const name = gatewayNames.find((known) => known === given);
    if (!name) throw invalid('GB_GATEWAY', `made of ${gatewayNames.join(', ')}, each with a number`, one);
    found[name] = integer(`${name} in GB_GATEWAY`, value, 0, 0, 1_000_000_000);
  }
  return found;
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

/** The server that commands talk to, and the session they speak with. */
export interface ServerAccess {
  readonly url: string;
  readonly token: string | null;
}

export function readServerAccess(env: Readonly<Record<string, string | undefined>> = process.env): ServerAccess {
  const address = url('GB_URL', env['GB_URL']) ?? 'http://127.0.0.1:8080';
  return { url: address.replace(/\/+$/, ''), token: env['GB_TOKEN'] || null };
}

/** The bot that `gb mail-in` hands mail to, where its arguments do not say. */
export interface MailAccess {
  readonly url: string | null;
  readonly secret: string | null;
  /** The envelope, as mail servers tell it to the programs they start; an empty sender means something. */
  readonly recipient: string | null;
  readonly sender: string | null;
}

export function readMailAccess(env: Readonly<Record<string, string | undefined>> = process.env): MailAccess {
  return {
    url: url('GB_MAIL_URL', env['GB_MAIL_URL']),
    secret: env['GB_MAIL_SECRET'] || null,
    recipient: env['ORIGINAL_RECIPIENT'] || env['RECIPIENT'] || null,
    sender: env['SENDER'] ?? null,
  };
}

function integer(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(name, `a whole number from ${min} to ${max}`, text);
  return value;
}

function flag(name: string, text: string | undefined): boolean {
  return oneOf(name, text, ['true', 'false'], 'false') === 'true';
}

function oneOf(name: string, text: string | undefined, choices: readonly string[], fallback: string): string {
  if (text === undefined || text === '') return fallback;
  if (!choices.includes(text)) throw invalid(name, `one of ${choices.join(', ')}`, text);
  return text;
}

function url(name: string, text: string | undefined): string | null {
  if (!text) return null;
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw invalid(name, 'an address like https://chat.example.com', text);
  return text;
}

function invalid(name: string, wanted: string, given: string): GbError {
  return new GbError('malformed', `${name} must be ${wanted}, not "${given}".`);
}

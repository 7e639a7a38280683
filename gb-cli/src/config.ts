import { resolve } from 'node:path';
import { GbError } from 'gb-utils';

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
  readonly publicUrl: string | null;
  readonly trustProxy: boolean;
  readonly isOpenSignUp: boolean;
  readonly logLevel: string;
  readonly botWorkers: number | null;
  /** Multiplies every rate limit; for load tests. */
  readonly rateFactor: number;
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
  };
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

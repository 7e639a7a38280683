import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { installPackages, onPath } from './debian.ts';
import { runCommand } from './run-command.ts';
import { running, startServer, stopServer, waitUntil } from './server.ts';
import { type Place, type Service, Unavailable } from './service.ts';

/** PostgreSQL 16.2 with pgvector 0.6.2, as a package of Python. We run its programs ourselves, without Python. */
const version = '0.1.4';
const installMsMax = 3 * 60_000;
const password = 'secret-word';

/**
 * A PostgreSQL whose vectors are compared by pgvector, which the one of the product does not have. It begins with an
 * empty database that has the extension, owned by a log-in that may make roles and is otherwise nothing special; the
 * administrator's log-in makes more databases and their extensions. What it acknowledges is on disk.
 */
export const pgvector: Service = {
  name: 'pgvector',
  async install(place) {
    const root = rootOf(place);
    if (existsSync(root)) return;
    place.say(`installing pgserver ${version}`);
    const draft = `${root}.new`;
    rmSync(draft, { recursive: true, force: true });
    await runCommand(await pip(place), ['install', ...pipOptions, '--target', draft, `pgserver==${version}`], {
      env: process.env,
      msMax: installMsMax,
    });
    // The server runs as somebody else, whatever the umask of who installs it is.
    await runCommand('chmod', ['-R', 'a+rX', draft], { msMax: 30_000 });
    if (!existsSync(path.join(draft, programs, 'postgres'))) throw new Unavailable(`pgserver ${version} has no postgres`);
    renameSync(draft, root);
  },
  start: (place) => startServer(place, { program: '/bin/sh', args: (port, dir) => ['-c', script(place, port, dir)] }),
  ready: (place) => waitUntil(place, (port) => isReady(program(place, 'pg_isready'), port)),
  env: (place) => ({
    TEST_PGVECTOR_URL: `postgres://general_bots:${password}@127.0.0.1:${running(place)!.port}/general_bots`,
    TEST_PGVECTOR_ADMIN_URL: `postgres://postgres:${password}@127.0.0.1:${running(place)!.port}/general_bots`,
  }),
  // Asked by SIGTERM it would wait for everybody who is connected.
  stop: (place) => stopServer(place, 'SIGINT'),
};

/** Whatever Python the machine has: the programs are built for the processor, not for it. */
const pipOptions = ['--quiet', '--no-deps', '--only-binary=:all:', '--implementation=cp', '--python-version=3.12'];

const rootOf = (place: Place): string => path.join(place.dir, `pgserver-${version}`);
const programs = path.join('pgserver', 'pginstall', 'bin');
const program = (place: Place, name: string): string => path.join(rootOf(place), programs, name);

/** In an environment of its own: Debian's Python comes without one and does not let others install into it. */
async function pip(place: Place): Promise<string> {
  const dir = path.join(place.dir, 'venv');
  const make = async (): Promise<void> => {
    const python = onPath(['python3']);
    if (python === undefined) throw new Unavailable('there is no python3 on the PATH');
    await runCommand(python, ['-m', 'venv', '--clear', dir], { env: process.env, msMax: installMsMax });
  };
  try {
    await make();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    await installPackages(['python3-venv'], place);
    await make();
  }
  return path.join(dir, 'bin', 'pip');
}

/** Makes its files under another name, so that a start that was cut short begins again; then becomes the server. */
function script(place: Place, port: number, dir: string): string {
  const [initdb, postgres] = [program(place, 'initdb'), program(place, 'postgres')];
  const [data, draft] = [path.join(dir, 'db'), path.join(dir, 'db.new')];
  // The letters of C.UTF-8 are the same on every machine.
  const init = `'${initdb}' -D '${draft}' -U postgres -A scram-sha-256 --pwfile=password -E UTF8 --locale=C.UTF-8 --no-sync`;
  const alone = (database: string, ...statements: readonly string[]) =>
    `printf '%s\\n' ${statements.map((one) => `"${one}"`).join(' ')} | '${postgres}' --single -D '${draft}' -c exit_on_error=on ${database} >/dev/null`;
  const make = [
    `rm -rf '${draft}'`,
    `echo '${password}' >password`,
    `${init} >/dev/null`,
    alone(
      'postgres',
      `create role general_bots login createrole password '${password}'`,
      'create database general_bots owner general_bots',
    ),
    alone('general_bots', 'create extension vector'),
    `mv '${draft}' '${data}'`,
  ];
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'on',
    max_connections: '60',
    shared_buffers: '64MB',
    log_min_messages: 'warning',
  };
  const options = Object.entries(settings).map(([name, value]) => `-c '${name}=${value}'`);
  return `[ -d '${data}' ] || { ${make.join(' && ')}; } && exec '${postgres}' -D '${data}' ${options.join(' ')}`;
}

async function isReady(file: string, port: number): Promise<boolean> {
  try {
    await runCommand(file, ['-q', '-h', '127.0.0.1', '-p', String(port)], { msMax: 5_000 });
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

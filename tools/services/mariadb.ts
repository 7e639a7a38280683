import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages, onPath } from './debian.ts';
import { exchange, running, startServer, stopServer, waitUntil } from './server.ts';
import { type Service, Unavailable } from './service.ts';

const programs = ['mariadbd', 'mysqld'];
/** The second has what makes the files of the first. */
const packages = ['mariadb-server-core', 'mariadb-client-core'];

/**
 * A database of the kind that many shops have their goods in. It begins empty, with a database `shop` and a user of the
 * same name; what fsync costs is not what is tested with it.
 */
export const mariadb: Service = {
  name: 'mariadb',
  async install(place) {
    const isThere = (): boolean => program() !== undefined && onPath(['my_print_defaults']) !== undefined;
    if (!isThere()) await installPackages(packages, place);
    if (!isThere()) throw new Unavailable(`${packages.join(' ')} was installed and has no program mariadbd`);
  },
  start: (place) => startServer(place, { program: '/bin/sh', args: (port, dir) => ['-c', script(port, dir)] }),
  // It speaks first.
  ready: (place) => waitUntil(place, (port) => exchange(port, '', '')),
  env: (place) => ({ TEST_MYSQL_URL: `mysql://shop:secret-word@127.0.0.1:${running(place)!.port}/shop` }),
  stop: stopServer,
};

/** Debian puts it where only root looks. */
function program(): string | undefined {
  return onPath(programs) ?? programs.map((name) => `/usr/sbin/${name}`).find((file) => existsSync(file));
}

/** Makes its files, then becomes the server. */
function script(port: number, dir: string): string {
  const [data, begin] = [path.join(dir, 'db'), path.join(dir, 'begin.sql')];
  writeFileSync(
    begin,
    "create database if not exists shop character set utf8mb4;\ncreate user if not exists shop identified by 'secret-word';\ngrant all on shop.* to shop;\n",
    { mode: 0o644 },
  );
  const install = `[ -d '${data}/mysql' ] || mariadb-install-db --no-defaults --datadir='${data}' --auth-root-authentication-method=normal --skip-test-db >/dev/null`;
  const options = [
    '--no-defaults',
    `--datadir='${data}'`,
    `--init-file='${begin}'`,
    `--socket='${path.join(dir, 'socket')}'`,
    `--pid-file='${path.join(dir, 'pid')}'`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=32M',
    '--skip-log-bin',
    '--performance-schema=OFF',
  ];
  return `${install} && exec '${program()}' ${options.join(' ')}`;
}
